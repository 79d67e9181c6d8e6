"""Pictures of a data set: one of every class, many of one class, a sample, and what augmentation does."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from cnnviz import datasets, words
from cnnviz.datasets import Split
from cnnviz.datasets.preview import augment
from cnnviz.datasets.statistics import nth_of_each_class, sample, sample_of_class
from cnnviz.errors import SpecError
from cnnviz.figures.sprites import grid_png
from cnnviz.registry import did_you_mean
from cnnviz.reports.drawing import Drawing, drawing
from cnnviz.reports.outcome import Outcome
from cnnviz.specs import AugmentationSpec, Spec
from cnnviz.specs.base import Seed

_SIDE = 96  # pixels that an image is enlarged to, about


class ClassImagesOptions(Spec):
    """The how-manieth image of each class, and how many stand in a row."""

    n: int = Field(default=1, ge=1, description="from 1")
    columns: int = Field(default=5, ge=1, le=50)


class SamplesOptions(Spec):
    """How many images are drawn, and by which chance."""

    k: int = Field(default=10, ge=1, le=200)
    seed: Seed = 0


class ClassGridOptions(SamplesOptions):
    """Images of which class; the first where none is named."""

    name: str | None = Field(default=None, alias="class")
    split: Literal["train", "test"] = "train"


class AugmentedOptions(Spec):
    """How many images are shown, and as what besides what training sees."""

    images: int = Field(default=6, ge=1, le=20)
    shown: tuple[AugmentationSpec, ...] = ()


@drawing("class_images", "an image of every class", options=ClassImagesOptions)
def class_images(outcome: Outcome) -> list[Drawing]:
    """The n-th image of every class, with index and name."""
    data = datasets.load(outcome.dataset)
    options = outcome.asked(ClassImagesOptions)
    positions = nth_of_each_class(data.full_train, options.n, data.facts.classes)
    labels = [f"{label}: {data.class_names[label]}" for label in np.flatnonzero(positions >= 0)]
    return [
        Drawing(
            f"Image {options.n} of every class",
            png=_grid(data.full_train, positions[positions >= 0], labels, options.columns),
            alt=f"A training image of each class: {words.listed(list(data.class_names))}.",
            note=_origin(outcome),
        )
    ]


@drawing("class_grid", "images of one class", options=ClassGridOptions)
def class_grid(outcome: Outcome) -> list[Drawing]:
    """Some images of one class."""
    data, options = datasets.load(outcome.dataset), outcome.asked(ClassGridOptions)
    name = options.name or data.class_names[0]
    if name not in data.class_names:
        hint = did_you_mean(name, data.class_names)
        raise SpecError(f"{outcome.dataset.name} has no class '{name}'.{hint} It has: {data.class_names}.")
    split = data.full_test if options.split == "test" else data.full_train
    label = data.class_names.index(name)
    positions = sample_of_class(split, label, options.k, options.seed)
    return [
        Drawing(
            f"{len(positions)} images of class {name}",
            png=_grid(split, positions, None, 5),
            alt=f"{len(positions)} images of class {name}, drawn at random.",
            note=_origin(outcome),
        )
    ]


@drawing("samples", "sample images", options=SamplesOptions)
def samples(outcome: Outcome) -> list[Drawing]:
    """Some training images of any class, with their names."""
    data, options = datasets.load(outcome.dataset), outcome.asked(SamplesOptions)
    positions = sample(data.train, options.k, options.seed)
    labels = [data.class_names[label] for label in data.train.labels[positions]]
    used = np.concatenate([data.train.indices, data.validation.indices])
    return [
        Drawing(
            f"{len(positions)} training images",
            png=_grid(data.train, positions, labels, 5),
            alt=f"Training images of the classes {words.listed(labels)}.",
            note=f"{_origin(outcome)} Drawn from {len(used):,} images, the first of them image {used.min()} "
            f"of the training set; source: {data.origin}.",
        )
    ]


@drawing("augmented", "augmented images", options=AugmentedOptions)
def augmented(outcome: Outcome) -> list[Drawing]:
    """The same images as they are, changed in one way at a time, and as training sees them."""
    data, options = datasets.load(outcome.dataset), outcome.asked(AugmentedOptions)
    positions = nth_of_each_class(data.full_train, 1, data.facts.classes)
    positions = positions[positions >= 0][: options.images]
    images = data.full_train.images_at(positions)
    changes = [*options.shown]
    changes += [row.experiment.training.augmentation for row in outcome.rows if row.experiment]
    rows = [images, *(augment(images, augmentation, seed) for seed, augmentation in enumerate(changes))]
    names = ["as they are", *(augmentation.label() for augmentation in changes)]
    return [
        Drawing(
            f"{name[0].upper()}{name[1:]}",
            png=grid_png(row, len(images), _factor(data.full_train), 4),
            alt=f"{len(images)} images: {name}.",
            note=_origin(outcome) if place == 0 else "",
        )
        for place, (name, row) in enumerate(zip(names, rows, strict=True))
    ]


def _grid(split: Split, positions: np.ndarray, labels: list[str] | None, columns: int) -> bytes:
    return grid_png(split.images_at(positions), columns, _factor(split), 6, labels)


def _factor(split: Split) -> int:
    return max(1, _SIDE // split.shape[0])


def _origin(outcome: Outcome) -> str:
    return f"{datasets.entry(outcome.dataset.name).title}; scale: {outcome.scale}."
