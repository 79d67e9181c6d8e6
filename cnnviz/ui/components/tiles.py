"""The clickable parts of the page: the strip of layers, the grid of maps, and one map large.

Custom components, since `st.image` reports no click and hundreds of elements would crawl: each is one
element, draws pixels enlarged by whole factors, and works by keyboard. Clicks arrive as callbacks,
before the page runs again.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from cnnviz.architectures.fields import Axis, Fields
from cnnviz.figures.maps import Sprite

_STRIP_CSS = """
.frame { position: relative; }
.strip { display: flex; gap: 2px; overflow-x: auto; padding: 3px 2px 4px; scrollbar-width: none; }
.strip button { flex: 0 0 auto; min-width: max(80px, var(--box) + 8px); padding: 4px 2px; border: 0;
  border-radius: 6px;
  background: transparent; color: inherit; font: inherit; cursor: pointer; text-align: center; }
.strip button:hover { background: var(--st-secondary-background-color); }
.strip button[aria-pressed="true"] { background: var(--st-secondary-background-color);
  box-shadow: inset 0 -3px 0 #D55E00; }
.strip button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: -2px; }
.strip .box { height: var(--box); display: flex; align-items: center; justify-content: center; }
.strip img { image-rendering: pixelated; }
.strip b { display: block; font-size: 12px; font-weight: 600; line-height: 16px; white-space: nowrap; }
.strip small { display: block; font-size: 12px; line-height: 15px; opacity: 0.75; white-space: nowrap; }
.strip i { display: none; }
.grouped button { min-width: calc(var(--box) + 2px); padding: 2px 0 5px; border-radius: 4px; }
.grouped i { display: block; width: 0; min-width: 100%; height: 15px; margin-bottom: 3px; font-style: normal;
  font-size: 12px; line-height: 13px; text-align: left; white-space: nowrap; opacity: 0.75; }
.grouped i.first, .grouped i.on { box-shadow: inset 0 -1px 0 currentColor; }
.grouped i.on { margin-left: -2px; padding-right: 2px; }
.compact { gap: 1px; }
.compact b { font-size: 11px; letter-spacing: -0.2px; }
.compact small { display: none; }
.compact i.on { margin-left: -1px; padding-right: 1px; }
.go { position: absolute; top: 0; bottom: 0; right: 0; width: 34px; display: flex; align-items: center;
  justify-content: flex-end; padding-right: 6px; font-size: 24px; cursor: pointer; user-select: none;
  background: linear-gradient(90deg, transparent, var(--st-background-color) 60%); }
.strip + .go { right: auto; left: 0; justify-content: flex-start; padding: 0 0 0 6px;
  background: linear-gradient(270deg, transparent, var(--st-background-color) 60%); }
.go[hidden] { display: none; }
"""
_GRID_CSS = """
canvas { display: block; outline: none; border-radius: 4px; }
canvas:focus-visible { box-shadow: 0 0 0 3px var(--st-primary-color); }
"""

_LARGE_CSS = """
.large { display: flex; flex-wrap: wrap; gap: 12px; align-items: flex-start; }
.large figure { margin: 0; }
.large canvas { display: block; border-radius: 3px; cursor: crosshair; outline: none; }
.large canvas:focus-visible { box-shadow: 0 0 0 3px var(--st-primary-color); }
.large p { flex-basis: 100%; margin: 0; font-size: 14px; line-height: 19px;
  font-variant-numeric: tabular-nums; }
"""


def _script(name: str) -> str:
    return Path(__file__).with_name(f"{name}.js").read_text("utf-8")


_strip = st.components.v2.component("cnnviz_layer_strip", css=_STRIP_CSS, js=_script("strip"))
_grid = st.components.v2.component("cnnviz_map_grid", css=_GRID_CSS, js=_script("grid"))
_large = st.components.v2.component("cnnviz_large_map", css=_LARGE_CSS, js=_script("large"))


class Thumbnail(NamedTuple):
    """A layer (or an image) in the strip: its picture, with width and height in each box, and its words."""

    name: str
    size: str
    title: str
    png: bytes
    sizes: Sequence[tuple[int, int]]
    id: str = ""  # what a click gives; "": the name
    group: str = ""  # of several that stand together under one name


class Picture(NamedTuple):
    """A PNG, one pixel a value, with its words."""

    name: str
    png: bytes
    width: int
    height: int


def layer_strip(
    layers: Sequence[Thumbnail],
    *,
    key: str,
    chosen: int,
    on_pick: Callable[[str], None],
    label: str = "Layers, from the image to the classifier",
    boxes: Sequence[int],
) -> None:
    """Show layers from the image to the classifier, or other pictures with two lines each.

    Args:
        chosen: the pressed one, counted from 0; −1: none.
        on_pick: gets the id of a clicked one.
        label: of the whole row, read aloud.
        boxes: sides of the pictures in pixels, the largest first: the first is taken with which all are
            seen, else the last.
    """
    described = [
        {
            "name": layer.name,
            "size": layer.size,
            "title": layer.title,
            "picture": _url(layer.png),
            "sizes": [[*size] for size in layer.sizes],
            "id": layer.id or layer.name,
            "group": layer.group,
        }
        for layer in layers
    ]
    _strip(
        key=key,
        data={"layers": described, "chosen": chosen, "label": label, "boxes": [*boxes]},
        on_picked_change=lambda: _picked(key, on_pick),
    )


def tile_grid(
    sprite: Sprite,
    labels: Sequence[str],
    *,
    key: str,
    alt: str,
    chosen: int,
    on_pick: Callable[[int], None],
    most: int = 8,
    share: float = 1.0,
) -> None:
    """Show a sprite's tiles as large as the place allows, by whole factors.

    Args:
        sprite: with gap 0 and no labels, one pixel a value.
        labels: one text a tile, shown on hover and read aloud.
        chosen: the marked tile, counted from 0; −1: none.
        on_pick: gets a chosen tile's position.
        most: the largest factor of enlargement.
        share: of the height that the window leaves.
    """
    _grid(
        key=key,
        data={
            "atlas": _url(sprite.png),
            "count": sprite.tiles,
            "across": sprite.columns,
            "width": sprite.tile_width,
            "height": sprite.tile_height,
            "labels": list(labels),
            "alt": alt,
            "chosen": chosen,
            "most": most,
            "share": share,
        },
        on_picked_change=lambda: _picked(key, on_pick),
    )


def large_map(
    maps: Picture,
    image: Picture,
    looking: Fields,
    values: Sequence[str] | None,
    *,
    key: str,
    at: tuple[int, int],
    on_pick: Callable[[Sequence[int]], None],
) -> None:
    """Show one map with a marked position, and what that position looks at in the image.

    Args:
        values: of the map, row by row, as texts; None where they are too many.
        at: the marked row and column.
        on_pick: gets the row and column of a chosen position.
    """
    _large(
        key=key,
        data={
            "map": _url(maps.png),
            "name": maps.name,
            "width": maps.width,
            "height": maps.height,
            "image": _url(image.png),
            "imageName": image.name,
            "imageWidth": image.width,
            "imageHeight": image.height,
            "rows": _axis(looking.rows),
            "columns": _axis(looking.columns),
            "values": values,
            "at": list(at),
        },
        on_picked_change=lambda: _picked(key, on_pick),
    )


def _axis(axis: Axis) -> dict[str, list[object]]:
    return {
        "seen": [list(span) for span in axis.seen],
        "whole": [span.size for span in axis.whole],
        "middle": [axis.middle(at) for at in range(len(axis.whole))],
    }


def _picked(key: str, on_pick: Callable[..., None]) -> None:
    value = getattr(st.session_state[key], "picked", None)
    if value is not None:
        on_pick(value)


def _url(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
