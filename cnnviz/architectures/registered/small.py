"""The first networks: one convolution, two pairs of them, three with pooling, LeNet (reports A, B and C)."""

from __future__ import annotations

from typing import Annotated

from cnnviz.architectures import parts
from cnnviz.architectures.architecture_entry import architecture
from cnnviz.specs import ArchitectureSpec


@architecture(
    "two-pairs",
    order=10,
    title="Two pairs of convolutions",
    description=(
        "Two blocks, each of two convolutions and a pooling: the first convolution of a pair keeps the "
        "size of its input, the second ('valid') lets the kernel trim its edge. A dense layer decides. "
        "Change the kernel size from 3 to 5 and see which layer pays for it."
    ),
    reports=("A3", "A4", "C8"),
    dataset="cifar10",
    defaults={"batch_size": 32},
)
def two_pairs(
    *,
    kernel_size: parts.KernelSize = 3,
    filters: Annotated[tuple[int, ...], parts.filters("each of the two pairs", 2)] = (32, 64),
    dropout: Annotated[float, parts.rate("Dropout of the blocks", "after each pooling")] = 0.25,
    dense: parts.DenseUnits = 512,
    dense_dropout: parts.DenseDropout = 0.5,
) -> ArchitectureSpec:
    """`C32k3 C32k3v P2 D.25 C64k3 C64k3v P2 D.25 F N512 D.5 N`: 1,250,858 parameters on CIFAR-10."""
    layers = []
    for block, width in enumerate(filters, start=1):
        layers += [
            parts.conv(block, 1, width, kernel_size),
            parts.conv(block, 2, width, kernel_size, padding="valid"),
            parts.pool(block),
            *parts.dropout(f"block{block}", dropout),
        ]
    return parts.network(layers, parts.flatten(), parts.hidden(1, dense, dense_dropout), parts.classifier())


@architecture(
    "one-convolution",
    order=20,
    title="One convolution",
    description=(
        "The least that deserves the name: one convolution, one pooling, one dense layer. The dense "
        "layer sees nearly all pixels' responses at once, so it holds nearly all parameters."
    ),
    reports=("C7",),
    dataset="cifar10",
    defaults={"batch_size": 32},
)
def one_convolution(
    *,
    kernel_size: parts.KernelSize = 3,
    filters: Annotated[int, parts.whole("Filters", "Feature maps that the convolution makes.", 1, 4096)] = 32,
    dropout: parts.PooledDropout = 0.25,
    dense: parts.DenseUnits = 512,
    dense_dropout: parts.DenseDropout = 0.5,
) -> ArchitectureSpec:
    """`C32k3 P2 D.25 F N512 D.5 N`: 4,200,842 parameters on CIFAR-10."""
    return parts.network(
        parts.conv(1, 1, filters, kernel_size),
        parts.pool(1),
        parts.dropout("block1", dropout),
        parts.flatten(),
        parts.hidden(1, dense, dense_dropout),
        parts.classifier(),
    )


@architecture(
    "three-convolutions",
    order=30,
    title="Three convolutions",
    description=(
        "Three times a convolution and a pooling: the maps halve in size while their number doubles, "
        "the shape that most later networks keep."
    ),
    reports=("B2",),
    dataset="cifar100",
    defaults={"batch_size": 128, "epochs": 20},
)
def three_convolutions(
    *,
    kernel_size: parts.KernelSize = 3,
    filters: Annotated[tuple[int, ...], parts.filters("each convolution", 3)] = (32, 64, 128),
    dense: parts.DenseUnits = 512,
) -> ArchitectureSpec:
    """`C32 P2 C64 P2 C128 P2 F N512 N`.

    The report leaves kernel, padding and activation open: 3×3, 'same' and ReLU here, as in its deeper
    network; its number of epochs too (20, as in its search).
    """
    layers = [
        layer
        for block, width in enumerate(filters, start=1)
        for layer in (parts.conv(block, 1, width, kernel_size), parts.pool(block))
    ]
    return parts.network(layers, parts.flatten(), parts.hidden(1, dense), parts.classifier())


@architecture(
    "lenet",
    order=40,
    title="LeNet",
    description=(
        "The network that read cheques in the 1990s, as lectures teach it: two 5×5 convolutions, each "
        "with a pooling, and one hidden layer. On MNIST it is right 99 times in 100 within minutes."
    ),
    reports=("C5",),
    dataset="mnist",
    defaults={"batch_size": 128, "epochs": 20},
)
def lenet(
    *,
    kernel_size: parts.KernelSize = 5,
    filters: Annotated[tuple[int, ...], parts.filters("each of the two convolutions", 2)] = (20, 50),
    dense: parts.DenseUnits = 500,
) -> ArchitectureSpec:
    """`C20k5 P2 C50k5 P2 F N500 N`: 1,256,080 parameters on MNIST.

    After LeCun et al. 1998, with ReLU for tanh and max pooling. Padding 'same', as the report's count needs.
    """
    first, second = filters
    return parts.network(
        parts.conv(1, 1, first, kernel_size),
        parts.pool(1),
        parts.conv(2, 1, second, kernel_size),
        parts.pool(2),
        parts.flatten(),
        parts.hidden(1, dense),
        parts.classifier(),
    )
