"""Shapes, parameters, multiply-adds and receptive fields of a network, by arithmetic alone (report A5).

Contract: `summarise` agrees with Keras layer by layer (a property test holds it to that), needs well
under a millisecond for a network of ordinary size, and refuses whatever Keras could not build or a
machine could not hold, naming the layer and what to do. Where the sizes come from: Dumoulin and Visin
2016 (arXiv:1603.07285); receptive fields: Araujo, Norris and Sim 2019 (distill.pub).

Symbols of the formulas: N filters or units, m side of the kernel, C channels of the input, M length of the
input vector, H and W rows and columns of the output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from math import prod
from typing import Any, NamedTuple

from cnnviz import specs
from cnnviz.convolution import Padding, padded
from cnnviz.errors import SpecError
from cnnviz.specs import CLASSES, ArchitectureSpec, Layer

#: Bytes of a float32.
FLOAT = 4
Shape = tuple[int, ...]
#: The input and the first layer of every model (see build.py).
INPUT, RESCALING = RESERVED = ("image", "rescaling")
Windowed = specs.Conv2D | specs.MaxPooling2D | specs.AveragePooling2D


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """One layer for one image: shapes without the batch axis, counts, and the formula behind them.

    `macs` are the multiply-adds of convolutions and dense layers; everything else (additions of a pooling,
    batch normalization, which can be folded into its convolution) counts 0, as is usual in papers.
    `receptive_field`: side of the square of input pixels that one output value can depend on; None: all of
    the image that the layer sees. `jump`: by how many input pixels it moves from one output value to the
    next. `seen`: share of the image's pixels that can change anything in the layer; what lies between and
    behind the steps of strides can't.
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
    seen: float
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

    @property
    def sees(self) -> str:
        """What one value can depend on, in words: `5×5 pixels`, `the whole image`, `71 % of the image`."""
        if self.receptive_field:
            return f"{self.receptive_field}×{self.receptive_field} pixels"
        return "the whole image" if self.seen == 1 else f"{100 * self.seen:.0f} % of the image"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        data = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "spec"}
        return data | {"activation_bytes": self.activation_bytes, "parameter_bytes": self.parameter_bytes}


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


def summarise(architecture: ArchitectureSpec, input_shape: Sequence[int], classes: int) -> NetworkSummary:
    """Work out every layer of a network.

    Args:
        architecture: the layers.
        input_shape: (H, W, C) of one image.
        classes: units of the last layer.
    Raises:
        SpecError: a layer that can't take its input, or a network too large; says which and what to do.
    """
    shape = check_input(input_shape, classes)
    field = _Field(1, 1)
    rows: list[LayerSummary] = []
    for layer in architecture.layers:
        if layer.name in RESERVED:
            raise SpecError(
                f"A layer can't be called '{layer.name}': the model's own beginning bears that name. "
                "Choose another one."
            )
        given = rows[-1].output_shape if rows else shape
        output = _output_shape(layer, given, architecture, shape, classes)
        count, work = count_parameters(layer, given, output), multiply_adds(layer, given, output)
        field = field.after(layer)
        row = LayerSummary(
            name=layer.name,
            type=layer.type,
            input_shape=given,
            output_shape=output,
            params=count.total,
            trainable_params=count.trainable,
            macs=work.total,
            receptive_field=field.side,
            jump=field.jump,
            seen=_share_seen(shape, field),
            formula=count.formula,
            worked=count.worked,
            settings=layer_settings(layer),
            spec=layer,
        )
        check_layer(row)
        rows.append(row)
    summary = NetworkSummary(architecture.label(), shape, classes, tuple(rows))
    check_network(summary)
    return summary


def _share_seen(image: Shape, field: _Field) -> float:
    rows, columns = (len(pixels_seen(side, field.windows)) for side in image[:2])
    return rows * columns / (image[0] * image[1])


@dataclass(frozen=True, slots=True)
class _Field:
    """Receptive field and jump so far; None: every value sees all that any of its layer sees.

    `windows`: kernel, stride, padding of all that slid so far.
    """

    side: int | None
    jump: int | None
    windows: tuple[tuple[int, int, Padding], ...] = ()

    def after(self, layer: Layer) -> _Field:
        if isinstance(layer, specs.GlobalAveragePooling2D | specs.Dense):
            return _Field(None, None, self.windows)
        if self.side is None or self.jump is None or not isinstance(layer, Windowed):
            return self
        kernel, stride, padding = window(layer)
        windows = (*self.windows, (kernel, stride, padding))
        return _Field(self.side + (kernel - 1) * self.jump, self.jump * stride, windows)


@cache
def pixels_seen(side: int, windows: tuple[tuple[int, int, Padding], ...]) -> frozenset[int]:
    """Which pixels along one side of an image any window reaches; steps leave out what is between and behind.

    Args:
        side: of the image.
        windows: kernel, stride and padding of each, from the image on.
    """
    sides = [side]
    for kernel, stride, padding in windows:
        sides.append(output_side(sides[-1], kernel, stride, padding))
    seen = set(range(sides[-1]))
    for (kernel, stride, padding), below in zip(reversed(windows), reversed(sides[:-1]), strict=True):
        before = padded(below, kernel, stride, padding)[0]
        starts = [at * stride - before for at in seen]
        seen = {at for start in starts for at in range(max(0, start), min(below, start + kernel))}
    return frozenset(seen)


def _output_shape(layer: Layer, shape: Shape, network: ArchitectureSpec, image: Shape, classes: int) -> Shape:
    if isinstance(layer, specs.Dense):
        if len(shape) != 1:
            raise SpecError(
                f"{layer.name} needs a vector but gets {shape[0]}×{shape[1]} maps. "
                "Put a Flatten or GlobalAveragePooling2D layer before it."
            )
        return (classes if layer.units == CLASSES else int(layer.units),)
    if isinstance(layer, specs.Flatten):
        return (prod(shape),)
    if not isinstance(layer, Windowed | specs.GlobalAveragePooling2D):
        return shape
    if len(shape) != 3:
        raise SpecError(
            f"{layer.name} needs maps (rows, columns, channels) but gets a vector of {shape[0]} numbers. "
            "Put it before the flatten, global pooling or dense layer that made the vector."
        )
    height, width, channels = shape
    if isinstance(layer, specs.GlobalAveragePooling2D):
        return (channels,)
    kernel, stride, padding = window(layer)
    rows, columns = (output_side(side, kernel, stride, padding) for side in (height, width))
    if rows < 1 or columns < 1:
        raise SpecError(_too_small(layer, (height, width), network, image))
    return rows, columns, layer.filters if isinstance(layer, specs.Conv2D) else channels


def _too_small(layer: Windowed, side: tuple[int, int], network: ArchitectureSpec, image: Shape) -> str:
    kernel, is_convolution = window(layer)[0], isinstance(layer, specs.Conv2D)
    action, noun = ("slide a", "kernel") if is_convolution else ("lay a", "window")
    least, room = smallest_side(network), min(side)
    remedies = [f"images of at least {least}×{least} (these have {image[0]}×{image[1]})"]
    remedies += [f"a {noun} of at most {room}"] if room > 1 else []
    remedies.append("padding 'same'")
    remedies += ["one pooling or stride less"] if side != image[:2] else []
    return (
        f"{layer.name} cannot {action} {kernel}×{kernel} {noun} over its {side[0]}×{side[1]} input "
        f"(padding 'valid'). Use {', '.join(remedies[:-1])} or {remedies[-1]}."
    )


def window(layer: Windowed) -> tuple[int, int, Padding]:
    """Side, stride and padding of the window that a layer slides."""
    if isinstance(layer, specs.Conv2D):
        return layer.kernel_size, layer.strides, layer.padding
    return layer.pool_size, layer.strides or layer.pool_size, layer.padding


def output_side(side: int, kernel: int, stride: int, padding: str) -> int:
    """Positions of a window along one side: same ⌈n/s⌉, valid ⌊(n − k)/s⌋ + 1; below 1 it does not fit."""
    return -(-side // stride) if padding == "same" else (side - kernel) // stride + 1


def smallest_side(architecture: ArchitectureSpec) -> int:
    """The least height and width that the network can take, worked backwards from one value at the end."""
    side = 1
    for layer in reversed(architecture.layers):
        if isinstance(layer, Windowed):
            kernel, stride, padding = window(layer)
            side = (side - 1) * stride + (1 if padding == "same" else kernel)
    return side


class ParameterCount(NamedTuple):
    """Parameters of a layer, how they come about, and how many of them training changes."""

    total: int
    trainable: int
    formula: str = "none"
    worked: str = "0"


def count_parameters(layer: Layer, input_shape: Shape, output_shape: Shape) -> ParameterCount:
    """Count a layer's parameters: convolution N·m²·C + N, dense N·(M + 1), normalization 4·C."""
    if isinstance(layer, specs.BatchNormalization):
        channels = input_shape[-1]
        return ParameterCount(4 * channels, 2 * channels, "4·C", f"4·{channels} = {4 * channels:,}")
    if not isinstance(layer, specs.Conv2D | specs.Dense):
        return ParameterCount(0, 0)
    units, inputs = output_shape[-1], input_shape[-1]
    if isinstance(layer, specs.Conv2D):
        total = units * (layer.kernel_size**2 * inputs + layer.use_bias)
        formula, worked = "N·m²·C", f"{units}·{layer.kernel_size}²·{inputs}"
        if layer.use_bias:
            formula, worked = f"{formula} + N", f"{worked} + {units}"
    else:
        total = units * (inputs + layer.use_bias)
        formula, worked = "N·M", f"{units}·{inputs}"
        if layer.use_bias:
            formula, worked = "N·(M + 1)", f"{units}·({inputs} + 1)"
    return ParameterCount(total, total, formula, f"{worked} = {total:,}")


class MultiplyAdds(NamedTuple):
    """Multiply-adds of a layer for one image, and how they come about."""

    total: int = 0
    formula: str = ""
    worked: str = "0"


def multiply_adds(layer: Layer, input_shape: Shape, output_shape: Shape) -> MultiplyAdds:
    """Multiply-adds of one image: convolution H·W·N·m²·C over its output's H×W, dense N·M, others 0."""
    if isinstance(layer, specs.Conv2D):
        (rows, columns, filters), side, channels = output_shape, layer.kernel_size, input_shape[2]
        total = rows * columns * filters * side**2 * channels
        worked = f"{rows}·{columns}·{filters}·{side}²·{channels} = {total:,}"
        return MultiplyAdds(total, "H·W·N·m²·C", worked)
    if isinstance(layer, specs.Dense):
        total = output_shape[0] * input_shape[0]
        return MultiplyAdds(total, "N·M", f"{output_shape[0]}·{input_shape[0]} = {total:,}")
    return MultiplyAdds()


ACTIVATION_WORDS = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU"}


def layer_settings(layer: Layer) -> str:
    """What is set, in a few words: `3×3, stride 2, valid, ReLU`."""
    if isinstance(layer, specs.Conv2D):
        words = [f"{layer.kernel_size}×{layer.kernel_size}"]
        words += [f"stride {layer.strides}"] if layer.strides > 1 else []
        return ", ".join([*words, layer.padding, *_ending(layer)])
    if isinstance(layer, specs.Dense):
        return ", ".join(_ending(layer))
    if isinstance(layer, specs.Activation):
        return activation_word(layer.activation)
    if isinstance(layer, specs.Dropout):
        return f"rate {layer.rate:g}"
    if isinstance(layer, specs.BatchNormalization):
        return "" if layer.momentum == 0.99 else f"momentum {layer.momentum:g}"
    if isinstance(layer, specs.Flatten | specs.GlobalAveragePooling2D):
        return ""
    words = [f"{layer.pool_size}×{layer.pool_size}"] + (["same"] if layer.padding == "same" else [])
    if layer.strides not in (None, layer.pool_size):
        words.append(f"stride {layer.strides}")
    return ", ".join(words)


def activation_word(name: str) -> str:
    """`relu` as people write it: ReLU."""
    return ACTIVATION_WORDS.get(name, name.replace("_", " "))


def _ending(layer: specs.Conv2D | specs.Dense) -> list[str]:
    words = [activation_word(layer.activation)]
    words += [] if layer.use_bias else ["no bias"]
    return words + [f"{key.upper()} {value:g}" for key in ("l1", "l2") if (value := getattr(layer, key))]


#: 500 million parameters are 2 GB of weights and, with gradients and Adam's two moments, 8 GB while
#: training: the memory of an ordinary laptop or teaching GPU. VGG16 at 224×224 (138 million) fits well.
MAX_PARAMETERS = 500_000_000
#: 1 GiB for the outputs of all layers for one image; a batch of 32 would need 32 GiB. VGG16 at 224×224: 0.1.
MAX_ACTIVATION_BYTES = 2**30
#: A 224×224 image through VGG16 costs 15.5 billion; a hundred times that would be minutes an image.
MAX_MACS = 10**12
MAX_SIDE, MAX_CHANNELS, MAX_CLASSES = 4096, 1024, 65_536


def check_input(input_shape: Sequence[int], classes: int) -> tuple[int, int, int]:
    """Return (H, W, C) where an image can have this shape and a classifier so many classes.

    Raises:
        SpecError: it can't.
    """
    shape = tuple(int(side) for side in input_shape)
    if len(shape) != 3:
        raise SpecError(f"An image has the shape (height, width, channels); received {shape}.")
    height, width, channels = shape
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE and 1 <= channels <= MAX_CHANNELS):
        raise SpecError(
            f"An image of {height}×{width}×{channels} can't be used. Height and width must be 1 to "
            f"{MAX_SIDE:,}, channels 1 to {MAX_CHANNELS:,} (1 for grey, 3 for colour)."
        )
    if not 2 <= classes <= MAX_CLASSES:
        raise SpecError(f"A classifier needs 2 to {MAX_CLASSES:,} classes; received {classes}.")
    return height, width, channels


def check_layer(layer: LayerSummary) -> None:
    """Refuse one layer beyond the limits.

    Raises:
        SpecError: the layer alone is too large.
    """
    _refuse_parameters(f"{layer.name} alone would have", layer.params, f" ({layer.worked})", layer.type)
    _refuse_activations(f"The output of {layer.name} alone", layer.activation_bytes)
    _refuse_macs(f"{layer.name} alone", layer.macs)


def check_network(network: NetworkSummary) -> None:
    """Refuse a network beyond the limits.

    Raises:
        SpecError: it is too large; names the largest layer.
    """
    largest = max(network.layers, key=lambda layer: layer.params)
    detail = f", {largest.params:,} of them in {largest.name}"
    _refuse_parameters("This network would have", network.total_params, detail, largest.type)
    _refuse_activations("The outputs of all layers", network.activation_bytes)
    _refuse_macs("This network", network.macs)


def _refuse_parameters(start: str, count: int, detail: str, kind: str) -> None:
    if count <= MAX_PARAMETERS:
        return
    remedy = (
        "Use fewer units, or shrink the maps before flatten (pooling, strides, fewer filters)."
        if kind == "Dense"
        else "Use fewer filters or a smaller kernel."
    )
    raise SpecError(
        f"{start} {count:,} parameters{detail}; at most {MAX_PARAMETERS:,} are allowed, which take 8 GB "
        f"while training. {remedy}"
    )


def _refuse_activations(what: str, size: int) -> None:
    if size > MAX_ACTIVATION_BYTES:
        raise SpecError(
            f"{what} would take {size / 2**30:,.1f} GiB for a single image; at most "
            f"{MAX_ACTIVATION_BYTES / 2**30:g} GiB is allowed. Use smaller images, fewer filters, or shrink "
            "the maps earlier with pooling or strides."
        )


def _refuse_macs(what: str, count: int) -> None:
    if count > MAX_MACS:
        raise SpecError(
            f"{what} would take {count / 1e9:,.0f} billion multiply-adds an image; at most "
            f"{MAX_MACS / 1e9:,.0f} billion are allowed. Use a smaller kernel, fewer filters or smaller "
            "images."
        )
