"""Learning curves of all variants on one figure, and where overfitting begins."""

from __future__ import annotations

from collections.abc import Sized
from typing import Literal

from cnnviz import words
from cnnviz.errors import RunError
from cnnviz.evaluation import GAP_RULE, RULE, gap_epoch
from cnnviz.figures.curves import Curve, curves_figure
from cnnviz.reports.drawing import Drawing, Table, drawing
from cnnviz.reports.outcome import Outcome, VariantOutcome, scale_note
from cnnviz.runs import RunSummary

_METRICS: tuple[Literal["accuracy", "loss"], ...] = ("accuracy", "loss")


@drawing("curves", "curves of accuracy and loss")
def curves(outcome: Outcome) -> list[Drawing]:
    """Accuracy and loss by epoch of every variant's first seed, all on one figure each."""
    lines = [
        Curve(row.name, run.directory.epochs(), place)
        for place, row in enumerate(outcome.rows)
        if (run := row.run)
    ]
    _need(lines)
    return [
        Drawing(
            f"{metric.capitalize()} by epoch",
            figure=curves_figure(lines, metric),
            alt=f"{metric.capitalize()} of training and of validation by epoch, for {len(lines)} variants.",
            note=scale_note(outcome),
        )
        for metric in _METRICS
    ]


@drawing("overfitting", "the epoch at which overfitting begins")
def overfitting(outcome: Outcome) -> list[Drawing]:
    """Where training and validation part and where overfitting begins, as a table and on the curves."""
    rows = [(row, run) for row in outcome.rows if (run := row.run)]
    _need(rows)
    published = any("parting_epoch" in row.published for row, _ in rows)
    headings = ("variant", "they part at epoch", "overfitting begins after epoch", "epochs trained")
    table = Table(
        (*headings, *(("they part, published",) if published else ())),
        tuple(
            (
                row.name,
                _told(_gaps(row), "they don't part"),
                _told(row.values("parting_epoch"), "not within these epochs"),
                _epochs(run),
                *((_about(row.published.get("parting_epoch")),) if published else ()),
            )
            for row, run in rows
        ),
    )
    alt = "A table of the epochs at which training and validation part and at which overfitting begins."
    several = " One number a seed." if len(outcome.seeds) > 1 else ""
    note = f"{GAP_RULE} {RULE}{several}"
    drawn = [_marked(outcome, row, run) for row, run in rows]
    # Curves without a mark are those of `curves`.
    figures = [figure for figure, marked in drawn if marked or len(rows) == 1]
    return [Drawing("Where training and validation part", table=table, alt=alt, note=note), *figures]


def _marked(outcome: Outcome, row: VariantOutcome, run: RunSummary) -> tuple[Drawing, bool]:
    """The loss of a variant's first seed with both epochs, and whether there is any."""
    seed = next(iter(row.runs))
    parting, apart = row.values("parting_epoch").get(seed), _gaps(row).get(seed)
    curve = Curve(
        row.name, run.directory.epochs(), 0, int(parting) if parting else None, int(apart) if apart else None
    )
    figure = curves_figure([curve], "loss")
    figure.update_layout(title={"text": f"Loss: {row.name}"})
    says = f"they part at epoch {apart:.0f}" if apart else "they don't part"
    ends = f"overfitting begins after epoch {parting:.0f}" if parting else "no overfitting by the rule"
    alt = f"Loss of training and validation by epoch; {says}; {ends}."
    drawing = Drawing(f"Loss: {row.name}", figure=figure, alt=alt, note=scale_note(outcome))
    return drawing, bool(parting or apart)


def _gaps(row: VariantOutcome) -> dict[int, float]:
    """The epoch at which training and validation part, by seed; only seeds where they do."""
    found = {}
    for seed, run in row.runs.items():
        epochs = run.directory.epochs()
        gap = gap_epoch([epoch.loss for epoch in epochs], [epoch.val_loss for epoch in epochs])
        if gap is not None:
            found[seed] = float(gap)
    return found


def _need(found: Sized) -> None:
    if not found:
        raise RunError("No variant has a finished run yet: there are no curves to show.")


def _told(values: dict[int, float], none: str) -> str:
    """The epoch of every seed that has one: `12`, or `12, 14`."""
    return ", ".join(f"{value:.0f}" for value in values.values()) or none


def _about(epoch: float | None) -> str:
    return words.NONE if epoch is None else f"from about {epoch:.0f}"


def _epochs(run: RunSummary) -> int:
    return len(run.directory.epochs())
