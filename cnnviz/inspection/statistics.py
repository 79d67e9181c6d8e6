"""Numbers about feature maps: range, share of zeros, dead maps, sharpness. Plain numpy."""

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
        """Maps that are 0 everywhere for this image. (For another image they may speak.)"""
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
