"""Feature maps page, third part: all layers of the first network, and what both say in the end."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from cnnviz.figures import maps, theme
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.layers import LayerGlance
from cnnviz.ui import linked, show
from cnnviz.ui.components import tiles
from cnnviz.ui.components.tiles import Thumbnail, Tile
from cnnviz.ui.feature_maps.layer_choice import LAYER_KEY, chosen_layer, first_layer
from cnnviz.ui.feature_maps.subjects import IMAGE, Looked, state_of

_THUMB = 64
#: Sides of the strip's pictures: the largest that the place allows is taken.
_BOXES = (96, 64, 32)
_MOST_CLASSES = 10


class Places(NamedTuple):
    """Where the image is chosen, where the strip of layers stands, and where the predictions."""

    image: DeltaGenerator
    strip: DeltaGenerator
    predictions: DeltaGenerator


def places(*, wide: bool, answer: DeltaGenerator | None = None) -> Places:
    """Probabilities stand right of the strip; the choice of the image above it, or above both (`wide`).

    Args:
        answer: where the probabilities stand instead.
    """
    image = st.container(gap="xsmall") if wide else None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="maps_top"):
        left = st.container(width="stretch", gap="xsmall", key="maps_overview")
        predictions = answer or st.container(width=212, key="maps_predictions")
    return Places(image or left.container(gap="xsmall"), left.container(), predictions)


def strip(looked: Sequence[Looked]) -> None:
    """The first network's layers from the image to the classifier: click one, or step with the keyboard."""
    first = looked[0]
    start = first_layer(first)
    tiles.strip(
        _thumbnails(first.key, show.dark(), first),
        key="maps_strip",
        label="Layers, from the image to the classifier",
        boxes=_BOXES,
        chosen=first.names.index(chosen_layer(first)),
        on_pick=lambda place: linked.put(LAYER_KEY, first.names[place], leave_out=start),
    )


def predictions(looked: Sequence[Looked], class_names: Sequence[str], true: Sequence[int | None]) -> None:
    """Bars of all classes, or of the most probable ones where there are more than ten.

    Args:
        true: the true class of each network's image; None: not known.
    """
    shares = np.stack([each.overview.probabilities for each in looked])  # (1 or 2, classes)
    notes = [note for each in looked if (note := state_of(each))]
    head = f"<small>{html.escape('; '.join(notes))}</small>" if notes else ""
    tops = shares.argmax(axis=1)
    cells = "".join(_cell(c, shares[:, c], class_names[c], true, tops) for c in _classes(shares, true))
    two = " two" if len(looked) > 1 else ""
    st.html(f'{head}<div class="cnnviz-predictions{two}">{cells}</div>')


def _classes(shares: NDArray[np.float32], true: Sequence[int | None]) -> list[int]:
    """All classes in order where they are few; else the most probable first, the true one among them.

    Args:
        shares: (networks, classes), probabilities.
    """
    if shares.shape[1] <= _MOST_CLASSES:
        return list(range(shares.shape[1]))
    order = [int(c) for c in np.argsort(-shares.max(axis=0), kind="stable")[:_MOST_CLASSES]]
    missing = [label for label in dict.fromkeys(true) if label is not None and label not in order]
    return order[: _MOST_CLASSES - len(missing)] + missing


def _cell(
    label: int, shares: NDArray[np.float32], name: str, true: Sequence[int | None], tops: NDArray[np.int64]
) -> str:
    """One class: its bar for each network, (networks,), and what it says in numbers."""
    colours = (_colour(label, int(top), known) for top, known in zip(tops, true, strict=True))
    bars = "".join(
        f'<b style="width:{max(100 * float(share), 0.5):.1f}%;background:{colour}"></b>'
        for share, colour in zip(shares, colours, strict=True)
    )
    text = " | ".join(f"{100 * float(share):.{1 if len(shares) == 1 else 0}f}" for share in shares) + " %"
    mark = " (true)" if label in true else ""
    classes = "said" if label in tops else ""
    return (
        f'<div class="{classes}" title="{html.escape(name)}{mark}: {text}">'
        f"<span>{html.escape(name)}{mark}</span><i>{bars}</i><em>{text}</em></div>"
    )


def _colour(label: int, top: int, true: int | None) -> str:
    if label == true:
        return theme.CORRECT
    if label == top:
        return theme.WRONG if true is not None else theme.run_colour(0)
    return theme.MUTED


def thumbnails(looked: Looked) -> list[Thumbnail]:
    """The image and its response in every layer, small, in order."""
    return _thumbnails(looked.key, show.dark(), looked)


@st.cache_resource(max_entries=64, show_spinner=False)
def _thumbnails(key: tuple[object, ...], dark: bool, _looked: Looked) -> list[Thumbnail]:
    height, width, depth = _looked.image.shape
    brief = f"{height}×{width}×{depth}"
    png = grid_png(_looked.image[None], columns=1, scale=1, gap=0)
    sizes = [_fitted(width, height, box) for box in _BOXES]
    image = Thumbnail(Tile(IMAGE, brief, f"the image: {brief}"), png, sizes)
    return [image, *(_thumbnail(layer, dark) for layer in _looked.overview.layers)]


def _fitted(width: int, height: int, box: int) -> tuple[int, int]:
    """Enlarged by a whole factor; what is larger than the box is made smaller."""
    longest = max(width, height)
    factor = float(box // longest) or box / longest
    return int(width * factor), int(height * factor)


def _thumbnail(layer: LayerGlance, dark: bool) -> Thumbnail:
    """A layer's liveliest map (the largest variance), or its units as bars; `block1_conv2` under `block1`."""
    values = layer.glance
    if layer.spatial:
        sprite = maps.maps_sprite(values[..., None], signed=layer.signed, dark=dark)
        sizes = [_fitted(values.shape[1], values.shape[0], box) for box in _BOXES]
        brief = "×".join(map(str, layer.shape))
    else:
        sprite = maps.bars_sprite(
            values,
            signed=layer.signed,
            width=max(1, _THUMB // len(values) - 1),
            height=_THUMB - 8,
            gap=int(len(values) <= _THUMB // 3),
            dark=dark,
        )
        width = sprite.columns * (sprite.tile_width + sprite.gap) - sprite.gap
        sizes = [(width * box // _THUMB, sprite.tile_height * box // _THUMB) for box in _BOXES]
        brief = f"{layer.depth:,}"
    group, name = layer.name.split("_", 1) if layer.name.count("_") == 1 else ("", layer.name)
    title = f"{layer.name} ({layer.type}): {layer.size}"
    return Thumbnail(Tile(name, brief, title, group), sprite.png, sizes)
