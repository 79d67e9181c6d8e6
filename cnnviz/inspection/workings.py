"""How one number of a layer came about: plain data, one type a kind of layer. No Keras.

Numbers are float64 sums of the network's float32 values: they agree with what it computed to about six
significant digits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
