"""Time and accuracy against the number of training images."""

from __future__ import annotations

from typing import Literal

from cnnviz import datasets
from cnnviz.errors import RunError
from cnnviz.figures.published import Series, fit_line, sizes_figure
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.drawing.base import DRAWINGS, Drawing, Table
from cnnviz.studies.outcome import Outcome

Unit = Literal["accuracy", "seconds"]
_METRICS: dict[Unit, Literal["test_accuracy", "fit_seconds"]] = {
    "accuracy": "test_accuracy",
    "seconds": "fit_seconds",
}


@DRAWINGS.register("size_accuracy")
def size_accuracy(outcome: Outcome) -> list[Drawing]:
    """Test accuracy against the number of training images, measured and published."""
    return [_drawing(outcome, "accuracy")]


@DRAWINGS.register("size_time")
def size_time(outcome: Outcome) -> list[Drawing]:
    """Training time against the number of training images, with fitted lines and their R²."""
    drawing = _drawing(outcome, "seconds")
    fits = [(one.name, fit_line(one.x, one.y), len(one.x)) for one in _series(outcome, "seconds")]
    table = Table(
        ("times", "seconds per 1,000 images", "seconds at 0 images", "R²", "sizes"),
        tuple(
            (name, f"{1000 * f.slope:.3g}", f"{f.start:.3g}".replace("-", "−"), f"{f.r2:.3f}", n)
            for name, f, n in fits
            if f
        ),
    )
    alt = "A table of the slope, the start and R² of the fitted lines."
    return [drawing, Drawing("Fitted lines", table=table, alt=alt)] if table.rows else [drawing]


def images_of(experiment: ExperimentSpec) -> int:
    """Training images as a report counts them: before validation images are split off."""
    return experiment.dataset.train_size or datasets.facts(experiment.dataset).n_train_full


def _drawing(outcome: Outcome, unit: Unit) -> Drawing:
    series = _series(outcome, unit)
    if not series:
        raise RunError("No variant has a finished run yet, and none was published: there is nothing to show.")
    figure = sizes_figure(series, unit)
    subject = "Test accuracy" if unit == "accuracy" else "Training time"
    return Drawing(
        f"{subject} against training images",
        figure=figure,
        alt=f"{subject} against the number of training images, measured and published.",
        note="Each point is the mean over its seeds." if len(outcome.seeds) > 1 else "",
    )


def _series(outcome: Outcome, unit: Unit) -> list[Series]:
    metric = _METRICS[unit]
    here = [
        (images_of(row.experiment), measure.mean, measure.deviation)
        for row in outcome.rows
        if row.experiment and (measure := row.measure(metric))
    ]
    there = [
        (images_of(row.as_published), row.published[metric])
        for row in outcome.rows
        if row.as_published and metric in row.published
    ]
    found = []
    if here:
        x, y, spread = zip(*sorted(here, key=lambda point: point[0]), strict=True)
        found.append(Series(f"measured here, scale {outcome.amount}", x, y, spread))
    if there:
        x, y = zip(*sorted(there), strict=True)
        found.append(Series("published", x, y, published=True))
    return found
