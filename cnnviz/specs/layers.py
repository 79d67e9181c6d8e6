"""The layers a network can be made of, each a frozen spec; named as Keras names them.

A layer's `name` is explicit and stable (`block1_conv1`): runs, feature maps and links refer to it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cnnviz.specs.base import Spec

LayerName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
ActivationName = Literal[
    "linear", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "hard_sigmoid", "softmax"
]
Padding = Literal["same", "valid"]
Penalty = Annotated[float, Field(ge=0, le=1e6)]
#: The last layer has as many units as the data set has classes.
CLASSES: Literal["classes"] = "classes"


class _Layer(Spec):
    name: LayerName


class Conv2D(_Layer):
    """Convolution with a square kernel; `l1` and `l2` penalise its kernel, as Keras's regularizers."""

    type: Literal["Conv2D"] = "Conv2D"
    filters: int = Field(ge=1, le=4096)
    kernel_size: int = Field(default=3, ge=1, le=255)
    strides: int = Field(default=1, ge=1, le=255)
    padding: Padding = "same"
    activation: ActivationName = "relu"
    use_bias: bool = True
    l1: Penalty = 0.0
    l2: Penalty = 0.0


class _Pool(_Layer):
    pool_size: int = Field(default=2, ge=1, le=255)
    strides: int | None = Field(default=None, ge=1, le=255, description="None: the pool size")
    padding: Padding = "valid"


class MaxPooling2D(_Pool):
    """The largest value of each window."""

    type: Literal["MaxPooling2D"] = "MaxPooling2D"


class AveragePooling2D(_Pool):
    """The mean of each window."""

    type: Literal["AveragePooling2D"] = "AveragePooling2D"


class GlobalAveragePooling2D(_Layer):
    """The mean of each feature map: one number a channel."""

    type: Literal["GlobalAveragePooling2D"] = "GlobalAveragePooling2D"


class BatchNormalization(_Layer):
    """Normalise each channel over the batch (Ioffe and Szegedy 2015)."""

    type: Literal["BatchNormalization"] = "BatchNormalization"
    momentum: float = Field(default=0.99, ge=0, lt=1)


class Dropout(_Layer):
    """Set a share of the inputs to zero while training (Srivastava et al. 2014)."""

    type: Literal["Dropout"] = "Dropout"
    rate: float = Field(default=0.5, ge=0, lt=1)


class Activation(_Layer):
    """An activation function as a layer of its own."""

    type: Literal["Activation"] = "Activation"
    activation: ActivationName = "relu"


class Flatten(_Layer):
    """Rows, columns and channels into one vector."""

    type: Literal["Flatten"] = "Flatten"
    name: LayerName = "flatten"


class Dense(_Layer):
    """A fully connected layer; `units="classes"` takes the number of classes of the data set."""

    type: Literal["Dense"] = "Dense"
    units: Annotated[int, Field(ge=1, le=65536)] | Literal["classes"]
    activation: ActivationName = "relu"
    use_bias: bool = True
    l1: Penalty = 0.0
    l2: Penalty = 0.0


Layer = Annotated[
    Conv2D
    | MaxPooling2D
    | AveragePooling2D
    | GlobalAveragePooling2D
    | BatchNormalization
    | Dropout
    | Activation
    | Flatten
    | Dense,
    Field(discriminator="type"),
]
