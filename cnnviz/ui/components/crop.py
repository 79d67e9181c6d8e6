"""Cropping a picture: the square of it that is used, dragged or moved by the keyboard."""

from __future__ import annotations

import io
import math

import streamlit as st
from PIL import Image

from cnnviz.datasets.pictures import Window
from cnnviz.ui.component import component, data_url

_crop = component("crop", __file__, "crop.css", "crop.js")


def crop(png: bytes, title: str, *, key: str) -> None:
    """Show a picture with the square that is used of it; `window_of` says which.

    Args:
        png: the picture, small enough to be shown as it is.
        title: read aloud.
        key: differs from picture to picture.
    """
    width, height = Image.open(io.BytesIO(png)).size
    window = window_of(key) or middle(width, height)
    data = {"url": data_url(png), "title": title, "width": width, "height": height, "window": window}
    _crop(key=key, data=data, on_window_change=lambda: _take(key))


def middle(width: int, height: int) -> Window:
    """The largest square in the middle of a picture."""
    side = min(width, height)
    return Window((width - side) / 2 / width, (height - side) / 2 / height, 1.0)


def window_of(key: str) -> Window | None:
    """The square that was chosen; None until one is."""
    return st.session_state.get(f"{key}_window")


def _take(key: str) -> None:
    told = getattr(st.session_state[key], "window", None)
    if isinstance(told, list) and len(told) == 3 and all(isinstance(n, int | float) for n in told):
        left, top, side = (float(number) for number in told)
        if all(map(math.isfinite, (left, top, side))) and 0 < side <= 1 and min(left, top) >= 0:
            st.session_state[f"{key}_window"] = Window(min(left, 1.0), min(top, 1.0), side)
