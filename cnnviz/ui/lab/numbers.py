"""Convolution lab: small matrices of whole numbers, so that every sum can be done in the head."""

from __future__ import annotations

import re

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.errors import ImageError

KEY = "lab_numbers"
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


def typed() -> NDArray[np.uint8]:
    """The matrix that the visitor types; it stands in the link.

    Raises:
        ImageError: what is typed is no matrix that can be shown.
    """
    text = st.text_input(
        "Numbers",
        _START,
        key=KEY,
        bind="query-params",
        persist_state="session",
        width=330,
        label_visibility="collapsed",
        help="Rows end with a semicolon; spaces or commas between the numbers.",
    )
    return read(text or _START)


def read(text: str) -> NDArray[np.uint8]:
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
        told = ", ".join(str(len(row)) for row in rows)
        raise ImageError(f"All rows must have the same number of numbers; these have {told}.")
    for number in (number for row in rows for number in row):
        if not re.fullmatch(r"\d{1,3}", number) or int(number) > HIGHEST:
            raise ImageError(f"'{number}' is no whole number from 0 to {HIGHEST}, as pixels are.")
    return np.array([[int(number) for number in row] for row in rows], np.uint8)
