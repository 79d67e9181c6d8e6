"""Kinds of layers: the colour and the words of each, the same in every figure of a network."""

from __future__ import annotations

from typing import NamedTuple

from cnnviz.architectures import LayerSummary
from cnnviz.specs import AveragePooling2D, Conv2D, MaxPooling2D


class Kind(NamedTuple):
    """A kind of layer. `thin` ones hang on to the layer before; `rank` is when a label is left out."""

    title: str
    colour: str
    thin: bool = False
    rank: int = 0


INPUT = Kind("image", "#9AA5AF")
#: Told apart in brightness too; none of them stands for a run.
_KINDS = {
    "Conv2D": Kind("convolution", "#4C8DBF"),
    "MaxPooling2D": Kind("pooling", "#E3B04B", rank=1),
    "AveragePooling2D": Kind("pooling", "#E3B04B", rank=1),
    "GlobalAveragePooling2D": Kind("pooling", "#E3B04B", rank=0),
    "Flatten": Kind("flatten", "#B9C0C6", rank=2),
    "Dense": Kind("dense", "#8B6BB1"),
    "BatchNormalization": Kind("batch normalization", "#3FA58C", thin=True),
    "Activation": Kind("activation", "#C97B9B", thin=True),
    "Dropout": Kind("dropout", "#6B7680", thin=True),
}


def kind_of(layer: LayerSummary) -> Kind:
    """The kind of a layer."""
    return _KINDS[layer.type]


def title_of(layer: LayerSummary) -> str:
    """What a layer is, in two words: `conv 3×3`, `max pool`, `dense`."""
    if isinstance(layer.spec, Conv2D):
        return f"conv {layer.spec.kernel_size}×{layer.spec.kernel_size}"
    if isinstance(layer.spec, MaxPooling2D):
        return "max pool"
    if isinstance(layer.spec, AveragePooling2D):
        return "mean pool"
    if layer.type == "Dense" and layer.name == "softmax":
        return "softmax"
    return {"GlobalAveragePooling2D": "global mean"}.get(layer.type, kind_of(layer).title)


def shade(colour: str, factor: float) -> str:
    """A darker (below 1) or lighter version of a `#rrggbb` colour."""
    parts = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
    return "#" + "".join(f"{min(255, round(part * factor)):02X}" for part in parts)
