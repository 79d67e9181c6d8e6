"""Thin networks without a hidden dense layer: strides against pooling, and depth (report E)."""

from __future__ import annotations

from collections.abc import Sequence

from cnnviz.architectures import parts
from cnnviz.architectures.entry import architecture
from cnnviz.architectures.parameters import Parameter
from cnnviz.specs import ArchitectureSpec, Layer

POOLING = Parameter(
    "pooling",
    "Maps shrink by",
    "strides: the second convolution of a pair moves two pixels at a time. max: it moves one, and the "
    "largest of each 2×2 responses is kept: four times the work in that layer, the same parameters.",
    "choice",
    choices=("strides", "max"),
)
OUTPUT_L1 = Parameter(
    "l1",
    "L1 of the output layer",
    "Penalty on the absolute weights of the last layer; it draws weights that do not help to zero.",
    "float",
    minimum=0,
    maximum=1e6,
    step=0.0001,
)


def _network(
    kernel_size: int, filters: Sequence[int], pooling: str, dropout: float, l1: float
) -> ArchitectureSpec:
    layers: list[Layer] = []
    for block, width in enumerate(filters, start=1):
        layers += [
            parts.conv(block, 1, width, kernel_size),
            parts.conv(block, 2, width, kernel_size, strides=2 if pooling == "strides" else 1),
            *([parts.pool(block)] if pooling == "max" else []),
        ]
    return parts.network(
        layers, parts.dropout(f"block{len(filters)}", dropout), parts.flatten(), parts.classifier(l1)
    )


@architecture(
    "strides-or-pooling",
    title="Strides or pooling",
    description=(
        "Two pairs of convolutions and no hidden dense layer: 37,146 parameters. The maps shrink either "
        "by strides or by max pooling, with the same number of parameters: which is worth its time?"
    ),
    reports=("E3", "E8"),
    dataset="cifar10",
    parameters=(
        parts.kernel_size(),
        POOLING,
        parts.filters("each of the two pairs", 2),
        parts.rate("dropout", "Dropout before the output", "before the last layer"),
        OUTPUT_L1,
    ),
    defaults={"batch_size": 128, "epochs": 20},
)
def strides_or_pooling(
    *,
    kernel_size: int = 3,
    pooling: str = "strides",
    filters: tuple[int, ...] = (16, 32),
    dropout: float = 0.5,
    l1: float = 1e-4,
) -> ArchitectureSpec:
    """`C16k3 C16k3s2 C32k3 C32k3s2 D.5 F N`, or `P2` in place of each stride: 37,146 parameters."""
    return _network(kernel_size, filters, pooling, dropout, l1)


@architecture(
    "thin-deep",
    title="Thinner and deeper",
    description=(
        "Six convolutions in three pairs with 8, 16 and 32 filters: a third fewer parameters than the "
        "network with two pairs, and deeper. Does it overfit less?"
    ),
    reports=("E9",),
    dataset="cifar10",
    parameters=(
        parts.kernel_size(),
        POOLING,
        parts.filters("each of the three pairs", 3),
        parts.rate("dropout", "Dropout before the output", "before the last layer"),
        OUTPUT_L1,
    ),
    defaults={"batch_size": 128, "epochs": 20},
)
def thin_deep(
    *,
    kernel_size: int = 3,
    pooling: str = "strides",
    filters: tuple[int, ...] = (8, 16, 32),
    dropout: float = 0.5,
    l1: float = 1e-4,
) -> ArchitectureSpec:
    """`C8 C8s2 C16 C16s2 C32 C32s2 D.5 F N`: 23,314 parameters on CIFAR-10.

    The report does not repeat L1 here; it keeps the 1e-4 of the network that it is compared with.
    """
    return _network(kernel_size, filters, pooling, dropout, l1)
