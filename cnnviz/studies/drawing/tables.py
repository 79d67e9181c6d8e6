"""The table of every experiment: published beside measured, one row a variant; and the baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from cnnviz import datasets
from cnnviz.evaluation import baseline as baseline_of
from cnnviz.studies import wording
from cnnviz.studies.differences import differences, shared_changes
from cnnviz.studies.drawing.base import DRAWINGS, Cell, Drawing, Table
from cnnviz.studies.drawing.sizes import images_of
from cnnviz.studies.outcome import Measure, Outcome, VariantOutcome
from cnnviz.studies.recipe import Metric


class _Column(NamedTuple):
    metric: Metric
    title: str
    published: Callable[[float | None], str]
    measured: Callable[[Measure | None], str]


_COLUMNS = (
    _Column("test_accuracy", "test accuracy", wording.published_share, wording.spread_share),
    _Column("train_accuracy", "training accuracy", wording.published_share, wording.spread_share),
    _Column("test_loss", "test loss", wording.number, wording.measured_number),
    _Column("fit_seconds", "training time", wording.seconds, wording.measured_seconds),
)
_COUNTS: tuple[tuple[Metric, str], ...] = (
    ("params", "parameters"),
    ("trainable_params", "trained parameters"),
)
#: Shown wherever a run has them; others only where they were published.
_ALWAYS = ("test_accuracy", "fit_seconds")


@DRAWINGS.register("table")
def table(outcome: Outcome) -> list[Drawing]:
    """One row a variant: each number as published, and as measured at this scale."""
    rows = outcome.rows
    columns: list[tuple[str, list[Cell]]] = [("variant", [row.name for row in rows])]
    planned = bool(outcome.study) and not outcome.ran
    if planned:
        columns += _planned(rows)
    for one in _COLUMNS:
        columns += _pair(one, outcome)
    for metric, title in _COUNTS:
        if any(metric in row.published for row in rows) or (
            metric == "params" and any(r.network for r in rows)
        ):
            columns.append(
                (f"{title}, published", [wording.count(row.published.get(metric)) for row in rows])
            )
            columns += [(f"{title}, counted", [_counted(row, metric) for row in rows])] if not planned else []
    if outcome.study:
        shared = shared_changes(outcome)
        columns.append(("differs", [_differs(row, shared) for row in rows]))
    # Before it is run, what will be measured has its empty place.
    kept = [
        (title, cells)
        for title, cells in columns
        if any(cell not in ("", wording.NONE) for cell in cells) or (planned and "measured" in title)
    ]
    content = Table(tuple(title for title, _ in kept), tuple(zip(*(cells for _, cells in kept), strict=True)))
    return [
        Drawing(
            title="Published beside measured" if outcome.study else "Published beside counted",
            table=content,
            alt=f"A table of {len(rows)} variants with their published and their measured numbers.",
            note=" ".join(differences(outcome)),
        )
    ]


def _planned(rows: Sequence[VariantOutcome]) -> list[tuple[str, list[Cell]]]:
    """How many images and epochs each variant is to be trained with."""
    asked = [row.experiment for row in rows]
    return [
        ("images", [f"{images_of(one):,}" if one else "" for one in asked]),
        ("epochs", [str(one.training.epochs) if one else "" for one in asked]),
    ]


def _pair(one: _Column, outcome: Outcome) -> list[tuple[str, list[Cell]]]:
    rows, name = outcome.rows, one.metric
    if name not in _ALWAYS and not any(name in row.published for row in rows):
        return []
    return [
        (f"{one.title}, published", [_published(one, row) for row in rows]),
        (f"{one.title}, measured{_amount(outcome)}", [_measured(one, row, outcome) for row in rows]),
    ]


def _amount(outcome: Outcome) -> str:
    """Scale and seeds of measured numbers; nothing before there are any."""
    return f" ({outcome.amount})" if outcome.ran or not outcome.study else ""


def _published(one: _Column, row: VariantOutcome) -> str:
    """The report's number, with its epochs or images where the variant has others here."""
    value = row.published.get(one.metric)
    says = f" ({row.report_says})" if value is not None and row.report_says else ""
    return f"{one.published(value)}{says}"


def _measured(one: _Column, row: VariantOutcome, outcome: Outcome) -> str:
    """Mean and spread; how many seeds, where these are not all."""
    measure = row.measure(one.metric)
    short = measure is not None and measure.n != len(outcome.seeds)
    return one.measured(measure) + (f" ({wording.seeds(measure.n)})" if short and measure else "")


def _counted(row: VariantOutcome, metric: Metric) -> str:
    measure = row.measure(metric)
    return wording.count(measure.mean if measure else None)


def _differs(row: VariantOutcome, shared: tuple[str, ...]) -> str:
    own = [change for change in row.changes if change not in shared]
    return "; ".join([*own, *row.problems])


@DRAWINGS.register("baseline")
def baseline(outcome: Outcome) -> list[Drawing]:
    """The accuracy of always saying the class that is most frequent in training, on the full data set."""
    data = datasets.load(outcome.dataset)
    found = baseline_of(data.train.labels, data.test.labels)
    published = outcome.recipe.published.get("test_accuracy")
    rows: list[tuple[Cell, ...]] = [
        (
            f"always '{data.class_names[found.label]}'",
            wording.published_share(published),
            wording.share(found.accuracy),
        )
    ]
    rows += [
        (
            row.name,
            wording.published_share(row.published.get("test_accuracy")),
            wording.spread_share(row.measure("test_accuracy")),
        )
        for row in outcome.rows
    ]
    headings = ("classifier", "test accuracy, published", f"test accuracy, here ({outcome.amount})")
    title = datasets.entry(outcome.dataset.name).title
    return [
        Drawing(
            "The baseline that a network must beat",
            table=Table(headings, tuple(rows)),
            alt="A table of the accuracy of always saying the most frequent class, and of the networks.",
            note=f"{title}: {len(data.train):,} training and {len(data.test):,} test images.",
        )
    ]
