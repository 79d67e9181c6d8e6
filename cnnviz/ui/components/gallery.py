"""A gallery: images with a title and a line below, enlarged by the largest whole factor that fits.

A custom component, because the factor depends on the width of the window, and so that an image can
be clicked and reached by keyboard. The pixels travel as one sprite.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnnviz.figures.sprites import grid_png

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "cnnviz_gallery",
    css=(_HERE / "gallery.css").read_text(encoding="utf-8"),
    js=(_HERE / "gallery.js").read_text(encoding="utf-8"),
)


class Caption(NamedTuple):
    """What stands under an image; `hint` is shown on hover and read aloud."""

    title: str = ""
    line: str = ""
    hint: str = ""


def gallery(
    images: np.ndarray,
    captions: Sequence[Caption],
    *,
    key: str,
    alt: str,
    columns: int = 0,
    rows: int | None = None,
    above: int = 290,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """Show images as large as the window allows, or small where they are many.

    Args:
        images: uint8, shape (N, H, W, C), N ≥ 1.
        captions: N captions.
        key: of the widget.
        alt: what the images are, together.
        columns: images in a row (fewer where the window is too narrow for whole pixels); 0: small
            images, as many in a row as fit.
        rows: so many rows should fit on the screen; None: all.
        above: height in CSS pixels of all that stands above them.
        on_pick: called with the position of a clicked image; None: images can't be clicked.
    """
    n, height, width = images.shape[:3]
    across = int(np.ceil(np.sqrt(n)))
    sprite = base64.b64encode(grid_png(images, columns=across, scale=1, gap=0)).decode()

    def picked() -> None:
        place = getattr(st.session_state[key], "picked", None)
        if place is not None and on_pick:
            on_pick(int(place))

    _component(
        key=key,
        data={
            "sprite": f"data:image/png;base64,{sprite}",
            "across": across,
            "alt": alt,
            "titles": [one.title for one in captions],
            "lines": [one.line for one in captions],
            "hints": [one.hint or f"{one.title} {one.line}".strip() for one in captions],
            "width": width,
            "height": height,
            "columns": columns,
            "rows": rows or -(-n // max(columns, 1)),
            "above": above,
            "dense": columns == 0,
            "clickable": on_pick is not None,
        },
        on_picked_change=picked,
    )
