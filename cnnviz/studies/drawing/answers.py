"""Images that a network got wrong or right, with its probabilities: where it hesitated, how sure it was."""

from __future__ import annotations

import numpy as np

from cnnviz import datasets
from cnnviz.errors import RunError
from cnnviz.evaluation import Evaluation
from cnnviz.figures.report import probability_figure
from cnnviz.figures.sprites import grid_png
from cnnviz.studies.differences import scale_note
from cnnviz.studies.drawing.base import DRAWINGS, Drawing
from cnnviz.studies.drawing.scores import evaluations
from cnnviz.studies.outcome import Outcome, VariantOutcome

_COLUMNS, _SIDE = (8, 6), 96  # images in a row; pixels that an image is enlarged to, about


@DRAWINGS.register("mistakes")
def mistakes(outcome: Outcome) -> list[Drawing]:
    """The mistakes that the network was surest of, and the one it hesitated longest over."""
    return [
        drawing for row, found in evaluations(outcome) for drawing in _answers(outcome, row, found, False)
    ]


@DRAWINGS.register("correct")
def correct(outcome: Outcome) -> list[Drawing]:
    """The right answers that the network was surest of, and the one it hesitated longest over."""
    return [drawing for row, found in evaluations(outcome) for drawing in _answers(outcome, row, found, True)]


def _answers(outcome: Outcome, row: VariantOutcome, found: Evaluation, right: bool) -> list[Drawing]:
    chosen = np.flatnonzero((found.predictions == found.labels) == right)
    word = "right answers" if right else "mistakes"
    if not len(chosen):
        return [Drawing(f"{row.name}: no {word}", note=f"Among {len(found.labels):,} test images.")]
    confidence = found.probabilities.max(axis=1).astype(np.float64)
    surest = chosen[np.argsort(-confidence[chosen], kind="stable")][: int(outcome.options.get("k", 12))]
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
    told = outcome.options.get("published_hesitation")
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
