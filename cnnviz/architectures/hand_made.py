"""Kernels made by hand for a network's first layer, in place of random ones.

The maps take the hand-made kernels one after the other: first on brightness (the same weights for every
channel), then the same with the sign reversed, since ReLU keeps only one of the two; then, in colour, on
red, green and blue alone, and these reversed; then all over again. Each kernel is scaled so that its mean
squared weight is the variance with which Keras draws random ones (Glorot and Bengio 2010), 2 / (fan in +
fan out), so that what follows gets answers of the usual size. Biases are 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnviz.kernels import PRESETS, fitted

_ALIKE = 1e-9


def patterns(size: int) -> dict[str, NDArray[np.float64]]:
    """The hand-made kernels by title, fitted to a size; without those that this makes empty, or the same
    as an earlier one but for a positive factor.
    """
    found: dict[str, NDArray[np.float64]] = {}
    for preset in PRESETS.values():
        square = fitted(preset.weights, size)
        length = float(np.sqrt((square**2).sum()))
        known = [other / np.sqrt((other**2).sum()) for other in found.values()]
        if length and all(np.abs(square / length - other).max() > _ALIKE for other in known):
            found[preset.title] = square
    return found


def hand_made(size: int, channels: int, filters: int) -> NDArray[np.float32]:
    """Kernels for a first convolution.

    Args:
        size: rows and columns of a kernel.
        channels: of the image.
        filters: number of maps.
    Returns:
        float32, shape (size, size, channels, filters), as Keras stores them.
    """
    squares = list(patterns(size).values())
    kernels = np.zeros((size, size, channels, filters))
    order = uses(channels)
    for place in range(filters):
        sign, chosen = order[place // len(squares) % len(order)]
        kernels[:, :, chosen, place] = sign * squares[place % len(squares)][:, :, None]
    variance = 2 / (size**2 * (channels + filters))
    kernels *= np.sqrt(variance / (kernels**2).mean(axis=(0, 1, 2)))
    return kernels.astype(np.float32)


def uses(channels: int) -> list[tuple[int, list[int]]]:
    """Sign and channels of the first, second, … round through the patterns."""
    every = list(range(channels))
    alone = [(sign, [channel]) for sign in (1, -1) for channel in every] if channels > 1 else []
    return [(1, every), (-1, every), *alone]
