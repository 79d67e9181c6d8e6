"""What is looked up inside trained networks, through the inspection process: maps, weights, numbers.

Preparations write it into the study's folder once: `maps.npz` (label|layer → (H, W, K), and image),
`weights.npz`, and `looks.json` with numbers that claims compare. Another extractor than a run of the
study (ImageNet's VGG16) may leave its maps in `extractor_maps.npz`, in the same layout.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz import datasets
from cnnviz.errors import SpecError
from cnnviz.figures.weights import Distribution
from cnnviz.inspection.results import ActivationSet, LayerMaps
from cnnviz.inspection.service import inspector
from cnnviz.inspection.statistics import sharpness
from cnnviz.runs import RunSummary, atomic
from cnnviz.studies.drawing.base import PREPARATIONS, Tell, keep, prepared
from cnnviz.studies.outcome import Outcome, read_looks

MAPS, WEIGHTS, EXTRACTOR = "maps", "weights", "extractor_maps"
#: Numbers that only a look inside gives, as claims name them.
LOOKS = ("weights_rms", "map_sharpness")
_BETWEEN = "|"
_MARK = "made of"  # what an npz was made from, so that it is made once
_BINS = 40


class NamedMaps(NamedTuple):
    """Maps of one layer of one variant's network."""

    label: str
    layer: str
    values: NDArray[np.float32]  # (H, W, K) or (K,)

    @property
    def signed(self) -> bool:
        """Whether any response is negative."""
        return bool((self.values < 0).any())


def image_of(outcome: Outcome) -> NDArray[np.uint8]:
    """The image (H, W, C) that the recipe looks at: number `image` of the split `split`.

    Raises:
        SpecError: the data set has no such image.
    """
    data = datasets.load(outcome.dataset)
    split = data.full_test if outcome.options.get("split") == "test" else data.full_train
    place = int(outcome.options.get("image", 0))
    if not 0 <= place < len(split):
        raise SpecError(f"{outcome.dataset.name} has no image {place}; it has {len(split):,} there.")
    return split.images_at([place])[0]


def _looked(outcome: Outcome, name: str) -> bool:
    """Whether `name` was prepared already from just these runs with just these options."""
    return str(prepared(outcome, name).get(_MARK, "")) == _mark(outcome)


def _mark(outcome: Outcome) -> str:
    asked = [outcome.dataset.to_json(), *(f"{row.label} {row.run.id}" for row in outcome.rows if row.run)]
    return json.dumps([*asked, outcome.options], sort_keys=True)


def _prepare_maps(outcome: Outcome, choose: Callable[[ActivationSet], Sequence[LayerMaps]]) -> None:
    """Pass the image through every variant's network and keep the chosen layers' responses."""
    if _looked(outcome, MAPS):
        return
    image = image_of(outcome)
    arrays: dict[str, np.ndarray] = {"image": image, _MARK: np.array(_mark(outcome))}
    for row in outcome.ran:
        assert row.run
        for layer in choose(inspector().activations(row.run.path, image)):
            arrays[f"{row.label}{_BETWEEN}{layer.name}"] = layer.values
    keep(outcome, MAPS, arrays)


def _convolutions(found: ActivationSet) -> list[LayerMaps]:
    return [layer for layer in found.layers if layer.type == "Conv2D"]


@PREPARATIONS.register("first_maps")
def prepare_first(outcome: Outcome, tell: Tell) -> None:
    """Maps of every variant's first convolution for one image."""
    _prepare_maps(outcome, lambda found: _convolutions(found)[:1])


@PREPARATIONS.register("first_last_maps")
def prepare_first_last(outcome: Outcome, tell: Tell) -> None:
    """Maps of every variant's first and last convolution for one image."""
    _prepare_maps(outcome, lambda found: [*_convolutions(found)[:1], *_convolutions(found)[1:][-1:]])


@PREPARATIONS.register("layer_maps")
def prepare_layers(outcome: Outcome, tell: Tell) -> None:
    """Responses of every layer of every variant for one image."""
    _prepare_maps(outcome, lambda found: found.layers)


def read_maps(outcome: Outcome) -> tuple[NDArray[np.uint8] | None, list[NamedMaps]]:
    """The image and the maps that were prepared, an extractor's after the variants'; (None, []) before."""
    image, found = None, []
    for name in (MAPS, EXTRACTOR):
        arrays = prepared(outcome, name)
        arrays.pop(_MARK, None)
        image = arrays.pop("image", image)
        for key, values in arrays.items():
            label, _, layer = key.partition(_BETWEEN)
            found.append(NamedMaps(outcome.name_of(label), layer, values))
    return image, found


@PREPARATIONS.register("weight_histograms")
def prepare_weights(outcome: Outcome, tell: Tell) -> None:
    """How the weights and biases of every layer of every variant are distributed."""
    if _looked(outcome, WEIGHTS):
        return
    arrays: dict[str, np.ndarray] = {_MARK: np.array(_mark(outcome))}
    for row in outcome.ran:
        assert row.run
        for one in inspector().weight_histograms(row.run.path, _BINS):
            key = _BETWEEN.join((row.label, one.layer, one.kind))
            arrays[f"{key}{_BETWEEN}counts"], arrays[f"{key}{_BETWEEN}edges"] = one.counts, one.edges
            arrays[f"{key}{_BETWEEN}moments"] = np.array([one.mean, one.deviation, one.n])
    keep(outcome, WEIGHTS, arrays)


def read_weights(outcome: Outcome) -> dict[str, list[Distribution]]:
    """Distributions by variant, as prepared; empty before."""
    arrays = prepared(outcome, WEIGHTS)
    arrays.pop(_MARK, None)
    found: dict[str, list[Distribution]] = {}
    for key in arrays:
        label, layer, kind, what = key.split(_BETWEEN)
        if what == "counts":
            start = key.removesuffix("counts")
            mean, deviation, n = arrays[f"{start}moments"]
            one = Distribution(layer, kind, arrays[key], arrays[f"{start}edges"], mean, deviation, int(n))
            found.setdefault(outcome.name_of(label), []).append(one)
    return found


def look_for_claims(outcome: Outcome) -> None:
    """Measure, in every run, the numbers that a claim of the recipe compares and no report holds."""
    wanted = {claim.metric for claim in outcome.recipe.claims} & set(LOOKS)
    if not wanted:
        return
    runs = {run.id: run for row in outcome.rows for run in row.runs.values()}
    image = image_of(outcome) if "map_sharpness" in wanted else None
    known = {
        name: numbers for name, numbers in read_looks(outcome.folder).items() if wanted <= numbers.keys()
    }
    looks = {name: known.get(name) or _numbers(run, image) for name, run in runs.items()}
    atomic.write_json(outcome.folder.path / "looks.json", looks)


def _numbers(run: RunSummary, image: NDArray[np.uint8] | None) -> dict[str, float]:
    kernels = [one for one in inspector().weight_histograms(run.path, 1) if one.kind == "kernel"]
    squares = math.fsum(one.n * (one.mean**2 + one.deviation**2) for one in kernels)
    numbers = {"weights_rms": math.sqrt(squares / sum(one.n for one in kernels))}
    if image is not None:
        first = _convolutions(inspector().activations(run.path, image))[0]
        # The mean over maps; constant ones have no sharpness.
        numbers["map_sharpness"] = float(np.nanmean(sharpness(first.values)))
    return numbers
