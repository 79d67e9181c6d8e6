"""ArchitectureSpec: a network as a list of layers, named as Keras names them, and what it was made from.

A layer's `name` is explicit and stable (`block1_conv1`): runs, feature maps and links refer to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from cnnviz.errors import SpecError
from cnnviz.specs.base import Spec

#: The last layer has as many units as the data set has classes.
CLASSES: Literal["classes"] = "classes"
LayerName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
ActivationName = Literal[
    "linear", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "hard_sigmoid", "softmax"
]
Padding = Literal["same", "valid"]
Penalty = Annotated[float, Field(ge=0, le=1e6)]
ParameterValue = bool | int | float | str | tuple[int, ...]


class _Layer(Spec):
    always_in_json = "type"  # which each layer has, and which says how it is read
    name: LayerName


class Conv2D(_Layer):
    """Convolution with a square kernel; `l1` and `l2` penalise its kernel, as Keras's regularizers."""

    always_in_json = "kernel_size strides padding activation use_bias l1 l2"
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
    always_in_json = "pool_size strides padding"
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

    always_in_json = "momentum"
    type: Literal["BatchNormalization"] = "BatchNormalization"
    momentum: float = Field(default=0.99, ge=0, lt=1)


class Dropout(_Layer):
    """Set a share of the inputs to zero while training (Srivastava et al. 2014)."""

    always_in_json = "rate"
    type: Literal["Dropout"] = "Dropout"
    rate: float = Field(default=0.5, ge=0, lt=1)


class Activation(_Layer):
    """An activation function as a layer of its own."""

    always_in_json = "activation"
    type: Literal["Activation"] = "Activation"
    activation: ActivationName = "relu"


class Flatten(_Layer):
    """Rows, columns and channels into one vector."""

    always_in_json = "name"
    type: Literal["Flatten"] = "Flatten"
    name: LayerName = "flatten"


class Dense(_Layer):
    """A fully connected layer; `units="classes"` takes the number of classes of the data set."""

    always_in_json = "activation use_bias l1 l2"
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


class ArchitectureSpec(Spec):
    """Layers in order. `name` and `parameters` say which builder made them; "custom": none did."""

    always_in_json = "name parameters"
    name: str = Field(default="custom", max_length=64)
    parameters: dict[str, ParameterValue] = Field(default_factory=dict)
    layers: tuple[Layer, ...] = Field(min_length=1, max_length=400)

    @model_validator(mode="after")
    def _check(self) -> Self:
        twice = [name for name, n in Counter(layer.name for layer in self.layers).items() if n > 1]
        if twice:
            raise SpecError(f"The layer name '{twice[0]}' occurs twice. Give every layer its own name.")
        last = self.layers[-1]
        if not (isinstance(last, Dense) and last.units == CLASSES and last.activation == "softmax"):
            raise SpecError(
                f"The last layer is {last.type} '{last.name}'. A classifier ends with a Dense layer with "
                "units 'classes' and activation 'softmax'."
            )
        return self

    @classmethod
    def of(cls, *parts: Layer | Iterable[Layer]) -> ArchitectureSpec:
        """Make a network from layers and groups of layers (a block is a group).

        Raises:
            SpecError: two layers share a name, or the last one is no classifier.
        """
        layers: list[Layer] = []
        for part in parts:
            layers.extend([part] if isinstance(part, Spec) else part)
        return cls.parse({"layers": [layer.model_dump() for layer in layers]})

    @property
    def base(self) -> tuple[Layer, ...]:
        """The layers that work on maps: all before the first one that makes a vector of them."""
        ends = (Flatten, GlobalAveragePooling2D)
        return tuple(takewhile(lambda layer: not isinstance(layer, ends), self.layers))

    def label(self) -> str:
        """Name and parameters in one line: `two-pairs (kernel_size 5)`."""
        return label(self.name, self.parameters)


def label(name: str, parameters: Mapping[str, Any]) -> str:
    """`two-pairs (kernel_size 5)`, from the plain data of a spec too."""
    inside = ", ".join(f"{key} {value}" for key, value in parameters.items())
    return f"{name} ({inside})" if inside else name
