"""Which layers a training leaves as they are, and what that makes of the count of trained parameters."""

from __future__ import annotations

from dataclasses import replace

from cnnviz.architectures.summary import NetworkSummary
from cnnviz.errors import SpecError
from cnnviz.specs import ArchitectureSpec, Conv2D, TrainingSpec


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
