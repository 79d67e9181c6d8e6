"""A person's own pictures, for every page that looks at images: brought or drawn, and made fit for a network.

A popover offers upload, a canvas and the camera. `fit` makes what was brought as the data set's images are.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cnnviz.datasets.pictures import ENDINGS, UnreadableError, Window, decoded, opened
from cnnviz.errors import ImageError
from cnnviz.inspection.own_pictures import SHARES, Prepared, bright_ground, place, prepare
from cnnviz.ui.components.canvas import canvas, drawing, forget
from cnnviz.ui.components.crop import crop, window_of

TYPES = [ending.removeprefix(".") for ending in ENDINGS]
_MEGABYTES, _MOST = 32, 20
_CROPPED = 280  # pixels of a picture that is cropped


class OwnPicture(NamedTuple):
    """One picture as it was brought: a file's content, not yet checked."""

    data: bytes
    title: str
    drawn: bool = False
    window: Window | None = None  # the square that is used; None: the largest in the middle


class OwnPictures(NamedTuple):
    """All that were brought, and which of them is looked at."""

    all: tuple[OwnPicture, ...] = ()
    chosen: int = 0

    @property
    def current(self) -> OwnPicture | None:
        """The one that is looked at; None where there is none."""
        return self.all[self.chosen] if self.all else None


def own(key: str, *, channels: int, draws: bool = True) -> OwnPictures:
    """Offer a popover with upload, drawing and camera; what the open tab holds is taken.

    Where it holds nothing, what another tab holds is kept: looking at the canvas loses no upload. Of a single
    picture the square that is used can be chosen.

    Args:
        key: of the widgets, in this session.
        channels: 1: drawings are white on black; 3: in colours on white.
        draws: whether there is a canvas in it.
    """
    turn = int(st.session_state.get(f"{key}_turn", 0))  # counts how often everything was taken away
    with st.popover("Own picture", icon=":material/add_photo_alternate:", key=f"{key}_own"):
        names = ["Upload", *(["Draw"] if draws else []), "Camera"]
        upload, *draw, camera = st.tabs(names, key=f"{key}_source", on_change="rerun", width=300)
        with upload:
            uploaded = _cropped(key, _uploaded(key, turn))
        sources = [(upload.open, uploaded)]
        for tab in draw:
            with tab:
                canvas(f"{key}_canvas_{turn}", colours=channels == 3)
                png = drawing(f"{key}_canvas_{turn}")
                sources.append((tab.open, (OwnPicture(png, "Drawing", drawn=True),) if png else ()))
        with camera:
            sources.append((camera.open, _cropped(key, _taken(key, turn))))
        # Those of the open tab; else of the first that has any.
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
    forget(f"{key}_canvas_{turn}")
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


def _cropped(key: str, brought: tuple[OwnPicture, ...]) -> tuple[OwnPicture, ...]:
    """Of a single picture let the visitor choose the square that is used; damage is told later."""
    if len(brought) != 1:
        return brought
    [picture] = brought
    name = f"{key}_crop_{hashlib.blake2b(picture.data, digest_size=8).hexdigest()}"
    with suppress(UnreadableError):
        crop(small(picture.data, _CROPPED), picture.title, key=name)
        st.caption("Drag the square, or its corner: it is what the network sees.")
    return (picture._replace(window=window_of(name)),)


def _taken(key: str, turn: int) -> tuple[OwnPicture, ...]:
    # The browser asks for the camera as soon as it is on the page: only when it is wanted.
    if not st.toggle("Turn the camera on", key=f"{key}_camera_on_{turn}"):
        st.caption("Works on this computer, or over https. The picture is not stored.")
        return ()
    photo = st.camera_input("Take a picture", key=f"{key}_camera_{turn}", label_visibility="collapsed")
    return (OwnPicture(photo.getvalue(), "Photo"),) if photo else ()


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
    if shape[2] == 3:
        return fitted(picture.data, shape, False, picture.window)
    paper, invert = not picture.drawn and _on_paper(picture, shape), False
    if not picture.drawn:
        invert = st.toggle(
            "Exchange dark and bright",
            paper,
            key=f"{key}_invert_{picture.title}",
            help="The networks of this data set have learnt bright strokes on a dark ground.",
        )
    if dataset in SHARES and st.toggle(
        "Place it as in training",
        picture.drawn or (paper and _has_strokes(picture, shape[0], SHARES[dataset])),
        key=f"{key}_place" if picture.drawn else f"{key}_place_{picture.title}",
        help="The network has only seen digits of one size in the middle"
        + (", on an even black ground. " if not picture.drawn else ". ")
        + f"Off: as it was {'drawn' if picture.drawn else 'brought'}.",
    ):
        return _placed(picture, shape[0], SHARES[dataset], invert)
    return fitted(picture.data, shape, invert, picture.window)


def automatic(picture: OwnPicture, shape: Shape, dataset: str) -> NDArray[np.uint8]:
    """The image (H, W, C) without any switch: as `fit` makes it until one is used.

    Raises:
        ImageError: not a picture that can be read.
    """
    paper = shape[2] == 1 and not picture.drawn and _on_paper(picture, shape)
    share = SHARES.get(dataset) if shape[2] == 1 else None
    if share and (picture.drawn or (paper and _has_strokes(picture, shape[0], share))):
        return _placed(picture, shape[0], share, paper).image
    return fitted(picture.data, shape, paper, picture.window).image


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
def fitted(data: bytes, shape: Shape, invert: bool, window: Window | None = None) -> Prepared:
    """As `cnnviz.inspection.own_pictures.prepare`; a large photograph is decoded once."""
    return prepare(data, shape, invert=invert, window=window)


@st.cache_data(max_entries=64, show_spinner=False)
def _placed(picture: OwnPicture, side: int, share: float, invert: bool) -> Prepared:
    photo = not picture.drawn
    return place(picture.data, side, share, photo=photo, invert=invert, window=picture.window)


def _has_strokes(picture: OwnPicture, side: int, share: float) -> bool:
    """Whether a picture on paper shows strokes; any other photograph may be all ground."""
    return bool(_placed(picture, side, share, True).image.any())


def _on_paper(picture: OwnPicture, shape: Shape) -> bool:
    try:
        return bright_ground(fitted(picture.data, shape, False, picture.window).image)
    except ImageError:
        return False  # told by whoever shows the picture
