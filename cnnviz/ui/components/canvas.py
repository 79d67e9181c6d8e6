"""A canvas to draw on: what is drawn as a picture, and as strokes that a link can keep.

A live canvas tells Python while a stroke grows: each time it has seen, in the page, that what followed its
last word is drawn (`answered`). So as many pictures a second follow the hand as the machine can make.
"""

from __future__ import annotations

import base64
import binascii
import html
import math
import re
from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from cnnviz.ui import linked
from cnnviz.ui.component import component

_PREFIX = "data:image/png;base64,"
#: Larger than any drawing of this canvas: a message from a browser is never trusted with more.
_MOST_LETTERS = 2_000_000
#: What browsers and chats take as a link; a drawing of more strokes is kept in this visit alone.
_MOST_IN_LINK = 6_000
_canvas = component("canvas", __file__, "canvas.css", "canvas.js")


class Drawn(NamedTuple):
    """What the canvas has told: the drawing as a picture, and as the strokes that the link keeps."""

    png: str = ""
    strokes: str = ""
    turn: int = 0  # milliseconds since 1970 in the browser: later messages have larger ones
    growing: bool = False  # a stroke is not ended yet


def canvas(key: str, *, colours: bool, live: bool = False, link: str = "") -> None:
    """Let the visitor draw; `drawing` says what.

    Args:
        colours: a palette on white paper; else white strokes on black, as MNIST's digits are.
        live: told while a stroke grows, too: as soon as `answered` says that the last word was heard.
        link: name in the link that keeps the strokes; "": they are kept in this visit alone.
    """

    def take() -> None:
        told = getattr(st.session_state[key], "drawn", None)
        if drawn := _checked(told):
            st.session_state[_kept(key)] = drawn
            if link and not drawn.growing:
                strokes = drawn.strokes if len(drawn.strokes) <= _MOST_IN_LINK else ""
                linked.put(link, strokes, leave_out="")

    kept = st.session_state.get(_kept(key), Drawn())
    strokes = kept.strokes or (linked.value(link) if link else "")
    data = {"colours": colours, "live": live, "name": key, "strokes": strokes, "known": bool(kept.png)}
    _canvas(key=key, data=data, on_drawn_change=take)


def drawing(key: str) -> bytes | None:
    """What is drawn on a canvas, as a PNG of 280×280; None while there is nothing."""
    return _decoded(st.session_state.get(_kept(key), Drawn()).png)


def answered(key: str) -> None:
    """Tell a live canvas that its last word was followed, below all that must not be left behind.

    What stands below of the same rerun is cut short where the next word comes at once.
    """
    turn = st.session_state.get(_kept(key), Drawn()).turn
    st.html(f'<i class="cnnviz-heard" data-of="{html.escape(key)}" data-turn="{turn}"></i>')


def too_long(key: str) -> bool:
    """Whether what is drawn is too long for a link."""
    return len(st.session_state.get(_kept(key), Drawn()).strokes) > _MOST_IN_LINK


def forget(key: str) -> None:
    """Take the drawing away; for callbacks."""
    st.session_state.pop(_kept(key), None)


def _kept(key: str) -> str:
    return f"{key}_kept"  # the component is taken out of the page when its popover closes


def _checked(told: object) -> Drawn | None:
    """A message of the canvas, read into its type; None for anything else."""
    if not isinstance(told, Mapping):
        return None
    png, strokes, turn, growing = (told.get(name) for name in Drawn._fields)
    if not isinstance(png, str) or not isinstance(strokes, str):
        return None
    if not isinstance(turn, int | float) or not math.isfinite(turn):
        return None
    if max(len(png), len(strokes)) > _MOST_LETTERS or not re.fullmatch(r"[\w-]*", strokes, re.ASCII):
        return None
    return Drawn(png, strokes, int(turn), growing is True)


def _decoded(url: str) -> bytes | None:
    if not url.startswith(_PREFIX):
        return None
    try:
        return base64.b64decode(url.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return None  # no drawing that this canvas has made
