"""Feature maps page, fourth part: all maps of one layer, and the chosen one large."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnviz.figures import maps
from cnnviz.figures.report import probability_figure
from cnnviz.inspection.results import LayerMaps
from cnnviz.inspection.statistics import MapStatistics, map_statistics
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, show, words
from cnnviz.ui.feature_maps.layer import Shown, choose_map, chosen_map, scale
from cnnviz.ui.feature_maps.parts import tile_grid
from cnnviz.ui.feature_maps.view import IMAGE

_ZOOM = 232
_CHANNELS = {1: ("grey",), 3: ("red", "green", "blue")}


def render_all(shown: Sequence[Shown], class_names: Sequence[str]) -> None:
    """One panel, or two of the same width."""
    for place, one in zip(st.columns(len(shown), gap="large"), shown, strict=True):
        with place:
            _render(one, class_names, beside=len(shown) == 1)


def _render(shown: Shown, class_names: Sequence[str], *, beside: bool) -> None:
    """All maps of a layer; the chosen one large beside them, or below where two runs share the width."""
    layer, key = shown.layer, shown.side
    numbers = map_statistics(layer.values)
    classifier = not layer.spatial and layer.depth == len(class_names) and layer.type == "Dense"
    if beside:
        left, right = st.columns([2.3, 1], gap="medium")
    else:
        left, right = st.container(), st.container()
    with left:
        with st.container(gap="xxsmall"):
            title = f"**{layer.name}**" if beside else f"**{layer.name}** · {shown.run.title}"
            st.markdown(title, help=_HELP.get(layer.type))
            st.caption(_described(shown.run, layer))
        if classifier:
            _probabilities(layer, class_names, key)
            return
        _grid(layer, numbers, key=key)
        st.caption(_summary_line(layer, numbers))
    with right:
        _zoom(layer, numbers, key=key, stacked=beside)


_HELP = {
    "Conv2D": "Each map is what one kernel, slid over all maps before it, answers at each place.",
    "MaxPooling2D": "Of each small window only the largest answer is kept.",
    "AveragePooling2D": "Of each small window the mean is kept.",
    "BatchNormalization": "Each map, shifted and scaled by what the network has learnt. It can be negative.",
    "GlobalAveragePooling2D": "The mean of each map: one number a map.",
    "Dense": "Each unit weighs all numbers before it.",
    "Input": "The image as the network takes it: brightness from 0 to 1.",
}


def _probabilities(layer: LayerMaps, class_names: Sequence[str], key: str) -> None:
    said = int(layer.values.argmax())
    show.figure(
        probability_figure(layer.values, class_names), key=f"maps_probabilities_{key}",
        alt=f"Probabilities of all classes; the largest: {class_names[said]}, "
        f"{words.percent(float(layer.values[said]))}.",
    )  # fmt: skip


def _described(run: RunSummary, layer: LayerMaps) -> str:
    """Size, settings and receptive field of a layer in one line."""
    if layer.name == IMAGE:
        height, width = layer.values.shape[:2]
        return f"{words.plural(layer.depth, 'channel')} of {height}×{width}"
    parts = [layer.size]
    if run.experiment:
        facts = cache.facts(run.experiment.dataset)
        summary = cache.summary(run.experiment.architecture, facts.input_shape, len(facts.class_names))
        found = next((one for one in summary.layers if one.name == layer.name), None)
        parts += [found.settings] if found and found.settings else []
        if found and found.receptive_field and layer.spatial:
            field = found.receptive_field
            whole = field >= 2 * max(facts.input_shape[:2]) - 1  # even a corner's window covers all
            seen = "the whole image" if whole else f"{field}×{field} pixels"
            parts.append(f"each value sees {seen}")
    return " · ".join(parts)


def _summary_line(layer: LayerMaps, numbers: MapStatistics) -> str:
    zeros = words.percent(float((layer.values == 0).mean()), 0)
    parts = [f"{zeros} of all values are 0"]
    if dead := int(numbers.dead.sum()):
        silent = words.plural(dead, "map") if layer.spatial else words.plural(dead, "unit")
        parts.append(f"{silent} silent for this image")
    if np.isfinite(numbers.sharpness).any():
        parts.append(f"median sharpness {words.significant(float(np.nanmedian(numbers.sharpness)))}")
    return " · ".join(parts)


def _labels(layer: LayerMaps, numbers: MapStatistics) -> list[str]:
    def label(i: int) -> str:
        name = unit_name(layer, i)
        if not layer.spatial:
            return f"{name}: {words.significant(float(layer.values[i]))}"
        if numbers.dead[i]:
            return f"{name}: 0 everywhere"
        low, high = (words.significant(float(x)) for x in (numbers.minimum[i], numbers.maximum[i]))
        return f"{name}: {low} to {high}"

    return [label(i) for i in range(layer.depth)]


def unit_name(layer: LayerMaps, position: int) -> str:
    """`map 5`, `unit 12`, or `red` for a channel of the image."""
    if layer.name == IMAGE:
        return _CHANNELS[layer.depth][position]
    return f"{'map' if layer.spatial else 'unit'} {position + 1}"


def _grid(layer: LayerMaps, numbers: MapStatistics, *, key: str) -> None:
    if layer.spatial:
        sprite = maps.maps_sprite(layer.values, signed=layer.signed, scale=scale(), gap=0, dark=show.dark())
        most = max(1, 192 // max(layer.values.shape[:2]))
    else:
        width = int(np.clip(560 // layer.depth, 5 if layer.depth <= 1024 else 2, 36))
        sprite = maps.bars_sprite(
            layer.values, signed=layer.signed, width=width, height=120 if layer.depth <= 64 else 48, gap=0,
            dark=show.dark(), columns=min(layer.depth, 256),
        )  # fmt: skip
        most = 1
    tile_grid(
        sprite, _labels(layer, numbers), key=f"maps_grid_{key}", chosen=chosen_map(layer),
        on_pick=choose_map, most=most,
        alt=f"{layer.name}: {layer.size}. Arrow keys choose one.",
    )  # fmt: skip


def _zoom(layer: LayerMaps, numbers: MapStatistics, *, key: str, stacked: bool) -> None:
    """The chosen map, large, with the range of its colours and its numbers."""
    position = chosen_map(layer)
    name = unit_name(layer, position)
    heading = f"**{name[0].upper()}{name[1:]}**" + (f" of {layer.depth:,}" if layer.name != IMAGE else "")
    if stacked:
        above = below = st.container(gap="xsmall")
    else:
        above, below = st.columns([1.25, 1], gap="small")
    below.markdown(heading)
    if layer.spatial:
        with above:
            _enlarged(layer, position, name, key)
    below.html(_table(layer, numbers, position))


def _enlarged(layer: LayerMaps, position: int, name: str, key: str) -> None:
    one = layer.values[..., position : position + 1]
    high = float(maps.ends(layer.values, scale=scale())[position])
    factor = max(1, _ZOOM // max(one.shape[:2]))
    sprite = maps.maps_sprite(one, signed=layer.signed, zoom=factor, limit=high, dark=show.dark())
    show.sprite(sprite.png, key=f"maps_zoom_{key}", alt=f"{layer.name}, {name}, enlarged {factor} times")
    if high:
        st.html(_colour_bar(layer.signed, high, one.shape[1] * factor))
    else:
        st.caption("0 everywhere for this image")


def _colour_bar(signed: bool, high: float, width: int) -> str:
    stops = maps.palette(signed, dark=show.dark())[:: maps.LEVELS // 12]
    colours = ",".join(f"rgb({r},{g},{b})" for r, g, b in stops)
    top = words.significant(high)
    ends = (f"−{top}", "0", top) if signed else ("0", top)
    return (
        f'<div class="cnnviz-scale" style="max-width:{width}px">'
        f'<i style="background:linear-gradient(90deg,{colours})"></i>'
        f"<p>{''.join(f'<span>{end}</span>' for end in ends)}</p></div>"
    )


def _table(layer: LayerMaps, numbers: MapStatistics, position: int) -> str:
    if not layer.spatial:
        rank = int((layer.values > layer.values[position]).sum()) + 1
        value = words.significant(float(layer.values[position]), 4)
        rows = [("value", value), ("rank", f"{rank:,} of {layer.depth:,}")]
    else:
        rows = [
            ("largest", words.significant(float(numbers.maximum[position]))),
            ("mean", words.significant(float(numbers.mean[position]))),
            ("smallest", words.significant(float(numbers.minimum[position]))),
            ("zeros", words.percent(float(numbers.zeros[position]), 0)),
            ("sharpness", _sharpness(float(numbers.sharpness[position]))),
        ]
    cells = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows)
    return f'<table class="cnnviz-numbers">{cells}</table>'


def _sharpness(value: float) -> str:
    return words.significant(value) if np.isfinite(value) else "–"
