"""Feature maps page: the kernels of the chosen convolution, as pictures where they look at the image."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnviz import words
from cnnviz.errors import UnknownNameError
from cnnviz.figures import maps
from cnnviz.figures.maps import Sprite
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.layers import Kernels
from cnnviz.inspection.questions import GetKernels
from cnnviz.kernels import PRESETS, Match, best_matches, by_chance, fitted
from cnnviz.runs import RunSummary
from cnnviz.specs import SETTINGS
from cnnviz.ui import linked, navigation, show, state
from cnnviz.ui.asking import ask
from cnnviz.ui.component import data_url
from cnnviz.ui.components.tiles import map_grid
from cnnviz.ui.feature_maps.image_choice import INDEX_KEY, SPLIT_KEY
from cnnviz.ui.feature_maps.layer_choice import Shown, choose_map, chosen_map, scale
from cnnviz.ui.lab import lab_links

_COLOURS = ("red", "green", "blue")
_LEARNED, _MATCHED = "learned", "matched"
_VIEWS = {_LEARNED: "Learned", _MATCHED: "Beside hand-made ones"}
_ORDERS = {"number": "by number", "strength": "strongest first"}


def render(shown: Sequence[Shown]) -> None:
    """Kernels of the chosen layer of each run; what has none is said so."""
    convolutions = [panel for panel in shown if panel.layer.type == "Conv2D"]
    if not convolutions:
        st.info("Only convolutions have kernels: choose one above.", icon=":material/info:")
        return
    view, strongest = _LEARNED, False
    with show.row():
        if any(map(_looks_at_image, convolutions)):
            view = linked.segments("Kernels", _VIEWS, key="kernels")
        if view == _LEARNED:
            strength = "Strength: the root of the sum of the squared weights."
            st.markdown("Order", width="content", help=strength)
            strongest = linked.segments("Order", _ORDERS, key="order") == "strength"
    for place, panel in zip(st.columns(len(convolutions), gap="large"), convolutions, strict=True):
        with place, show.guard():
            _kernels(panel, view, strongest)


def _kernels(panel: Shown, view: str, strongest: bool) -> None:
    position = chosen_map(panel.layer)
    # All kernels of a layer that looks at the image; of a deeper one that of the chosen map.
    first = _looks_at_image(panel)
    kernels = ask(GetKernels(panel.looked.weights, panel.layer.name, None if first else position))
    if first and view == _MATCHED:
        _beside_hand_made(kernels, panel.run, panel.side)
    elif first:
        _first(kernels, position, panel.side, strongest)
    else:
        _deep(kernels, position, panel.side, strongest)
    if view == _LEARNED and not panel.untrained:
        split, number = st.session_state.get(SPLIT_KEY, "test"), st.session_state.get(INDEX_KEY, 0)
        link = lab_links.learned(panel.run, panel.layer.name, position, split=str(split), number=int(number))
        if link:
            label = "Slide it in the Convolution lab"
            navigation.link("convolution_lab", label, link, icon=":material/science:")


def order(kernel: np.ndarray, axis: int, strongest: bool) -> list[int]:
    """Positions along an axis of a kernel (k, k, C, F) as they are shown: by number, or by norm."""
    if not strongest:
        return list(range(kernel.shape[axis]))
    others = tuple(each for each in range(4) if each != axis)
    norms = np.sqrt((kernel.astype(np.float64) ** 2).sum(axis=others))
    return [int(place) for place in np.argsort(-norms, kind="stable")]


def _looks_at_image(panel: Shown) -> bool:
    layers = panel.run.experiment.architecture.layers if panel.run.experiment else ()
    return next((layer.name for layer in layers if layer.type != "Dropout"), "") == panel.layer.name


def _first(kernels: Kernels, position: int, side: str, strongest: bool) -> None:
    """Kernels that look at the image: in its colours, mid-grey is 0; the chosen one in numbers."""
    size, _, channels, depth = kernels.kernel.shape
    places = order(kernels.kernel, 3, strongest)
    if channels == 3:
        images = maps.colour_kernels(kernels.kernel, scale=scale())[places]
        sprite = Sprite(grid_png(images, columns=depth, scale=1, gap=0), depth, depth, size, size, 0)
        note = "Mid-grey is 0; a colour brighter than grey raises the answer, a darker one lowers it."
    else:
        values = kernels.kernel[:, :, 0, places]
        sprite = maps.maps_sprite(values, signed=True, scale=scale(), gap=0, dark=show.dark())
        note = "Blue weights are positive, orange ones negative."
    st.markdown(f"**{kernels.layer}**: {depth} kernels of {size}×{size}×{channels}")
    map_grid(
        sprite,
        [f"kernel of map {i + 1}" for i in places],
        key=f"maps_kernels_{side}",
        chosen=places.index(position),
        on_pick=lambda tile: choose_map(places[tile]),
        most=max(1, 48 // size),
        share=0.6,
        label=f"Kernels of {kernels.layer}",
    )
    st.caption(note)
    squares = {"grey": kernels.kernel[:, :, 0, position]}
    if channels == 3:
        squares = {name: kernels.kernel[:, :, c, position] for c, name in enumerate(_COLOURS)}
    if kernels.bias is not None:
        squares["bias"] = kernels.bias[position].reshape(1, 1)
    tables = ""
    for name, square in squares.items():
        rows = ("".join(f"<td>{_number(weight)}</td>" for weight in row) for row in square)
        tables += f"<div>{name}<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table></div>"
    st.html(f'<div class="cnnviz-kernel"><strong>Map {position + 1}</strong>{tables}</div>')


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
    map_grid(
        sprite,
        labels,
        key=f"maps_kernels_{side}_deep",
        most=max(1, 40 // size),
        share=0.6,
        label=f"Kernel of {kernels.layer}, map {position + 1}",
    )
    bias = "" if kernels.bias is None else f" Bias {_number(kernels.bias[0])}."
    end = words.significant(float(np.abs(values).max()))
    st.caption(f"Blue weights are positive, orange ones negative; one scale, to ±{end}.{bias}")


def _number(value: float) -> str:
    return words.minus(f"{value:+.3f}")


_SIDE = 44
_CHANCE = 0.05
_ADOPTED = "hand_made_adopted"
_CSS = """<style>
  .cnnviz-matches { display: grid; gap: 6px 18px;
    grid-template-columns: repeat(auto-fill, minmax(17.5rem, 1fr)); }
  .cnnviz-matches > div { display: flex; gap: 5px; align-items: center; min-width: 0; }
  .cnnviz-matches img { image-rendering: pixelated; border-radius: 2px; flex: 0 0 auto; }
  .cnnviz-matches img:last-of-type { margin-left: 6px; }
  .cnnviz-matches p { margin: 0; font-size: 0.82rem; line-height: 1.15; flex: 1 1 auto; min-width: 0; }
  .cnnviz-matches b { font-variant-numeric: tabular-nums; }
  .cnnviz-matches .pale { opacity: 0.55; }
</style>"""
_MEASURE = (
    "The cosine similarity of the learned kernel, summed over its colours, and the hand-made one, "
    "fitted to its size: 1 is the same up to strength, 0 nothing in common; reversed: the same with dark "
    "and bright exchanged. The level of chance: 2,000 random kernels of this size; 95 % of them reach "
    "less with their best match."
)


def _beside_hand_made(kernels: Kernels, run: RunSummary, side: str) -> None:
    """All kernels with their best matches, the best first; what chance does as well is paler."""
    size, _, _, depth = kernels.kernel.shape
    level, matches = by_chance(size), best_matches(kernels.kernel)
    training = run.experiment.training if run.experiment else None
    if training and training.first_kernels:
        kept = "and kept as they were" if training.freeze else "and learned on from there"
        st.markdown(f"These kernels were made by hand before training, {kept}.")
    else:
        above = sum(abs(match.cosine) > level for match in matches)
        with show.row():
            st.markdown(
                f"**{above} of {depth}** kernels are more like a hand-made one than 95 % of random ones: "
                f"a cosine similarity above {level:.2f}. Chance alone would give about "
                f"{max(1, round(_CHANCE * depth))}.",
                help=_MEASURE,
                width="stretch",
            )
            _offer_hand_made(run, side)
    with st.container(height=410, border=False):
        cards = "".join(_card(kernels.kernel[..., match.position], match, level) for match in matches)
        st.html(f'{_CSS}<div class="cnnviz-matches">{cards}</div>')
    st.caption("Learned (colours, then what it does to brightness) · hand-made · cosine similarity")


def _offer_hand_made(run: RunSummary, side: str) -> None:
    """Put this run's experiment with a first layer made by hand into the sidebar."""

    def adopt() -> None:
        if run.experiment:
            try:
                state.into_sidebar(run.experiment)
            except UnknownNameError:
                st.toast("The run's network is none of the sidebar's: its other settings stay as they are.")
        for path, value in (("training.first_kernels", "hand-made"), ("training.freeze", "first")):
            linked.put(SETTINGS[path].key, value)
        st.session_state[_ADOPTED] = "new"

    adopted = st.session_state.get(_ADOPTED)
    if adopted == "new":  # the sidebar lies outside of this part of the page
        st.session_state[_ADOPTED] = "shown"
        st.rerun()
    if adopted:
        del st.session_state[_ADOPTED]
        st.toast(
            "The sidebar now holds this experiment with a first layer made by hand, frozen. Press Train."
        )
    st.button(
        "Train with hand-made kernels instead",
        icon=":material/back_hand:",
        key=f"hand_made_{side}",
        on_click=adopt,
        help="Puts this run's settings into the sidebar, with hand-made kernels in the first layer, frozen.",
    )


def _card(kernel: np.ndarray, match: Match, level: float) -> str:
    """One learned kernel (k, k, C) beside its match."""
    sign = -1 if match.cosine < 0 else 1
    square = sign * fitted(PRESETS[match.name].weights, len(kernel))
    pictures = [_signed(kernel.sum(axis=2)), _signed(square)]
    if kernel.shape[2] == 3:
        png = grid_png(maps.colour_kernels(kernel[..., None]), columns=1, scale=1, gap=0)
        pictures.insert(0, _tile(png, len(kernel)))
    title = PRESETS[match.name].title + (", reversed" if sign < 0 else "")
    pale = "" if abs(match.cosine) > level else ' class="pale"'
    return (
        f"<div{pale}>{''.join(pictures)}<p>map {match.position + 1}<br>{html.escape(title)}</p>"
        f"<b>{abs(match.cosine):.2f}</b></div>"
    )


def _signed(square: np.ndarray) -> str:
    sprite = maps.maps_sprite(square[..., None], signed=True, gap=0, dark=show.dark())
    return _tile(sprite.png, len(square))


def _tile(png: bytes, size: int) -> str:
    side = size * max(1, _SIDE // size)
    return f'<img src="{data_url(png)}" width="{side}" height="{side}" alt="">'
