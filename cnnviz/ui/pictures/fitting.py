"""From a person's own picture to the image that a network takes, with the switches that matter for it."""

from __future__ import annotations

import io

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image, ImageOps

from cnnviz.errors import ImageError
from cnnviz.inspection.images import Prepared, bright_ground, prepare
from cnnviz.inspection.placing import SHARES, place
from cnnviz.ui.pictures.own import OwnPicture

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
    if shape[2] != 1:
        return fitted(picture.data, shape, False)
    if picture.drawn and dataset in SHARES:
        as_digits = st.toggle(
            "Place it as in training",
            True,
            key=f"{key}_place",
            help="The network has only seen digits of one size in the middle. Off: as it was drawn.",
        )
        return _placed(picture.data, shape[0], SHARES[dataset]) if as_digits else _plain(picture, shape)
    if picture.drawn:
        return _plain(picture, shape)
    invert = st.toggle(
        "Exchange dark and bright",
        _on_paper(picture.data, shape),
        key=f"{key}_invert_{picture.title}",
        help="The networks of this data set have learnt bright strokes on a dark ground.",
    )
    return fitted(picture.data, shape, invert)


def automatic(picture: OwnPicture, shape: Shape) -> NDArray[np.uint8]:
    """The image without any switch: writing on paper is turned to bright on dark for a grey network.

    Raises:
        ImageError: not a picture that can be read.
    """
    return fitted(picture.data, shape, shape[2] == 1 and _on_paper(picture.data, shape)).image


@st.cache_data(max_entries=64, show_spinner=False)
def small(data: bytes, side: int = 128) -> bytes:
    """The picture as it was brought, as a PNG of at most `side` pixels a side."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((side, side))
    upright.save(out, "PNG")
    return out.getvalue()


def _plain(picture: OwnPicture, shape: Shape) -> Prepared:
    return fitted(picture.data, shape, False)


@st.cache_data(max_entries=64, show_spinner=False)
def fitted(data: bytes, shape: Shape, invert: bool) -> Prepared:
    """As `cnnviz.inspection.images.prepare`; a large photograph is decoded once."""
    return prepare(data, shape, invert=invert)


@st.cache_data(max_entries=64, show_spinner=False)
def _placed(data: bytes, side: int, share: float) -> Prepared:
    return place(data, side, share)


def _on_paper(data: bytes, shape: Shape) -> bool:
    try:
        return bright_ground(fitted(data, shape, False).image)
    except ImageError:
        return False  # told by whoever shows the picture
