"""The exact sum behind one number of a layer: plain data, one type a kind of layer. No Keras.

It is taken from the layer's real input and weights, so that what is shown adds up to the number in the map.

Numbers are float64 sums of the network's float32 values: they agree with what it computed to about six
significant digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz import specs
from cnnviz.architectures.arithmetic import Windowed, window
from cnnviz.convolution import window_at
from cnnviz.errors import RunError
from cnnviz.inspection.layers import LayerMaps
from cnnviz.specs import ArchitectureSpec, Layer

Window = NDArray[np.float32]


class Channel(NamedTuple):
    """What one map of the layer before adds to a sum."""

    position: int
    window: Window  # (m, m), 0 in the padding
    weights: Window  # (m, m)
    total: float  # sum of window · weights


class ConvolutionSum(NamedTuple):
    """Sum over channels of window times kernel, plus bias, through the activation."""

    channels: tuple[Channel, ...]  # all in order, or those that add the most (with either sign) first
    others: int  # channels that are not written out
    others_total: float
    bias: float | None
    before: float  # of the activation
    activation: str
    value: float
    inside: NDArray[np.bool_]  # (m, m): False in the padding


class PoolingWindow(NamedTuple):
    """The values of which the largest, or the mean, is taken."""

    kind: str  # "max" or "mean"
    window: Window  # (m, m)
    inside: NDArray[np.bool_]  # (m, m): False in the padding, which takes no part
    value: float


class NormalizedValue(NamedTuple):
    """scale · (input − mean) / √(variance + epsilon) + shift."""

    given: float
    mean: float
    variance: float
    epsilon: float
    scale: float
    shift: float
    value: float


class FunctionValue(NamedTuple):
    """An activation function of one number."""

    given: float
    activation: str
    value: float


class MapMean(NamedTuple):
    """The mean of a whole map."""

    size: int  # how many values
    total: float
    value: float


class Part(NamedTuple):
    """What one input adds to a unit."""

    position: int  # in the vector that the layer takes
    given: float
    weight: float

    @property
    def product(self) -> float:
        """Input times weight."""
        return self.given * self.weight


class UnitSum(NamedTuple):
    """Sum of all inputs times weights, plus bias, through the activation."""

    parts: tuple[Part, ...]  # those that add the most, with either sign, first
    others: int
    others_total: float
    bias: float | None
    before: float
    activation: str
    value: float
    source: str  # layer that gives the inputs; "" for the image
    source_shape: tuple[int, ...]  # (H, W, K) of maps written one after the other, or (M,)
    exponentials: float | None  # for softmax: the sum of e^x over all units


Working = ConvolutionSum | PoolingWindow | NormalizedValue | FunctionValue | MapMean | UnitSum


#: So many channels are written out in full; of more only the strongest.
ALL_CHANNELS, STRONGEST, LARGEST_PARTS = 4, 3, 8


def work_out(
    architecture: ArchitectureSpec,
    layer_of: Callable[[str], Any],
    layers: Sequence[LayerMaps],
    image: NDArray[np.uint8],
    name: str,
    place: tuple[int, ...],
) -> Working:
    """How a number of a layer came about, from the layer's real input and weights.

    Args:
        layer_of: gives the Keras layer of a name.
        layers: what all shown layers make of the image.
        image: uint8, shape (H, W, C).
        name: of the layer.
        place: (row, column, map) of a layer with maps, (unit,) of another one.
    Raises:
        RunError: there is no such number.
    """
    spec = next((layer for layer in architecture.layers if layer.name == name), None)
    values = next((layer.values for layer in layers if layer.name == name), None)
    within = values is not None and len(place) == values.ndim and all(np.greater(values.shape, place))
    if spec is None or values is None or not within or min(place) < 0:
        raise RunError(f"'{name}' has no number at {place}. Choose a map and a position of it.")
    source, given = _input(architecture, name, layers, image)
    return _explain(spec, layer_of(name), source, given, place, float(values[place]))


def _input(
    architecture: ArchitectureSpec, layer: str, layers: Sequence[LayerMaps], image: NDArray[np.uint8]
) -> tuple[str, Window]:
    """Name and output of what a layer takes: dropout and flatten change no number."""
    name, values = "", image.astype(np.float32) / np.float32(255)
    by_name = {maps.name: maps.values for maps in layers}
    for spec in architecture.layers:
        if spec.name == layer:
            break
        if not isinstance(spec, specs.Dropout | specs.Flatten):
            name, values = spec.name, by_name[spec.name]
    return name, values


def _explain(
    spec: Layer, keras_layer: Any, source: str, given: Window, place: tuple[int, ...], value: float
) -> Working:
    if isinstance(spec, specs.Conv2D):
        return _convolution(spec, keras_layer, given, place, value)
    if isinstance(spec, specs.Dense):
        return _unit(spec, keras_layer, source, given, place[0], value)
    if isinstance(spec, Windowed):
        values, inside = _below(spec, given[..., place[2]], place)
        return PoolingWindow("max" if isinstance(spec, specs.MaxPooling2D) else "mean", values, inside, value)
    if isinstance(spec, specs.BatchNormalization):
        scale, shift, mean, variance = (float(weight[place[-1]]) for weight in keras_layer.get_weights())
        epsilon = float(keras_layer.epsilon)
        return NormalizedValue(float(given[place]), mean, variance, epsilon, scale, shift, value)
    if isinstance(spec, specs.GlobalAveragePooling2D):
        values = given[..., place[0]]
        return MapMean(values.size, float(values.sum(dtype=np.float64)), value)
    assert isinstance(spec, specs.Activation), spec.type  # dropout and flatten are not among the outputs
    return FunctionValue(float(given[place]), spec.activation, value)


def _below(spec: Windowed, given: Window, place: tuple[int, ...]) -> tuple[Window, NDArray[np.bool_]]:
    size, stride, _ = window(spec)
    return window_at(given, (size, size), place[:2], stride, spec.padding)


def _convolution(
    spec: specs.Conv2D, keras_layer: Any, given: Window, place: tuple[int, ...], value: float
) -> ConvolutionSum:
    values, inside = _below(spec, given, place)  # (m, m, C)
    kernel, *bias = keras_layer.get_weights()
    weights = kernel[..., place[2]]
    totals = (values.astype(np.float64) * weights).sum(axis=(0, 1))
    count = len(totals)
    chosen = range(count) if count <= ALL_CHANNELS else np.argsort(-np.abs(totals), kind="stable")[:STRONGEST]
    channels = tuple(
        Channel(int(c), values[..., c], weights[..., c], float(totals[c])) for c in map(int, chosen)
    )
    added = float(bias[0][place[2]]) if bias else None
    before = float(totals.sum()) + (added or 0.0)
    others = float(totals.sum() - sum(channel.total for channel in channels))
    return ConvolutionSum(
        channels, count - len(channels), others, added, before, spec.activation, value, inside
    )


def _unit(
    spec: specs.Dense, keras_layer: Any, source: str, given: Window, unit: int, value: float
) -> UnitSum:
    vector = given.reshape(-1).astype(np.float64)
    kernel, *bias = keras_layer.get_weights()
    products = vector * kernel[:, unit]
    strongest = np.argsort(-np.abs(products), kind="stable")[:LARGEST_PARTS]
    parts = tuple(Part(int(i), float(vector[i]), float(kernel[i, unit])) for i in strongest)
    added = float(bias[0][unit]) if bias else None
    exponentials = None
    if spec.activation == "softmax":
        exponentials = float(np.exp(vector @ kernel + (bias[0] if bias else 0)).sum())
    return UnitSum(
        parts,
        len(products) - len(parts),
        float(products.sum() - sum(part.product for part in parts)),
        added,
        float(products.sum()) + (added or 0.0),
        spec.activation,
        value,
        source,
        given.shape,
        exponentials,
    )
