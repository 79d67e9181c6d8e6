"""Coarse maps brought to the image's size, as the papers on class activation maps do it. Plain numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def enlarge(values: Floats, height: int, width: int) -> NDArray[np.float32]:
    """Interpolate linearly in both directions (h, w) → (height, width).

    A value stands for the middle of its cell, so that nothing is shifted; beyond the outermost middles
    the outermost values go on.
    """
    rows = _weights(values.shape[0], height)
    columns = _weights(values.shape[1], width)
    return np.asarray(rows @ values.astype(np.float64) @ columns.T, np.float32)


def _weights(before: int, after: int) -> NDArray[np.float64]:
    """Share of each of `before` values in each of `after` ones: (after, before), rows sum to 1."""
    middles = np.clip((np.arange(after) + 0.5) * before / after - 0.5, 0, before - 1)
    return np.maximum(0, 1 - np.abs(middles[:, None] - np.arange(before)))
