"""How well each class is told from the others: reports, confusion matrices, the most confused pairs; and
the images that a network got wrong or right, with its probabilities: where it hesitated, how sure it was.

Of several seeds the first is looked at: a matrix is one network's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from cnnviz import datasets, words
from cnnviz.errors import RunError
from cnnviz.evaluation import Evaluation, Report, Scores, evaluate, most_confused_pairs
from cnnviz.figures.confusion_figures import confusion_figure
from cnnviz.figures.report_figures import probability_figure
from cnnviz.figures.sprites import grid_png
from cnnviz.reports.drawing import Cell, Drawing, Table, drawing
from cnnviz.reports.outcome import Outcome, VariantOutcome, scale_note
from cnnviz.specs import ExperimentSpec, Spec

_FIELDS: tuple[Literal["precision", "recall", "f1"], ...] = ("precision", "recall", "f1")
_TITLES = ("precision", "recall", "F1")
_MANY_CLASSES = 20


class PublishedReport(Spec):
    """What a report prints class by class, in the order of the classes of its own data set."""

    precision: tuple[float, ...] = ()
    recall: tuple[float, ...] = ()
    f1: tuple[float, ...] = ()
    mean: dict[Literal["precision", "recall", "f1"], float] = Field(default_factory=dict)


class ReportOptions(Spec):
    """What the report prints class by class, by the variant's label."""

    published_report: dict[str, PublishedReport] = Field(default_factory=dict)


class PairsOptions(Spec):
    """How many pairs are named, and which the report names."""

    k: int = Field(default=5, ge=1, le=100)
    published_pairs: tuple[tuple[str, str], ...] = ()


class AnswersOptions(Spec):
    """How many images are shown, and between which classes the report's network hesitates."""

    k: int = Field(default=12, ge=1, le=200)
    published_hesitation: tuple[str, ...] = ()


def evaluations(outcome: Outcome, split: str = "test") -> Iterator[tuple[VariantOutcome, Evaluation]]:
    """Every variant's first seed on one split.

    Raises:
        RunError: no variant has a finished run.
    """
    if not outcome.ran:
        raise RunError("No variant has a finished run yet: there are no predictions to look at.")
    for row in outcome.ran:
        run = row.run
        assert run
        assert run.experiment
        names = datasets.facts(run.experiment.dataset).class_names
        yield row, evaluate(run.directory.predictions(), names, split)


@drawing("confusion", "confusion matrices")
def confusion(outcome: Outcome) -> list[Drawing]:
    """The confusion matrix of every variant on the test images."""
    return [_matrix(outcome, row, evaluation) for row, evaluation in evaluations(outcome)]


def _matrix(outcome: Outcome, row: VariantOutcome, evaluation: Evaluation) -> Drawing:
    classes, split = len(evaluation.class_names), _split(evaluation)
    figure = confusion_figure(
        evaluation.matrix,
        evaluation.class_names,
        height=520 if classes <= _MANY_CLASSES else 760,
        title=f"{row.name}, {split} images",
    )
    return Drawing(
        f"Confusion matrix, {split} images: {row.name}",
        figure=figure,
        alt=f"Heat map of {len(evaluation.labels):,} {split} images by true and predicted class; "
        f"{words.percent(evaluation.accuracy.value)} lie on the diagonal.",
        note=_origin(outcome, evaluation),
    )


@drawing("class_report", "precision, recall and F1 of every class", options=ReportOptions)
def class_report(outcome: Outcome) -> list[Drawing]:
    """Precision, recall and F1 of every class; the published ones beside, where the classes are the same."""
    drawings = []
    for row, evaluation in evaluations(outcome):
        published = outcome.asked(ReportOptions).published_report.get(row.label)
        same = row.as_published is not None and row.as_published.dataset.name == outcome.dataset.name
        drawings.append(
            Drawing(
                f"Class by class: {row.name}",
                table=_report(evaluation.report, published if same else None),
                alt=f"A table of precision, recall and F1 of {len(evaluation.class_names)} classes.",
                note=_origin(outcome, evaluation),
            )
        )
        if published and not same and row.as_published:
            drawings.append(_published(row, row.as_published, published))
    return drawings


def published_reports(outcome: Outcome) -> list[Drawing]:
    """What the report printed class by class, for every variant that it printed it of."""
    printed = outcome.asked(ReportOptions).published_report
    return [
        _published(row, row.as_published, printed[row.label])
        for row in outcome.rows
        if row.label in printed and row.as_published
    ]


def _published(row: VariantOutcome, experiment: ExperimentSpec, published: PublishedReport) -> Drawing:
    """The report's scores on their own: its classes are others than those measured."""
    names = datasets.facts(experiment.dataset).class_names
    rows = [(name, *_beside(published, place)) for place, name in enumerate(names)]
    rows.append(("mean", *_written(published.mean.get(field) for field in _FIELDS)))
    return Drawing(
        f"Published, class by class: {row.name}",
        table=Table(("class", *(f"{title}, published" for title in _TITLES)), tuple(rows)),
        alt=f"A table of the published precision, recall and F1 of {len(names)} classes.",
        note=f"{datasets.entry(experiment.dataset.name).title}, all test images.",
    )


def _report(report: Report, published: PublishedReport | None) -> Table:
    """Rows of classes and the mean, with the published numbers beside them by place."""
    rows = []
    for place, scores in enumerate(report.per_class):
        rows.append((*_line(scores), *(_beside(published, place) if published else ())))
    beside = _written(published.mean.get(field) for field in _FIELDS) if published else ()
    whole = (*rows, (*_line(report.macro), *beside))
    if not published:
        return Table(("class", *_TITLES, "images"), whole)
    # Each published score beside the measured one.
    pairs = tuple(f"{title}, {kind}" for title in _TITLES for kind in ("published", "measured"))
    cells = ((n, p, a, r, b, f, c, i) for n, a, b, c, i, p, r, f in whole)
    return Table(("class", *pairs, "images"), tuple(cells))


def _line(scores: Scores) -> tuple[Cell, ...]:
    return (scores.name, *_written(getattr(scores, field) for field in _FIELDS), scores.support)


def _beside(published: PublishedReport, place: int) -> tuple[str, ...]:
    columns = (published.precision, published.recall, published.f1)
    return _written(values[place] if place < len(values) else None for values in columns)


def _written(values: Iterable[float | None]) -> tuple[str, ...]:
    return tuple(words.NONE if value is None else f"{value:.2f}" for value in values)


@drawing("most_confused", "the most confused pairs", options=PairsOptions)
def confused(outcome: Outcome) -> list[Drawing]:
    """The pairs of classes that each variant takes for each other most often."""
    options = outcome.asked(PairsOptions)
    told = ["–".join(pair) for pair in options.published_pairs]
    drawings = []
    for row, evaluation in evaluations(outcome):
        pairs = most_confused_pairs(evaluation.matrix, evaluation.class_names, options.k)
        cells = tuple((" and ".join(pair.names), pair.images, words.percent(pair.share)) for pair in pairs)
        note = _origin(outcome, evaluation)
        drawings.append(
            Drawing(
                f"Most confused: {row.name}",
                table=Table(("classes", "images", "share of both classes"), cells),
                alt=f"A table of the {len(cells)} most confused pairs of classes.",
                note=f"{note} The report names {words.listed(told)} (of its own data set)." if told else note,
            )
        )
    return drawings


@drawing("train_test_report", "training beside test")
def train_test_report(outcome: Outcome) -> list[Drawing]:
    """Scores of every class on training and on test images, and both confusion matrices' diagonals."""
    trained = list(evaluations(outcome, "train"))
    tested = list(evaluations(outcome, "test"))
    drawings = []
    for (row, train), (_, test) in zip(trained, tested, strict=True):
        pairs = zip(_lines(train.report), _lines(test.report), strict=True)
        rows = tuple(_both(a, b) for a, b in pairs)
        headings = tuple(f"{title}, {split}" for title in _TITLES for split in ("training", "test"))
        accuracies = words.percent(train.accuracy.value), words.percent(test.accuracy.value)
        drawings += [
            Drawing(
                f"Training against test images: {row.name}",
                table=Table(("class", *headings, "training images", "test images"), rows),
                alt="A table of precision, recall and F1 of every class on training and on test images.",
                note=f"Right: {accuracies[0]} of the training and {accuracies[1]} of the test images. "
                f"{scale_note(outcome)}",
            ),
            _matrix(outcome, row, train),
        ]
    return drawings


def _lines(report: Report) -> tuple[Scores, ...]:
    return *report.per_class, report.macro


def _both(a: Scores, b: Scores) -> tuple[Cell, ...]:
    scores = (f"{getattr(one, field):.2f}" for field in _FIELDS for one in (a, b))
    return (a.name, *scores, a.support, b.support)


def _origin(outcome: Outcome, evaluation: Evaluation) -> str:
    title = datasets.entry(outcome.dataset.name).title
    return f"{title}, {len(evaluation.labels):,} {_split(evaluation)} images. {scale_note(outcome)}"


def _split(evaluation: Evaluation) -> str:
    return "training" if evaluation.split == "train" else "test"


_COLUMNS, _SIDE = (8, 6), 96  # images in a row; pixels that an image is enlarged to, about


@drawing("mistakes", "mistakes with all probabilities", options=AnswersOptions)
def mistakes(outcome: Outcome) -> list[Drawing]:
    """The mistakes that the network was surest of, and the one it hesitated longest over."""
    return [
        drawing for row, found in evaluations(outcome) for drawing in _answers(outcome, row, found, False)
    ]


@drawing("correct", "right answers with all probabilities", options=AnswersOptions)
def correct(outcome: Outcome) -> list[Drawing]:
    """The right answers that the network was surest of, and the one it hesitated longest over."""
    return [drawing for row, found in evaluations(outcome) for drawing in _answers(outcome, row, found, True)]


def _answers(outcome: Outcome, row: VariantOutcome, found: Evaluation, right: bool) -> list[Drawing]:
    chosen = np.flatnonzero((found.predictions == found.labels) == right)
    word = "right answers" if right else "mistakes"
    if not len(chosen):
        return [Drawing(f"{row.name}: no {word}", note=f"Among {len(found.labels):,} test images.")]
    confidence = found.probabilities.max(axis=1).astype(np.float64)
    surest = chosen[np.argsort(-confidence[chosen], kind="stable")][: outcome.asked(AnswersOptions).k]
    return [
        Drawing(
            f"{row.name}: the surest {word}",
            png=_grid(outcome, found, surest),
            alt=f"{len(surest)} test images, each with its true class and what the network said.",
            note=f"{len(chosen):,} of {len(found.labels):,} test images are {word}. "
            + ("Below each image: its class. " if right else "Below each image: true class > what was said. ")
            + scale_note(outcome),
        ),
        *_hesitation(outcome, row, found, chosen),
    ]


def _hesitation(
    outcome: Outcome, row: VariantOutcome, found: Evaluation, chosen: np.ndarray
) -> list[Drawing]:
    """The image whose two highest probabilities lie nearest, and its probabilities."""
    highest = np.sort(found.probabilities[chosen].astype(np.float64), axis=1)[:, -2:]
    image = int(chosen[(highest[:, 1] - highest[:, 0]).argmin()])
    values = found.probabilities[image]
    first, second = (found.class_names[place] for place in np.argsort(-values, kind="stable")[:2])
    true = found.class_names[found.labels[image]]
    told = outcome.asked(AnswersOptions).published_hesitation
    return [
        Drawing(
            f"{row.name}: a hesitation between {first} and {second}",
            png=_grid(outcome, found, np.array([image])),
            alt=f"A test image of class {true}.",
            note=f"In truth: {true}."
            + (f" The report shows one between {' and '.join(told)}." if told else ""),
        ),
        Drawing(
            "All probabilities of this image",
            figure=probability_figure(values, found.class_names, int(found.labels[image])),
            alt=f"Bars of the probabilities of all classes; highest: {first}, then {second}.",
        ),
    ]


def _grid(outcome: Outcome, found: Evaluation, places: np.ndarray) -> bytes:
    full = datasets.load(outcome.dataset).full_test
    indices = found.indices[places]
    if indices.max() >= len(full):
        raise RunError("The data set has fewer test images than when the run was trained. Train it again.")
    images = full.images_at(indices)
    labels = [_label(found, int(place)) for place in places]
    return grid_png(images, _across(len(images)), max(1, _SIDE // images.shape[1]), 6, labels)


def _across(images: int) -> int:
    """As many in a row as leave no row half empty, if that can be."""
    return min(images, next((columns for columns in _COLUMNS if images % columns == 0), _COLUMNS[-1]))


def _label(found: Evaluation, place: int) -> str:
    true, said = found.class_names[found.labels[place]], found.class_names[found.predictions[place]]
    return true if true == said else f"{true} > {said}"  # the font has no arrow
