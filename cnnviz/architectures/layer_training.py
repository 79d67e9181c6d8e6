"""What a training decides about single layers: frozen ones, penalties, a first layer made by hand.

The maps of a first layer made by hand take the kernels one after the other: first on brightness (the same
weights for every channel), then the same with the sign reversed, since ReLU keeps only one of the two; then,
in colour, on red, green and blue alone, and these reversed; then all over again. Each kernel is scaled so
that its mean squared weight is the variance with which Keras draws random ones (Glorot and Bengio 2010),
2 / (fan in + fan out), so that what follows gets answers of the usual size. Biases are 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cnnviz.architectures.arithmetic import NetworkSummary
from cnnviz.errors import SpecError
from cnnviz.kernels import PRESETS, fitted
from cnnviz.specs import CLASSES, ArchitectureSpec, Conv2D, Dense, TrainingSpec

_ALIKE = 1e-9


def first_convolution(architecture: ArchitectureSpec) -> Conv2D:
    """The convolution that looks at the image.

    Raises:
        SpecError: the network has none.
    """
    for layer in architecture.layers:
        if isinstance(layer, Conv2D):
            return layer
    raise SpecError(
        "The first layer's kernels can be made by hand or frozen only where there is a convolution. "
        "Choose a network with one, or leave training.first_kernels and training.freeze empty."
    )


def frozen_layers(architecture: ArchitectureSpec, training: TrainingSpec) -> frozenset[str]:
    """Names of the layers whose weights stay as they are.

    Raises:
        SpecError: the first convolution is to be frozen or made by hand, and there is none.
    """
    if training.first_kernels:
        first_convolution(architecture)
    if training.freeze == "first":
        return frozenset({first_convolution(architecture).name})
    return frozenset(layer.name for layer in architecture.base) if training.freeze == "base" else frozenset()


def counted(
    summary: NetworkSummary, architecture: ArchitectureSpec, training: TrainingSpec
) -> NetworkSummary:
    """The arithmetic of a network with the parameters that this training trains.

    Raises:
        SpecError: as `frozen_layers`.
    """
    frozen = frozen_layers(architecture, training)
    if not frozen:
        return summary
    layers = (
        replace(layer, trainable_params=0) if layer.name in frozen else layer for layer in summary.layers
    )
    return replace(summary, layers=tuple(layers))


def penalties(layer: Conv2D | Dense, training: TrainingSpec | None) -> tuple[float, float]:
    """Return (l1, l2) of the layer's kernel; biases are never penalised.

    `dense` names every dense layer, the output among them; `output` the last one alone.
    """
    if training is None:
        return layer.l1, layer.l2
    named = ["all", "convolutions"] if isinstance(layer, Conv2D) else ["all", "dense"]
    named += ["output"] if isinstance(layer, Dense) and layer.units == CLASSES else []
    if training.regularize not in named:
        return layer.l1, layer.l2
    return layer.l1 + training.l1, layer.l2 + training.l2


def patterns(size: int) -> dict[str, NDArray[np.float64]]:
    """The hand-made kernels by title, each (size, size).

    Left out are those that fitting makes empty, or the same as an earlier one but for a positive factor.
    """
    kernels: dict[str, NDArray[np.float64]] = {}
    for preset in PRESETS.values():
        square = fitted(preset.weights, size)
        length = float(np.sqrt((square**2).sum()))
        known = [other / np.sqrt((other**2).sum()) for other in kernels.values()]
        if length and all(np.abs(square / length - other).max() > _ALIKE for other in known):
            kernels[preset.title] = square
    return kernels


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
    for position in range(filters):
        sign, chosen = order[position // len(squares) % len(order)]
        kernels[:, :, chosen, position] = sign * squares[position % len(squares)][:, :, None]
    variance = 2 / (size**2 * (channels + filters))
    kernels *= np.sqrt(variance / (kernels**2).mean(axis=(0, 1, 2)))
    return kernels.astype(np.float32)


def uses(channels: int) -> list[tuple[int, list[int]]]:
    """Sign and channels of the first, second, … round through the patterns."""
    every = list(range(channels))
    alone = [(sign, [channel]) for sign in (1, -1) for channel in every] if channels > 1 else []
    return [(1, every), (-1, every), *alone]
