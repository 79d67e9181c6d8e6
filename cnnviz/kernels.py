"""Kernels made by hand, each with what it does: to be tried in the lab, and compared with learned ones.

Numpy only. The kernels are used as they stand here, not turned over: see `cnnviz.convolution`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Preset(NamedTuple):
    """One kernel made by hand."""

    title: str
    weights: Floats  # (m, m), m odd
    does: str  # in one sentence

    @property
    def sum(self) -> float:
        """What an even area is multiplied by: 1 keeps it, 0 makes it vanish."""
        return float(self.weights.sum())


def gabor(size: int = 5, angle: float = 0.0, wavelength: float = 4.0, sigma: float = 1.6) -> Floats:
    """Stripes under a bell curve, with a sum of 0 and a sum of absolute weights of 2.

    Args:
        size: odd number of rows and columns.
        angle: in degrees, the direction in which brightness changes: 0 finds upright lines.
        wavelength: pixels from one stripe to the next.
        sigma: width of the bell in pixels.
    Returns:
        shape (size, size).
    Source: Daugman 1985, with the even (cosine) phase; the mean is taken off so that even areas give 0.
    """
    middle = size // 2
    y, x = np.mgrid[-middle : middle + 1, -middle : middle + 1].astype(np.float64)
    turned = x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle))
    bell = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    waves = bell * np.cos(2 * math.pi * turned / wavelength)
    waves -= bell * (waves.sum() / bell.sum())
    return np.asarray(2 * waves / np.abs(waves).sum())


def _grid(*rows: tuple[float, ...], over: float = 1.0) -> Floats:
    return np.array(rows, np.float64) / over


_ANGLES = {0: "upright", 45: "rising to the right", 90: "level", 135: "falling to the right"}

PRESETS: dict[str, Preset] = {
    "identity": Preset("Identity", _grid((0, 0, 0), (0, 1, 0), (0, 0, 0)), "Leaves the image as it is."),
    "box-blur": Preset(
        "Box blur", np.full((3, 3), 1 / 9), "Takes the mean of nine neighbours: fine detail is lost."
    ),
    "gaussian-blur": Preset(
        "Gaussian blur",
        _grid((1, 2, 1), (2, 4, 2), (1, 2, 1), over=16),
        "Takes a mean in which near neighbours count more: softer than the box.",
    ),
    "sharpen": Preset(
        "Sharpen",
        _grid((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
        "Adds to each pixel its difference from its neighbours: edges stand out.",
    ),
    "bright-sharpen": Preset(
        "Sharpen and brighten",
        _grid((0, -1, 0), (-1, 8, -1), (0, -1, 0)),
        "Its weights sum to 4: even areas become four times as bright, edges are stressed (report E, E2).",
    ),
    "sobel-x": Preset(
        "Sobel, upright edges",
        _grid((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
        "Right minus left, smoothed along the edge: answers to upright edges.",
    ),
    "sobel-y": Preset(
        "Sobel, level edges",
        _grid((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
        "Below minus above, smoothed along the edge: answers to level edges.",
    ),
    "prewitt-x": Preset(
        "Prewitt, upright edges",
        _grid((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)),
        "Right minus left, with equal weights: answers to upright edges.",
    ),
    "prewitt-y": Preset(
        "Prewitt, level edges",
        _grid((-1, -1, -1), (0, 0, 0), (1, 1, 1)),
        "Below minus above, with equal weights: answers to level edges.",
    ),
    "laplacian": Preset(
        "Laplacian",
        _grid((0, 1, 0), (1, -4, 1), (0, 1, 0)),
        "The four neighbours minus the middle: answers to edges of every direction.",
    ),
    "laplacian-diagonal": Preset(
        "Laplacian with diagonals",
        _grid((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
        "The middle minus all eight neighbours: edges and single points (report E, E1).",
    ),
    "emboss": Preset(
        "Emboss",
        _grid((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
        "Lower right minus upper left, and the image itself: it looks like a relief lit from one corner.",
    ),
    **{
        f"gabor-{angle}": Preset(
            f"Gabor, {angle}°", gabor(5, angle), f"Stripes {words}: answers to lines of that direction."
        )
        for angle, words in _ANGLES.items()
    },
}


def fitted(kernel: Floats, size: int) -> Floats:
    """The kernel with zeros around it, or cut at its edges, so that it has `size` rows and columns.

    Args:
        kernel: shape (m, m), m odd.
        size: at least 1; an even size gets the additional row and column at the end.
    Returns:
        shape (size, size).
    """
    m = kernel.shape[0]
    result = np.zeros((size, size))
    kept = min(m, size)
    source, target = (m - kept) // 2, (size - kept) // 2
    result[target : target + kept, target : target + kept] = kernel[
        source : source + kept, source : source + kept
    ]
    return result


_DRAWS, _SEED, _SHARE = 2000, 0, 95


class Match(NamedTuple):
    """A learned kernel and what it is most like."""

    position: int  # of the learned kernel, counted from 0
    name: str  # of the hand-made one, in `PRESETS`
    cosine: float  # −1 to 1; 0 for a kernel that is 0 everywhere


def cosine_similarities(
    kernel: NDArray[np.floating], squares: Mapping[str, Floats]
) -> tuple[list[str], Floats]:
    """Cosine similarity of every learned kernel with every hand-made one.

    Args:
        kernel: (k, k, C, F), as Keras stores them.
        squares: (m, m) by name; one that is 0 everywhere at this size is left out.
    Returns:
        The N names that remain, and float64 (F, N).
    """
    size = kernel.shape[0]
    known = {name: fitted(square, size).ravel() for name, square in squares.items()}
    known = {name: square for name, square in known.items() if square.any()}
    learned = kernel.astype(np.float64).sum(axis=2).reshape(size * size, -1).T  # (F, k²)
    return list(known), _unit(learned) @ _unit(np.array(list(known.values()))).T


def _unit(rows: Floats) -> Floats:
    """Rows of length 1; a row of zeros stays."""
    # First by the largest value: squares of tiny numbers would be 0.
    largest = np.abs(rows).max(axis=1, keepdims=True)
    rows = np.divide(rows, largest, out=np.zeros_like(rows), where=largest > 0)
    length = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)


def best_matches(kernel: NDArray[np.floating]) -> list[Match]:
    """The most alike hand-made kernel of each learned one (sign ignored), the best match first.

    Args:
        kernel: (k, k, C, F) of the first convolution.
    """
    names, cosines = cosine_similarities(kernel, _presets())
    best = np.abs(cosines).argmax(axis=1)
    matches = [
        Match(place, names[column], float(np.clip(cosines[place, column], -1, 1)))
        for place, column in enumerate(best)
    ]
    return sorted(matches, key=lambda match: -abs(match.cosine))


@cache
def by_chance(size: int) -> float:
    """The |cosine| of its best match that 95 % of random kernels of this size stay below.

    2,000 kernels of independent Gaussian weights, from a fixed seed. (Summing random kernels over colours
    gives such kernels again, so that the number of channels does not matter.)
    """
    random = np.random.default_rng(_SEED).normal(size=(size, size, 1, _DRAWS))
    _, cosines = cosine_similarities(random, _presets())
    return float(np.percentile(np.abs(cosines).max(axis=1), _SHARE))


def _presets() -> dict[str, Floats]:
    return {name: preset.weights for name, preset in PRESETS.items()}
