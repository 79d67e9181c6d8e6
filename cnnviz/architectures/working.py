"""The working of one layer: each figure's formula, general and with the numbers filled in (report A5)."""

from __future__ import annotations

from typing import NamedTuple

from cnnviz.architectures.arithmetic import window
from cnnviz.architectures.formulas import worked_multiply_adds
from cnnviz.architectures.reasons import percent, shape_text
from cnnviz.architectures.summary import LayerSummary, NetworkSummary
from cnnviz.specs import AveragePooling2D, Conv2D, MaxPooling2D

_WHY = {
    "MaxPooling2D": "Keeps the largest of each window and has nothing to learn.",
    "AveragePooling2D": "Keeps the mean of each window and has nothing to learn.",
    "GlobalAveragePooling2D": "One mean a map: the size of the maps no longer matters for what follows.",
    "Dropout": "Sets random values to zero while training, and does nothing afterwards.",
    "Flatten": "Writes the maps' numbers one after the other. No number changes, nothing is learned.",
    "Activation": "Applies a function to every number; nothing is learned.",
    "BatchNormalization": (
        "Four numbers a channel: scale and shift are learned; mean and variance are kept from the "
        "batches seen, so only half of them are trained."
    ),
}


class Step(NamedTuple):
    """One figure of a layer: what, the general formula, and the same with numbers."""

    what: str
    formula: str
    worked: str


def steps(network: NetworkSummary, name: str) -> tuple[Step, ...]:
    """Return the working of a layer: size, parameters, multiply-adds, receptive field, memory.

    Raises:
        KeyError: no layer of this name.
    """
    layer = network.layer(name)
    found = [*_size(layer), Step("Parameters", layer.formula, layer.worked)]
    if layer.macs:
        general = "H·W·N·m²·C" if isinstance(layer.spec, Conv2D) else "N·M"
        worked = worked_multiply_adds(layer.spec, layer.input_shape, layer.output_shape)
        found.append(Step("Multiply-adds", general, worked))
    found += _field(network, layer)
    factors = "·".join(str(side) for side in layer.output_shape)
    found.append(
        Step("Memory", "4 bytes a number", f"{factors}·4 = {layer.activation_bytes:,} bytes an image")
    )
    return tuple(found)


def reason(network: NetworkSummary, name: str) -> str:
    """One or two sentences: where the layer's parameters come from, and its share of the network's."""
    layer = network.layer(name)
    share = (
        f"It holds {percent(layer.params / network.total_params)} of all parameters"
        if network.total_params
        else ""
    )
    if layer.macs:
        share += f" and does {percent(layer.macs / network.macs)} of the multiply-adds"
    if layer.type == "Dense":
        return (
            f"Each of its {layer.output_shape[0]:,} units (N) has a weight for each of the "
            f"{layer.input_shape[0]:,} inputs (M) and one bias. {share}."
        )
    if isinstance(layer.spec, Conv2D):
        side, channels = layer.spec.kernel_size, layer.input_shape[2]
        places = layer.output_shape[0] * layer.output_shape[1]
        return (
            f"Each of its {layer.spec.filters:,} filters (N) has {side}×{side} weights (m²) for each of "
            f"{channels:,} channels (C) and one bias; the same weights serve all {places:,} places of the "
            f"image. {share}."
        )
    return _WHY[layer.type]


def _size(layer: LayerSummary) -> list[Step]:
    if not isinstance(layer.spec, Conv2D | MaxPooling2D | AveragePooling2D):
        before, after = shape_text(layer.input_shape), shape_text(layer.output_shape)
        return [Step("Output", "", after if before == after else f"{before} → {after}")]
    kernel, stride, padding = window(layer.spec)
    found = []
    for what, axis in (("Rows", 0), ("Columns", 1)):
        n, out = layer.input_shape[axis], layer.output_shape[axis]
        if padding == "same":
            found.append(Step(what, "⌈n / s⌉", f"⌈{n} / {stride}⌉ = {out}"))
        else:
            found.append(Step(what, "⌊(n − m) / s⌋ + 1", f"⌊({n} − {kernel}) / {stride}⌋ + 1 = {out}"))
    if found[0].worked == found[1].worked:
        found = [Step("Rows, columns", found[0].formula, found[0].worked)]
    return found


def _field(network: NetworkSummary, layer: LayerSummary) -> list[Step]:
    if layer.receptive_field is None:
        return [Step("Sees", "", "the whole image")]
    if not isinstance(layer.spec, Conv2D | MaxPooling2D | AveragePooling2D):
        return []
    kernel, _, _ = window(layer.spec)
    index = [row.name for row in network.layers].index(layer.name)
    before = network.layers[index - 1] if index else None
    side, jump = (before.receptive_field, before.jump) if before else (1, 1)
    side_now = layer.receptive_field
    return [Step("Receptive field", "r + (m − 1)·j", f"{side} + ({kernel} − 1)·{jump} = {side_now} pixels")]
