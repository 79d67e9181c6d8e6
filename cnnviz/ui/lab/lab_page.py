"""Convolution lab: the page's parts in their order."""

from __future__ import annotations

import streamlit as st

from cnnviz.ui import linked, show
from cnnviz.ui.components import own_pictures
from cnnviz.ui.lab import lab_kernels, lab_picture, lab_stage

IMAGE, DIMENSIONS = "image", "dimensions"
_LOOKS = {IMAGE: "On an image", DIMENSIONS: "1-D, 2-D, 3-D"}


def pick_look() -> str:
    """The page's title, and whether one image or three small pictures are looked at."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        show.header("Convolution lab", "What does a kernel make of an image?")
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="xsmall"):
            chosen = linked.segments("Look at", _LOOKS, key="lab_look_at")
            back = "Everything back to the start"
            st.button("", icon=":material/restart_alt:", key="lab_again", help=back, on_click=_again)
    return chosen


def _again() -> None:
    """Forget all choices of this page, the link's too."""
    for key in [str(key) for key in st.session_state if str(key).startswith("lab_")]:
        if key not in (lab_stage.KEY, lab_stage.DIMENSIONS_KEY, "lab_again"):
            del st.session_state[key]
    linked.forget(*[key for key in linked.in_link() if key.startswith("lab_")])
    own_pictures.leave(lab_picture.OWN)


def on_image() -> None:
    """An image, one or two kernels, and the picture in which they slide."""
    st.html("<style>.block-container { padding-bottom: 0.4rem; }</style>")  # the picture fills the window
    with st.container(gap="xsmall"):
        image = lab_picture.pick()
        channels = image.channels
        with show.row("xsmall"):
            operation = lab_kernels.pick_operation()
            name = lab_kernels.pick_kernel() if operation == lab_kernels.CONVOLVE else ""
            then = lab_kernels.pick_second()
        first = lab_kernels.first(operation, name, channels)
        if name == lab_kernels.LEARNED:
            with show.guard():
                first = lab_kernels.pick_learned(len(channels)) or first
        kept_apart = channels if operation != lab_kernels.CONVOLVE else channels[:1]
        second = lab_kernels.second(then, kept_apart)
        lab_stage.render(image, [first, second] if second else [first])
