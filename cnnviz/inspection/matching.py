"""Learned kernels beside hand-made ones: which one each is most like, and whether chance would do as well.

The measure is the cosine between a learned kernel, summed over its colour channels (what it does to
brightness), and a hand-made one fitted to its size: 1 the same up to its strength, 0 nothing in common, −1
the same with dark and bright exchanged. Neither is made free of its mean. Plain numpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.kernels import PRESETS, fitted

Floats = NDArray[np.float64]
_DRAWS, _SEED, _SHARE = 2000, 0, 95


class Match(NamedTuple):
    """A learned kernel and what it is most like."""

    position: int  # of the learned kernel, counted from 0
    name: str  # of the hand-made one, in `PRESETS`
    cosine: float  # −1 to 1; 0 for a kernel that is 0 everywhere


def likeness(kernel: NDArray[np.floating], squares: Mapping[str, Floats]) -> tuple[list[str], Floats]:
    """Cosines between every learned kernel and every hand-made one.

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
    names, cosines = likeness(kernel, _presets())
    best = np.abs(cosines).argmax(axis=1)
    found = [
        Match(place, names[column], float(np.clip(cosines[place, column], -1, 1)))
        for place, column in enumerate(best)
    ]
    return sorted(found, key=lambda match: -abs(match.cosine))


@cache
def by_chance(size: int) -> float:
    """The |cosine| of its best match that 95 % of random kernels of this size stay below.

    2,000 kernels of independent Gaussian weights, from a fixed seed. (Summing random kernels over colours
    gives such kernels again, so that the number of channels does not matter.)
    """
    random = np.random.default_rng(_SEED).normal(size=(size, size, 1, _DRAWS))
    _, cosines = likeness(random, _presets())
    return float(np.percentile(np.abs(cosines).max(axis=1), _SHARE))


def _presets() -> dict[str, Floats]:
    return {name: preset.weights for name, preset in PRESETS.items()}
