"""Deeper networks: with batch normalization (reports B and D), and VGG16 (report A)."""

from __future__ import annotations

from typing import Annotated

from cnnviz.architectures import parts
from cnnviz.architectures.architecture_entry import architecture
from cnnviz.specs import ArchitectureSpec, Layer, Setting
from cnnviz.specs.architecture import ActivationName

#: Blocks of at least so many filters have three convolutions, smaller ones two: B3's rule (and VGG16's).
WIDE = 256


def deep_block(block: int, filters: int, kernel_size: int, count: int = 0) -> list[Layer]:
    """The convolutions of one block: `count`, or where that is 0 two, and three where it is wide."""
    count = count or (3 if filters >= WIDE else 2)
    return [parts.conv(block, index, filters, kernel_size) for index in range(1, count + 1)]


@architecture(
    "deep-pairs",
    order=90,
    title="Deep blocks",
    description=(
        "Four blocks of two or three convolutions with batch normalization, then a dense layer: strong "
        "enough to learn its training images by heart. Take blocks away, add dropout, or augment, and "
        "see what helps against it."
    ),
    reports=("B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10"),
    dataset="cifar100",
    defaults={"batch_size": 128, "epochs": 20},
)
def deep_pairs(
    *,
    kernel_size: parts.KernelSize = 3,
    blocks: Annotated[
        tuple[int, ...],
        Setting(
            "Blocks",
            "Filters of each block, in order: a number more is a block more. Blocks of 256 filters and "
            "more have three convolutions, smaller ones two.",
            minimum=1,
            maximum=4096,
            step=1,
        ),
    ] = (64, 128, 256, 512),
    dropout: Annotated[float, parts.rate("Dropout", "after flatten")] = 0.0,
    activation: Annotated[
        ActivationName,
        Setting(
            "Dense activation", "Function at the end of the hidden dense layers.", choices=parts.ACTIVATIONS
        ),
    ] = "relu",
    dense: parts.DenseUnits = 512,
    second_dense: Annotated[
        int, parts.whole("Second dense layer", "Its units; 0: there is none.", 0, 65_536)
    ] = 0,
    batch_norm: Annotated[bool, parts.batch_norm()] = True,
    per_block: Annotated[
        int,
        parts.whole("Convolutions of a block", "0: two, and three where it has 256 filters or more.", 0, 8),
    ] = 0,
) -> ArchitectureSpec:
    """B3: 8,739,492 parameters, 8,737,572 of them trainable, on CIFAR-100.

    The variants: B5 `activation="sigmoid", second_dense=512`; B7 `blocks=(256,), per_block=1`; B8
    `blocks=(64, 128, 256, 512, 512)` (the report says "one more block of 512"; its time fits five blocks,
    not two); B9 `dropout=0.5`; B10 both. B4 searches `second_dense` and `activation`. B6 is augmentation, a
    matter of training.
    """
    layers: list[Layer] = []
    for block, width in enumerate(blocks, start=1):
        layers += deep_block(block, width, kernel_size, per_block)
        layers += [parts.norm(block)] if batch_norm else []
        layers.append(parts.pool(block))
    return parts.network(
        layers,
        parts.flatten(),
        parts.dropout("flatten", dropout),
        parts.hidden(1, dense, activation=activation),
        parts.hidden(2, second_dense, activation=activation),
        parts.classifier(),
    )


@architecture(
    "batch-norm",
    order=100,
    title="Batch normalization",
    description=(
        "Three pairs of convolutions, each convolution followed by batch normalization, and no hidden "
        "dense layer: six convolutions with fewer parameters than the dense layer of the two pairs alone."
    ),
    reports=("D8",),
    dataset="cifar10",
    defaults={"batch_size": 64, "epochs": 10},
)
def batch_norm(
    *,
    kernel_size: parts.KernelSize = 3,
    filters: Annotated[tuple[int, ...], parts.filters("each of the three pairs", 3)] = (32, 64, 128),
    dropout: Annotated[float, parts.rate("Dropout", "after each pooling")] = 0.3,
    batch_norm: Annotated[
        bool, Setting("Batch normalization", "One after each convolution.", noun="batch normalization")
    ] = True,
) -> ArchitectureSpec:
    """`[C32 BN]×2 P2 D [C64 BN]×2 P2 D [C128 BN]×2 P2 D F N`: 309,290 parameters, 308,394 trainable.

    The report names neither its dropout rates nor its batch size: .3 and 64 here.
    """
    layers: list[Layer] = []
    for block, width in enumerate(filters, start=1):
        for index in (1, 2):
            layers.append(parts.conv(block, index, width, kernel_size))
            layers += [parts.norm(block, index)] if batch_norm else []
        layers += [parts.pool(block), *parts.dropout(f"block{block}", dropout)]
    return parts.network(layers, parts.flatten(), parts.classifier())


@architecture(
    "vgg16",
    order=110,
    title="VGG16",
    description=(
        "The network that won second place at ImageNet in 2014 by depth and small kernels alone: 13 "
        "convolutions of 3×3 in five blocks, each with a pooling, then dense layers. It needs images of "
        "at least 32×32 pixels, and a GPU or patience."
    ),
    reports=("A11",),
    dataset="cifar10",
    defaults={"batch_size": 128, "epochs": 10, "learning_rate": 1e-4},
)
def vgg16(
    *,
    kernel_size: parts.KernelSize = 3,
    filters: Annotated[tuple[int, ...], parts.filters("each of the five blocks", 5)] = (
        64,
        128,
        256,
        512,
        512,
    ),
    dense: Annotated[
        tuple[int, ...],
        Setting(
            "Hidden dense layers",
            "Units of each hidden dense layer, in order; the output layer comes after them. The original "
            "has two (three dense layers in all); a third number builds the report's four.",
            minimum=1,
            maximum=65_536,
            step=1,
            lengths=(0, 4),
        ),
    ] = (4096, 4096),
    dropout: Annotated[
        float, parts.rate("Dropout of the dense layers", "after each hidden dense layer")
    ] = 0.5,
    batch_norm: Annotated[
        bool, parts.batch_norm(" The original has none; it makes training easier.")
    ] = False,
) -> ArchitectureSpec:
    """Configuration D of Simonyan and Zisserman 2015 (arXiv:1409.1556): 33,638,218 parameters on CIFAR-10.

    13 convolutions, 5 poolings, 3 dense layers, dropout .5 between the dense ones as in the paper. The
    report counts 4 dense layers without naming their units: `dense=(4096, 4096, 1000)` builds four.

    A rate of 1e-4 is suggested: with Adam's 1e-3 a network of this depth without normalization often
    stays at chance.
    """
    layers: list[Layer] = []
    for block, (width, count) in enumerate(zip(filters, (2, 2, 3, 3, 3), strict=True), start=1):
        layers += [parts.conv(block, index, width, kernel_size) for index in range(1, count + 1)]
        layers += [parts.norm(block)] if batch_norm else []
        layers.append(parts.pool(block))
    return parts.network(
        layers,
        parts.flatten(),
        *(parts.hidden(index, units, dropout) for index, units in enumerate(dense, start=1)),
        parts.classifier(),
    )
