"""Feature maps page: the chosen map, large, and where a position of it looks in the image."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnviz import words
from cnnviz.figures import maps
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.results import LayerMaps
from cnnviz.inspection.statistics import MapStatistics
from cnnviz.ui import show
from cnnviz.ui.feature_maps.layer import Shown, chosen_map
from cnnviz.ui.feature_maps.parts import Picture, large_map
from cnnviz.ui.feature_maps.position import chooser, looking
from cnnviz.ui.feature_maps.view import IMAGE

#: Values of more are not sent as texts.
_MOST_VALUES = 4096
_CHANNELS = {1: ("grey",), 3: ("red", "green", "blue")}


def render(
    shown: Shown, numbers: MapStatistics, at: tuple[int, int] | None, high: float, classes: Sequence[str]
) -> None:
    """The chosen map with its numbers; for a layer of single numbers the chosen unit.

    Args:
        classes: names of the units, for the classifier; else none.
        at: the marked row and column.
        high: the upper end of the map's colours.
    """
    layer, position = shown.layer, chosen_map(shown.layer)
    name = unit_name(layer, position, classes)
    heading = f"<b>{html.escape(name[0].upper() + name[1:])}</b>"
    heading += f" of {layer.depth:,}" if layer.name != IMAGE else ""
    with st.container(gap="xxsmall"):
        st.html(f'<p class="cnnviz-chosen">{heading} · {_numbers(layer, numbers, position)}</p>')
        found = looking(shown) if at else None
        if not at or not found:
            return
        one = layer.values[..., position]
        sprite = maps.maps_sprite(one[..., None], signed=layer.signed, limit=high, dark=show.dark())
        pixels = shown.looked.image
        large_map(
            Picture(f"{layer.name}, {name}", sprite.png, one.shape[1], one.shape[0]),
            Picture("The image", grid_png(pixels[None], 1, 1, 0), pixels.shape[1], pixels.shape[0]),
            found,
            [words.significant(float(value)) for value in one.flat] if one.size <= _MOST_VALUES else None,
            key=f"maps_large_{shown.side}",
            at=at,
            on_pick=chooser(found),
        )
        if high:
            st.html(_colour_bar(layer.signed, high))


def unit_name(layer: LayerMaps, position: int, classes: Sequence[str] = ()) -> str:
    """`map 5`, `unit 12`, `unit 4 (cat)` of the classifier, or `red` for a channel of the image."""
    if layer.name == IMAGE:
        return _CHANNELS[layer.depth][position]
    if classes and not layer.spatial:
        return f"unit {position + 1} ({classes[position]})"
    return f"{'map' if layer.spatial else 'unit'} {position + 1}"


def _numbers(layer: LayerMaps, numbers: MapStatistics, position: int) -> str:
    if not layer.spatial:
        rank = int((layer.values > layer.values[position]).sum()) + 1
        value = words.significant(float(layer.values[position]), 4)
        return f"value {value}, rank {rank:,} of {layer.depth:,}".replace("-", "−")
    if numbers.dead[position]:
        return "0 everywhere for this image"
    low, high = (words.significant(float(x[position])) for x in (numbers.minimum, numbers.maximum))
    parts = [f"{low} to {high}"] if layer.signed else []
    parts.append(f"mean {words.significant(float(numbers.mean[position]))}")
    parts.append(f"{words.percent(float(numbers.zeros[position]), 0)} zeros")
    if np.isfinite(numbers.sharpness[position]):
        parts.append(f"sharpness {words.significant(float(numbers.sharpness[position]))}")
    return " · ".join(parts).replace("-", "−")


def _colour_bar(signed: bool, high: float) -> str:
    stops = maps.palette(signed, dark=show.dark())[:: maps.LEVELS // 12]
    colours = ",".join(f"rgb({r},{g},{b})" for r, g, b in stops)
    top = words.significant(high)
    ends = (f"−{top}", "0", top) if signed else ("0", top)
    return (
        f'<div class="cnnviz-scale"><i style="background:linear-gradient(90deg,{colours})"></i>'
        f"<p>{''.join(f'<span>{end}</span>' for end in ends)}</p></div>"
    )
