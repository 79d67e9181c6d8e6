"""Learning curves: what is drawn, marked and labelled; and the points of the live ones."""

from __future__ import annotations

import html
import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.figures.curves import (
    Curve,
    Line,
    apart_within,
    batch_points,
    best_of,
    curves_figure,
    epoch_points,
    line_of,
    thin,
)
from cnnviz.figures.theme import letters, run_colour
from cnnviz.runs import BatchRecord, EpochRecord

EPOCHS = [
    EpochRecord(epoch=1, loss=2.0, accuracy=0.3, val_loss=1.9, val_accuracy=0.35, elapsed=10.0),
    EpochRecord(epoch=2, loss=1.5, accuracy=0.5, val_loss=1.4, val_accuracy=0.55, elapsed=20.5),
    EpochRecord(epoch=3, loss=1.0, accuracy=0.7, val_loss=1.6, val_accuracy=0.50, elapsed=31.0),
]


def _texts(figure: Any) -> list[str]:
    return [note.text.split("</span> ")[-1] for note in figure.layout.annotations]


def test_lines_are_read_by_epoch_and_by_seconds() -> None:
    assert line_of(EPOCHS, "val_loss", "epoch") == Line([1, 2, 3], [1.9, 1.4, 1.6])
    assert line_of(EPOCHS, "loss", "seconds").x == [10.0, 20.5, 31.0]


def test_an_epoch_without_a_number_stays_a_gap_and_a_column_without_any_is_no_line() -> None:
    epochs = [EpochRecord(epoch=1, loss=None), EpochRecord(epoch=2, loss=1.0, val_loss=2.0)]
    assert line_of(epochs, "loss", "epoch") == Line([1, 2], [None, 1.0])
    assert line_of(epochs, "val_loss", "epoch") == Line([1, 2], [None, 2.0])
    assert line_of(epochs, "val_accuracy", "epoch") == Line([], [])


def test_best_is_the_highest_accuracy_or_the_lowest_loss() -> None:
    assert best_of(line_of(EPOCHS, "val_accuracy", "epoch"), "accuracy") == (2, 0.55)
    assert best_of(line_of(EPOCHS, "val_loss", "epoch"), "loss") == (2, 1.4)
    assert best_of(Line([1], [None]), "loss") is None


def test_training_is_dotted_validation_solid_and_the_best_epoch_ringed() -> None:
    figure = curves_figure([Curve("3×3", EPOCHS, colour=2)], "accuracy")
    training, validation, ring = figure.data
    assert (training.line.dash, validation.line.dash) == ("dot", "solid")
    assert {training.line.color, validation.line.color} == {run_colour(2)}
    assert (ring.x, ring.y) == ((2,), (0.55,))
    assert (figure.layout.title.text, figure.layout.xaxis.title.text) == ("Accuracy", "epoch")


def test_one_run_is_labelled_by_line_and_several_by_name() -> None:
    alone = curves_figure([Curve("3×3", EPOCHS)], "loss")
    assert set(_texts(alone)) == {"training", "validation"}
    both = curves_figure([Curve("3×3", EPOCHS, 0), Curve("5×5", EPOCHS, 1)], "loss")
    assert set(_texts(both)) == {"3×3", "5×5"}


def test_labels_of_equal_ends_do_not_overlap() -> None:
    figure = curves_figure([Curve(str(i), EPOCHS, i) for i in range(6)], "accuracy")
    places = sorted(note.y for note in figure.layout.annotations)
    low, high = figure.layout.yaxis.range
    apart = [b - a for a, b in itertools.pairwise(places)]
    assert min(apart) >= 0.05 * (high - low)


def test_more_than_six_runs_get_a_legend() -> None:
    figure = curves_figure([Curve(str(i), EPOCHS, i) for i in range(7)], "accuracy")
    assert not figure.layout.annotations
    assert sum(bool(trace.showlegend) for trace in figure.data) == 7


def test_a_run_without_validation_shows_its_training_and_says_so() -> None:
    epochs = [epoch.but(val_loss=None, val_accuracy=None) for epoch in EPOCHS]
    figure = curves_figure([Curve("a", epochs)], "loss")
    assert _texts(figure) == ["training"]
    assert "no validation" in figure.layout.title.subtitle.text


def test_where_overfitting_begins_is_marked_by_epoch_only() -> None:
    curve = Curve("a", EPOCHS, parting=2)
    assert "overfitting from epoch 3" in _texts(curves_figure([curve], "loss"))
    assert "overfitting from epoch 3" not in _texts(curves_figure([curve], "loss", by="seconds"))


@pytest.mark.parametrize("curves", [[], [Curve("nothing yet", [])]])
def test_nothing_to_draw_is_an_empty_figure(curves: list[Curve]) -> None:
    assert len(curves_figure(curves, "loss").data) == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0.01, 0.1))
def test_labels_stand_apart_and_none_leaves_the_figure(ends: list[float], apart: float) -> None:
    heights = apart_within(sorted(ends), apart, high=1.0)
    assert max(heights) <= 1.0
    assert all(above - below >= apart - 1e-9 for below, above in itertools.pairwise(heights))


def test_a_loss_over_many_powers_of_ten_has_a_logarithmic_axis_with_labels_at_its_lines():
    plain, huge = (
        [EpochRecord(epoch=e, loss=start / e, val_loss=start / e) for e in (1, 2)] for start in (2, 9000)
    )
    figure = curves_figure([Curve("none", plain, 0), Curve("L1 100", huge, 1)], "loss")
    assert figure.layout.yaxis.type == "log"
    heights = {note.text.split()[-1]: note.y for note in figure.layout.annotations}
    assert heights == pytest.approx({"none": math.log10(1), "100": math.log10(4500)})
    low, high = figure.layout.yaxis.range
    assert low < 0 < math.log10(9000) < high
    assert curves_figure([Curve("none", plain, 0)], "loss").layout.yaxis.type is None


def test_more_runs_than_colours_differ_in_their_marks():
    epochs = [EpochRecord(epoch=e, val_loss=1 / e) for e in (1, 2)]
    figure = curves_figure([Curve(f"run {i}", epochs, i) for i in range(9)], "loss")
    lines = [trace for trace in figure.data if trace.showlegend]
    assert len({(trace.line.color, trace.marker.symbol) for trace in lines}) == 9
    assert figure.layout.legend.orientation == "v"


LIVE_EPOCHS = [
    EpochRecord(epoch=1, accuracy=0.5, val_accuracy=0.4, loss=1.25, val_loss=1.5),
    EpochRecord(epoch=2, accuracy=0.75, val_accuracy=0.6, loss=None, val_loss=0.9),
]


def test_shares_are_percent_at_the_end_of_their_epoch_and_a_loss_that_is_not_finite_is_missing() -> None:
    assert epoch_points(LIVE_EPOCHS) == [[1, 50.0, 40.0, 1.25, 1.5], [2, 75.0, 60.0, None, 0.9]]


def test_a_line_within_an_epoch_stands_between_two_epochs() -> None:
    line = BatchRecord(epoch=3, batch=5, batches=10, accuracy=0.25, loss=2.0)
    assert batch_points([line]) == [[2.5, 25.0, 2.0]]


def test_without_validation_its_values_are_missing() -> None:
    assert epoch_points([EpochRecord(epoch=1, accuracy=0.5, loss=1.0)]) == [[1, 50.0, None, 1.0, None]]


def test_thinning_keeps_the_last_line() -> None:
    lines = [BatchRecord(epoch=1, batch=number) for number in range(1001)]
    kept = thin(lines, 100)
    assert len(kept) <= 100
    assert kept[-1] == lines[-1]
    assert kept == sorted(kept, key=lambda line: line.batch)
    assert thin(lines[:5], 100) == lines[:5]


@given(st.text())
def test_a_name_in_a_template_stays_letter_by_letter(name):
    shown = letters(f"{name}%{{x}}")
    assert "%{" not in shown
    assert "<" not in shown.replace("<br>", "")
    assert html.unescape(shown.replace("<br>", "\n")) == name + "%{x}"
