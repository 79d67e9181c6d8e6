"""Figures of one run's report and of several runs beside each other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from cnnviz.evaluation import calibration, confusion_matrix, report_of
from cnnviz.figures.comparison_figures import Score, accuracy_figure, conditions_figure, cost_figure
from cnnviz.figures.report_figures import (
    ClassScores,
    calibration_figure,
    per_class_figure,
    probability_figure,
    shown_classes,
)
from cnnviz.figures.theme import CORRECT, MUTED, WRONG, run_colour

NAMES = ["four", "seven", "nine"]


def test_true_and_predicted_class_are_named_and_coloured() -> None:
    bars = probability_figure(np.array([0.4, 0.1, 0.5]), NAMES, true=0).data[0]
    assert bars.y == ("<b>four (true)</b>", "seven", "<b>nine (said)</b>")
    assert bars.marker.color == (CORRECT, MUTED, WRONG)


def test_a_right_answer_is_one_marked_bar() -> None:
    bars = probability_figure(np.array([0.4, 0.1, 0.5]), NAMES, true=2).data[0]
    assert bars.y[2] == "<b>nine ✓</b>"
    assert bars.marker.color == (MUTED, MUTED, CORRECT)


def test_classes_named_by_digits_are_names_not_places_on_a_scale() -> None:
    figure = probability_figure(np.array([0.4, 0.1, 0.5]), ["0", "1", "2"], true=0)
    assert figure.layout.yaxis.type == "category"
    assert figure.data[0].y == ("<b>0 (true)</b>", "1", "<b>2 (said)</b>")


def test_an_image_of_ones_own_has_no_true_class() -> None:
    bars = probability_figure(np.array([0.4, 0.1, 0.5]), NAMES).data[0]
    assert bars.y[2] == "<b>nine</b>"


def test_of_many_classes_the_highest_are_shown_and_the_true_one() -> None:
    probabilities = np.linspace(1, 0, 100)
    assert shown_classes(probabilities, true=99, most=5) == [0, 1, 2, 3, 99]
    assert shown_classes(probabilities, true=2, most=5) == [0, 1, 2, 3, 4]
    assert shown_classes(probabilities[:4], true=2, most=5) == [0, 1, 2, 3]


def test_calibration_draws_only_bins_that_hold_images() -> None:
    result = calibration(np.array([0, 1]), np.array([[0.95, 0.05], [0.45, 0.55]]))
    bars = calibration_figure(result).data[0]
    assert bars.x == pytest.approx((0.55, 0.95))
    assert bars.y == (1.0, 1.0)


def test_classes_keep_their_order_and_runs_their_colours() -> None:
    report = report_of(confusion_matrix(np.array([0, 1, 2]), np.array([0, 1, 1]), 3), NAMES)
    figure = per_class_figure([ClassScores("A", report, 3), ClassScores("B", report, 1)], "recall")
    assert figure.layout.yaxis.ticktext == tuple(NAMES)
    assert [trace.marker.color for trace in figure.data] == [run_colour(3), run_colour(1)]
    assert figure.data[0].x == (1.0, 1.0, 0.0)


SCORES = [
    Score("10 epochs", 0.68, 0.67, 0.69, 134.0, 1_250_858, 0, "GPU", 10, augmented=False),
    Score("2 epochs", 0.51, 0.50, 0.52, 28.0, 1_250_858, 1, "GPU", 2, augmented=True),
]


def test_conditions_are_ordered_by_epochs_and_hatched_where_augmented() -> None:
    figure = conditions_figure(SCORES, baseline=0.1)
    bars, _, times = figure.data
    assert tuple(name.replace("  ", "") for name in bars.y) == (
        "2 epochs<br>2 epochs · GPU · augmented",
        "10 epochs<br>10 epochs · GPU · not augmented",
    )
    assert bars.marker.pattern.shape == ("/", "")
    assert times.x == (28.0, 134.0)
    assert figure.layout.xaxis.title.text == "test accuracy"
    assert figure.layout.xaxis2.title.text == "training time (s)"


def test_accuracy_bars_carry_their_intervals() -> None:
    bars = accuracy_figure(SCORES).data[0]
    assert bars.error_x.array == pytest.approx((0.01, 0.01))
    assert bars.error_x.arrayminus == pytest.approx((0.01, 0.01))


@pytest.mark.parametrize(("seconds", "kind"), [((100.0, 200.0), None), ((10.0, 900.0), "log")])
def test_costs_tenfold_apart_get_a_log_axis(seconds: tuple[float, float], kind: str | None) -> None:
    figure = cost_figure([s._replace(seconds=t) for s, t in zip(SCORES, seconds, strict=True)], "seconds")
    assert figure.layout.xaxis.type == kind


def test_a_label_near_the_right_edge_stands_left_of_its_point() -> None:
    figure = cost_figure(SCORES, "seconds")
    assert {one.text: one.xanchor for one in figure.layout.annotations} == {
        "10 epochs": "right",
        "2 epochs": "left",
    }


def test_labels_of_near_points_stand_apart() -> None:
    near = [
        SCORES[0]._replace(label=f"run {i}", accuracy=0.5 + i / 1000, low=0.49, high=0.52) for i in range(5)
    ]
    figure = cost_figure(near, "seconds")
    heights = sorted(one.y for one in figure.layout.annotations)
    steps = [b - a for a, b in pairwise(heights)]
    height = figure.layout.yaxis.range[1] - figure.layout.yaxis.range[0]
    assert min(steps) >= 0.99 * height * 20 / (figure.layout.height - 110)


def test_many_points_carry_the_numbers_of_their_rows() -> None:
    figure = cost_figure([SCORES[0]] * 8, "seconds")
    assert [trace.text[0].strip() for trace in figure.data] == [str(i) for i in range(1, 9)]
    assert not any(trace.showlegend for trace in figure.data)


def test_ends_of_bars_say_what_they_are() -> None:
    repeats = [score._replace(seeds=3) for score in SCORES]
    assert "95 % interval" in accuracy_figure(SCORES).layout.xaxis.title.text
    assert "± standard deviation over the seeds" in accuracy_figure(repeats).layout.xaxis.title.text
    assert "points over 3 seeds" in accuracy_figure(repeats).data[0].customdata[0]
