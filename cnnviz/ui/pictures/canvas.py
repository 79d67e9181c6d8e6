"""A canvas to draw on with mouse, finger or pen."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_PREFIX = "data:image/png;base64,"
#: Larger than any drawing of this canvas: a message from a browser is never trusted with more.
_MOST = 2_000_000
_component = st.components.v2.component(
    "cnnviz_canvas",
    css=(_HERE / "canvas.css").read_text("utf-8"),
    js=(_HERE / "canvas.js").read_text("utf-8"),
)


def canvas(key: str, *, colours: bool) -> bytes | None:
    """Let the visitor draw; returns the drawing as a PNG of 280×280, None while there is none.

    Args:
        colours: a palette on white paper; else white strokes on black, as MNIST's digits are.
    """
    kept = f"{key}_kept"  # the component is taken out of the page when its popover closes
    found = _component(
        key=key,
        data={"colours": colours, "png": st.session_state.get(kept, "")},
        on_png_change=lambda: st.session_state.update({kept: getattr(st.session_state[key], "png", "")}),
        default={"png": st.session_state.get(kept, "")},
    )
    return _decoded(st.session_state.get(kept) or getattr(found, "png", ""))


def forget(key: str) -> None:
    """Take the drawing away; for callbacks, followed by another key for the canvas."""
    st.session_state.pop(f"{key}_kept", None)


def _decoded(url: object) -> bytes | None:
    if not isinstance(url, str) or not url.startswith(_PREFIX) or len(url) > _MOST:
        return None
    try:
        return base64.b64decode(url.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return None  # no drawing that this canvas has made
