"""Images that say as little as possible, made from the one that is explained. Plain numpy."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
BaselineName = Literal["black", "grey", "white", "mean", "blurred"]
#: Standard deviation of the blur, as a share of the image's side: nothing but broad patches remains.
BLUR = 1 / 8


def baseline(image: Floats, name: BaselineName) -> Floats:
    """An image of the same shape (H, W, C), from 0 to 1.

    "mean" is the image's own mean colour, "blurred" the image after `blur` with an eighth of its side.
    """
    if name == "blurred":
        return blur(image, BLUR * max(image.shape[:2]))
    level = {"black": 0.0, "grey": 0.5, "white": 1.0, "mean": image.mean(axis=(0, 1))}[name]
    return np.broadcast_to(np.asarray(level, np.float32), image.shape).copy()


def blur(image: Floats, sigma: float) -> Floats:
    """Convolve (H, W, C) with a Gaussian of `sigma` pixels; the outermost pixels go on beyond the edge."""
    reach = int(np.ceil(4 * sigma))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    bell /= bell.sum()
    result = image.astype(np.float64)
    for axis in (0, 1):
        padding = [(reach, reach) if padded_axis == axis else (0, 0) for padded_axis in range(3)]
        padded = np.pad(result, padding, mode="edge")
        result = np.apply_along_axis(np.convolve, axis, padded, bell, "valid")
    return result.astype(np.float32)
