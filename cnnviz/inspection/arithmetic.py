"""The exact sum behind one number of a layer; runs in the inspection process only.

Taken from the layer's real input and weights, so that what is shown adds up to the number in the map.
"""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz.architectures.arithmetic import Windowed, window
from cnnviz.architectures.fields import Slide
from cnnviz.errors import RunError
from cnnviz.inspection.network import Network
from cnnviz.inspection.responses import answers
from cnnviz.inspection.results import Floats, LayerMaps
from cnnviz.inspection.workings import (
    Channel,
    ConvolutionSum,
    FunctionValue,
    MapMean,
    NormalizedValue,
    Part,
    PoolingWindow,
    UnitSum,
    Working,
)
from cnnviz.specs import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
)

#: So many channels are written out in full; of more only the strongest.
ALL_CHANNELS, STRONGEST, LARGEST_PARTS = 4, 3, 8
At = tuple[int, int] | None


def working(
    run: str, image: NDArray[np.uint8], layer: str, depth: int, at: At, untrained: bool = False
) -> Working:
    """How a number came about.

    Args:
        image: uint8 (H, W, C).
        layer: its name.
        depth: position of the map or unit, counted from 0.
        at: row and column in the map; None for a unit.
    Raises:
        RunError: there is no such number; or as `load`.
        ImageError: as `responses`.
    """
    network, layers = answers(run, image, untrained)
    spec = next((one for one in network.architecture.layers if one.name == layer), None)
    outputs = next((one.values for one in layers if one.name == layer), None)
    place = (*(at or ()), depth)
    if spec is None or outputs is None or len(place) != outputs.ndim or not _within(place, outputs.shape):
        raise RunError(f"'{layer}' has no number at {place}. Choose a map and a position of it.")
    source, given = _input(network, layer, layers, image)
    return _explain(network, spec, source, given, place, float(outputs[place]))


def _within(place: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return all(0 <= where < side for where, side in zip(place, shape, strict=True))


def _input(
    network: Network, layer: str, layers: tuple[LayerMaps, ...], image: NDArray[np.uint8]
) -> tuple[str, Floats]:
    """Name and output of what a layer takes: dropout and flatten change no number."""
    name, values = "", image.astype(np.float32) / np.float32(255)
    found = {one.name: one.values for one in layers}
    for spec in network.architecture.layers:
        if spec.name == layer:
            break
        if not isinstance(spec, Dropout | Flatten):
            name, values = spec.name, found[spec.name]
    return name, values


def _explain(
    network: Network, spec: Layer, source: str, given: Floats, place: tuple[int, ...], value: float
) -> Working:
    keras_layer = network.model.get_layer(spec.name)
    if isinstance(spec, Conv2D):
        return _convolution(spec, keras_layer, given, place, value)
    if isinstance(spec, Dense):
        return _unit(spec, keras_layer, source, given, place[0], value)
    if isinstance(spec, Windowed):
        values, inside = _below(spec, given[..., place[2]], place[:2])
        return PoolingWindow("max" if isinstance(spec, MaxPooling2D) else "mean", values, inside, value)
    if isinstance(spec, BatchNormalization):
        scale, shift, mean, variance = (float(one[place[-1]]) for one in keras_layer.get_weights())
        epsilon = float(keras_layer.epsilon)
        return NormalizedValue(float(given[place]), mean, variance, epsilon, scale, shift, value)
    if isinstance(spec, GlobalAveragePooling2D):
        one = given[..., place[0]]
        return MapMean(one.size, float(one.sum(dtype=np.float64)), value)
    assert isinstance(spec, Activation), spec.type  # dropout and flatten are not among the outputs
    return FunctionValue(float(given[place]), spec.activation, value)


def _below(spec: Windowed, given: Floats, at: tuple[int, ...]) -> tuple[Floats, NDArray[np.bool_]]:
    """The values below the window, 0 in the padding, and which are no padding; given (H, W) or (H, W, C)."""
    size, stride, padding = window(spec)
    lines = [
        np.arange(size) + where * stride - Slide(size, stride, padding, side).before
        for where, side in zip(at, given.shape, strict=False)
    ]
    known = [(line >= 0) & (line < side) for line, side in zip(lines, given.shape, strict=False)]
    inside = known[0][:, None] & known[1][None, :]
    found = np.zeros((size, size, *given.shape[2:]), np.float32)
    found[inside] = given[np.ix_(lines[0][known[0]], lines[1][known[1]])].reshape(-1, *given.shape[2:])
    return found, inside


def _convolution(
    spec: Conv2D, keras_layer: keras.layers.Layer, given: Floats, place: tuple[int, ...], value: float
) -> ConvolutionSum:
    values, inside = _below(spec, given, place[:2])  # (m, m, C)
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
    others = float(totals.sum() - sum(one.total for one in channels))
    return ConvolutionSum(
        channels, count - len(channels), others, added, before, spec.activation, value, inside
    )


def _unit(
    spec: Dense, keras_layer: keras.layers.Layer, source: str, given: Floats, unit: int, value: float
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
        float(products.sum() - sum(one.product for one in parts)),
        added,
        float(products.sum()) + (added or 0.0),
        spec.activation,
        value,
        source,
        given.shape,
        exponentials,
    )
