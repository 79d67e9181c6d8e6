"""The part of the Keras script that puts hand-made kernels into the first layer, and freezes layers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnviz.architectures.frozen import first_convolution, frozen_layers
from cnnviz.architectures.hand_made import patterns, uses
from cnnviz.specs import ArchitectureSpec, TrainingSpec


def imports(training: TrainingSpec | None) -> list[str]:
    """Lines for the libraries that the part needs, besides Keras."""
    return ["import numpy as np"] if training and training.first_kernels else []


def first_lines(architecture: ArchitectureSpec, training: TrainingSpec | None, channels: int) -> list[str]:
    """Lines that change `model`, before it is compiled."""
    if training is None:
        return []
    lines = _hand_made(architecture, channels) if training.first_kernels else []
    frozen = frozen_layers(architecture, training)
    if not frozen:
        return lines
    names = [layer.name for layer in architecture.layers if layer.name in frozen]
    return [
        *lines,
        "# These layers keep their weights.",
        f"for name in {names!r}:" if len(repr(names)) < 100 else "for name in [",
        *([] if len(repr(names)) < 100 else [*(f'    "{name}",' for name in names), "]:"]),
        "    model.get_layer(name).trainable = False",
        "",
    ]


def _hand_made(architecture: ArchitectureSpec, channels: int) -> list[str]:
    first = first_convolution(architecture)
    rows = [
        line
        for title, square in patterns(first.kernel_size).items()
        for line in (f"    [  # {title}", *(f"        [{_numbers(row)}]," for row in square), "    ],")
    ]
    return [
        "# Kernels made by hand for the first layer, one after the other: on all channels, reversed, then on",
        "# single channels; scaled to the variance that random ones would have.",
        "SQUARES = np.array([",
        *rows,
        "])",
        "USES = [  # sign and channels of each round",
        *(f"    {use}," for use in uses(channels)),
        "]",
        f'first = model.get_layer("{first.name}")',
        "kernels = np.zeros(first.kernel.shape)",
        "size, _, channels, filters = kernels.shape",
        "for i in range(filters):",
        "    sign, chosen = USES[i // len(SQUARES) % len(USES)]",
        "    kernels[:, :, chosen, i] = sign * SQUARES[i % len(SQUARES)][:, :, None]",
        "kernels *= np.sqrt(2 / (size**2 * (channels + filters)) / (kernels**2).mean(axis=(0, 1, 2)))",
        "first.kernel.assign(kernels)",
        "",
    ]


def _numbers(row: NDArray[np.float64]) -> str:
    return ", ".join(f"{value:.6g}" for value in row)
