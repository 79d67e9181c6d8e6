"""A network explained from its numbers: where its parameters come from, in sentences and formulas (A5)."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from cnnviz import words
from cnnviz.architectures.arithmetic import LayerSummary, NetworkSummary, Shape, multiply_adds, window
from cnnviz.specs import AveragePooling2D, Conv2D, MaxPooling2D

_KINDS = {"Conv2D": "convolutions", "Dense": "dense layers", "BatchNormalization": "normalizations"}


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


def largest_sentence(network: NetworkSummary) -> str:
    """Say which layer holds most parameters, and why that one."""
    layer = largest_layer(network)
    share = layer.params / network.total_params if network.total_params else 0.0
    holds = f"{layer.name} holds {layer.params:,} of {network.total_params:,} parameters"
    start = f"{holds} ({words.part(share)})"
    if layer.type == "Dense":
        maps = _flattened(network) if layer is _first_dense(network) else ""
        source = maps or f"{layer.input_shape[0]:,}"
        return (
            f"{start}: every one of its {layer.output_shape[0]:,} units has a weight for each of the "
            f"{source} numbers that it is given ({layer.worked})."
        )
    if isinstance(layer.spec, Conv2D):
        m, channels = layer.spec.kernel_size, layer.input_shape[2]
        return (
            f"{start}: each of its {layer.spec.filters} filters has {m}×{m} weights for every one of "
            f"{channels} channels ({layer.worked}). The size of the image plays no part in it."
        )
    return f"{start}: {layer.worked}."


def difference_sentences(first: NetworkSummary, second: NetworkSummary) -> list[str]:
    """Say which of two networks has fewer parameters, where the difference arises, and why."""
    extra = second.total_params - first.total_params
    if not extra:
        sentence = f"Both have {first.total_params:,} parameters"
        if first.macs == second.macs:
            return [f"{sentence} and need the same work."]
        factor = max(first.macs, second.macs) / max(1, min(first.macs, second.macs))
        more = "second" if second.macs > first.macs else "first"
        return [f"{sentence}, but the {more} needs {factor:.1f} times the multiply-adds."]
    word = "more" if extra > 0 else "fewer"
    totals = f"{second.total_params:,} against {first.total_params:,}"
    return [
        f"The second network has {abs(extra):,} parameters {word}: {totals}.",
        *_by_kind(first, second),
        *_flatten_reason(first, second),
        *_trimming_reason(first, second),
    ]


def _by_kind(first: NetworkSummary, second: NetworkSummary) -> list[str]:
    more: Counter[str] = Counter()
    for network, sign in ((first, -1), (second, 1)):
        for layer in network.layers:
            more[layer.type] += sign * layer.params
    largest_first = sorted(more.items(), key=lambda item: abs(item[1]), reverse=True)
    parts = [f"{words.signed(n)} in the {_KINDS[kind]}" for kind, n in largest_first if n]
    return [f"Where it arises: {', '.join(parts)}."] if parts else []


def _flatten_reason(first: NetworkSummary, second: NetworkSummary) -> list[str]:
    """The first dense layer's input differs: usually the whole secret."""
    a, b = _first_dense(first), _first_dense(second)
    if a is None or b is None or a.name != b.name or a.input_shape == b.input_shape:
        return []
    before, after = (
        f"{dense.output_shape[0]:,} units with {_flattened(network) or dense.input_shape[0]} weights each"
        for network, dense in ((first, a), (second, b))
    )
    return [f"The first dense layer has {after}, in place of {before}: {b.params:,} against {a.params:,}."]


def _trimming_reason(first: NetworkSummary, second: NetworkSummary) -> list[str]:
    """'valid' kernels of different sides leave maps of different size."""
    a, b = (max(_valid_kernels(network), default=0) for network in (first, second))
    if not a or not b or a == b:
        return []
    trimmed = f"a 'valid' {b}×{b} convolution trims {b - 1} rows and columns, a {a}×{a} one {a - 1}"
    return [f"The maps differ in size because {trimmed}."]


def steps(network: NetworkSummary, name: str) -> tuple[Step, ...]:
    """Return the working of a layer: size, parameters, multiply-adds, receptive field, memory.

    Raises:
        KeyError: no layer of this name.
    """
    layer = network.layer(name)
    working = [*_size(layer), Step("Parameters", layer.formula, layer.worked)]
    if layer.macs:
        _, formula, worked = multiply_adds(layer.spec, layer.input_shape, layer.output_shape)
        working.append(Step("Multiply-adds", formula, worked))
    working += _field(network, layer)
    factors = "·".join(map(str, layer.output_shape))
    worked = f"{factors}·4 = {layer.activation_bytes:,} bytes an image"
    return *working, Step("Memory", "4 bytes a number", worked)


def reason(network: NetworkSummary, name: str) -> str:
    """One or two sentences: where the layer's parameters come from, and its share of the network's."""
    layer = network.layer(name)
    share = (
        f"It holds {words.part(layer.params / network.total_params)} of all parameters"
        if network.total_params
        else ""
    )
    if layer.macs:
        share += f" and does {words.part(layer.macs / network.macs)} of the multiply-adds"
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
    lines = []
    for what, axis in (("Rows", 0), ("Columns", 1)):
        n, out = layer.input_shape[axis], layer.output_shape[axis]
        if padding == "same":
            lines.append(Step(what, "⌈n / s⌉", f"⌈{n} / {stride}⌉ = {out}"))
        else:
            lines.append(Step(what, "⌊(n − m) / s⌋ + 1", f"⌊({n} − {kernel}) / {stride}⌋ + 1 = {out}"))
    if lines[0].worked == lines[1].worked:
        lines = [Step("Rows, columns", lines[0].formula, lines[0].worked)]
    return lines


def _field(network: NetworkSummary, layer: LayerSummary) -> list[Step]:
    if layer.receptive_field is None:
        left_out = "" if layer.seen == 1 else "; the steps of its windows leave out the rest"
        return [Step("Sees", "", layer.sees + left_out)]
    if not isinstance(layer.spec, Conv2D | MaxPooling2D | AveragePooling2D):
        return []
    kernel, _, _ = window(layer.spec)
    index = [row.name for row in network.layers].index(layer.name)
    before = network.layers[index - 1] if index else None
    side, jump = (before.receptive_field, before.jump) if before else (1, 1)
    side_now = layer.receptive_field
    return [Step("Receptive field", "r + (m − 1)·j", f"{side} + ({kernel} − 1)·{jump} = {side_now} pixels")]


def shape_text(shape: Shape) -> str:
    """`(5, 5, 64)` → `5×5×64`, `(1600,)` → `1,600`."""
    return f"{shape[0]:,}" if len(shape) == 1 else "×".join(str(side) for side in shape)


def largest_layer(network: NetworkSummary) -> LayerSummary:
    """The layer with most parameters (the first of equals)."""
    return max(network.layers, key=lambda layer: layer.params)


def _first_dense(network: NetworkSummary) -> LayerSummary | None:
    return next((layer for layer in network.layers if layer.type == "Dense"), None)


def _flattened(network: NetworkSummary) -> str:
    """`1,600 (5×5×64)`: what flatten hands on; empty where nothing is flattened."""
    for layer in network.layers:
        if layer.type == "Flatten" and len(layer.input_shape) == 3:
            return f"{shape_text(layer.output_shape)} ({shape_text(layer.input_shape)})"
    return ""


def _valid_kernels(network: NetworkSummary) -> set[int]:
    convolutions = [layer.spec for layer in network.layers if isinstance(layer.spec, Conv2D)]
    return {window(spec)[0] for spec in convolutions if spec.padding == "valid" and spec.strides == 1}
