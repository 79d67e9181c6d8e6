"""Bars of accuracy and of time: published beside measured, and by device, epochs and augmentation."""

from __future__ import annotations

from typing import Literal

from cnnviz.errors import RunError
from cnnviz.evaluation import accuracy_interval
from cnnviz.figures.comparison import Score, conditions_figure
from cnnviz.figures.published import Pair, pairs_figure
from cnnviz.studies.differences import amount_note, scale_note
from cnnviz.studies.drawing.base import DRAWINGS, Drawing
from cnnviz.studies.outcome import Outcome, VariantOutcome


@DRAWINGS.register("accuracy_bars")
def accuracy_bars(outcome: Outcome) -> list[Drawing]:
    """Test accuracy of every variant, measured and published."""
    return [_bars(outcome, "accuracy")]


@DRAWINGS.register("time_bars")
def time_bars(outcome: Outcome) -> list[Drawing]:
    """Training time of every variant, measured and published."""
    return [_bars(outcome, "seconds")]


def _bars(outcome: Outcome, unit: Literal["accuracy", "seconds"]) -> Drawing:
    metric: Literal["test_accuracy", "fit_seconds"] = "test_accuracy" if unit == "accuracy" else "fit_seconds"
    pairs = []
    # Before anything is measured, the report's numbers stand alone.
    rows = outcome.rows if outcome.ran else [row for row in outcome.rows if metric in row.published]
    for row in rows:
        measure = row.measure(metric)
        mean, deviation = (measure.mean, measure.deviation) if measure else (None, None)
        pairs.append(Pair(row.name, row.published.get(metric), mean, deviation, row.report_says))
    figure = pairs_figure(pairs, unit, outcome.amount)
    subject = "test accuracy" if unit == "accuracy" else "training time"
    return Drawing(
        figure.layout.title.text,
        figure=figure,
        alt=f"Bars of the {subject} of {len(pairs)} variants, measured and published.",
        note=f"{amount_note(outcome)}{_lines(pairs)}" if outcome.ran else "",
    )


def _lines(pairs: list[Pair]) -> str:
    """What the thin lines are, where there are any."""
    return " Line: ± standard deviation over seeds." if any(pair.deviation for pair in pairs) else ""


@DRAWINGS.register("accuracy_time")
def accuracy_time(outcome: Outcome) -> list[Drawing]:
    """Accuracy and time by epochs, device and augmentation, as measured here."""
    scores = [_score(row, place) for place, row in enumerate(outcome.rows) if row.run]
    if not scores:
        raise RunError("No variant has a finished run yet: there is no accuracy and no time to show.")
    return [
        Drawing(
            "Accuracy and time",
            figure=conditions_figure(scores),
            alt=f"Bars of test accuracy and of training time of {len(scores)} variants.",
            note=scale_note(outcome),
        )
    ]


def _score(row: VariantOutcome, place: int) -> Score:
    accuracy, time, run = row.measure("test_accuracy"), row.measure("fit_seconds"), row.run
    assert accuracy
    assert time
    assert run
    assert run.report
    assert row.experiment
    tested = int(run.report["n_test"])
    interval = accuracy_interval(round(accuracy.mean * tested), tested)
    training = row.experiment.training
    return Score(
        row.name,
        accuracy.mean,
        interval.low,
        interval.high,
        time.mean,
        int(run.report["params"]),
        place,
        str((run.environment or {}).get("device_kind", "")),
        training.epochs,
        training.augmentation.active,
    )
