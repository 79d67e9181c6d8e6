"""Feature maps of variants side by side, and histograms of their weights: drawn from what was prepared."""

from __future__ import annotations

import math

from cnnviz import datasets
from cnnviz.errors import RunError
from cnnviz.figures.maps import bars_sprite, maps_sprite
from cnnviz.figures.sprites import grid_png
from cnnviz.figures.weights import Distribution, weights_figure
from cnnviz.figures.weights_overlay import RunWeights, overlay_figure
from cnnviz.studies.differences import scale_note
from cnnviz.studies.drawing.base import DRAWINGS, Drawing, Table
from cnnviz.studies.drawing.looking import NamedMaps, read_maps, read_weights
from cnnviz.studies.outcome import Outcome
from cnnviz.studies.transfer import weights_file
from cnnviz.studies.transfer.spec import IMAGENET

_WIDE = 1000  # pixels that a sprite may be wide
_HALF = 400  # the same of two that stand side by side
_MOST_MAPS, _FEW_MAPS = 64, 32
_KINDS = {"kernel": "weights", "bias": "biases"}
_MISSING = "Nobody has looked inside these networks yet. Reproduce the experiment (again) to do it."


@DRAWINGS.register("first_maps")
def first_maps(outcome: Outcome) -> list[Drawing]:
    """The first convolution's maps of the same image, one picture a variant."""
    return _maps(outcome)


@DRAWINGS.register("first_last_maps")
def first_last_maps(outcome: Outcome) -> list[Drawing]:
    """The maps of the first and of the last convolution."""
    return _maps(outcome)


@DRAWINGS.register("layer_maps")
def layer_maps(outcome: Outcome) -> list[Drawing]:
    """The responses of every layer, from recognisable to abstract."""
    return _maps(outcome)


def _maps(outcome: Outcome) -> list[Drawing]:
    image, found = read_maps(outcome)
    if image is None or not found:
        raise RunError(_MISSING)
    factor = max(1, 160 // image.shape[0])
    split, place = outcome.options.get("split", "train"), outcome.options.get("image", 0)
    first = Drawing(
        "The image",
        png=grid_png(image[None], scale=factor),
        alt="The image that all networks look at.",
        note=f"Image {place} of the {'test' if split == 'test' else 'training'} images of "
        f"{datasets.entry(outcome.dataset.name).title}. {scale_note(outcome)}{_stands_in(outcome, found)}",
    )
    several = len({one.label for one in found}) > 1 or outcome.recipe.kind == "transfer"
    most = int(outcome.options.get("maps", _MOST_MAPS))
    return [first, *(_picture(one, most, several) for one in found)]


def _stands_in(outcome: Outcome, found: list[NamedMaps]) -> str:
    """Where the report looks into ImageNet's network, and here only networks trained here are shown."""
    if outcome.recipe.kind != "transfer" or any(one.label == weights_file.TITLE for one in found):
        return ""
    wanted = outcome.options.get("extractor") == IMAGENET
    why = "ImageNet's weights were not on this machine" if wanted else "at this scale ImageNet's are not used"
    return f" Trained here, not on ImageNet: {why}. That is another experiment than the report's."


def _picture(one: NamedMaps, most: int, several: bool) -> Drawing:
    """Maps in a grid; those of several networks narrow enough to stand side by side."""
    values, count = one.values[..., :most], one.values.shape[-1]
    title = f"{one.label}: {one.layer}" if several else one.layer
    if values.ndim == 1:
        wide = max(1, _WIDE // len(values) - 1)
        sprite = bars_sprite(values, signed=one.signed, width=min(wide, 24), height=60)
        return Drawing(
            title,
            png=sprite.png,
            alt=f"Bars of the {count} responses of {one.layer}.",
            note=_shown(len(values), count, "units"),
        )
    side = values.shape[1]
    beside = several and side > 16 and values.shape[2] <= _FEW_MAPS
    columns = min(values.shape[2], 16 if side <= 16 else 4 if beside else 8)
    zoom = max(1, min(16, (_HALF if beside else _WIDE) // (columns * side)))
    sprite = maps_sprite(values, signed=one.signed, columns=columns, zoom=zoom, gap=2)
    return Drawing(
        title,
        png=sprite.png,
        alt=f"{values.shape[2]} feature maps of {one.layer}, {values.shape[0]}×{side} values each.",
        note=f"{_shown(values.shape[2], count, 'maps')} of {values.shape[0]}×{side}; each map is scaled to "
        "its own largest response.",
    )


def _shown(shown: int, count: int, what: str) -> str:
    return f"{count:,} {what}" if shown == count else f"The first {shown} of {count:,} {what}"


@DRAWINGS.register("weight_histograms")
def weight_histograms(outcome: Outcome) -> list[Drawing]:
    """Weights and biases by layer: one run alone, several over each other; and their spread as a table."""
    found = read_weights(outcome)
    if not found:
        raise RunError(_MISSING)
    if len(found) == 1:
        figure = weights_figure(next(iter(found.values())))
    else:
        figure = overlay_figure([RunWeights(label, one, i) for i, (label, one) in enumerate(found.items())])
    rows = tuple(
        (layer, _KINDS[kind], *(spread.get((layer, kind)) for spread in _spreads(found)))
        for layer, kind in dict.fromkeys((d.layer, d.kind) for one in found.values() for d in one)
    )
    return [
        Drawing(
            "Weights and biases by layer",
            figure=figure,
            alt=f"Histograms of the weights and biases of every layer of {len(found)} networks.",
            note=f"{'Heights are densities. ' if len(found) > 1 else ''}{scale_note(outcome)}",
        ),
        Drawing(
            "Root mean square of weights and biases",
            table=Table(("layer", "values", *found), rows),
            alt="A table of how far from 0 the weights of each layer lie.",
        ),
    ]


def _spreads(found: dict[str, list[Distribution]]) -> list[dict[tuple[str, str], str]]:
    return [
        {(d.layer, d.kind): f"{math.sqrt(d.mean**2 + d.deviation**2):.3g}" for d in one}
        for one in found.values()
    ]
