"""Convolution lab: what is slid over what in one, two and three dimensions (C4), as pictures that step.

The three have eight outputs each, so that one player steps all of them at once. The kernel is the same
idea in each: right minus left.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.figures import maps
from cnnviz.ui import show
from cnnviz.ui.lab.stage import script

KEY = "lab_dimensions"
_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "cnnviz_dimensions",
    css="".join((_HERE / name).read_text("utf-8") for name in ("stage.css", "dimensions.css")),
    js=script(("words", "colours", "player", "dimensions")),
)


class Example(NamedTuple):
    """Something small to slide over, and what slides."""

    title: str
    what: str
    values: NDArray[np.int64]
    kernel: NDArray[np.int64]


_NOTE = (
    "A colour image is not 3-D in this sense: its kernel is as deep as the image, so it slides across and "
    "down only, and leaves one map."
)
_LEFT_TO_RIGHT = np.array([-1, 0, 1])
_SQUARE = np.array([[1, 1, 7, 8, 8, 2], [0, 2, 8, 9, 7, 1], [1, 1, 9, 8, 8, 2], [1, 0, 2, 3, 2, 1]])
_FILM = np.array(
    [
        [[0, 0, 1, 0], [9, 8, 1, 0], [8, 9, 0, 1], [0, 1, 0, 0]],
        [[0, 1, 0, 0], [1, 9, 8, 0], [0, 8, 9, 1], [0, 0, 1, 0]],
        [[1, 0, 0, 1], [0, 1, 9, 8], [0, 1, 8, 9], [0, 0, 0, 1]],
        [[0, 0, 1, 0], [0, 0, 1, 9], [1, 0, 0, 8], [0, 1, 0, 0]],
    ]
)
EXAMPLES = (
    Example(
        "1-D",
        "a row of numbers, such as sound: the kernel slides in one direction",
        np.array([1, 1, 2, 5, 9, 9, 8, 4, 2, 1]),
        _LEFT_TO_RIGHT,
    ),
    Example("2-D", "an image: the kernel slides across and down", _SQUARE, np.tile(_LEFT_TO_RIGHT, (3, 1))),
    Example(
        "3-D",
        "a film or a scan, here four layers: the kernel slides across, down and through the layers",
        _FILM,
        np.tile(_LEFT_TO_RIGHT, (3, 3, 1)),
    ),
)


def render() -> None:
    """Show the three, one below the other."""
    _component(
        key=KEY,
        data={
            "colours": base64.b64encode(maps.palette(True, dark=show.dark()).tobytes()).decode(),
            "note": _NOTE,
            "rows": [
                {"title": one.title, "what": one.what, **_flat(one.values), "kernel": _flat(one.kernel)}
                for one in EXAMPLES
            ],
        },
    )


def _flat(values: NDArray[np.int64]) -> dict[str, list[int]]:
    """Shape, filled up with ones in front to three dimensions, and the values one after the other."""
    shape = (1,) * (3 - values.ndim) + values.shape
    return {"shape": list(shape), "values": values.ravel().tolist()}
