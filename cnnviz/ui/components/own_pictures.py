"""A person's own pictures, for every page that looks at images: brought or drawn, and made fit for a network.

A popover offers upload, a canvas and the camera. `fit` makes what was brought as the data set's images are.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cnnviz.datasets.pictures import ENDINGS, decoded, opened
from cnnviz.errors import ImageError
from cnnviz.inspection.own_pictures import SHARES, Prepared, bright_ground, place, prepare
from cnnviz.ui.component import component

TYPES = [ending.removeprefix(".") for ending in ENDINGS]
_MEGABYTES, _MOST = 32, 20


class OwnPicture(NamedTuple):
    """One picture as it was brought: a file's content, not yet checked."""

    data: bytes
    title: str
    drawn: bool = False


class OwnPictures(NamedTuple):
    """All that were brought, and which of them is looked at."""

    all: tuple[OwnPicture, ...] = ()
    chosen: int = 0

    @property
    def current(self) -> OwnPicture | None:
        """The one that is looked at; None where there is none."""
        return self.all[self.chosen] if self.all else None


def own(key: str, *, channels: int, label: str = "Own picture") -> OwnPictures:
    """Offer a popover with upload, drawing and camera; what the open tab holds is taken.

    Where it holds nothing, what another tab holds is kept: looking at the canvas loses no upload.

    Args:
        key: of the widgets, in this session.
        channels: 1: drawings are white on black; 3: in colours on white.
    """
    turn = int(st.session_state.get(f"{key}_turn", 0))  # counts how often everything was taken away
    with st.popover(label, icon=":material/add_photo_alternate:", key=f"{key}_own"):
        upload, draw, camera = st.tabs(
            ["Upload", "Draw", "Camera"], key=f"{key}_source", on_change="rerun", width=300
        )
        with upload:
            uploaded = _uploaded(key, turn)
        with draw:
            drawing = canvas(f"{key}_canvas_{turn}", colours=channels == 3)
            drawn = (OwnPicture(drawing, "Drawing", drawn=True),) if drawing else ()
        with camera:
            taken = _taken(key, turn)
        # Those of the open tab; else of the first that has any.
        sources = ((upload.open, uploaded), (draw.open, drawn), (camera.open, taken))
        ordered = sorted(sources, key=lambda source: not source[0])
        pictures = next((pictures for _, pictures in ordered if pictures), ())
        if pictures:
            st.button(
                "Back to the data set",
                key=f"{key}_back",
                icon=":material/undo:",
                on_click=leave,
                args=(key,),
                width="stretch",
            )
    chosen = int(st.session_state.get(f"{key}_chosen", 0))
    return OwnPictures(pictures, min(chosen, max(len(pictures) - 1, 0)))


def choose(key: str, position: int) -> None:
    """Look at another one of several own pictures; for callbacks."""
    st.session_state[f"{key}_chosen"] = position


def leave(key: str) -> None:
    """Take all own pictures away, so that the data set's image is looked at; for callbacks."""
    turn = int(st.session_state.get(f"{key}_turn", 0))
    st.session_state.pop(f"{key}_canvas_{turn}_kept", None)
    st.session_state[f"{key}_turn"] = turn + 1  # other keys: empty widgets
    choose(key, 0)


def _uploaded(key: str, turn: int) -> tuple[OwnPicture, ...]:
    files: Sequence[UploadedFile] = st.file_uploader(
        "PNG, JPEG, WebP and others: one or several",
        TYPES,
        accept_multiple_files=True,
        key=f"{key}_upload" + (f"_{turn}" if turn else ""),
        max_upload_size=_MEGABYTES,
        on_change=choose,
        args=(key, 0),
        help="Choose files, or drop them here. They stay in this server's memory while you look at them, "
        "and nowhere else.",
    )
    if len(files) > _MOST:
        st.caption(f"The first {_MOST} of {len(files)} are shown.")
    return tuple(OwnPicture(file.getvalue(), file.name) for file in files[:_MOST])


def _taken(key: str, turn: int) -> tuple[OwnPicture, ...]:
    # The browser asks for the camera as soon as it is on the page: only when it is wanted.
    if not st.toggle("Turn the camera on", key=f"{key}_camera_on_{turn}"):
        st.caption("Works on this computer, or over https. The picture is not stored.")
        return ()
    photo = st.camera_input("Take a picture", key=f"{key}_camera_{turn}", label_visibility="collapsed")
    return (OwnPicture(photo.getvalue(), "Photo"),) if photo else ()


_PREFIX = "data:image/png;base64,"
#: Larger than any drawing of this canvas: a message from a browser is never trusted with more.
_MOST_LETTERS = 2_000_000
_canvas = component("canvas", __file__, "canvas.css", "canvas.js")


def canvas(key: str, *, colours: bool) -> bytes | None:
    """Let the visitor draw; returns the drawing as a PNG of 280×280, None while there is none.

    Args:
        colours: a palette on white paper; else white strokes on black, as MNIST's digits are.
    """
    kept = f"{key}_kept"  # the component is taken out of the page when its popover closes
    drawn = _canvas(
        key=key,
        data={"colours": colours, "png": st.session_state.get(kept, "")},
        on_png_change=lambda: st.session_state.update({kept: getattr(st.session_state[key], "png", "")}),
        default={"png": st.session_state.get(kept, "")},
    )
    return _decoded(st.session_state.get(kept) or getattr(drawn, "png", ""))


def _decoded(url: object) -> bytes | None:
    if not isinstance(url, str) or not url.startswith(_PREFIX) or len(url) > _MOST_LETTERS:
        return None
    try:
        return base64.b64decode(url.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return None  # no drawing that this canvas has made


Shape = tuple[int, int, int]


def fit(picture: OwnPicture, shape: Shape, dataset: str, *, key: str) -> Prepared:
    """Make the picture as the data set's images are; shows a switch where there is a choice.

    Args:
        shape: (side, side, C) of the data set's images.
        dataset: its name; digits are placed as they are in it.
        key: of the switches.
    Raises:
        ImageError: not a picture that can be read.
    """
    invert = False
    if shape[2] == 1 and not picture.drawn:
        invert = st.toggle(
            "Exchange dark and bright",
            _on_paper(picture.data, shape),
            key=f"{key}_invert_{picture.title}",
            help="The networks of this data set have learnt bright strokes on a dark ground.",
        )
    elif shape[2] == 1 and dataset in SHARES:
        as_digits = st.toggle(
            "Place it as in training",
            True,
            key=f"{key}_place",
            help="The network has only seen digits of one size in the middle. Off: as it was drawn.",
        )
        if as_digits:
            return _placed(picture.data, shape[0], SHARES[dataset])
    return fitted(picture.data, shape, invert)


def automatic(picture: OwnPicture, shape: Shape) -> NDArray[np.uint8]:
    """The image (H, W, C) without any switch; for a grey network paper turns dark, and writing bright.

    Raises:
        ImageError: not a picture that can be read.
    """
    return fitted(picture.data, shape, shape[2] == 1 and _on_paper(picture.data, shape)).image


@st.cache_data(max_entries=64, show_spinner=False)
def small(data: bytes, side: int = 128) -> bytes:
    """The picture as it was brought, as a PNG of at most `side` pixels a side; see-through parts are white.

    Raises:
        UnreadableError: it is none; whoever prepares it has said so before.
    """
    out = io.BytesIO()
    with opened(io.BytesIO(data)) as picture:
        upright = decoded(picture, side)
    upright.thumbnail((side, side))
    upright.save(out, "PNG")
    return out.getvalue()


@st.cache_data(max_entries=64, show_spinner=False)
def fitted(data: bytes, shape: Shape, invert: bool) -> Prepared:
    """As `cnnviz.inspection.own_pictures.prepare`; a large photograph is decoded once."""
    return prepare(data, shape, invert=invert)


@st.cache_data(max_entries=64, show_spinner=False)
def _placed(data: bytes, side: int, share: float) -> Prepared:
    return place(data, side, share)


def _on_paper(data: bytes, shape: Shape) -> bool:
    try:
        return bright_ground(fitted(data, shape, False).image)
    except ImageError:
        return False  # told by whoever shows the picture
