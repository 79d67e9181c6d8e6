"""How well each class is told from the others: reports, confusion matrices, the most confused pairs; and
the images that a network got wrong or right, with its probabilities: where it hesitated, how sure it was.

Of several seeds the first is looked at: a matrix is one network's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Literal

import numpy as np
from pydantic import Field

from cnnviz import datasets, words
from cnnviz.errors import RunError
from cnnviz.evaluation import Evaluation, Report, class_names, evaluate, most_confused_pairs
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
    """How many pairs are named; which pairs, and classes found too seldom, the report names by label."""

    k: int = Field(default=5, ge=1, le=100)
    published_pairs: dict[str, tuple[tuple[str, str], ...]] = Field(default_factory=dict)
    published_low_recall: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class AnswersOptions(Spec):
    """How many images are shown, and between which classes the report's network hesitates."""

    k: int = Field(default=12, ge=1, le=200)
    published_hesitation: dict[str, tuple[tuple[str, str], ...]] = Field(
        default_factory=dict, description="pairs of classes by the variant's label"
    )


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
        yield row, evaluate(run.directory.predictions(), class_names(run.directory), split)


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
        note=_origin(outcome, row, evaluation),
    )


@drawing("class_report", "precision, recall and F1 of every class", options=ReportOptions)
def class_report(outcome: Outcome) -> list[Drawing]:
    """Precision, recall and F1 of every class; the published ones beside, where the classes are the same."""
    drawings = []
    for row, evaluation in evaluations(outcome):
        published = outcome.asked(ReportOptions).published_report.get(row.label)
        same = row.as_published is not None and row.as_published.dataset.name == row.dataset.name
        drawings.append(
            Drawing(
                f"Class by class: {row.name}",
                table=_report(evaluation.report, published if same else None),
                alt=f"A table of precision, recall and F1 of {len(evaluation.class_names)} classes.",
                note=_origin(outcome, row, evaluation),
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
    rows = [(name, *_printed(published, place)) for place, name in enumerate(names)]
    return Drawing(
        f"Published, class by class: {row.name}",
        table=Table(
            ("class", *(f"{title}, published" for title in _TITLES)), (*rows, ("mean", *_printed(published)))
        ),
        alt=f"A table of the published precision, recall and F1 of {len(names)} classes.",
        note=f"{datasets.entry(experiment.dataset.name).title}, all test images.",
    )


def _report(report: Report, published: PublishedReport | None) -> Table:
    """Rows of classes and the mean; each published number before the measured one."""
    rows: list[tuple[Cell, ...]] = []
    for place, scores in enumerate((*report.per_class, report.macro)):
        cells = _written(getattr(scores, field) for field in _FIELDS)
        if published:
            printed = _printed(published, place if place < len(report.per_class) else None)
            cells = tuple(chain.from_iterable(zip(printed, cells, strict=True)))
        rows.append((scores.name, *cells, scores.support))
    kinds = [f", {kind}" for kind in ("published", "measured")] if published else [""]
    return Table(("class", *(title + kind for title in _TITLES for kind in kinds), "images"), tuple(rows))


def _printed(published: PublishedReport, place: int | None = None) -> tuple[str, ...]:
    """Precision, recall and F1 of the class at a place, or the means of all."""
    if place is None:
        return _written(published.mean.get(field) for field in _FIELDS)
    columns = (published.precision, published.recall, published.f1)
    return _written(column[place] if place < len(column) else None for column in columns)


def _written(values: Iterable[float | None]) -> tuple[str, ...]:
    return tuple(words.NONE if value is None else f"{value:.2f}" for value in values)


@drawing("most_confused", "the most confused pairs", options=PairsOptions)
def confused(outcome: Outcome) -> list[Drawing]:
    """The pairs of classes that each variant takes for each other most often."""
    options = outcome.asked(PairsOptions)
    drawings = []
    for row, evaluation in evaluations(outcome):
        pairs = most_confused_pairs(evaluation.matrix, evaluation.class_names, options.k)
        cells = tuple((" and ".join(pair.names), pair.images, words.percent(pair.share)) for pair in pairs)
        drawings.append(
            Drawing(
                f"Most confused: {row.name}",
                table=Table(("classes", "images", "share of both classes"), cells),
                alt=f"A table of the {len(cells)} most confused pairs of classes.",
                note=f"{_origin(outcome, row, evaluation)} {_named_pairs(row, evaluation, options)}".rstrip(),
            )
        )
    return drawings


def _named_pairs(row: VariantOutcome, evaluation: Evaluation, options: PairsOptions) -> str:
    """What the report says of this network, and the classes that are found least often here."""
    named = ["–".join(pair) for pair in options.published_pairs.get(row.label, ())]
    text = f"For this network the report names {words.listed(named)}" if named else ""
    if seldom := options.published_low_recall.get(row.label):
        scores = sorted(evaluation.report.per_class, key=lambda of: of.recall)[: len(seldom)]
        here = words.listed([f"{of.name} ({words.percent(of.recall)})" for of in scores])
        text += f", and low recall of {words.listed(list(seldom))}. Lowest recall here: {here}"
    return f"{text}." if text else ""


@drawing("train_test_report", "training beside test")
def train_test_report(outcome: Outcome) -> list[Drawing]:
    """Scores of every class on training and on test images, and both confusion matrices' diagonals."""
    drawings = []
    splits = evaluations(outcome, "train"), evaluations(outcome, "test")
    for (row, train), (_, test) in zip(*splits, strict=True):
        rows: list[tuple[Cell, ...]] = []
        reports = ((*report.per_class, report.macro) for report in (train.report, test.report))
        for a, b in zip(*reports, strict=True):
            scores = _written(getattr(scores_of, field) for field in _FIELDS for scores_of in (a, b))
            rows.append((a.name, *scores, a.support, b.support))
        headings = (f"{title}, {split}" for title in _TITLES for split in ("training", "test"))
        accuracies = words.percent(train.accuracy.value), words.percent(test.accuracy.value)
        drawings += [
            Drawing(
                f"Training against test images: {row.name}",
                table=Table(("class", *headings, "training images", "test images"), tuple(rows)),
                alt="A table of precision, recall and F1 of every class on training and on test images.",
                note=f"Right: {accuracies[0]} of the training and {accuracies[1]} of the test images. "
                f"{scale_note(outcome)}",
            ),
            _matrix(outcome, row, train),
        ]
    return drawings


def _origin(outcome: Outcome, row: VariantOutcome, evaluation: Evaluation) -> str:
    title = datasets.entry(row.dataset.name).title
    return f"{title}, {len(evaluation.labels):,} {_split(evaluation)} images. {scale_note(outcome)}"


def _split(evaluation: Evaluation) -> str:
    return "training" if evaluation.split == "train" else "test"


_COLUMNS, _SIDE = (8, 6), 96  # images in a row; pixels that an image is enlarged to, about


@drawing("mistakes", "mistakes with all probabilities", options=AnswersOptions)
def mistakes(outcome: Outcome) -> list[Drawing]:
    """The mistakes that the network was surest of, and the one it hesitated longest over."""
    return [shown for row, seen in evaluations(outcome) for shown in _answers(outcome, row, seen, False)]


@drawing("correct", "right answers with all probabilities", options=AnswersOptions)
def correct(outcome: Outcome) -> list[Drawing]:
    """The right answers that the network was surest of, and the one it hesitated longest over."""
    return [shown for row, seen in evaluations(outcome) for shown in _answers(outcome, row, seen, True)]


def _answers(outcome: Outcome, row: VariantOutcome, seen: Evaluation, right: bool) -> list[Drawing]:
    chosen = np.flatnonzero((seen.predictions == seen.labels) == right)
    word = "right answers" if right else "mistakes"
    if not len(chosen):
        return [Drawing(f"{row.name}: no {word}", note=f"Among {len(seen.labels):,} test images.")]
    options = outcome.asked(AnswersOptions)
    probabilities = seen.probabilities[chosen].astype(np.float64)
    surest = chosen[np.argsort(-probabilities.max(axis=1), kind="stable")][: options.k]
    below = "its class" if right else "true class > what was said"
    # The image whose two highest probabilities lie nearest.
    highest = np.sort(probabilities, axis=1)[:, -2:]
    image = int(chosen[(highest[:, 1] - highest[:, 0]).argmin()])
    values, true = seen.probabilities[image], int(seen.labels[image])
    first, second = (seen.class_names[place] for place in np.argsort(-values, kind="stable")[:2])
    pairs = options.published_hesitation.get(row.label, ())
    of_report = words.listed([" and ".join(pair) for pair in pairs])
    return [
        Drawing(
            f"{row.name}: the surest {word}",
            png=_grid(row, seen, surest),
            alt=f"{len(surest)} test images, each with its true class and what the network said.",
            note=f"{len(chosen):,} of {len(seen.labels):,} test images are {word}. "
            f"Below each image: {below}. {scale_note(outcome)}",
        ),
        Drawing(
            f"{row.name}: a hesitation between {first} and {second}",
            png=_grid(row, seen, np.array([image])),
            alt=f"A test image of class {seen.class_names[true]}.",
            note=f"In truth: {seen.class_names[true]}."
            + (f" The report shows hesitations between {of_report}." if of_report else ""),
        ),
        Drawing(
            "All probabilities of this image",
            figure=probability_figure(values, seen.class_names, true),
            alt=f"Bars of the probabilities of all classes; highest: {first}, then {second}.",
        ),
    ]


def _grid(row: VariantOutcome, seen: Evaluation, places: np.ndarray) -> bytes:
    """Test images with what they are and what was said; as many in a row as leave no row half empty."""
    full = datasets.load(row.dataset).full_test
    indices = seen.indices[places]
    if indices.max() >= len(full):
        raise RunError("The data set has fewer test images than when the run was trained. Train it again.")
    images, names = full.images_at(indices), seen.class_names
    answers = [(names[seen.labels[place]], names[seen.predictions[place]]) for place in places]
    # The font has no arrow.
    labels = [true if true == predicted else f"{true} > {predicted}" for true, predicted in answers]
    across = next((columns for columns in _COLUMNS if len(images) % columns == 0), _COLUMNS[-1])
    return grid_png(images, min(len(images), across), max(1, _SIDE // images.shape[1]), 6, labels)
