"""Figures of the Data page: what is drawn is what was counted."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.figures.dataset_figures import counts_figure, histogram_figure


def test_counts_are_stacked_by_part_and_named() -> None:
    counts = {"training": np.array([5, 7]), "validation": np.array([1, 1]), "test": np.array([2, 3])}
    figure = counts_figure(counts, ["cat", "dog"])
    assert [(bar.name, list(bar.y)) for bar in figure.data] == [
        ("training", [5, 7]),
        ("validation", [1, 1]),
        ("test", [2, 3]),
    ]
    assert figure.layout.title.text == "Images of each class (n = 19)"
    assert figure.layout.xaxis.ticktext == ("cat", "dog")
    long = counts_figure(counts, ["cat", "a class with a long name"])
    assert long.layout.xaxis.ticktext == ("cat", "a class with…")  # Plotly would leave it out
    assert len({bar.marker.pattern.shape for bar in figure.data}) == 3  # not by colour alone


def test_a_part_without_images_is_left_out_and_many_classes_are_not_named() -> None:
    counts = {"training": np.ones(100, int), "validation": np.zeros(100, int)}
    figure = counts_figure(counts, [f"class {n}" for n in range(100)])
    assert [bar.name for bar in figure.data] == ["training"]
    assert figure.layout.xaxis.ticktext is None


@pytest.mark.parametrize("channels", [1, 3])
def test_shares_add_up_to_all_pixels(channels: int) -> None:
    counts = np.random.default_rng(0).integers(0, 1000, (channels, 256))
    figure = histogram_figure(counts)
    assert len(figure.data) == channels
    for line in figure.data:
        assert sum(line.y) == pytest.approx(100)
    assert len({line.line.dash for line in figure.data}) == channels


def test_a_ground_of_one_level_does_not_flatten_the_rest() -> None:
    counts = np.full((1, 256), 10)
    counts[0, 0] = 10_000
    figure = histogram_figure(counts)
    assert figure.layout.yaxis.range[1] < 1
    assert "80 % at level 0" in figure.layout.annotations[0].text


def test_every_axis_has_a_name() -> None:
    for figure in (
        histogram_figure(np.ones((3, 256), int)),
        counts_figure({"training": np.ones(2, int)}, ["a", "b"]),
    ):
        assert figure.layout.title.text
        assert figure.layout.xaxis.title.text
        assert figure.layout.yaxis.title.text
