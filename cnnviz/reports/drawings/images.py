"""Pictures of a data set: one of every class, many of one class, a sample, and what augmentation does."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from cnnviz import datasets, words
from cnnviz.datasets import Split, official
from cnnviz.datasets.preview import augment
from cnnviz.datasets.registered import cifar
from cnnviz.datasets.statistics import nth_of_each_class, sample, sample_of_class
from cnnviz.errors import SpecError
from cnnviz.figures.sprites import grid_png
from cnnviz.registry import did_you_mean
from cnnviz.reports.drawing import Cell, Drawing, Table, drawing
from cnnviz.reports.outcome import Outcome
from cnnviz.specs import AugmentationSpec, Spec
from cnnviz.specs.base import Seed

_DRAWS = 16  # of an augmentation that is shown by itself
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
    instead = outcome.recipe.scales[outcome.scale].stand_in(outcome.recipe.base)
    if name not in data.class_names and instead:
        name = data.class_names[0]  # another data set has other classes
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


@drawing("official_files", "what the official files hold")
def official_files(outcome: Outcome) -> list[Drawing]:
    """The files of CIFAR-10, their keys, shapes and counts, and each step from a row to an image."""
    dataset = outcome.dataset
    data = datasets.load(dataset)
    source = official.find_source(datasets.entry(dataset.name)) if dataset.name == "cifar10" else None
    layout = cifar.CIFAR10_PYTHON
    names = {path.name for path in source.files} if source else set()
    if source is None or not ({name for name, _ in layout.test} | {*layout.archives}) & names:
        why = f"{datasets.entry(dataset.name).title} is here ({data.origin}), and not in those six files"
        note = f"Place the official python version in the data folder to see them. {_origin(outcome)}"
        return [Drawing(f"{why}.", note=note), *_steps(None, data.full_train)]
    batches = cifar.look_into(source.files, layout)
    keys = tuple(dict.fromkeys(key for batch in batches for key in batch.held))
    rows = tuple((batch.name, *(batch.held.get(key, "") for key in keys)) for batch in batches)
    per_class = np.stack([np.bincount(batch.labels, minlength=layout.classes) for batch in batches])
    training = per_class[: len(layout.train)].sum(axis=0)
    counts: list[tuple[Cell, ...]] = [
        (name, *per_class[:, label].tolist(), int(training[label]))
        for label, name in enumerate(data.class_names)
    ]
    return [
        Drawing(
            f"The {len(batches)} files and their keys",
            table=Table(("file", *keys), rows),
            alt=f"A table of {len(batches)} files with what lies under each of their keys.",
            note=f"Source: {data.origin}. {_origin(outcome)}",
            wide=True,
        ),
        Drawing(
            "Images of each class in each file",
            table=Table(("class", *(batch.name for batch in batches), "all training files"), tuple(counts)),
            alt="A table of the number of images of each class in each file.",
            wide=True,
        ),
        *_steps(batches[0].rows, data.full_train),
    ]


def _steps(rows: np.ndarray | None, train: Split) -> list[Drawing]:
    """From the rows of a file to what a network is given; only the last of it where there are none."""
    height, width, channels = train.shape
    n, classes = len(train), int(train.labels.max()) + 1
    steps: list[tuple[str, str, str]] = []
    pictures = []
    if rows is not None:
        planes = rows[0].reshape(channels, height, width)
        steps = [
            ("a file's 'data'", "one row an image: red, then green, then blue plane", _shape(rows.shape)),
            ("reshape", "each row into its three planes", _shape((len(rows), channels, height, width))),
            ("transpose", "the colours of a pixel beside each other", _shape((len(rows), *train.shape))),
            ("concatenate", "the five training files behind each other", _shape((n, *train.shape))),
        ]
        grey = np.repeat(planes[..., None], 3, axis=3)
        pictures = [
            Drawing(
                "The first image: its three planes, and put together",
                png=grid_png(
                    np.concatenate([grey, planes.transpose(1, 2, 0)[None]]),
                    4,
                    _factor(train),
                    6,
                    ["red", "green", "blue", "together"],
                ),
                alt="The red, green and blue plane of an image as grey pictures, and the coloured image.",
            )
        ]
    steps += [
        ("divide by 255", "numbers from 0 to 1, here as the network's first layer", "float32"),
        ("labels", "a whole number an image", _shape((n,))),
        ("one-hot", "a row of zeros with a one; cnnviz's loss does without them", _shape((n, classes))),
    ]
    table = Table(("step", "what it does", "shape"), tuple(steps))
    return [Drawing("From a file to the array", table=table, alt="A table of the steps."), *pictures]


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


@drawing("augmented", "augmented images", options=AugmentedOptions)
def augmented(outcome: Outcome) -> list[Drawing]:
    """The same images as they are, changed in one way at a time, and as training sees them."""
    data, options = datasets.load(outcome.dataset), outcome.asked(AugmentedOptions)
    positions = nth_of_each_class(data.full_train, 1, data.facts.classes)
    positions = positions[positions >= 0][: options.images]
    images = data.full_train.images_at(positions)
    trained = [row.experiment.training.augmentation for row in outcome.rows if row.experiment]
    changed = [_much_changed(images, augmentation) for augmentation in options.shown]
    seen = [augment(images, augmentation, seed) for seed, augmentation in enumerate(trained)]
    rows = [images, *changed, *seen]
    names = [
        "as they are",
        *(augmentation.label() for augmentation in options.shown),
        *(f"as training sees them: {augmentation.label()}" for augmentation in trained),
    ]
    notes = ["", *[f"Of {_DRAWS} draws the one that changes each image most."] * len(changed)]
    notes += ["Drawn once, as in training: some images change little."] * len(seen)
    return [
        Drawing(
            f"{name[0].upper()}{name[1:]}",
            png=grid_png(row, len(images), _factor(data.full_train), 4),
            alt=f"{len(images)} images: {name}.",
            note=note or _origin(outcome),
        )
        for name, row, note in zip(names, rows, notes, strict=True)
    ]


def _much_changed(images: np.ndarray, augmentation: AugmentationSpec) -> np.ndarray:
    """Each image as the draw leaves it that changes it most: half of all flips flip nothing.

    Args:
        images: uint8, shape (N, H, W, C).
    """
    draws = np.stack([augment(images, augmentation, seed) for seed in range(_DRAWS)])
    distance = np.abs(draws.astype(np.int16) - images).mean(axis=(2, 3, 4))
    return draws[distance.argmax(axis=0), np.arange(len(images))]


def _grid(split: Split, positions: np.ndarray, labels: list[str] | None, columns: int) -> bytes:
    return grid_png(split.images_at(positions), columns, _factor(split), 6, labels)


def _factor(split: Split) -> int:
    return max(1, _SIDE // split.shape[0])


def _origin(outcome: Outcome) -> str:
    return f"{datasets.entry(outcome.dataset.name).title}; scale: {outcome.scale}."
