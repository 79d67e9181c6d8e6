"""Figures of a sweep: every seed is a dot, the mean has its interval, one seed has none."""

from __future__ import annotations

import pytest

from cnnviz.figures.sweep_figures import Group, Setting, sweep_figure

THREE = Setting(3.0, "3×3", (0, 1, 2), (0.50, 0.52, 0.51), 0.51, 0.485, 0.535)
FIVE = Setting(5.0, "5×5", (0, 1, 2), (0.46, 0.47, 0.48), 0.47, 0.445, 0.495)
ONE = Setting(3.0, "3×3", (0,), (0.5,), 0.5)
PLACES = [Setting(3.0, "3×3", (), ()), Setting(5.0, "5×5", (), ())]


def note(figure) -> str:
    return figure.layout.title.subtitle.text


def test_every_seed_is_a_dot_at_its_setting() -> None:
    figure = sweep_figure([Group("", [THREE, FIVE])], "kernel size", "accuracy", PLACES)
    dots = [trace for trace in figure.data if trace.customdata is not None]
    assert [list(trace.y) for trace in dots] == [list(THREE.values), list(FIVE.values)]
    assert [set(trace.x) for trace in dots] == [{3.0}, {5.0}]
    assert [list(trace.customdata) for trace in dots] == [[0, 1, 2]] * 2
    # Told apart without colour too.
    assert len({trace.marker.symbol for trace in dots}) == 2
    assert list(figure.layout.xaxis.tickvals) == [3.0, 5.0]
    assert list(figure.layout.xaxis.ticktext) == ["3×3", "5×5"]


def test_the_mean_has_the_interval_that_it_is_given() -> None:
    figure = sweep_figure([Group("", [THREE])], "", "accuracy", PLACES)
    [mean] = [trace for trace in figure.data if trace.error_y.array is not None]
    assert mean.y[0] + mean.error_y.array[0] == pytest.approx(THREE.high)
    assert mean.y[0] - mean.error_y.arrayminus[0] == pytest.approx(THREE.low)
    assert note(figure) == "dot: one seed · bar: mean with its 95 % interval"


def test_one_seed_has_no_interval_and_the_figure_says_so() -> None:
    figure = sweep_figure([Group("", [ONE])], "kernel size", "accuracy", PLACES)
    assert note(figure) == "one seed: no interval"
    assert all(trace.error_y.array is None for trace in figure.data)
    low, high = figure.layout.yaxis.range
    assert low < 0.5 < high


def test_an_interval_that_would_squeeze_the_dots_is_cut_and_that_is_said() -> None:
    wide = THREE._replace(low=0.0, high=1.0)
    figure = sweep_figure([Group("", [wide])], "", "accuracy", PLACES)
    low, high = figure.layout.yaxis.range
    assert high - low < 0.2
    assert "cut at the edge" in note(figure)


def test_groups_stand_beside_each_other_and_are_named() -> None:
    groups = [Group("strides", [THREE, FIVE]), Group("max", [THREE, FIVE])]
    figure = sweep_figure(groups, "kernel size", "accuracy", PLACES)
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == ["strides", "max"]
    places = {x for trace in figure.data if trace.customdata is not None for x in trace.x}
    assert len(places) == 4
    assert all(min(abs(x - 3), abs(x - 5)) < 0.1 for x in places)


def test_settings_without_a_run_leave_their_place_empty() -> None:
    empty = Setting(5.0, "5×5", (), ())
    figure = sweep_figure([Group("", [THREE, empty])], "", "seconds", PLACES)
    assert all(5.0 not in (trace.x or ()) for trace in figure.data)
    assert figure.layout.yaxis.range[0] == 0
    sweep_figure([Group("", [empty])], "", "seconds", PLACES)
    sweep_figure([Group("", [])], "", "accuracy", [])
