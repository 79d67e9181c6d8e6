"""Networks that shrink their maps with strides (report D), strides against pooling, thin ones (report E)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from cnnviz.architectures import parts
from cnnviz.architectures.architecture_entry import architecture
from cnnviz.specs import ArchitectureSpec, Layer, Setting
from cnnviz.specs.experiment import REGULARIZATION

Stride = Annotated[
    int,
    parts.whole(
        "Stride", "Step of the window in pixels: with 2, a map has half the rows and columns.", 1, 255
    ),
]
Pooling = Annotated[
    Literal["strides", "max"],
    Setting(
        "Maps shrink by",
        "strides: the second convolution of a pair moves two pixels at a time. max: it moves one, and the "
        "largest of each 2×2 responses is kept: four times the work in that layer, the same parameters.",
        noun="maps shrink by",
    ),
]
OutputDropout = Annotated[float, parts.rate("Dropout before the output", "before the last layer")]
OutputL1 = Annotated[
    float,
    Setting(
        "L1 of the output layer",
        "Penalty on the absolute weights of the last layer; it draws weights that do not help to zero.",
        minimum=0,
        maximum=1e6,
        step=0.0001,
        group=REGULARIZATION,
        noun="L1 of the output",
        tries=(0.0, 0.0001, 0.01),
    ),
]


@architecture(
    "strided",
    order=50,
    title="Strided convolutions",
    description=(
        "Two convolutions whose window moves two pixels at a time, so that the maps shrink fourfold a "
        "layer and the network is quick. Try 8 filters for 32, or stride 4 for 2."
    ),
    reports=("D1", "D3"),
    dataset="mnist",
    defaults={"batch_size": 128},
)
def strided(
    *,
    kernel_size: parts.KernelSize = 3,
    filters: Annotated[
        int, parts.whole("Filters", "Feature maps of each of the two convolutions.", 1, 4096)
    ] = 32,
    stride: Stride = 2,
    dropout: parts.PooledDropout = 0.25,
    dense: parts.DenseUnits = 392,
    dense_dropout: parts.DenseDropout = 0.5,
) -> ArchitectureSpec:
    """`C32k3s2v C32k3s2v P2 D F N392 D N`: 126,786 parameters on MNIST.

    The report names no rates for its dropout layers: .25 and .5 here, as in the other reports.
    """
    return parts.network(
        parts.conv(1, 1, filters, kernel_size, padding="valid", strides=stride),
        parts.conv(1, 2, filters, kernel_size, padding="valid", strides=stride),
        parts.pool(1),
        parts.dropout("block1", dropout),
        parts.flatten(),
        parts.hidden(1, dense, dense_dropout),
        parts.classifier(),
    )


@architecture(
    "small-strided",
    order=60,
    title="Small strided network",
    description=(
        "Strides, pooling and one more convolution leave a single pixel with 16 channels; three dense "
        "layers, each larger than the one before, make the decision from these 16 numbers."
    ),
    reports=("D9",),
    dataset="cifar10",
    defaults={"batch_size": 128, "epochs": 30},
)
def small_strided(
    *,
    kernel_size: Annotated[
        int,
        replace(
            parts.KERNEL_SIZE, help=f"{parts.KERNEL_SIZE.help} From 5 on, 32×32 images are too small for it."
        ),
    ] = 3,
    filters: Annotated[tuple[int, ...], parts.filters("the first two convolutions and the last one", 2)] = (
        32,
        16,
    ),
    stride: Stride = 2,
    dropout: Annotated[
        float, parts.rate("Dropout", "after the pooling and after the last convolution")
    ] = 0.25,
) -> ArchitectureSpec:
    """`C32k3s2v C32k3s2v P2 D C16k3v F N128 D N256 D N512 D N`: 186,682 parameters on CIFAR-10.

    The report names no rates for its dropout layers: one rate for all here, .25.
    """
    wide, narrow = filters
    return parts.network(
        parts.conv(1, 1, wide, kernel_size, padding="valid", strides=stride),
        parts.conv(1, 2, wide, kernel_size, padding="valid", strides=stride),
        parts.pool(1),
        parts.dropout("block1", dropout),
        parts.conv(2, 1, narrow, kernel_size, padding="valid"),
        parts.flatten(),
        *(parts.hidden(index, units, dropout) for index, units in enumerate((128, 256, 512), start=1)),
        parts.classifier(),
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
    order=70,
    title="Strides or pooling",
    description=(
        "Two pairs of convolutions and no hidden dense layer: 37,146 parameters. The maps shrink either "
        "by strides or by max pooling, with the same number of parameters: which is worth its time?"
    ),
    reports=("E3", "E8"),
    dataset="cifar10",
    defaults={"batch_size": 128, "epochs": 20},
)
def strides_or_pooling(
    *,
    kernel_size: parts.KernelSize = 3,
    pooling: Pooling = "strides",
    filters: Annotated[tuple[int, ...], parts.filters("each of the two pairs", 2)] = (16, 32),
    dropout: OutputDropout = 0.5,
    l1: OutputL1 = 1e-4,
) -> ArchitectureSpec:
    """`C16k3 C16k3s2 C32k3 C32k3s2 D.5 F N`, or `P2` in place of each stride: 37,146 parameters."""
    return _network(kernel_size, filters, pooling, dropout, l1)


@architecture(
    "thin-deep",
    order=80,
    title="Thinner and deeper",
    description=(
        "Six convolutions in three pairs with 8, 16 and 32 filters: a third fewer parameters than the "
        "network with two pairs, and deeper. Does it overfit less?"
    ),
    reports=("E9",),
    dataset="cifar10",
    defaults={"batch_size": 128, "epochs": 20},
)
def thin_deep(
    *,
    kernel_size: parts.KernelSize = 3,
    pooling: Pooling = "strides",
    filters: Annotated[tuple[int, ...], parts.filters("each of the three pairs", 3)] = (8, 16, 32),
    dropout: OutputDropout = 0.5,
    l1: OutputL1 = 1e-4,
) -> ArchitectureSpec:
    """`C8 C8s2 C16 C16s2 C32 C32s2 D.5 F N`: 23,314 parameters on CIFAR-10.

    The report does not repeat L1 here; it keeps the 1e-4 of the network that it is compared with.
    """
    return _network(kernel_size, filters, pooling, dropout, l1)
