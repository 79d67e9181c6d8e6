"""The table of every experiment: published beside measured, one row a variant; and the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cnnviz import datasets, words
from cnnviz.errors import RunError
from cnnviz.evaluation import accuracy_interval
from cnnviz.evaluation import baseline as baseline_of
from cnnviz.figures.comparison_figures import Score, conditions_figure
from cnnviz.figures.published import Pair, Series, fit_line, pairs_figure, sizes_figure
from cnnviz.metrics import METRICS
from cnnviz.reports.drawing import Cell, Drawing, Table, drawing
from cnnviz.reports.outcome import (
    COUNTED,
    Outcome,
    VariantOutcome,
    amount_note,
    differences,
    scale_note,
    shared_changes,
)
from cnnviz.reports.recipe import LOOKED_UP, metric_noun
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.intervals import measured_number, measured_seconds, spread_share

#: Shown wherever a run has them; others only where they were published.
_ALWAYS = ("test_accuracy", "fit_seconds")
#: In this order; what else was published stands behind them.
_FIRST = ("test_accuracy", "train_accuracy", "test_loss", "fit_seconds")


@drawing("table", "a table, published beside measured")
def table(outcome: Outcome) -> list[Drawing]:
    """One row a variant: each number as published, and as measured at this scale."""
    rows = outcome.rows
    columns: list[tuple[str, list[Cell]]] = [("variant", [row.name for row in rows])]
    planned = bool(outcome.study) and not outcome.ran
    if planned:
        columns += _planned(rows)
    for name in dict.fromkeys((*_FIRST, *METRICS, *LOOKED_UP)):
        if name not in COUNTED:
            columns += _pair(name, outcome)
    for name in COUNTED:
        if any(name in row.published for row in rows) or (
            name == "params" and any(row.network for row in rows)
        ):
            title = metric_noun(name).removeprefix("number of ")
            columns.append((f"{title}, published", [words.count(row.published.get(name)) for row in rows]))
            columns += [(f"{title}, counted", [_counted(row, name) for row in rows])] if not planned else []
    if outcome.study:
        shared = shared_changes(outcome)
        columns.append(("differs", [_differs(row, shared) for row in rows]))
    # Before it is run, what will be measured has its empty place.
    kept = [
        (title, cells)
        for title, cells in columns
        if any(cell not in ("", words.NONE) for cell in cells) or (planned and "measured" in title)
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


def _pair(name: str, outcome: Outcome) -> list[tuple[str, list[Cell]]]:
    """A metric's two columns, where they belong into the table."""
    rows = outcome.rows
    if name not in _ALWAYS and not any(name in row.published for row in rows):
        return []
    return [
        (f"{metric_noun(name)}, published", [_published(name, row) for row in rows]),
        (f"{metric_noun(name)}, measured{_amount(outcome)}", [_measured(name, row, outcome) for row in rows]),
    ]


def _amount(outcome: Outcome) -> str:
    """Scale and seeds of measured numbers; nothing before there are any."""
    return f" ({outcome.amount})" if outcome.ran or not outcome.study else ""


def _published(name: str, row: VariantOutcome) -> str:
    """The report's number, with its epochs or images where the variant has others here."""
    number = row.published.get(name)
    says = f" ({row.report_says})" if number is not None and row.report_says else ""
    # As many digits of a share as the report gives.
    text = words.given_percent(number) if _unit(name) == "share" else _text(name, number)
    return f"{text}{says}"


def _measured(name: str, row: VariantOutcome, outcome: Outcome) -> str:
    """Mean and spread; how many seeds, where these are not all."""
    measure = row.measure(name)
    write = {"share": spread_share, "s": measured_seconds}.get(_unit(name), measured_number)
    short = measure is not None and measure.n != len(outcome.seeds)
    return write(measure) + (f" ({words.plural(measure.n, 'seed')})" if short and measure else "")


def _unit(name: str) -> str:
    return METRICS.get(name).unit if name in METRICS else ""


def _text(name: str, number: float | None) -> str:
    return METRICS.get(name).text(number) if name in METRICS else words.significant(number)


def _counted(row: VariantOutcome, metric: str) -> str:
    measure = row.measure(metric)
    return words.count(measure.mean if measure else None)


def _differs(row: VariantOutcome, shared: tuple[str, ...]) -> str:
    own = [change for change in row.changes if change not in shared]
    return "; ".join([*own, *row.problems])


@drawing("baseline", "the accuracy of always saying the same")
def baseline(outcome: Outcome) -> list[Drawing]:
    """The accuracy of always saying the class that is most frequent in training, on the full data set."""
    data = datasets.load(outcome.dataset)
    found = baseline_of(data.train.labels, data.test.labels)
    published = outcome.recipe.published.get("test_accuracy")
    rows: list[tuple[Cell, ...]] = [
        (
            f"always '{data.class_names[found.label]}'",
            words.given_percent(published),
            words.percent(found.accuracy),
        )
    ]
    rows += [
        (
            row.name,
            words.given_percent(row.published.get("test_accuracy")),
            spread_share(row.measure("test_accuracy")),
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


@drawing("accuracy_bars", "bars of the test accuracy", published="test_accuracy")
def accuracy_bars(outcome: Outcome) -> list[Drawing]:
    """Test accuracy of every variant, measured and published."""
    return [_bars(outcome, "accuracy")]


@drawing("time_bars", "bars of the training time", published="fit_seconds")
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


@drawing("accuracy_time", "accuracy and time by condition")
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
    tested = run.report.n_test or 0
    interval = accuracy_interval(round(accuracy.mean * tested), tested)
    training = row.experiment.training
    return Score(
        row.name,
        accuracy.mean,
        interval.low,
        interval.high,
        time.mean,
        run.report.params or 0,
        place,
        run.environment.device_kind,
        training.epochs,
        training.augmentation.active,
    )


Unit = Literal["accuracy", "seconds"]
_METRICS: dict[Unit, Literal["test_accuracy", "fit_seconds"]] = {
    "accuracy": "test_accuracy",
    "seconds": "fit_seconds",
}


@drawing("size_accuracy", "accuracy against images", published="test_accuracy")
def size_accuracy(outcome: Outcome) -> list[Drawing]:
    """Test accuracy against the number of training images, measured and published."""
    return [_drawing(outcome, "accuracy")]


@drawing("size_time", "time against images", published="fit_seconds")
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
