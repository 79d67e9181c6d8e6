"""The table of every experiment: published beside measured, one row a variant; and the baseline."""

from __future__ import annotations

from cnnviz import datasets, words
from cnnviz.errors import RunError
from cnnviz.evaluation import accuracy_interval
from cnnviz.evaluation import baseline as baseline_of
from cnnviz.figures.comparison_figures import Score, conditions_figure
from cnnviz.figures.published import SUBJECTS, Pair, Series, Unit, fit_line, pairs_figure, sizes_figure
from cnnviz.metrics import METRICS, Metric
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
_OF: dict[Unit, str] = {"accuracy": "test_accuracy", "seconds": "fit_seconds"}
#: In this order; what else was published stands behind them.
_FIRST = ("test_accuracy", "train_accuracy", "test_loss", "fit_seconds")


@drawing("table", "a table, published beside measured")
def table(outcome: Outcome) -> list[Drawing]:
    """One row a variant: each number as published, and as measured at this scale."""
    rows = outcome.rows
    columns: dict[str, list[Cell]] = {"variant": [row.name for row in rows]}
    planned = bool(outcome.study) and not outcome.ran
    if planned:
        asked = [row.experiment for row in rows]
        columns["images"] = [f"{images_of(experiment):,}" if experiment else "" for experiment in asked]
        columns["epochs"] = [str(experiment.training.epochs) if experiment else "" for experiment in asked]
    # Scale and seeds stand with the measured numbers, once there are any.
    amount = f" ({outcome.amount})" if outcome.ran or not outcome.study else ""
    published = {name for row in rows for name in row.published}
    for name in dict.fromkeys((*_FIRST, *METRICS, *LOOKED_UP)):
        if name not in COUNTED and (name in _ALWAYS or name in published):
            noun = metric_noun(name)
            columns[f"{noun}, published"] = [_published(name, row) for row in rows]
            columns[f"{noun}, measured{amount}"] = [_measured(name, row, outcome) for row in rows]
    for name in COUNTED:
        if name in published or (name == "params" and any(row.network for row in rows)):
            noun = metric_noun(name).removeprefix("number of ")
            columns[f"{noun}, published"] = [words.count(row.published.get(name)) for row in rows]
            if not planned:
                columns[f"{noun}, counted"] = [_counted(name, row) for row in rows]
    if outcome.study:
        shared = shared_changes(outcome)
        own = [[change for change in row.changes if change not in shared] for row in rows]
        columns["differs"] = [
            "; ".join([*changes, *row.problems]) for changes, row in zip(own, rows, strict=True)
        ]
    # Before it is run, what will be measured has its empty place.
    kept = {
        title: cells
        for title, cells in columns.items()
        if any(cell not in ("", words.NONE) for cell in cells) or (planned and "measured" in title)
    }
    return [
        Drawing(
            title="Published beside measured" if outcome.study else "Published beside counted",
            table=Table(tuple(kept), tuple(zip(*kept.values(), strict=True))),
            alt=f"A table of {len(rows)} variants with their published and their measured numbers.",
            note=" ".join(differences(outcome)),
        )
    ]


def _published(name: str, row: VariantOutcome) -> str:
    """The report's number, with its epochs or images where the variant has others here."""
    number, metric = row.published.get(name), _metric(name)
    says = f" ({row.report_says})" if number is not None and row.report_says else ""
    if metric is None:
        return words.significant(number) + says
    # As many digits of a share as the report gives.
    return (words.given_percent if metric.unit == "share" else metric.text)(number) + says


def _counted(name: str, row: VariantOutcome) -> str:
    """Of the published network; and of the one that is trained in its place, where it is another."""
    count = row.measure(name)
    here = f" ({words.count(getattr(row.narrower, COUNTED[name]))} here)" if row.narrower else ""
    return words.count(count.mean if count else None) + here


def _measured(name: str, row: VariantOutcome, outcome: Outcome) -> str:
    """Mean and spread; how many seeds, where these are not all."""
    measure, metric = row.measure(name), _metric(name)
    write = {"share": spread_share, "s": measured_seconds}.get(metric.unit if metric else "", measured_number)
    short = measure is not None and measure.n != len(outcome.seeds)
    return write(measure) + (f" ({words.plural(measure.n, 'seed')})" if short and measure else "")


def _metric(name: str) -> Metric | None:
    """None for what was looked up inside the networks."""
    return METRICS.get(name) if name in METRICS else None


@drawing("baseline", "the accuracy of always saying the same")
def baseline(outcome: Outcome) -> list[Drawing]:
    """The accuracy of always saying the class that is most frequent in training, on the full data set."""
    data = datasets.load(outcome.dataset)
    always = baseline_of(data.train.labels, data.test.labels)
    rows: list[tuple[Cell, ...]] = [
        (
            f"always '{data.class_names[always.label]}'",
            words.given_percent(outcome.recipe.published.get("test_accuracy")),
            words.percent(always.accuracy),
        )
    ]
    for row in outcome.rows:
        published, measure = row.published.get("test_accuracy"), row.measure("test_accuracy")
        rows.append((row.name, words.given_percent(published), spread_share(measure)))
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


def _bars(outcome: Outcome, unit: Unit) -> Drawing:
    # Before anything is measured, the report's numbers stand alone.
    rows = [row for row in outcome.rows if outcome.ran or _OF[unit] in row.published]
    pairs = [pair_of(row, _OF[unit]) for row in rows]
    figure = pairs_figure(pairs, unit, outcome.amount)
    lines = " Line: ± standard deviation over seeds." if any(pair.deviation for pair in pairs) else ""
    return Drawing(
        figure.layout.title.text,
        figure=figure,
        alt=f"Bars of the {SUBJECTS[unit].lower()} of {len(pairs)} variants, measured and published.",
        note=f"{amount_note(outcome)}{lines}" if outcome.ran else "",
    )


def pair_of(row: VariantOutcome, metric: str) -> Pair:
    """A variant's published number beside the mean over its seeds."""
    measure = row.measure(metric)
    mean, deviation = (measure.mean, measure.deviation) if measure else (None, None)
    return Pair(row.name, row.published.get(metric), mean, deviation, row.report_says)


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


@drawing("size_accuracy", "accuracy against images", published="test_accuracy")
def size_accuracy(outcome: Outcome) -> list[Drawing]:
    """Test accuracy against the number of training images, measured and published."""
    return [_against_images(outcome, _series(outcome, "accuracy"), "accuracy")]


@drawing("size_time", "time against images", published="fit_seconds")
def size_time(outcome: Outcome) -> list[Drawing]:
    """Training time against the number of training images, with fitted lines and their R²."""
    series = _series(outcome, "seconds")
    drawing = _against_images(outcome, series, "seconds")
    rows = tuple(
        (
            points.name,
            f"{1000 * line.slope:.3g}",
            f"{line.start:.3g}".replace("-", "−"),
            f"{line.r2:.3f}",
            len(points.x),
        )
        for points in series
        if (line := fit_line(points.x, points.y))
    )
    if not rows:
        return [drawing]
    headings = ("times", "seconds per 1,000 images", "seconds at 0 images", "R²", "sizes")
    alt = "A table of the slope, the start and R² of the fitted lines."
    return [drawing, Drawing("Fitted lines", table=Table(headings, rows), alt=alt)]


def images_of(experiment: ExperimentSpec) -> int:
    """Training images as a report counts them: before validation images are split off."""
    return experiment.dataset.train_size or datasets.facts(experiment.dataset).n_train_full


def _against_images(outcome: Outcome, series: list[Series], unit: Unit) -> Drawing:
    if not series:
        raise RunError("No variant has a finished run yet, and none was published: there is nothing to show.")
    return Drawing(
        f"{SUBJECTS[unit]} against training images",
        figure=sizes_figure(series, unit),
        alt=f"{SUBJECTS[unit]} against the number of training images, measured and published.",
        note="Each point is the mean over its seeds." if len(outcome.seeds) > 1 else "",
    )


def _series(outcome: Outcome, unit: Unit) -> list[Series]:
    metric = _OF[unit]
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
    series = []
    if here:
        x, y, spread = zip(*sorted(here, key=lambda point: point[0]), strict=True)
        series.append(Series(f"measured here, scale {outcome.amount}", x, y, spread))
    if there:
        x, y = zip(*sorted(there), strict=True)
        series.append(Series("published", x, y, published=True))
    return series
