"""Convolution lab, first part: the image, from a data set, of a person's own, or a matrix to count along."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import datasets
from cnnviz.errors import ImageError
from cnnviz.inspection.own_pictures import prepare
from cnnviz.specs import DatasetSpec
from cnnviz.ui import cache, linked, show, state
from cnnviz.ui.components import own_pictures as pictures

IMAGE_KEY, SPLIT_KEY, NUMBER_KEY, CHANNEL_KEY = "lab_image", "lab_split", "lab_number", "lab_channel"
ALL = "all"
#: Key of the own pictures.
OWN = "lab_own"
_TYPED = "typed"
_SPLITS = {"test": "Test", "train": "Training"}
#: Larger pictures are made so small: each pixel must be seen on a projector.
SIDE = 64
#: Names of the channels of a colour image.
COLOURS = ("red", "green", "blue")


class Picture(NamedTuple):
    """The image that the window slides over."""

    pixels: NDArray[np.uint8]  # (H, W, C)
    channels: tuple[str, ...]  # their names
    title: str
    note: str = ""  # what was done to it
    highest: int = 255  # what is shown as white


def pick() -> Picture:
    """Let the visitor choose an image and its channels; all of it stands in the link, own pictures aside."""
    local = [
        name
        for name in datasets.names()
        if datasets.availability(name) != "download" and not datasets.entry(name).problem
    ]
    chosen = state.draft().dataset.name
    with show.row("xsmall"):
        name = linked.select(
            "Image",
            [*local, *MATRICES, _TYPED],
            key=IMAGE_KEY,
            default=chosen if chosen in local else state.DEFAULT_DATASET,
            names=_title,
            help="Data sets of this machine.",
            hidden=True,
            width=150,
            on_change=lambda: pictures.leave(OWN),
        )
        which = st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content")
        picture = None
        if own := pictures.own(OWN, channels=3).current:
            with show.guard():
                prepared = prepare(own.data, (SIDE, SIDE, 3), window=own.window)
                title = f"{own.title}, made {SIDE} × {SIDE}"
                picture = Picture(prepared.image, COLOURS, title, "; ".join(prepared.steps))
        if picture is None and name not in MATRICES:
            with which, show.guard():
                picture = _matrix(typed_numbers()) if name == _TYPED else _numbered(name)
        picture = _channels(picture or _matrix(MATRICES.get(name, MATRICES["matrix"])))
        st.caption(show.plain(picture.title), width="content", help=picture.note or None)
    return picture


def _title(name: str) -> str:
    if name == _TYPED:
        return "Own numbers"
    if name in MATRICES:
        height, width = MATRICES[name].shape
        return f"Matrix {height} × {width}"
    return datasets.entry(name).title


def _matrix(values: NDArray[np.uint8]) -> Picture:
    """Whole numbers (H, W) as a grey picture; the largest is white."""
    return Picture(values[..., None], ("grey",), "whole numbers", highest=max(int(values.max()), 1))


def _numbered(name: str) -> Picture:
    dataset = cache.dataset(DatasetSpec(name=name))
    split = linked.segments("Images", _SPLITS, key=SPLIT_KEY)
    images = dataset.full_train if split == "train" else dataset.full_test
    last = len(images) - 1
    stored = f"0 to {last:,}, as the images are stored."
    index = linked.number("Number", 0, last, key=NUMBER_KEY, hidden=True, width=150, help=stored)
    pixels, note = _shrunk(images.images_at([index])[0])
    label = dataset.class_names[int(images.labels[index])]
    label += f", made {pixels.shape[0]} × {pixels.shape[1]}" if note else ""
    names = COLOURS if pixels.shape[2] == 3 else ("grey",)
    return Picture(pixels, names, label, note)


def _shrunk(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], str]:
    """An image (H, W, C) at most SIDE pixels a side, means of squares, by a whole factor; and how."""
    factor = -(-max(pixels.shape[:2]) // SIDE)
    if factor == 1:
        return pixels, ""
    height, width = (side // factor for side in pixels.shape[:2])
    kept = pixels[: height * factor, : width * factor].astype(np.float64)
    means = kept.reshape(height, factor, width, factor, -1).mean(axis=(1, 3))
    return np.rint(means).astype(np.uint8), f"Each pixel is the mean of {factor} × {factor} of the image's."


def _channels(picture: Picture) -> Picture:
    """All channels, or the chosen one."""
    if len(picture.channels) == 1:
        return picture
    chosen = linked.select(
        "Channels",
        [ALL, *picture.channels],
        key=CHANNEL_KEY,
        default=ALL,
        names=lambda name: "All channels" if name == ALL else name.capitalize(),
        help="With all channels a kernel has weights for each, and all products are added to one output.",
        hidden=True,
        width=140,
    )
    if chosen == ALL:
        return picture
    place = picture.channels.index(chosen)
    return picture._replace(pixels=picture.pixels[..., place : place + 1], channels=(chosen,))


NUMBERS_KEY = "lab_numbers"
LARGEST, HIGHEST = 16, 255
_START = "1 3 2 1; 4 6 5 0; 3 1 0 2; 1 2 4 8"

#: An 8, and report C's matrix (C3).
MATRICES = {
    "matrix": np.array(
        [
            [0, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 5, 9, 9, 5, 0, 0],
            [0, 0, 9, 0, 0, 9, 0, 0],
            [0, 0, 5, 9, 9, 5, 0, 0],
            [0, 0, 9, 0, 0, 9, 0, 0],
            [0, 0, 9, 0, 0, 9, 0, 0],
            [0, 0, 5, 9, 9, 5, 0, 0],
            [0, 0, 0, 0, 0, 0, 0, 0],
        ],
        np.uint8,
    ),
    "matrix-4": np.array([[1, 3, 2, 1], [4, 6, 5, 0], [3, 1, 0, 2], [1, 2, 4, 8]], np.uint8),
}


def typed_numbers() -> NDArray[np.uint8]:
    """The matrix (H, W) that the visitor types; it stands in the link.

    Raises:
        ImageError: what is typed is no matrix that can be shown.
    """
    text = st.text_input(
        "Numbers",
        _START,
        key=NUMBERS_KEY,
        **linked.IN_LINK,
        width=330,
        label_visibility="collapsed",
        help="Rows end with a semicolon; spaces or commas between the numbers.",
    )
    return read_numbers(text or _START)


def read_numbers(text: str) -> NDArray[np.uint8]:
    """Rows of whole numbers as a matrix (H, W).

    Args:
        text: rows separated by `;` or line ends, numbers by spaces or commas.
    Raises:
        ImageError: rows of different lengths, another number than 0 to 255, or too many.
    """
    rows = [re.split(r"[\s,]+", row.strip()) for row in re.split(r"[;\n]", text) if row.strip()]
    lengths = {len(row) for row in rows}
    if not rows or max(len(rows), *lengths) > LARGEST:
        raise ImageError(f"Type 1 to {LARGEST} rows of at most {LARGEST} numbers each, such as '{_START}'.")
    if len(lengths) > 1:
        counts = ", ".join(str(len(row)) for row in rows)
        raise ImageError(f"All rows must have the same number of numbers; these have {counts}.")
    for number in (number for row in rows for number in row):
        if not re.fullmatch(r"\d{1,3}", number) or int(number) > HIGHEST:
            raise ImageError(f"'{number}' is no whole number from 0 to {HIGHEST}, as pixels are.")
    return np.array([[int(number) for number in row] for row in rows], np.uint8)
