"""Questions about trained networks: plain data here, answered in the inspection process.

A question is a frozen dataclass. Its `answer` calls a function of a module that imports Keras, and brings
this module in only when it is called: in the process. So mypy checks names, arguments and the type of the
answer all the way, and the asking process stays without Keras:

    maps = inspector().ask(GetLayerMaps(Weights.of(run.path), image, "block1_conv1"))  # a LayerMaps

A new question is a class here, or beside what it asks for; one contract test runs over all of them.

Contract: this module imports neither Keras nor TensorFlow, nor does anything that it imports.
"""

# ruff: noqa: D102 (what `answer` gives stands in the docstring of its question)

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np

from cnnviz.inspection.explanations import checks
from cnnviz.inspection.explanations.checks import Faithfulness, Stage
from cnnviz.inspection.explanations.maximisation import MaximisationSettings, Maximised
from cnnviz.inspection.explanations.method import Attribution
from cnnviz.inspection.layers import ActivationSet, Floats, Images, Kernels, LayerMaps, Overview
from cnnviz.inspection.statistics import LayerNumbers
from cnnviz.inspection.top_activations import Progress
from cnnviz.inspection.weights import ModelFormat, WeightArrays, Weights
from cnnviz.inspection.workings import Working
from cnnviz.runs.snapshots import Histogram
from cnnviz.specs import ArchitectureSpec
from cnnviz.specs.base import Spec

Answer = TypeVar("Answer", covariant=True)


@dataclass(frozen=True, eq=False)
class Question(ABC, Generic[Answer]):
    """One question: its fields say all that the answer depends on, in plain data."""

    #: Whether it may take seconds: then it waits in another process, and nobody's maps wait for it.
    long: ClassVar[bool] = False
    #: Whether the same question has the same answer, so that the answer may be kept.
    steady: ClassVar[bool] = True

    #: Whether answering takes Keras.
    keras: ClassVar[bool] = True

    @abstractmethod
    def answer(self) -> Answer:
        """Answer it; in the inspection process only.

        Raises:
            CnnvizError: what a user can mend; it comes back to who asked.
        """

    @property
    def key(self) -> tuple[Hashable, ...]:
        """The same key, the same answer: kind and fields, arrays by their digest."""
        return type(self).__qualname__, *(_key(getattr(self, field.name)) for field in fields(self))


def _key(value: Any) -> Hashable:
    if isinstance(value, np.ndarray):
        digest = hashlib.blake2b(value.tobytes(), digest_size=16).digest()
        return value.shape, value.dtype.str, digest
    if isinstance(value, Spec):
        return type(value).__qualname__, value.to_json()
    if isinstance(value, tuple):
        return tuple(_key(part) for part in value)
    hash(value)  # what is neither array nor plain fails here, and not somewhere in a cache
    return value


@dataclass(frozen=True, eq=False)
class GetReady(Question[bool]):
    """Answered as soon as Keras has been imported."""

    def answer(self) -> bool:
        import cnnviz.inspection.network  # noqa: F401

        return True


@dataclass(frozen=True, eq=False)
class GetOverview(Question[Overview]):
    """All layers at a glance for one image (H, W, C), and the probabilities."""

    weights: Weights
    image: Images

    def answer(self) -> Overview:
        from cnnviz.inspection.network import overview

        return overview(self.weights, self.image)


@dataclass(frozen=True, eq=False)
class GetActivations(Question[ActivationSet]):
    """What every layer (but dropout and flatten) makes of one image (H, W, C)."""

    weights: Weights
    image: Images

    def answer(self) -> ActivationSet:
        from cnnviz.inspection.network import activations

        return activations(self.weights, self.image)


@dataclass(frozen=True, eq=False)
class GetLayerMaps(Question[LayerMaps]):
    """All maps of one layer for one image (H, W, C)."""

    weights: Weights
    image: Images
    layer: str

    def answer(self) -> LayerMaps:
        from cnnviz.inspection.network import layer_maps

        return layer_maps(self.weights, self.image, self.layer)


@dataclass(frozen=True, eq=False)
class WorkOut(Question[Working]):
    """The sum behind one number of a layer for one image (H, W, C)."""

    weights: Weights
    image: Images
    layer: str
    depth: int  # position of the map or unit, counted from 0
    at: tuple[int, int] | None  # row and column in the map; None for a unit

    def answer(self) -> Working:
        from cnnviz.inspection.network import working

        return working(self.weights, self.image, self.layer, self.depth, self.at)


@dataclass(frozen=True, eq=False)
class Predict(Question[Floats]):
    """Probabilities (N, classes) of several images (N, H, W, C)."""

    weights: Weights
    images: Images

    def answer(self) -> Floats:
        from cnnviz.inspection.network import predictions

        return predictions(self.weights, self.images)


@dataclass(frozen=True, eq=False)
class GetKernels(Question[Kernels]):
    """Weights of a convolution: of all its maps, or of one."""

    weights: Weights
    layer: str
    output: int | None = None  # position of the map

    def answer(self) -> Kernels:
        from cnnviz.inspection.network import kernels

        return kernels(self.weights, self.layer, self.output)


@dataclass(frozen=True, eq=False)
class GetWeightHistograms(Question[tuple[Histogram, ...]]):
    """Distribution of the weights and the biases of every layer that has any."""

    weights: Weights
    bins: int = 60

    def answer(self) -> tuple[Histogram, ...]:
        from cnnviz.inspection.network import weight_histograms

        return weight_histograms(self.weights, self.bins)


@dataclass(frozen=True, eq=False)
class LookThrough(Question[Progress]):
    """Look through some more training images for top activations; asked again until all are seen."""

    long = True
    steady = False

    weights: Weights
    count: int  # of the first images
    keep: Path  # the file for what is found, from `top_activations.path`

    def answer(self) -> Progress:
        from cnnviz.inspection.top_activations import advance

        return advance(self.weights, self.count, self.keep)


#: Images that one `Measure` answers for, at most.
MEASURED = 32


@dataclass(frozen=True, eq=False)
class Measure(Question[tuple[LayerNumbers, ...]]):
    """Numbers of one layer for some training images, one after the other."""

    long = True

    weights: Weights
    layer: str
    images_of: Path  # the run whose training images are taken
    start: int  # the first image

    def answer(self) -> tuple[LayerNumbers, ...]:
        from cnnviz.inspection.network import measure

        return measure(self.weights, self.layer, self.images_of, range(self.start, self.start + MEASURED))


@dataclass(frozen=True, eq=False)
class Explain(Question[Attribution]):
    """Why the network gives an image (H, W, C) the score that it gives for a class."""

    long = True

    weights: Weights
    image: Images
    label: int  # the class
    method: str  # name in METHODS
    settings: Spec | None = None  # of the method; None: those that suit the image

    def answer(self) -> Attribution:
        from cnnviz.inspection.explaining import explain

        return explain(self.weights, self.image, self.label, self.method, self.settings)


@dataclass(frozen=True, eq=False)
class ScoreExplanation(Question[Faithfulness]):
    """Deletion and insertion of an explanation's values (H, W) for an image (H, W, C)."""

    long = True

    weights: Weights
    image: Images
    label: int
    values: Floats

    def answer(self) -> Faithfulness:
        from cnnviz.inspection.explaining import ready

        network, pixels = ready(self.weights, self.image)
        return checks.faithfulness(network, pixels, self.label, checks.order_of(self.values))


@dataclass(frozen=True, eq=False)
class ScoreRandomOrder(Question[Faithfulness]):
    """Deletion and insertion of the pixels in random order, to compare with."""

    long = True

    weights: Weights
    image: Images
    label: int

    def answer(self) -> Faithfulness:
        from cnnviz.inspection.explaining import ready

        return checks.random_faithfulness(*ready(self.weights, self.image), self.label)


@dataclass(frozen=True, eq=False)
class RandomiseWeights(Question[tuple[Stage, ...]]):
    """The explanation again, after the weights of ever more layers have become random."""

    long = True

    weights: Weights
    image: Images
    label: int
    method: str
    settings: Spec | None = None
    seed: int = 0

    def answer(self) -> tuple[Stage, ...]:
        from cnnviz.inspection.explaining import randomise_weights

        return randomise_weights(
            self.weights, self.image, self.label, self.method, self.settings, seed=self.seed
        )


@dataclass(frozen=True, eq=False)
class Maximise(Question[Maximised]):
    """An image made to maximise a class's score (`layer` None), or a map or unit of a layer."""

    long = True

    weights: Weights
    unit: int
    layer: str | None
    settings: MaximisationSettings

    def answer(self) -> Maximised:
        from cnnviz.inspection.explaining import maximise_unit

        return maximise_unit(self.weights, self.unit, self.layer, self.settings)


@dataclass(frozen=True, eq=False)
class Convert(Question[bool]):
    """Write a run's network as another tool's file; see `conversion.convert`."""

    long = True
    steady = False

    run: Path
    format: ModelFormat
    target: Path

    def answer(self) -> bool:
        from cnnviz.inspection.conversion import convert

        convert(self.run, self.format, self.target)
        return True


@dataclass(frozen=True, eq=False)
class GetWeights(Question[WeightArrays]):
    """All weights of a run's network, in its order."""

    long = True

    weights: Weights

    def answer(self) -> WeightArrays:
        from cnnviz.inspection.conversion import weights

        return weights(self.weights)


@dataclass(frozen=True, eq=False)
class SaveNetwork(Question[bool]):
    """Build the network of a spec from the arrays of a `.npz` file, and write it as `model.keras`."""

    long = True
    steady = False

    architecture: ArchitectureSpec
    input_shape: tuple[int, int, int]
    classes: int
    arrays: Path
    target: Path

    def answer(self) -> bool:
        from cnnviz.inspection.conversion import save_network

        with np.load(self.arrays, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        save_network(self.architecture, self.input_shape, self.classes, arrays, self.target)
        return True
