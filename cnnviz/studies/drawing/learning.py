"""Learning curves of all variants on one figure, and where overfitting begins."""

from __future__ import annotations

from collections.abc import Sized
from typing import Literal

from cnnviz.errors import RunError
from cnnviz.evaluation import RULE
from cnnviz.figures.curves import Curve, curves_figure
from cnnviz.runs import RunSummary
from cnnviz.studies.drawing.base import DRAWINGS, Drawing, Table
from cnnviz.studies.outcome import Outcome

_METRICS: tuple[Literal["accuracy", "loss"], ...] = ("accuracy", "loss")


@DRAWINGS.register("curves")
def curves(outcome: Outcome) -> list[Drawing]:
    """Accuracy and loss by epoch of every variant's first seed, all on one figure each."""
    lines = [
        Curve(row.label, run.directory.epochs(), place)
        for place, row in enumerate(outcome.rows)
        if (run := row.run)
    ]
    _need(lines)
    return [
        Drawing(
            f"{metric.capitalize()} by epoch (scale: {outcome.scale})",
            figure=curves_figure(lines, metric),
            alt=f"{metric.capitalize()} of training and of validation by epoch, for {len(lines)} variants.",
            note=outcome.shown_seed,
        )
        for metric in _METRICS
    ]


@DRAWINGS.register("overfitting")
def overfitting(outcome: Outcome) -> list[Drawing]:
    """When each variant begins to overfit, and the loss curves of those that do with that epoch marked."""
    rows = [(row, run) for row in outcome.rows if (run := row.run)]
    _need(rows)
    drawings = [
        Drawing(
            "Where overfitting begins",
            table=Table(
                ("variant", "last epoch before training and validation part", "epochs trained"),
                tuple((row.label, _parting(row.values("parting_epoch")), _epochs(run)) for row, run in rows),
            ),
            alt="A table of the epoch at which each variant begins to overfit.",
            note=RULE,
        )
    ]
    for row, run in rows:
        parting = row.values("parting_epoch").get(next(iter(row.runs)))
        if parting is None and len(rows) > 1:
            continue  # its curves are those of `curves`, without a mark
        curve = Curve(row.label, run.directory.epochs(), 0, int(parting) if parting else None)
        drawings.append(
            Drawing(
                row.label,
                figure=curves_figure([curve], "loss"),
                alt=f"Loss of training and validation by epoch; {_says(parting)}.",
                note=outcome.shown_seed,
            )
        )
    return drawings


def _need(found: Sized) -> None:
    if not found:
        raise RunError("No variant has a finished run yet: there are no curves to show.")


def _parting(values: dict[int, float]) -> str:
    """The epoch of every seed that has one: `12`, or `12, 14`."""
    return ", ".join(f"{value:.0f}" for value in values.values()) or "they don't part"


def _epochs(run: RunSummary) -> int:
    return len(run.directory.epochs())


def _says(parting: float | None) -> str:
    return f"overfitting begins after epoch {parting:.0f}" if parting else "they don't part"
