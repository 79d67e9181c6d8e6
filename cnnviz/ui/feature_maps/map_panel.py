"""Feature maps page, fifth part: all maps of one layer or of two beside each other, and the chosen one."""

from __future__ import annotations

import html
from collections.abc import Callable, Hashable, Sequence

import numpy as np
import streamlit as st

from cnnviz import words
from cnnviz.figures import maps
from cnnviz.figures.maps import Sprite
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.layers import LayerMaps
from cnnviz.inspection.statistics import MapStatistics, map_statistics
from cnnviz.ui import cache, show
from cnnviz.ui.components.large_map import Picture, large_map
from cnnviz.ui.components.tiles import map_grid
from cnnviz.ui.feature_maps import layer_choice, panel_differences, sums, top_activating_images
from cnnviz.ui.feature_maps.layer_choice import Shown, choose_map, chooser, chosen_map, looking, names, scale
from cnnviz.ui.feature_maps.subjects import IMAGE

#: Pixels of a sprite, at most: of larger maps every second, third, … row and column is drawn.
_MOST_PIXELS = 1_500_000


def render_all(shown: Sequence[Shown], class_names: Sequence[str], followed: Callable[[], None]) -> None:
    """All maps, the chosen one large, and the sum behind one number; of two panels in two columns.

    Args:
        followed: called as soon as the maps have followed a stroke of the canvas.
    """
    statistics = [_statistics(panel.key, panel.layer) for panel in shown]
    positions = layer_choice.positions(shown)
    limits = [maps.colour_limits(panel.layer.values, scale=scale()) for panel in shown]
    if scale() == "layer":  # one limit for both panels
        high = max(float(each.max()) for each in limits)
        limits = [np.full_like(each, high) for each in limits]
    # Of the classifier, units are classes.
    units = [
        class_names
        if panel.layer.name == panel.looked.names[-1] and panel.layer.depth == len(class_names)
        else ()
        for panel in shown
    ]
    alone = len(shown) == 1
    if not alone:
        columns = [*st.columns(2, gap="large")]
    elif shown[0].layer.spatial:  # all maps, and the large one, which units don't need
        columns = [*st.columns([1.25, 1], gap="medium")]
    else:
        columns = [st.container(), st.container()]
    for i, (column, panel, title) in enumerate(zip(columns, shown, names(shown), strict=False)):
        with column, st.container(gap="xxsmall"):
            if not alone:
                layer, name = html.escape(panel.layer.name), html.escape(title)
                heading = f"<b>{layer}</b>" + (f" · {name}" if name != layer else "")
                st.html(f'<div class="cnnviz-panel" title="{name}">{heading}</div>')
            _grid(panel, statistics[i], limits[i], units[i], explained=alone)
    if alone:
        columns = columns[1:]
    else:
        panel_differences.render(shown, statistics)
        columns = [*st.columns(2, gap="large")]
    for i, (column, panel) in enumerate(zip(columns, shown, strict=True)):
        limit = float(limits[i][chosen_map(panel.layer)])
        with column:
            chosen_map_large(panel, statistics[i], positions[i], limit, units[i])
    followed()
    st.markdown("**The sum that made this number**")
    for column, panel, position in zip(st.columns(len(shown), gap="large"), shown, positions, strict=True):
        with column, show.guard():
            sums.render(panel, position)
    top_activating_images.render_all(shown, class_names)


@st.cache_resource(max_entries=128, show_spinner=False)
def _statistics(key: Hashable, _layer: LayerMaps) -> MapStatistics:
    return map_statistics(_layer.values)


def _grid(
    shown: Shown, numbers: MapStatistics, limits: maps.Floats, units: Sequence[str], *, explained: bool
) -> None:
    layer = shown.layer
    st.caption(_described(shown), help=_HELP.get(layer.type) if explained else None)
    limit = float(limits.max()) if scale() == "layer" else None
    sprite = _sprite(shown.key, scale(), limit, show.dark(), layer)
    map_grid(
        sprite,
        _labels(shown.key, layer, numbers, units),
        key=f"maps_grid_{shown.side}",
        chosen=chosen_map(layer),
        on_pick=choose_map,
        most=max(1, 192 // max(sprite.tile_width, sprite.tile_height)) if layer.spatial else 1,
        label=f"{layer.name}: {layer.size}. Arrow keys choose one.",
    )


@st.cache_resource(max_entries=128, show_spinner=False)
def _sprite(key: Hashable, colours: maps.Scale, limit: float | None, dark: bool, _layer: LayerMaps) -> Sprite:
    values, signed = _layer.values, _layer.signed
    if _layer.spatial:
        step = 1
        while values[::step, ::step].size > _MOST_PIXELS:
            step += 1
        return maps.maps_sprite(
            values[::step, ::step], signed=signed, scale=colours, gap=0, limit=limit, dark=dark
        )
    width = int(np.clip(560 // _layer.depth, 5 if _layer.depth <= 1024 else 2, 36))
    return maps.bars_sprite(
        values,
        signed=signed,
        width=width,
        height=120 if _layer.depth <= 64 else 48,
        gap=0,
        dark=dark,
        columns=min(_layer.depth, 256),
        limit=limit,
    )


_HELP = {
    "Conv2D": "Each map is what one kernel, slid over all maps before it, answers at each place.",
    "MaxPooling2D": "Of each small window only the largest answer is kept.",
    "AveragePooling2D": "Of each small window the mean is kept.",
    "BatchNormalization": "Each map, shifted and scaled by what the network has learnt. It can be negative.",
    "GlobalAveragePooling2D": "The mean of each map: one number a map.",
    "Dense": "Each unit weighs all numbers before it.",
    "Input": "The image as the network takes it: brightness from 0 to 1.",
}


def _described(shown: Shown) -> str:
    """Size, settings and receptive field of a layer in one line."""
    layer, run = shown.layer, shown.run
    if layer.name == IMAGE:
        height, width = layer.values.shape[:2]
        return f"{words.plural(layer.depth, 'channel')} of {height}×{width}"
    parts = [layer.size]
    if run.experiment:
        network = cache.summary_on(run.experiment.architecture, run.experiment.dataset)
        known = next((each for each in network.layers if each.name == layer.name), None)
        parts += [known.settings] if known and known.settings else []
        if known and known.receptive_field and layer.spatial:
            field = known.receptive_field
            # Even a corner's window covers all, and no step leaves anything out.
            whole = field >= 2 * max(network.input_shape[:2]) - 1 and known.seen == 1
            seen = "the whole image" if whole else f"{field}×{field} pixels"
            parts.append(f"each value sees {seen}")
    return " · ".join(parts)


@st.cache_resource(max_entries=128, show_spinner=False)
def _labels(key: Hashable, _layer: LayerMaps, _numbers: MapStatistics, _units: Sequence[str]) -> list[str]:
    def label(i: int) -> str:
        unit = unit_name(_layer, i, _units)
        if not _layer.spatial:
            return f"{unit}: {words.significant(float(_layer.values[i]))}"
        if _numbers.dead[i]:
            return f"{unit}: 0 everywhere"
        low, high = (words.significant(float(x[i])) for x in (_numbers.minimum, _numbers.maximum))
        return f"{unit}: {low} to {high}"

    return [label(i) for i in range(_layer.depth)]


#: Values of more are not sent as texts.
_MOST_VALUES = 4096
_CHANNELS = {1: ("grey",), 3: ("red", "green", "blue")}


def chosen_map_large(
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
        fields = looking(shown) if at else None
        if not at or not fields:
            return
        values = layer.values[..., position]
        sprite = maps.maps_sprite(values[..., None], signed=layer.signed, limit=high, dark=show.dark())
        pixels = shown.looked.image
        large_map(
            Picture(f"{layer.name}, {name}", sprite.png, values.shape[1], values.shape[0]),
            Picture("The image", grid_png(pixels[None], 1, 1, 0), pixels.shape[1], pixels.shape[0]),
            fields,
            [words.significant(float(v)) for v in values.flat] if values.size <= _MOST_VALUES else None,
            key=f"maps_large_{shown.side}",
            at=at,
            on_pick=chooser(fields),
        )
        if high:
            top = words.significant(high)
            show.colour_bar(layer.signed, (f"−{top}", "0", top) if layer.signed else ("0", top))


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
        return f"value {value}, rank {rank:,} of {layer.depth:,}"
    if numbers.dead[position]:
        return "0 everywhere for this image"
    low, high = (words.significant(float(x[position])) for x in (numbers.minimum, numbers.maximum))
    parts = [f"{low} to {high}"] if layer.signed else []
    parts.append(f"mean {words.significant(float(numbers.mean[position]))}")
    parts.append(f"{words.percent(float(numbers.zeros[position]), 0)} zeros")
    if np.isfinite(numbers.sharpness[position]):
        parts.append(f"sharpness {words.significant(float(numbers.sharpness[position]))}")
    return " · ".join(parts)
