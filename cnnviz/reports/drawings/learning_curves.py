"""Learning curves of all variants on one figure, and where overfitting begins."""

from __future__ import annotations

from collections.abc import Sized

from cnnviz import words
from cnnviz.errors import RunError
from cnnviz.evaluation import GAP_RULE, RULE, gap_epoch
from cnnviz.evaluation.settings import loss_words
from cnnviz.figures.curves import Curve, Metric, curves_figure
from cnnviz.reports.drawing import Cell, Drawing, Table, drawing
from cnnviz.reports.outcome import Outcome, VariantOutcome, scale_note
from cnnviz.runs import RunSummary


@drawing("curves", "curves of accuracy and loss")
def curves(outcome: Outcome) -> list[Drawing]:
    """Accuracy and loss by epoch of every variant's first seed, all on one figure each."""
    metrics: tuple[Metric, ...] = ("accuracy", "loss")
    lines = [
        Curve(row.name, run.directory.epochs(), place, loss=loss_words(row.experiment))
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
        for metric in metrics
    ]


@drawing("overfitting", "the epoch at which overfitting begins")
def overfitting(outcome: Outcome) -> list[Drawing]:
    """Where training and validation part and where overfitting begins, as a table and on the curves."""
    rows = [(row, run) for row in outcome.rows if (run := row.run)]
    _need(rows)
    published = any("parting_epoch" in row.published for row, _ in rows)
    cells: list[tuple[Cell, ...]] = []
    for row, run in rows:
        apart = _by_seed(_gaps(row), "they don't part")
        begins = _by_seed(row.values("parting_epoch"), "not within these epochs")
        epoch = row.published.get("parting_epoch")
        beside = (words.NONE if epoch is None else f"from about {epoch:.0f}",) if published else ()
        cells.append((row.name, apart, begins, len(run.directory.epochs()), *beside))
    headings = ("variant", "they part at epoch", "overfitting begins after epoch", "epochs trained")
    several = " One number a seed." if len(outcome.seeds) > 1 else ""
    return [
        Drawing(
            "Where training and validation part",
            table=Table((*headings, *(("they part, published",) if published else ())), tuple(cells)),
            alt="A table of the epochs where training and validation part and where overfitting begins.",
            note=f"{GAP_RULE} {RULE}{several}",
        ),
        *(drawing for row, run in rows for drawing in _marked(outcome, row, run, alone=len(rows) == 1)),
    ]


def _marked(outcome: Outcome, row: VariantOutcome, run: RunSummary, *, alone: bool) -> list[Drawing]:
    """The loss of a variant's first seed with both epochs; nothing without any, as `curves` shows that."""
    seed = next(iter(row.runs))
    parting, apart = row.values("parting_epoch").get(seed), _gaps(row).get(seed)
    if not (parting or apart or alone):
        return []
    curve = Curve(
        row.name, run.directory.epochs(), 0, int(parting) if parting else None, int(apart) if apart else None
    )
    figure = curves_figure([curve], "loss")
    figure.update_layout(title={"text": f"Loss: {row.name}"})
    says = f"they part at epoch {apart:.0f}" if apart else "they don't part"
    ends = f"overfitting begins after epoch {parting:.0f}" if parting else "no overfitting by the rule"
    alt = f"Loss of training and validation by epoch; {says}; {ends}."
    return [Drawing(f"Loss: {row.name}", figure=figure, alt=alt, note=scale_note(outcome))]


def _gaps(row: VariantOutcome) -> dict[int, float]:
    """The epoch at which training and validation part, by seed; only seeds where they do."""
    gaps = {}
    for seed, run in row.runs.items():
        epochs = run.directory.epochs()
        gap = gap_epoch([epoch.loss for epoch in epochs], [epoch.val_loss for epoch in epochs])
        if gap is not None:
            gaps[seed] = float(gap)
    return gaps


def _need(runs: Sized) -> None:
    if not runs:
        raise RunError("No variant has a finished run yet: there are no curves to show.")


def _by_seed(values: dict[int, float], none: str) -> str:
    """The epoch of every seed that has one: `12`, or `12, 14`."""
    return ", ".join(f"{value:.0f}" for value in values.values()) or none
