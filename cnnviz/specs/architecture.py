"""ArchitectureSpec: a network as a list of layers, with the name and parameters it was made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any, Self

from pydantic import Field, model_validator

from cnnviz.errors import SpecError
from cnnviz.specs.base import Spec
from cnnviz.specs.layers import CLASSES, Dense, Flatten, GlobalAveragePooling2D, Layer

ParameterValue = bool | int | float | str | tuple[int, ...]


class ArchitectureSpec(Spec):
    """Layers in order. `name` and `parameters` say which builder made them; "custom": none did."""

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
