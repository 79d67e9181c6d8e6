"""What the arithmetic says about a network: one LayerSummary a layer, one NetworkSummary in all."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from cnnviz.specs import Layer

#: Bytes of a float32.
FLOAT = 4
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """One layer for one image: shapes without the batch axis, counts, and the formula behind them.

    `macs` are the multiply-adds of convolutions and dense layers; everything else (additions of a pooling,
    batch normalization, which can be folded into its convolution) counts 0, as is usual in papers.
    `receptive_field`: side of the square of input pixels that one output value can depend on; None: all of
    the image. `jump`: by how many input pixels it moves from one output value to the next.
    """

    name: str
    type: str
    input_shape: Shape
    output_shape: Shape
    params: int
    trainable_params: int
    macs: int
    receptive_field: int | None
    jump: int | None
    formula: str
    worked: str
    settings: str
    spec: Layer

    @property
    def activation_bytes(self) -> int:
        """Bytes of the output for one image, float32."""
        return FLOAT * prod(self.output_shape)

    @property
    def parameter_bytes(self) -> int:
        """Bytes of the parameters, float32."""
        return FLOAT * self.params

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        fields = (
            "name",
            "type",
            "input_shape",
            "output_shape",
            "params",
            "trainable_params",
            "macs",
            "receptive_field",
            "jump",
            "activation_bytes",
            "parameter_bytes",
            "formula",
            "worked",
            "settings",
        )
        return {field: getattr(self, field) for field in fields}


@dataclass(frozen=True, slots=True)
class NetworkSummary:
    """All layers of a network for one input shape (H, W, C) and one number of classes."""

    name: str
    input_shape: tuple[int, int, int]
    classes: int
    layers: tuple[LayerSummary, ...]

    @property
    def total_params(self) -> int:
        """Parameters, the kept statistics of batch normalization included (as Keras counts)."""
        return sum(layer.params for layer in self.layers)

    @property
    def trainable_params(self) -> int:
        """Parameters that training changes by gradients."""
        return sum(layer.trainable_params for layer in self.layers)

    @property
    def macs(self) -> int:
        """Multiply-adds of one image's forward pass."""
        return sum(layer.macs for layer in self.layers)

    @property
    def activation_bytes(self) -> int:
        """Bytes of all layers' outputs for one image, float32: what training keeps, times the batch."""
        return sum(layer.activation_bytes for layer in self.layers)

    @property
    def parameter_bytes(self) -> int:
        """Bytes of all parameters, float32. Training with Adam holds four times as much."""
        return FLOAT * self.total_params

    def layer(self, name: str) -> LayerSummary:
        """Return the layer of this name; KeyError where there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: totals and layers."""
        return {
            "architecture": self.name,
            "input_shape": self.input_shape,
            "classes": self.classes,
            "total_params": self.total_params,
            "trainable_params": self.trainable_params,
            "macs": self.macs,
            "activation_bytes": self.activation_bytes,
            "parameter_bytes": self.parameter_bytes,
            "layers": [layer.as_dict() for layer in self.layers],
        }
