"""Why a network has the parameters it has, in sentences made from its numbers (report A5)."""

from __future__ import annotations

from cnnviz.architectures.arithmetic import window
from cnnviz.architectures.summary import LayerSummary, NetworkSummary, Shape
from cnnviz.specs import Conv2D

_KINDS = {"Conv2D": "convolutions", "Dense": "dense layers", "BatchNormalization": "normalizations"}


def shape_text(shape: Shape) -> str:
    """`(5, 5, 64)` → `5×5×64`, `(1600,)` → `1,600`."""
    return f"{shape[0]:,}" if len(shape) == 1 else "×".join(str(side) for side in shape)


def largest_layer(network: NetworkSummary) -> LayerSummary:
    """The layer with most parameters (the first of equals)."""
    return max(network.layers, key=lambda layer: layer.params)


def largest_sentence(network: NetworkSummary) -> str:
    """Say which layer holds most parameters, and why that one."""
    layer = largest_layer(network)
    share = layer.params / network.total_params if network.total_params else 0.0
    start = f"{layer.name} holds {layer.params:,} of {network.total_params:,} parameters ({percent(share)})"
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
    parts = []
    for kind, word in _KINDS.items():
        before, after = _params_of(first, kind), _params_of(second, kind)
        if after != before:
            parts.append((abs(after - before), f"{_signed(after - before)} in the {word}"))
    parts.sort(reverse=True)
    text = ", ".join(part for _, part in parts)
    return [f"Where it arises: {text}."] if text else []


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


def percent(share: float) -> str:
    """`0.943` → `94.3 %`; a share too small for that digit is called so."""
    return "less than 0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %"


def _signed(number: int) -> str:
    return f"{number:+,}".replace("-", "−")


def _params_of(network: NetworkSummary, kind: str) -> int:
    return sum(layer.params for layer in network.layers if layer.type == kind)


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
