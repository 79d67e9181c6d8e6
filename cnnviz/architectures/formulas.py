"""The formulas of the lecture, general and with a layer's numbers filled in (report A5).

Symbols: N filters or units, m side of the kernel, C channels of the input, M length of the input vector.
"""

from __future__ import annotations

from typing import NamedTuple

from cnnviz.architectures.summary import Shape
from cnnviz.specs import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
)

ACTIVATION_WORDS = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU"}


class ParameterCount(NamedTuple):
    """Parameters of a layer, how they come about, and how many of them training changes."""

    total: int
    trainable: int
    formula: str = "none"
    worked: str = "0"


def parameters(layer: Layer, input_shape: Shape, output_shape: Shape) -> ParameterCount:
    """Count a layer's parameters: convolution N·m²·C + N, dense N·(M + 1), normalization 4·C."""
    if isinstance(layer, Conv2D):
        return _convolution(layer, input_shape[2])
    if isinstance(layer, Dense):
        return _dense(output_shape[0], input_shape[0], layer.use_bias)
    if isinstance(layer, BatchNormalization):
        channels = input_shape[-1]
        return ParameterCount(4 * channels, 2 * channels, "4·C", f"4·{channels} = {4 * channels:,}")
    return ParameterCount(0, 0)


def multiply_adds(layer: Layer, input_shape: Shape, output_shape: Shape) -> int:
    """Multiply-adds of one image: convolution H·W·N·m²·C over its output's H×W, dense N·M, others 0."""
    if isinstance(layer, Conv2D):
        rows, columns, filters = output_shape
        return rows * columns * filters * layer.kernel_size**2 * input_shape[2]
    if isinstance(layer, Dense):
        return output_shape[0] * input_shape[0]
    return 0


def worked_multiply_adds(layer: Layer, input_shape: Shape, output_shape: Shape) -> str:
    """The multiply-adds with the numbers filled in; `0` for layers that have none."""
    total = multiply_adds(layer, input_shape, output_shape)
    if isinstance(layer, Conv2D):
        rows, columns, filters = output_shape
        return f"{rows}·{columns}·{filters}·{layer.kernel_size}²·{input_shape[2]} = {total:,}"
    if isinstance(layer, Dense):
        return f"{output_shape[0]}·{input_shape[0]} = {total:,}"
    return "0"


def settings(layer: Layer) -> str:
    """What is set, in a few words: `3×3, stride 2, valid, ReLU`."""
    if isinstance(layer, Conv2D):
        words = [f"{layer.kernel_size}×{layer.kernel_size}"]
        words += [f"stride {layer.strides}"] if layer.strides > 1 else []
        return ", ".join([*words, layer.padding, *_ending(layer)])
    if isinstance(layer, Dense):
        return ", ".join(_ending(layer))
    if isinstance(layer, Activation):
        return activation_word(layer.activation)
    if isinstance(layer, Dropout):
        return f"rate {layer.rate:g}"
    if isinstance(layer, BatchNormalization):
        return "" if layer.momentum == 0.99 else f"momentum {layer.momentum:g}"
    if isinstance(layer, Flatten | GlobalAveragePooling2D):
        return ""
    words = [f"{layer.pool_size}×{layer.pool_size}"] + (["same"] if layer.padding == "same" else [])
    if layer.strides not in (None, layer.pool_size):
        words.append(f"stride {layer.strides}")
    return ", ".join(words)


def activation_word(name: str) -> str:
    """`relu` as people write it: ReLU."""
    return ACTIVATION_WORDS.get(name, name.replace("_", " "))


def _ending(layer: Conv2D | Dense) -> list[str]:
    words = [activation_word(layer.activation)]
    words += [] if layer.use_bias else ["no bias"]
    return words + [f"{key.upper()} {value:g}" for key in ("l1", "l2") if (value := getattr(layer, key))]


def _convolution(layer: Conv2D, channels: int) -> ParameterCount:
    bias = layer.filters if layer.use_bias else 0
    total = layer.filters * layer.kernel_size**2 * channels + bias
    formula = "N·m²·C + N" if bias else "N·m²·C"
    worked = f"{layer.filters}·{layer.kernel_size}²·{channels}" + (f" + {bias}" if bias else "")
    return ParameterCount(total, total, formula, f"{worked} = {total:,}")


def _dense(units: int, inputs: int, use_bias: bool) -> ParameterCount:
    total = units * (inputs + use_bias)
    if use_bias:
        return ParameterCount(total, total, "N·(M + 1)", f"{units}·({inputs} + 1) = {total:,}")
    return ParameterCount(total, total, "N·M", f"{units}·{inputs} = {total:,}")
