"""Convolution lab: the page's parts in their order."""

from __future__ import annotations

import streamlit as st

from cnnviz.ui import show
from cnnviz.ui.feature_maps.view import segments
from cnnviz.ui.lab import kernel, learned, picture, stage

IMAGE, DIMENSIONS = "image", "dimensions"
_LOOKS = {IMAGE: "On an image", DIMENSIONS: "1-D, 2-D, 3-D"}


def pick_look() -> str:
    """The page's title, and whether one image or three small pictures are looked at."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        show.header("Convolution lab", "What does a kernel make of an image?")
        return segments("Look at", _LOOKS, key="lab_look_at")


def on_image() -> None:
    """An image, one or two kernels, and the picture in which they slide."""
    with st.container(gap="xsmall"):
        image = picture.pick()
        steps = _steps(len(image.channels))
        stage.render(image, steps)


def _steps(channels: int) -> list[kernel.Kernel]:
    """One or two things that the visitor wants done with each window."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        operation = kernel.pick_operation()
        name = kernel.pick_kernel() if operation == kernel.CONVOLVE else ""
        then = kernel.pick_second()
    first = kernel.first(operation, name, channels)
    if name == kernel.LEARNED:
        with show.guard():
            first = learned.pick(channels) or first
    second = kernel.second(then)
    return [first, second] if second else [first]
