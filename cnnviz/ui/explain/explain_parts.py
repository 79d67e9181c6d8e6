"""The two custom parts of the look Explain: a tile to choose a method by, and a map over its image."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

_TILE_CSS = """
button { display: block; width: 100%; padding: 4px 2px; border: 0; border-radius: 6px; cursor: pointer;
  background: transparent; color: inherit; font: inherit; text-align: center; }
button:hover { background: var(--st-secondary-background-color); }
button[aria-pressed="true"] { background: var(--st-secondary-background-color);
  box-shadow: inset 0 -3px 0 #D55E00; }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: -2px; }
img { image-rendering: pixelated; display: block; margin: 0 auto 2px; border-radius: 3px; }
b { display: block; font-size: 14px; font-weight: 600; line-height: 18px; }
"""
_OVERLAY_CSS = """
.row { display: flex; gap: 12px; align-items: flex-start; }
figure { margin: 0; }
figcaption { font-size: 14px; line-height: 20px; opacity: 0.8; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.box { position: relative; cursor: crosshair; border-radius: 3px; overflow: hidden; }
img { image-rendering: pixelated; display: block; width: 100%; height: 100%; }
.box img + img { position: absolute; inset: 0; }
label { display: flex; gap: 8px; align-items: center; font-size: 14px; line-height: 20px; }
input { flex: 1; min-width: 40px; accent-color: var(--st-primary-color); }
"""


def _script(name: str) -> str:
    return Path(__file__).with_name(f"{name}.js").read_text("utf-8")


_tile = st.components.v2.component("cnnviz_explain_tile", css=_TILE_CSS, js=_script("explain_tile"))
_overlay = st.components.v2.component(
    "cnnviz_explain_overlay", css=_OVERLAY_CSS, js=_script("explain_overlay")
)


def tile(
    png: bytes,
    title: str,
    *,
    key: str,
    size: tuple[int, int],
    small: bool,
    chosen: bool,
    on_pick: Callable[[], None],
) -> None:
    """A picture with a title as one button; works by keyboard.

    Args:
        size: width and height of the picture in pixels of its own; it is enlarged by a whole factor.
        small: also on a wide screen.
    """

    def picked() -> None:
        if getattr(st.session_state[key], "picked", None):
            on_pick()

    _tile(
        key=key,
        data={
            "picture": data_url(png),
            "title": title,
            "width": size[0],
            "height": size[1],
            "small": small,
            "chosen": chosen,
        },
        on_picked_change=picked,
    )


def overlay(
    image: bytes,
    heat: bytes,
    grey: bytes,
    over: bytes,
    values: NDArray[np.floating],
    *,
    key: str,
    alt: Sequence[str],
    most: int,
) -> None:
    """Image, map, and the map over the grey image with a slider for its opacity; values on hover.

    Args:
        values: (H, W), read out under the pointer.
        alt: what the three pictures show.
        most: the largest factor of enlargement.
    """
    height, width = values.shape
    data: dict[str, Any] = {
        "pictures": [data_url(png) for png in (image, heat, grey, over)],
        "alt": list(alt),
        "most": most,
        "width": width,
        "height": height,
        "values": [float(f"{v:.3g}") for v in values.ravel()],
    }
    _overlay(key=key, data=data)


def data_url(png: bytes) -> str:
    """A PNG for the `src` of an image."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
