"""What is inside trained networks: feature maps side by side, histograms of weights, numbers for claims.

Preparations look it up through the inspection process and write it into the study's folder once:
`maps.npz` (label|layer → (H, W, K); image, and image|label of a variant with other images than the first),
`weights.npz`, and `looks.json` and `samples.json` with numbers that claims compare. Another extractor than a
run of the study (ImageNet's VGG16) may leave its maps in `extractor_maps.npz`, in the same layout. The
drawings read it back.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz import datasets
from cnnviz.errors import RunError
from cnnviz.figures.maps import bars_sprite, maps_sprite
from cnnviz.figures.sprites import grid_png
from cnnviz.figures.weight_figures import Distribution, RunWeights, overlay_figure, weights_figure
from cnnviz.inspection.layers import LayerMaps
from cnnviz.inspection.questions import GetActivations, GetWeightHistograms
from cnnviz.inspection.service import inspector
from cnnviz.inspection.statistics import explained_share, map_statistics, sharpness
from cnnviz.inspection.weights import Weights
from cnnviz.reports.drawing import (
    Drawing,
    ImageOptions,
    Prepare,
    Table,
    Tell,
    drawing,
    image_of,
    keep,
    prepared,
)
from cnnviz.reports.outcome import Outcome, keep_samples, read_looks, scale_note
from cnnviz.reports.recipe import IMAGENET_NETWORK, LOOKED_UP, PER_IMAGE
from cnnviz.runs import RunSummary, atomic
from cnnviz.specs import Spec
from cnnviz.studies.transfer import vgg16_weights
from cnnviz.studies.transfer.transfer_spec import IMAGENET, GetImagenetMaps

MAPS, WEIGHTS, EXTRACTOR = "maps", "weights", "extractor_maps"
_BETWEEN, _IMAGE = "|", "image"
_MARK = "made of"  # what an npz was made from, so that it is made once
_BINS = 40
_WIDE = 1000  # pixels that a sprite may be wide
_HALF = 400  # the same of two that stand side by side
_FEW_MAPS = 32
_KINDS = {"kernel": "weights", "bias": "biases"}
_MISSING = "Nobody has looked inside these networks yet. Reproduce the experiment (again) to do it."


class ExtractorOptions(Spec):
    """Whose network is looked into besides the variants', in experiments of the kind "transfer"."""

    extractor: str = Field(default=IMAGENET, description="or the label of a variant")
    instead: str | None = Field(default=None, description="a variant, where ImageNet's weights can't be had")


class MapsOptions(ImageOptions, ExtractorOptions):
    """Which image is passed through the networks, and how many maps of a layer are shown."""

    maps: int = Field(default=64, ge=1, le=4096)


class NamedMaps(NamedTuple):
    """Maps of one layer of one variant's network."""

    label: str
    name: str  # of the variant at this scale
    layer: str
    values: NDArray[np.float32]  # (H, W, K) or (K,)

    @property
    def signed(self) -> bool:
        """Whether any response is negative."""
        return bool((self.values < 0).any())


def _looked(outcome: Outcome, name: str) -> bool:
    """Whether `name` was prepared already from just these runs with just these options."""
    return str(prepared(outcome, name).get(_MARK, "")) == _mark(outcome)


def _mark(outcome: Outcome) -> str:
    asked = [outcome.dataset.to_json(), *(f"{row.label} {row.run.id}" for row in outcome.rows if row.run)]
    return json.dumps([*asked, outcome.recipe.options_at(outcome.scale)], sort_keys=True)


def _maps_of(choose: Callable[[Sequence[LayerMaps]], Sequence[LayerMaps]]) -> Prepare:
    """Pass the image through every variant's network and keep the chosen layers' responses."""

    def prepare(outcome: Outcome, tell: Tell) -> None:
        if _looked(outcome, MAPS):
            return
        arrays: dict[str, np.ndarray] = {_IMAGE: image_of(outcome), _MARK: np.array(_mark(outcome))}
        for row in outcome.ran:
            assert row.run
            image = image_of(outcome, row.dataset)
            if row.dataset.name != outcome.dataset.name:
                arrays[f"{_IMAGE}{_BETWEEN}{row.label}"] = image
            answer = inspector().ask(GetActivations(Weights.of(row.run.path), image))
            for layer in choose(answer.layers):
                arrays[f"{row.label}{_BETWEEN}{layer.name}"] = layer.values
        keep(outcome, MAPS, arrays)

    return prepare


def _convolutions(layers: Sequence[LayerMaps]) -> list[LayerMaps]:
    return [layer for layer in layers if layer.type == "Conv2D"]


def read_maps(outcome: Outcome) -> tuple[dict[str, NDArray[np.uint8]], list[NamedMaps]]:
    """Images and maps as they were prepared, an extractor's after the variants'; nothing before.

    Returns:
        The image that a label's network looked at, uint8 (H, W, C); "": that of all others. And the maps.
    """
    images: dict[str, NDArray[np.uint8]] = {}
    maps = []
    for name in (MAPS, EXTRACTOR):
        arrays = prepared(outcome, name)
        arrays.pop(_MARK, None)
        for key, values in arrays.items():
            label, _, layer = key.partition(_BETWEEN)
            if label == _IMAGE:
                images[layer] = values
            else:
                maps.append(NamedMaps(label, outcome.name_of(label), layer, values))
    return images, maps


def _prepare_weights(outcome: Outcome, tell: Tell) -> None:
    """How the weights and biases of every layer of every variant are distributed."""
    if _looked(outcome, WEIGHTS):
        return
    arrays: dict[str, np.ndarray] = {_MARK: np.array(_mark(outcome))}
    for row in outcome.ran:
        assert row.run
        for histogram in inspector().ask(GetWeightHistograms(Weights.of(row.run.path), _BINS)):
            key = _BETWEEN.join((row.label, histogram.layer, histogram.kind))
            arrays[f"{key}{_BETWEEN}counts"], arrays[f"{key}{_BETWEEN}edges"] = (
                histogram.counts,
                histogram.edges,
            )
            arrays[f"{key}{_BETWEEN}moments"] = np.array([histogram.mean, histogram.deviation, histogram.n])
    keep(outcome, WEIGHTS, arrays)


def read_weights(outcome: Outcome) -> dict[str, list[Distribution]]:
    """Distributions by variant, as prepared; empty before."""
    arrays = prepared(outcome, WEIGHTS)
    arrays.pop(_MARK, None)
    by_variant: dict[str, list[Distribution]] = {}
    for key in arrays:
        label, layer, kind, what = key.split(_BETWEEN)
        if what == "counts":
            start = key.removesuffix("counts")
            mean, deviation, n = arrays[f"{start}moments"]
            distribution = Distribution(
                layer, kind, arrays[key], arrays[f"{start}edges"], mean, deviation, int(n)
            )
            by_variant.setdefault(outcome.name_of(label), []).append(distribution)
    return by_variant


@drawing(
    "first_maps",
    "the first convolution's maps",
    options=MapsOptions,
    prepare=_maps_of(lambda layers: _convolutions(layers)[:1]),
)
def first_maps(outcome: Outcome) -> list[Drawing]:
    """The first convolution's maps of the same image, one picture a variant."""
    return _maps(outcome)


@drawing(
    "first_last_maps",
    "maps of the first and last convolution",
    options=MapsOptions,
    prepare=_maps_of(lambda layers: [*_convolutions(layers)[:1], *_convolutions(layers)[1:][-1:]]),
)
def first_last_maps(outcome: Outcome) -> list[Drawing]:
    """The maps of the first and of the last convolution."""
    return _maps(outcome)


@drawing("layer_maps", "maps of every layer", options=MapsOptions, prepare=_maps_of(lambda layers: layers))
def layer_maps(outcome: Outcome) -> list[Drawing]:
    """The responses of every layer, from recognisable to abstract."""
    return _maps(outcome)


def _maps(outcome: Outcome) -> list[Drawing]:
    images, maps = read_maps(outcome)
    if not images or not maps:
        raise RunError(_MISSING)
    options = outcome.asked(MapsOptions)
    several = len({named.label for named in maps}) > 1 or outcome.recipe.kind == "transfer"
    shown = []
    for label, image in images.items():
        row = outcome.row(label)
        title = datasets.entry((row.dataset if row else outcome.dataset).name).title
        split = "test" if options.split == "test" else "training"
        shown.append(
            Drawing(
                f"The image of {row.name}" if row else "The image",
                png=grid_png(image[None], scale=max(1, 160 // image.shape[0])),
                alt=f"The image that {f'the network {row.name} looks' if row else 'all networks look'} at.",
                note=f"Image {options.image} of the {split} images of {title}. {scale_note(outcome)}"
                f"{_stands_in(outcome, maps)}",
            )
        )
        own = [named for named in maps if (named.label if named.label in images else "") == label]
        shown += [_picture(named, options.maps, several) for named in own]
    return shown


def _stands_in(outcome: Outcome, maps: list[NamedMaps]) -> str:
    """Where the report looks into ImageNet's network, and here only networks trained here are shown."""
    if outcome.recipe.kind != "transfer" or any(named.label == vgg16_weights.TITLE for named in maps):
        return ""
    wanted = outcome.asked(ExtractorOptions).extractor == IMAGENET
    why = "ImageNet's weights were not on this machine" if wanted else "at this scale ImageNet's are not used"
    return f" Trained here, not on ImageNet: {why}. That is another experiment than the report's."


def _picture(named: NamedMaps, most: int, several: bool) -> Drawing:
    """Maps in a grid; those of several networks narrow enough to stand side by side."""
    values, count = named.values[..., :most], named.values.shape[-1]
    title = f"{named.name}: {named.layer}" if several else named.layer
    if values.ndim == 1:
        wide = max(1, _WIDE // len(values) - 1)
        sprite = bars_sprite(values, signed=named.signed, width=min(wide, 24), height=60)
        return Drawing(
            title,
            png=sprite.png,
            alt=f"Bars of the {count} responses of {named.layer}.",
            note=_shown(len(values), count, "units"),
        )
    side = values.shape[1]
    beside = several and side > 16 and values.shape[2] <= _FEW_MAPS
    columns = min(values.shape[2], 16 if side <= 16 else 4 if beside else 8)
    zoom = max(1, min(16, (_HALF if beside else _WIDE) // (columns * side)))
    sprite = maps_sprite(values, signed=named.signed, columns=columns, zoom=zoom, gap=2)
    return Drawing(
        title,
        png=sprite.png,
        alt=f"{values.shape[2]} feature maps of {named.layer}, {values.shape[0]}×{side} values each.",
        note=f"{_shown(values.shape[2], count, 'maps')} of {values.shape[0]}×{side}; each map is scaled to "
        "its own largest response.",
    )


def _shown(shown: int, count: int, what: str) -> str:
    return f"{count:,} {what}" if shown == count else f"The first {shown} of {count:,} {what}"


@drawing("weight_histograms", "histograms of weights and biases", prepare=_prepare_weights)
def weight_histograms(outcome: Outcome) -> list[Drawing]:
    """Weights and biases by layer: one run alone, several over each other; and their spread as a table."""
    by_variant = read_weights(outcome)
    if not by_variant:
        raise RunError(_MISSING)
    if len(by_variant) == 1:
        figure = weights_figure(next(iter(by_variant.values())))
    else:
        figure = overlay_figure(
            [RunWeights(label, weights, i) for i, (label, weights) in enumerate(by_variant.items())]
        )
    spreads = [
        {(d.layer, d.kind): f"{math.sqrt(d.mean**2 + d.deviation**2):.3g}" for d in distributions}
        for distributions in by_variant.values()
    ]
    rows = tuple(
        (layer, _KINDS[kind], *(spread.get((layer, kind)) for spread in spreads))
        for layer, kind in dict.fromkeys(place for spread in spreads for place in spread)
    )
    return [
        Drawing(
            "Weights and biases by layer",
            figure=figure,
            alt=f"Histograms of the weights and biases of every layer of {len(by_variant)} networks.",
            note=f"{'Heights are densities. ' if len(by_variant) > 1 else ''}{scale_note(outcome)}",
        ),
        Drawing(
            "Root mean square of weights and biases",
            table=Table(("layer", "values", *by_variant), rows),
            alt="A table of how far from 0 the weights of each layer lie.",
        ),
    ]


def look_for_claims(outcome: Outcome) -> None:
    """Measure, in every run, the numbers that a claim of the recipe compares and no report holds."""
    _look_at_images(outcome)
    wanted = {metric for claim in outcome.recipe.claims for metric in claim.metrics} & LOOKED_UP.keys()
    if not wanted:
        return
    runs = {run.id: run for row in outcome.rows for run in row.runs.values()}
    image = image_of(outcome) if "map_sharpness" in wanted else None
    known = {run: numbers for run, numbers in read_looks(outcome.folder).items() if wanted <= numbers.keys()}
    looks = {name: known.get(name) or _numbers(run, image) for name, run in runs.items()}
    atomic.write_json(outcome.folder / "looks.json", looks)


def _numbers(run: RunSummary, image: NDArray[np.uint8] | None) -> dict[str, float]:
    weights = Weights.of(run.path)
    histograms = inspector().ask(GetWeightHistograms(weights, bins=1))
    kernels = [histogram for histogram in histograms if histogram.kind == "kernel"]
    squares = math.fsum(histogram.n * (histogram.mean**2 + histogram.deviation**2) for histogram in kernels)
    numbers = {"weights_rms": math.sqrt(squares / sum(histogram.n for histogram in kernels))}
    if image is not None:
        first = _convolutions(inspector().ask(GetActivations(weights, image)).layers)[0]
        # The mean over maps; constant ones have no sharpness.
        numbers["map_sharpness"] = float(np.nanmean(sharpness(first.values)))
    return numbers


#: Images that the numbers of `PER_IMAGE` are looked up for: the first of the split that the recipe names.
_IMAGES = 32
_FIRST_AND_LAST = ("block1_conv1", "block5_conv3")  # of VGG16


def _look_at_images(outcome: Outcome) -> None:
    """Measure, image by image, what claims compare of the networks that they name."""
    claims = [claim for claim in outcome.recipe.claims if PER_IMAGE.keys() & set(claim.metrics)]
    if not claims:
        return
    options, data = outcome.asked(ImageOptions), datasets.load(outcome.dataset)
    split = data.full_test if options.split == "test" else data.full_train
    images = split.images_at(range(min(_IMAGES, len(split))))
    found: dict[str, dict[str, list[float]]] = {}
    for label in dict.fromkeys(label for claim in claims for label in claim.compared):
        row = outcome.row(label)
        if row and row.run:
            weights = Weights.of(row.run.path)
            answers = [inspector().ask(GetActivations(weights, image)).layers for image in images]
        elif label == IMAGENET_NETWORK and (file := vgg16_weights.find()):
            asked = (GetImagenetMaps.of(file, _FIRST_AND_LAST, image) for image in images)
            answers = [inspector().ask(question) for question in asked]
        else:
            continue  # the claim says why it can't be judged
        numbers = [_of_image(image, layers) for image, layers in zip(images, answers, strict=True)]
        found[label] = {metric: [number[metric] for number in numbers] for metric in PER_IMAGE}
    keep_samples(outcome.folder, found)


def _of_image(image: NDArray[np.uint8], layers: Sequence[LayerMaps]) -> dict[str, float]:
    convolutions = _convolutions(layers)
    first, last = convolutions[0].values, convolutions[-1].values
    return {
        "black_maps": float(map_statistics(first).dead.mean()),
        "first_detail": explained_share(image, first),
        "last_detail": explained_share(image, last),
    }
