"""Feature maps page: a canvas beside the layers; what the network sees follows the stroke.

That it is there, and what is drawn on it, stand in the link.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnviz.datasets import Dataset
from cnnviz.inspection.own_pictures import Prepared
from cnnviz.ui import linked, show
from cnnviz.ui.components import canvas, own_pictures
from cnnviz.ui.components.own_pictures import OwnPicture

DRAW_KEY, STROKES_KEY, _SWITCH_KEY, _CANVAS_KEY = "draw", "drawing", "maps_draw", "maps_canvas"
_ON = "1"
_WIDTH = 292  # of the canvas with its border and a little air


def switch() -> None:
    """The switch that brings the canvas."""
    st.session_state[_SWITCH_KEY] = wanted()
    st.toggle("Draw", key=_SWITCH_KEY, on_change=_take, help="Draw an image, and watch every layer follow.")


def followed(dataset: Dataset) -> None:
    """Say that what stands above has followed the stroke, so that the canvas tells how it goes on."""
    if wanted():
        canvas.answered(_canvas_key(dataset))


def _canvas_key(dataset: Dataset) -> str:
    return f"{_CANVAS_KEY}_{dataset.input_shape[2]}"


def leave() -> None:
    """Put the canvas away, what is drawn on it is kept; for callbacks."""
    linked.put(DRAW_KEY, "", leave_out="")


class Canvas(NamedTuple):
    """What stands left of the layers."""

    drawn: Prepared | None = None  # the drawing as the network takes it; None: there is none
    answer: DeltaGenerator | None = None  # where what the network says it is stands; None: there is no canvas


@contextmanager
def beside(dataset: Dataset, *, live: bool) -> Iterator[Canvas]:
    """Draw what the block draws; where drawing is wanted, the canvas stands left of it.

    Args:
        live: the block follows while a stroke grows, and not only at its end.
    """
    if not wanted():
        yield Canvas()
        return
    colours, key = dataset.input_shape[2] == 3, _canvas_key(dataset)
    with st.container(horizontal=True, gap="medium", key="maps_drawn"):
        left = st.container(width=_WIDTH, gap="xsmall", key="maps_canvas_place")
        right = st.container(width="stretch")
    prepared = None
    with left:
        canvas.canvas(key, colours=colours, live=live, link=STROKES_KEY)
        answer = st.container(key="maps_answer")
        if png := canvas.drawing(key):
            with show.guard():
                picture = OwnPicture(png, "Drawing", drawn=True)
                prepared = own_pictures.fit(
                    picture, dataset.input_shape, dataset.spec.name, key="maps_drawing"
                )
                st.caption("Drawing, as the network takes it", help="; ".join(prepared.steps))
        if canvas.too_long(key) and png:
            st.caption("It has too many strokes for the link: save it to keep it.")
            show.download(
                "Save the drawing", lambda: png, "drawing.png", "image/png", key="maps_save_drawing"
            )
    with right:
        yield Canvas(prepared, answer)


def wanted() -> bool:
    """Whether the canvas is on the page."""
    return linked.value(DRAW_KEY) == _ON


def _take() -> None:
    linked.put(DRAW_KEY, _ON if st.session_state[_SWITCH_KEY] else "", leave_out="")
