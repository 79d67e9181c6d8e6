"""VGG16 with random weights (report A11)."""

from __future__ import annotations

from cnnviz.architectures import parts
from cnnviz.architectures.entry import architecture
from cnnviz.architectures.parameters import Parameter
from cnnviz.specs import ArchitectureSpec, Layer


@architecture(
    "vgg16",
    title="VGG16",
    description=(
        "The network that won second place at ImageNet in 2014 by depth and small kernels alone: 13 "
        "convolutions of 3×3 in five blocks, each with a pooling, then dense layers. It needs images of "
        "at least 32×32 pixels, and a GPU or patience."
    ),
    reports=("A11",),
    dataset="cifar10",
    parameters=(
        parts.kernel_size(),
        parts.filters("each of the five blocks", 5),
        Parameter(
            "dense",
            "Hidden dense layers",
            "Units of each hidden dense layer, in order; the output layer comes after them. The original "
            "has two (three dense layers in all); a third number builds the report's four.",
            "ints",
            minimum=1,
            maximum=65_536,
            step=1,
            lengths=(0, 4),
        ),
        parts.rate("dropout", "Dropout of the dense layers", "after each hidden dense layer"),
        Parameter(
            "batch_norm",
            "Batch normalization",
            "One after each block's convolutions. The original has none; it makes training easier.",
            "bool",
        ),
    ),
    defaults={"batch_size": 128, "epochs": 10, "learning_rate": 1e-4},
)
def vgg16(
    *,
    kernel_size: int = 3,
    filters: tuple[int, ...] = (64, 128, 256, 512, 512),
    dense: tuple[int, ...] = (4096, 4096),
    dropout: float = 0.5,
    batch_norm: bool = False,
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
