"""Feature maps page, third part: which layer, which map, which scale of colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.figures import maps
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.results import ActivationSet, LayerMaps
from cnnviz.runs import RunSummary
from cnnviz.ui import linked, show
from cnnviz.ui.feature_maps.parts import Thumbnail, layer_strip
from cnnviz.ui.feature_maps.view import IMAGE, segments, with_image

LAYER_KEY, OTHER_LAYER_KEY, MAP_KEY, SCALE_KEY = "layer", "layer_b", "map", "scale"
_SCALES = {"map": "per map", "layer": "per layer"}
_THUMB = 64
_SAME = "same"


class Shown(NamedTuple):
    """One panel: a run's layer."""

    run: RunSummary
    layer: LayerMaps
    side: str  # "a" or "b"


def choose(looked: Sequence[tuple[RunSummary, ActivationSet]], image: NDArray[np.uint8]) -> list[Shown]:
    """Strip of layers and the settings below it; returns what to show beside each other.

    The strip is the first run's: click a layer, or step through it with the keyboard. The second run
    shows the layer of the same name, or any other one. All of it stands in the link.
    """
    layers = with_image(looked[0][1], image)
    others = with_image(looked[1][1], image) if len(looked) > 1 else ()
    names = [layer.name for layer in layers]
    first = next((one.name for one in layers if one.type == "Conv2D"), names[0])
    strip = st.container()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width=175):
            name = linked.select("Layer", names, key=LAYER_KEY, default=first, label_visibility="collapsed")
        shown = [Shown(looked[0][0], layers[names.index(name)], "a")]
        shown += [Shown(looked[1][0], layer, "b") for layer in _other_layer(others, name)] if others else []
        _map_and_scale(max(one.layer.depth for one in shown), "Map" if shown[0].layer.spatial else "Unit")
    with strip:
        layer_strip(
            [_thumbnail(layer) for layer in layers], key="maps_strip", chosen=names.index(name),
            on_pick=lambda picked: linked.put(LAYER_KEY, picked, leave_out=first),
        )  # fmt: skip
    return shown


def _other_layer(layers: Sequence[LayerMaps], same: str) -> list[LayerMaps]:
    names = [layer.name for layer in layers]
    with st.container(width=200):
        chosen = linked.select(
            "Layer beside it", [_SAME, *names], key=OTHER_LAYER_KEY, default=_SAME,
            label_visibility="collapsed",
            names=lambda name: "beside: same layer" if name == _SAME else f"beside: {name}",
        )  # fmt: skip
    wanted = same if chosen == _SAME else chosen
    if wanted not in names:
        st.caption(f"The second network has no layer '{wanted}': choose one of its own.")
        return []
    return [layers[names.index(wanted)]]


def _map_and_scale(depth: int, word: str) -> None:
    if not 1 <= int(st.session_state.get(MAP_KEY) or 1) <= depth:
        st.session_state[MAP_KEY] = 1
    st.markdown(word, width="content")
    st.number_input(
        "Map", 1, depth, step=1, key=MAP_KEY, bind="query-params", persist_state="session", width=100,
        label_visibility="collapsed",
    )  # fmt: skip
    st.markdown(
        "Colours", width="content",
        help="Per map: each map's own largest value is the end of its colours, so that faint ones show. "
        "Per layer: one scale for all, so that maps can be compared.",
    )  # fmt: skip
    segments("Colour scale", _SCALES, key=SCALE_KEY)


def scale() -> maps.Scale:
    """The chosen scale of colours."""
    return cast(maps.Scale, st.session_state.get(SCALE_KEY) or "map")


def chosen_map(layer: LayerMaps) -> int:
    """Position of the chosen map, counted from 0; the last one where the layer has fewer."""
    return min(int(st.session_state.get(MAP_KEY) or 1), layer.depth) - 1


def choose_map(position: int) -> None:
    """Make a map the chosen one; for callbacks."""
    st.session_state[MAP_KEY] = int(position) + 1


def _thumbnail(layer: LayerMaps) -> Thumbnail:
    """A layer's liveliest map (the largest variance), or its units as bars."""
    dark = show.dark()
    if layer.name == IMAGE:
        pixels = np.rint(layer.values * 255).astype(np.uint8)
        height, width = pixels.shape[:2]
        factor = max(1, _THUMB // max(height, width)) if max(height, width) <= _THUMB else _THUMB / height
        brief = f"{height}×{width}×{layer.depth}"
        png = grid_png(pixels[None], columns=1, scale=1, gap=0)
        return Thumbnail(IMAGE, brief, f"the image: {brief}", png, int(width * factor), int(height * factor))
    if layer.spatial:
        best = int(layer.values.var(axis=(0, 1)).argmax())
        side = max(layer.values.shape[:2])
        shown = layer.values[:: -(-side // _THUMB), :: -(-side // _THUMB), best : best + 1]
        sprite = maps.maps_sprite(shown, signed=layer.signed, dark=dark)
        factor = max(1, _THUMB // max(shown.shape[:2]))
        size = (shown.shape[1] * factor, shown.shape[0] * factor)
        brief = f"{layer.values.shape[0]}×{layer.values.shape[1]}×{layer.depth}"
    else:
        step = -(-layer.depth // _THUMB)
        tall = [max(part, key=abs) for part in np.split(layer.values, range(step, layer.depth, step))]
        sprite = maps.bars_sprite(
            np.array(tall), signed=layer.signed, width=max(1, _THUMB // len(tall) - 1), height=_THUMB - 8,
            gap=int(len(tall) <= _THUMB // 3), dark=dark,
        )  # fmt: skip
        size = (sprite.columns * (sprite.tile_width + sprite.gap) - sprite.gap, sprite.tile_height)
        brief = f"{layer.depth:,}"
    return Thumbnail(layer.name, brief, f"{layer.name} ({layer.type}): {layer.size}", sprite.png, *size)
