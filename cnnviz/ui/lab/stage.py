"""Convolution lab: the picture itself, a component that does all stepping in the browser.

It gets the image, one or two steps and their settings; it reports changed settings once the hand rests.
Reports are counted: what Python sends back names the last one it has seen, and the picture does not take
older settings than its own.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from cnnviz.figures import maps
from cnnviz.ui import show
from cnnviz.ui.lab import settings
from cnnviz.ui.lab.kernel import Kernel
from cnnviz.ui.lab.picture import Picture
from cnnviz.ui.lab.settings import Step

KEY = "lab_stage"
_HERE = Path(__file__).parent
#: One script, in the order in which its parts need each other.
_PARTS = (
    "sums",
    "words",
    "colours",
    "drawing",
    "controls",
    "player",
    "matrix",
    "plate",
    "kernel",
    "terms",
    "layout",
    "views",
    "stage",
)


def script(parts: Sequence[str]) -> str:
    """Parts of a script as one, without comment lines and indents: it travels with every message."""
    lines = [
        line.strip() for name in parts for line in (_HERE / f"{name}.js").read_text("utf-8").splitlines()
    ]
    return "\n".join(line for line in lines if line and not line.startswith("//"))


_component = st.components.v2.component(
    "cnnviz_convolution", css=(_HERE / "stage.css").read_text("utf-8"), js=script(_PARTS)
)


def render(picture: Picture, steps: Sequence[Kernel]) -> None:
    """Show the image, what one or two steps make of it, and the arithmetic of one window."""
    numbers: tuple[Step, ...] = (1, 2)
    unit = steps[0].unit
    whole = settings.of_whole(unit=unit)
    data = {
        "seq": _seen(),
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
                **settings.of_step(number, kernel.usual),
            }
            for number, kernel in zip(numbers, steps, strict=False)
        ],
        **whole,
    }
    usual = [kernel.usual for kernel in steps]
    _component(key=KEY, data=data, on_settings_change=lambda: _take(usual, unit))


def _report() -> dict[str, Any]:
    found = getattr(st.session_state.get(KEY), "settings", None)
    return found if isinstance(found, dict) else {}


def _seen() -> int:
    """Number of the last report that has arrived."""
    return int(_report().get("seq", 0))


def _take(usual: list[settings.Usual], unit: int) -> None:
    settings.take(_report(), usual, unit)
