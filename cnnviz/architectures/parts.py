"""The pieces that the named architectures are put together from, and the parameters they share.

Layers are called `block1_conv1`, `block1_norm1`, `block1_pool`, `block1_dropout`, `flatten`, `dense1`,
`dense1_dropout`, `softmax`; a rate of 0 leaves the dropout layer out.
"""

from __future__ import annotations

from typing import Annotated

from cnnviz import specs
from cnnviz.specs import CLASSES, ArchitectureSpec, Layer, Setting
from cnnviz.specs.architecture import ActivationName, Padding
from cnnviz.specs.experiment import REGULARIZATION

ACTIVATIONS = ("relu", "sigmoid", "hard_sigmoid", "linear", "tanh", "elu", "gelu", "silu", "leaky_relu")


#: Puts layers and groups of layers together.
network = ArchitectureSpec.of


def conv(
    block: int, index: int, filters: int, kernel_size: int, *, padding: Padding = "same", strides: int = 1
) -> specs.Conv2D:
    """A convolution with ReLU."""
    name = f"block{block}_conv{index}"
    return specs.Conv2D(name=name, filters=filters, kernel_size=kernel_size, padding=padding, strides=strides)


def norm(block: int, index: int = 1) -> specs.BatchNormalization:
    """Batch normalization after a convolution."""
    return specs.BatchNormalization(name=f"block{block}_norm{index}")


def pool(block: int) -> specs.MaxPooling2D:
    """Max pooling 2×2."""
    return specs.MaxPooling2D(name=f"block{block}_pool")


def dropout(name: str, rate: float) -> list[Layer]:
    """A dropout layer called `{name}_dropout`; none where the rate is 0."""
    return [specs.Dropout(name=f"{name}_dropout", rate=rate)] if rate else []


def hidden(index: int, units: int, rate: float = 0.0, activation: ActivationName = "relu") -> list[Layer]:
    """A dense layer followed by its dropout; none where `units` is 0."""
    if not units:
        return []
    return [
        specs.Dense(name=f"dense{index}", units=units, activation=activation),
        *dropout(f"dense{index}", rate),
    ]


def flatten() -> specs.Flatten:
    """Maps into one vector."""
    return specs.Flatten(name="flatten")


def classifier(l1: float = 0.0) -> specs.Dense:
    """The last layer: one probability a class."""
    return specs.Dense(name="softmax", units=CLASSES, activation="softmax", l1=l1)


KERNEL_SIZE = Setting(
    "Kernel size",
    "Side of the window that each convolution slides over its input, in pixels.",
    minimum=1,
    maximum=255,
    step=1,
    form="{0}×{0}",
    phrase="{} kernels",
    tries=(3, 5, 7),
)
#: Annotations of arguments that many networks have.
KernelSize = Annotated[int, KERNEL_SIZE]
DenseUnits = Annotated[
    int,
    Setting(
        "Dense units",
        "Units of the hidden dense layer, each connected to every value of the last maps.",
        minimum=1,
        maximum=65_536,
        step=1,
    ),
]


def batch_norm(more: str = "") -> Setting:
    """Whether there is batch normalization."""
    return Setting(
        "Batch normalization", f"One after each block's convolutions.{more}", noun="batch normalization"
    )


def filters(of: str, count: int) -> Setting:
    """Filters a block, so many blocks."""
    text = f"Feature maps that {of} makes, in order."
    return Setting("Filters", text, minimum=1, maximum=4096, step=1, lengths=(count, count))


def whole(label: str, text: str, low: int, high: int) -> Setting:
    """A whole number."""
    return Setting(label, text, minimum=low, maximum=high, step=1)


def rate(label: str, where: str) -> Setting:
    """A dropout rate."""
    text = f"Share of the values that dropout sets to zero {where} while training; 0 leaves it out."
    tries = (0.0, 0.25, 0.5)
    return Setting(label, text, group=REGULARIZATION, minimum=0, maximum=0.95, step=0.05, tries=tries)


PooledDropout = Annotated[float, rate("Dropout after pooling", "after the pooling")]
DenseDropout = Annotated[float, rate("Dropout of the dense layer", "after the hidden dense layer")]
