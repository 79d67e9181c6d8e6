"""Convolution lab: the picture itself, a component that does all stepping in the browser.

It gets the image, one or two steps and their settings; it reports changed settings once the hand rests.
Reports are counted: what Python sends back names the last one it has seen, and the picture does not take
older settings than its own.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.figures import maps
from cnnviz.ui import show
from cnnviz.ui.component import component
from cnnviz.ui.lab import lab_settings
from cnnviz.ui.lab.lab_kernels import Kernel
from cnnviz.ui.lab.lab_picture import Picture
from cnnviz.ui.lab.lab_settings import Step

KEY = "lab_stage"
_component = component(
    "convolution", __file__, "stage.css", "sums.js", "shared.js", "drawing.js", "kernel.js", "stage.js"
)


def render(picture: Picture, steps: Sequence[Kernel]) -> None:
    """Show the image, what one or two steps make of it, and the arithmetic of one window."""
    numbers: tuple[Step, ...] = (1, 2)
    unit, usual = steps[0].unit, [kernel.usual for kernel in steps]

    def report() -> dict[str, Any]:
        """The last one that has arrived."""
        settings = getattr(st.session_state.get(KEY), "settings", None)
        return settings if isinstance(settings, dict) else {}

    data = {
        "seq": int(report().get("seq", 0)),
        "pixels": base64.b64encode(picture.pixels.tobytes()).decode(),
        "height": picture.pixels.shape[0],
        "width": picture.pixels.shape[1],
        "channels": list(picture.channels),
        "highest": picture.highest,
        "title": picture.title,
        "colours": base64.b64encode(maps.palette(True, dark=show.dark()).tobytes()).decode(),
        "steps": [
            {
                "operation": kernel.operation,
                "title": kernel.title,
                "does": kernel.does,
                "weights": None if kernel.weights is None else kernel.weights.tolist(),
                **lab_settings.of_step(number, kernel.usual),
            }
            for number, kernel in zip(numbers, steps, strict=False)
        ],
        **lab_settings.of_whole(unit=unit),
    }
    _component(key=KEY, data=data, on_settings_change=lambda: lab_settings.take(report(), usual, unit))


DIMENSIONS_KEY = "lab_dimensions"
_dimensions = component("dimensions", __file__, "stage.css", "dimensions.css", "shared.js", "dimensions.js")


class Example(NamedTuple):
    """Something small to slide over, and what slides."""

    title: str
    what: str
    values: NDArray[np.int64]  # one to three dimensions
    kernel: NDArray[np.int64]  # as many


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


def in_dimensions() -> None:
    """Show the three, one below the other."""
    _dimensions(
        key=DIMENSIONS_KEY,
        data={
            "colours": base64.b64encode(maps.palette(True, dark=show.dark()).tobytes()).decode(),
            "note": _NOTE,
            "rows": [
                {"title": each.title, "what": each.what, **_flat(each.values), "kernel": _flat(each.kernel)}
                for each in EXAMPLES
            ],
        },
    )


def _flat(values: NDArray[np.int64]) -> dict[str, list[int]]:
    """Shape, filled up with ones in front to three dimensions, and the values one after the other."""
    shape = (1,) * (3 - values.ndim) + values.shape
    return {"shape": list(shape), "values": values.ravel().tolist()}
