"""Shapes, parameters, multiply-adds and receptive fields of a network, by arithmetic alone.

Contract: `summarise` agrees with Keras layer by layer (a property test holds it to that), needs well
under a millisecond for a network of ordinary size, and refuses whatever Keras could not build or a
machine could not hold, naming the layer and what to do. Where the sizes come from: Dumoulin and Visin
2016 (arXiv:1603.07285); receptive fields: Araujo, Norris and Sim 2019 (distill.pub).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnviz.architectures import formulas, limits
from cnnviz.architectures.summary import LayerSummary, NetworkSummary, Shape
from cnnviz.errors import SpecError
from cnnviz.specs import (
    CLASSES,
    ArchitectureSpec,
    AveragePooling2D,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
)

#: The input and the first layer of every model (see build.py).
INPUT, RESCALING = RESERVED = ("image", "rescaling")
Windowed = Conv2D | MaxPooling2D | AveragePooling2D


def summarise(architecture: ArchitectureSpec, input_shape: Sequence[int], classes: int) -> NetworkSummary:
    """Work out every layer of a network.

    Args:
        architecture: the layers.
        input_shape: (H, W, C) of one image.
        classes: units of the last layer.
    Raises:
        SpecError: a layer that can't take its input, or a network too large; says which and what to do.
    """
    shape = limits.check_input(input_shape, classes)
    _check_names(architecture)
    field = _Field(1, 1)
    rows: list[LayerSummary] = []
    for layer in architecture.layers:
        row, field = _layer(
            layer, rows[-1].output_shape if rows else shape, field, architecture, shape, classes
        )
        limits.check_layer(row)
        rows.append(row)
    summary = NetworkSummary(architecture.label(), shape, classes, tuple(rows))
    limits.check_network(summary)
    return summary


@dataclass(frozen=True, slots=True)
class _Field:
    """Receptive field and jump so far; None: every value sees the whole image."""

    side: int | None
    jump: int | None

    def after(self, layer: Layer) -> _Field:
        if isinstance(layer, GlobalAveragePooling2D | Dense):
            return _Field(None, None)
        if self.side is None or self.jump is None or not isinstance(layer, Windowed):
            return self
        kernel, stride, _ = window(layer)
        return _Field(self.side + (kernel - 1) * self.jump, self.jump * stride)


def window(layer: Windowed) -> tuple[int, int, str]:
    """Side, stride and padding of the window that a layer slides."""
    if isinstance(layer, Conv2D):
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


def _check_names(architecture: ArchitectureSpec) -> None:
    for layer in architecture.layers:
        if layer.name in RESERVED:
            raise SpecError(
                f"A layer can't be called '{layer.name}': the model's own beginning bears that name. "
                "Choose another one."
            )


def _layer(
    layer: Layer, shape: Shape, field: _Field, network: ArchitectureSpec, image: Shape, classes: int
) -> tuple[LayerSummary, _Field]:
    output = _output_shape(layer, shape, network, image, classes)
    count = formulas.parameters(layer, shape, output)
    after = field.after(layer)
    row = LayerSummary(
        name=layer.name,
        type=layer.type,
        input_shape=shape,
        output_shape=output,
        params=count.total,
        trainable_params=count.trainable,
        macs=formulas.multiply_adds(layer, shape, output),
        receptive_field=after.side,
        jump=after.jump,
        formula=count.formula,
        worked=count.worked,
        settings=formulas.settings(layer),
        spec=layer,
    )
    return row, after


def _output_shape(layer: Layer, shape: Shape, network: ArchitectureSpec, image: Shape, classes: int) -> Shape:
    if isinstance(layer, Dense):
        return (_units(layer, shape, classes),)
    if isinstance(layer, Flatten):
        size = 1
        for side in shape:
            size *= side
        return (size,)
    if not isinstance(layer, Windowed | GlobalAveragePooling2D):
        return shape
    if len(shape) != 3:
        raise SpecError(
            f"{layer.name} needs maps (rows, columns, channels) but gets a vector of {shape[0]} numbers. "
            "Put it before the flatten, global pooling or dense layer that made the vector."
        )
    if isinstance(layer, GlobalAveragePooling2D):
        return (shape[2],)
    return _slide(layer, shape, network, image)


def _units(layer: Dense, shape: Shape, classes: int) -> int:
    if len(shape) != 1:
        raise SpecError(
            f"{layer.name} needs a vector but gets {shape[0]}×{shape[1]} maps. "
            "Put a Flatten or GlobalAveragePooling2D layer before it."
        )
    return classes if layer.units == CLASSES else int(layer.units)


def _slide(layer: Windowed, shape: Shape, network: ArchitectureSpec, image: Shape) -> Shape:
    height, width, channels = shape
    kernel, stride, padding = window(layer)
    rows, columns = (output_side(side, kernel, stride, padding) for side in (height, width))
    if rows < 1 or columns < 1:
        raise SpecError(_too_small(layer, (height, width), network, image))
    return rows, columns, layer.filters if isinstance(layer, Conv2D) else channels


def _too_small(layer: Windowed, side: tuple[int, int], network: ArchitectureSpec, image: Shape) -> str:
    kernel, is_convolution = window(layer)[0], isinstance(layer, Conv2D)
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
