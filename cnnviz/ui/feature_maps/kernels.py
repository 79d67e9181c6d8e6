"""Feature maps page: the kernels of the chosen convolution, as pictures where they look at the image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnviz import words
from cnnviz.figures import maps
from cnnviz.figures.maps import Sprite
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.results import Kernels
from cnnviz.ui import navigation, show
from cnnviz.ui.asking import ask
from cnnviz.ui.feature_maps import hand_made
from cnnviz.ui.feature_maps.image import INDEX_KEY, SPLIT_KEY
from cnnviz.ui.feature_maps.layer import Shown, choose_map, chosen_map, scale
from cnnviz.ui.feature_maps.parts import tile_grid
from cnnviz.ui.lab import examples
from cnnviz.ui.linked import segments

_COLOURS = ("red", "green", "blue")
_LEARNED, _MATCHED = "learned", "matched"
_VIEWS = {_LEARNED: "Learned", _MATCHED: "Beside hand-made ones"}
_ORDERS = {"number": "by number", "strength": "strongest first"}


def render(shown: Sequence[Shown]) -> None:
    """Kernels of the chosen layer of each run; what has none is said so."""
    convolutions = [one for one in shown if one.layer.type == "Conv2D"]
    if not convolutions:
        st.info("Only convolutions have kernels: choose one above.", icon=":material/info:")
        return
    view, strongest = _choices(any(_looks_at_image(one) for one in convolutions))
    for place, one in zip(st.columns(len(convolutions), gap="large"), convolutions, strict=True):
        with place, show.guard():
            _kernels(one, view, strongest)


def _choices(first: bool) -> tuple[str, bool]:
    """Which view, and whether kernels are sorted by their strength."""
    view = _LEARNED
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if first:
            view = segments("Kernels", _VIEWS, key="kernels")
        if view == _MATCHED:
            return view, False
        st.markdown("Order", width="content", help="Strength: the root of the sum of the squared weights.")
        return view, segments("Order", _ORDERS, key="order") == "strength"


def _kernels(one: Shown, view: str, strongest: bool) -> None:
    position = chosen_map(one.layer)
    whole = _weights(one, None) if _looks_at_image(one) else None
    if whole and view == _MATCHED:
        hand_made.render(whole, one.run, one.side)
    elif whole:
        _first(whole, position, one.side, strongest)
    else:
        _deep(_weights(one, position), position, one.side, strongest)
    if view == _LEARNED and not one.untrained:
        _lab(one, position)


def _lab(one: Shown, position: int) -> None:
    split, number = str(st.session_state.get(SPLIT_KEY, "test")), int(st.session_state.get(INDEX_KEY, 0))
    link = examples.learned(one.run, one.layer.name, position, split=split, number=number)
    if link:
        st.page_link(
            navigation.page("convolution_lab"),
            label="Slide it in the Convolution lab",
            icon=":material/science:",
            query_params=link,
        )


def order(kernel: np.ndarray, axis: int, strongest: bool) -> list[int]:
    """Positions along an axis of a kernel (k, k, C, F) as they are shown: by number, or by norm."""
    count = kernel.shape[axis]
    if not strongest:
        return list(range(count))
    others = tuple(each for each in range(4) if each != axis)
    norms = np.sqrt((kernel.astype(np.float64) ** 2).sum(axis=others))
    return [int(place) for place in np.argsort(-norms, kind="stable")]


def _looks_at_image(one: Shown) -> bool:
    layers = one.run.experiment.architecture.layers if one.run.experiment else ()
    return next((layer.name for layer in layers if layer.type != "Dropout"), "") == one.layer.name


def _weights(one: Shown, output: int | None) -> Kernels:
    subject = one.looked.subject
    return _kernels_of(str(one.run.path), subject.stamp, subject.untrained, one.layer.name, output)


@st.cache_resource(max_entries=64, show_spinner=False)
def _kernels_of(
    path: str, stamp: tuple[int, int], untrained: bool, layer: str, output: int | None
) -> Kernels:
    found: Kernels = ask("kernels", run=path, layer=layer, output=output, untrained=untrained)
    return found


def _first(kernels: Kernels, position: int, side: str, strongest: bool) -> None:
    """Kernels that look at the image: in its colours, mid-grey is 0; the chosen one in numbers."""
    size, _, channels, depth = kernels.kernel.shape
    places = order(kernels.kernel, 3, strongest)
    if channels == 3:
        images = maps.colour_kernels(kernels.kernel, scale=scale())[places]
        sprite = Sprite(grid_png(images, columns=depth, scale=1, gap=0), depth, depth, size, size, 0, 0)
        said = "Mid-grey is 0; a colour brighter than grey raises the answer, a darker one lowers it."
    else:
        values = kernels.kernel[:, :, 0, places]
        sprite = maps.maps_sprite(values, signed=True, scale=scale(), gap=0, dark=show.dark())
        said = "Blue weights are positive, orange ones negative."
    st.markdown(f"**{kernels.layer}**: {depth} kernels of {size}×{size}×{channels}")
    tile_grid(
        sprite,
        [f"kernel of map {i + 1}" for i in places],
        key=f"maps_kernels_{side}",
        chosen=places.index(position),
        on_pick=lambda tile: choose_map(places[tile]),
        most=max(1, 48 // size),
        share=0.6,
        alt=f"Kernels of {kernels.layer}",
    )
    st.caption(said)
    names = _COLOURS if channels == 3 else ("grey",)
    tables = "".join(
        f"<div>{name}{_numbers(kernels.kernel[:, :, c, position])}</div>" for c, name in enumerate(names)
    )
    bias = (
        ""
        if kernels.bias is None
        else f"<div>bias<table><tr><td>{_number(kernels.bias[position])}</td></tr></table></div>"
    )
    st.html(f'<div class="cnnviz-kernel"><strong>Map {position + 1}</strong>{tables}{bias}</div>')


def _deep(kernels: Kernels, position: int, side: str, strongest: bool) -> None:
    """One kernel of a deeper layer: a square for each map before it. It has no colours of its own."""
    size, _, channels, _ = kernels.kernel.shape
    places = order(kernels.kernel, 2, strongest)
    values = kernels.kernel[:, :, places, 0]
    sprite = maps.maps_sprite(values, signed=True, scale="layer", gap=0, dark=show.dark())
    st.markdown(
        f"**{kernels.layer}**, map {position + 1}: {size}×{size} weights for each of {channels:,} maps before"
    )
    low, high = values.min(axis=(0, 1)), values.max(axis=(0, 1))
    labels = [
        f"for map {before + 1} before it: {_number(low[i])} to {_number(high[i])}"
        for i, before in enumerate(places)
    ]
    tile_grid(
        sprite,
        labels,
        key=f"maps_kernels_{side}_deep",
        chosen=-1,
        on_pick=lambda _: None,
        most=max(1, 40 // size),
        share=0.6,
        alt=f"Kernel of {kernels.layer}, map {position + 1}",
    )
    bias = "" if kernels.bias is None else f" Bias {_number(kernels.bias[0])}."
    end = words.significant(float(np.abs(values).max()))
    st.caption(f"Blue weights are positive, orange ones negative; one scale, to ±{end}.{bias}")


def _number(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _numbers(square: np.ndarray) -> str:
    rows = "".join("<tr>" + "".join(f"<td>{_number(x)}</td>" for x in row) + "</tr>" for row in square)
    return f"<table>{rows}</table>"
