"""Convolution lab: the weights of an edited kernel as text, for the link."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LARGEST = 63  # rows of a kernel: pictures have at most 64
LINKED = 8000  # letters of a text that a link can carry
_FARTHEST = 1e6  # a weight


def write(kernel: Floats) -> str:
    """Weights (C, m, m) as text: `|` between channels, `;` between rows, `,` between numbers.

    Channels that are all alike are written once.
    """
    alike = bool((kernel == kernel[0]).all())
    squares = kernel[:1] if alike else kernel
    return "|".join(";".join(",".join(f"{x:.6g}" for x in row) for row in square) for square in squares)


def read(text: str) -> Floats | None:
    """Weights (1 or 3, m, m) from their text; None where it is no square of finite numbers."""
    try:
        values = np.array([[row.split(",") for row in s.split(";")] for s in text.split("|")], np.float64)
    except ValueError:
        return None
    if values.ndim != 3 or values.shape[1] != values.shape[2] or values.shape[1] > LARGEST:
        return None
    return values if values.shape[0] in (1, 3) and (np.abs(values) <= _FARTHEST).all() else None
