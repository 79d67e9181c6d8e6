"""Numbers about feature maps: range, share of zeros, dead maps, sharpness; and their differences.

Plain numpy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


class MapStatistics(NamedTuple):
    """One entry a map; every field has shape (K,)."""

    minimum: Floats
    maximum: Floats
    mean: Floats
    zeros: Floats  # share of values that are exactly 0, between 0 and 1
    sharpness: Floats  # see `sharpness`; NaN where it has no meaning

    @property
    def dead(self) -> NDArray[np.bool_]:
        """Which maps are 0 everywhere for this image, bool (K,); for another image they may answer."""
        return np.asarray(self.zeros == 1)


def map_statistics(values: Floats) -> MapStatistics:
    """Describe each map of one layer for one image.

    Args:
        values: shape (H, W, K), or (K,) for a layer of single numbers.
    """
    flat = values.reshape(-1, values.shape[-1])
    return MapStatistics(
        minimum=flat.min(axis=0),
        maximum=flat.max(axis=0),
        mean=flat.mean(axis=0, dtype=np.float64),
        zeros=(flat == 0).mean(axis=0),
        sharpness=sharpness(values),
    )


class LayerNumbers(NamedTuple):
    """A layer's answer to one image in four numbers."""

    sharpness: float  # median of the maps that have one; NaN where none has
    dead: float  # share of maps that are 0 everywhere
    zeros: float  # share of values that are exactly 0
    mean: float

    @classmethod
    def of(cls, numbers: MapStatistics) -> LayerNumbers:
        """Summarise all maps."""
        known = numbers.sharpness[np.isfinite(numbers.sharpness)]
        middle = float(np.median(known)) if len(known) else float("nan")
        return cls(
            middle, float(numbers.dead.mean()), float(numbers.zeros.mean()), float(numbers.mean.mean())
        )


class Difference(NamedTuple):
    """One number of two layers, over the same images."""

    first: float  # means over the images
    second: float
    first_spread: float  # standard deviations over the images
    second_spread: float
    low: float  # 95 % interval of the mean of first − second
    high: float
    larger: float  # share of images in which the first is larger
    n: int  # images that have a number on both sides

    @classmethod
    def of(cls, first: Floats, second: Floats) -> Difference | None:
        """Compare image by image; None where fewer than two images have a number on both sides.

        The interval is the normal one, mean ± 1.96 standard errors of the paired differences: for the
        hundreds of images that it is used with, it is the t interval to two digits.

        Args:
            first, second: one number an image, shape (n,); NaN: none.
        """
        known = np.isfinite(first) & np.isfinite(second)
        a, b = first[known].astype(np.float64), second[known].astype(np.float64)
        if len(a) < 2:
            return None
        gap = a - b
        half = 1.959964 * float(gap.std(ddof=1)) / len(gap) ** 0.5
        middle = float(gap.mean())
        return cls(
            float(a.mean()),
            float(b.mean()),
            float(a.std(ddof=1)),
            float(b.std(ddof=1)),
            middle - half,
            middle + half,
            float((gap > 0).mean()),
            len(a),
        )


def explained_share(image: NDArray[np.generic], values: Floats) -> float:
    """How much of an image its maps hold: R² of the image as a weighted sum of them, by least squares.

    Every map is enlarged to the image's size by repeating its values. 1: the image can be put together from
    the maps; 0: they tell nothing of it but its mean.

    Args:
        image: shape (H, W, C).
        values: one layer's maps for it, shape (h, w, K), no larger than the image.
    Returns:
        A share between 0 and 1; NaN for an image of one colour.
    """
    height, width, channels = image.shape
    rows = np.arange(height) * values.shape[0] // height
    columns = np.arange(width) * values.shape[1] // width
    maps = values[rows][:, columns].reshape(height * width, -1).astype(np.float64)
    pixels = image.reshape(-1, channels).astype(np.float64)
    pixels -= pixels.mean(axis=0)
    total = float((pixels**2).sum())
    if not total:
        return float("nan")
    maps -= maps.mean(axis=0)
    weights = np.linalg.lstsq(maps, pixels, rcond=None)[0]
    return float(np.clip(1 - ((pixels - maps @ weights) ** 2).sum() / total, 0, 1))


def sharpness(values: Floats) -> Floats:
    """Mean squared Laplacian of each map, divided by the map's variance.

    The Laplacian (4 neighbours) answers to edges and fine detail; its variance is a common measure
    of focus. Dividing by the map's own variance makes maps of different strength comparable: smooth
    maps come near 0, pure noise to 20, a chessboard to 64. The outermost values are left out of the
    Laplacian, since zero padding makes edges there that the image does not have.

    Returns:
        float64, shape (K,); NaN for a constant map and for maps smaller than 3×3.
    Source: Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy" (LAP4 in the
        comparison of Pertuz, Puig and Garcia 2013); the division by the variance is ours.
    """
    maps = values.astype(np.float64)
    if maps.ndim != 3 or min(maps.shape[:2]) < 3:
        return np.full(maps.shape[-1], np.nan)
    middle = maps[1:-1, 1:-1]
    laplacian = maps[:-2, 1:-1] + maps[2:, 1:-1] + maps[1:-1, :-2] + maps[1:-1, 2:] - 4 * middle
    variance = maps.var(axis=(0, 1))
    energy = (laplacian**2).mean(axis=(0, 1))
    return np.divide(energy, variance, out=np.full(maps.shape[-1], np.nan), where=variance > 0)
