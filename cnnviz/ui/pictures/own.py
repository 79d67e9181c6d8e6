"""The popover for own pictures: upload some, draw one, or take one with the camera."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cnnviz.ui.pictures.canvas import canvas, forget

TYPES = ("png", "jpg", "jpeg", "webp")
_MEGABYTES, _MOST = 32, 20


class OwnPicture(NamedTuple):
    """One picture as it was brought: a PNG, JPEG or WebP file's content, not yet checked."""

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
        found = _first((upload.open, uploaded), (draw.open, drawn), (camera.open, taken))
        if found:
            st.button(
                "Back to the data set",
                key=f"{key}_back",
                icon=":material/undo:",
                on_click=_away,
                args=(key, turn),
                width="stretch",
            )
    return OwnPictures(found, min(int(st.session_state.get(f"{key}_chosen", 0)), max(len(found) - 1, 0)))


def choose(key: str, position: int) -> None:
    """Look at another one of several own pictures; for callbacks."""
    st.session_state[f"{key}_chosen"] = position


def leave(key: str) -> None:
    """Take all own pictures away, so that the data set's image is looked at; for callbacks."""
    _away(key, int(st.session_state.get(f"{key}_turn", 0)))


def _uploaded(key: str, turn: int) -> tuple[OwnPicture, ...]:
    files: Sequence[UploadedFile] = st.file_uploader(
        "PNG, JPEG or WebP: one or several",
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


def _first(*sources: tuple[bool | None, tuple[OwnPicture, ...]]) -> tuple[OwnPicture, ...]:
    """The pictures of the open source; else of the first that has any."""
    ordered = sorted(sources, key=lambda source: not source[0])
    return next((pictures for _, pictures in ordered if pictures), ())


def _away(key: str, turn: int) -> None:
    forget(f"{key}_canvas_{turn}")
    st.session_state[f"{key}_turn"] = turn + 1
    choose(key, 0)
