"""Histograms of weights, fast enough to be made after every epoch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz import backend

BINS = 60
Weights = dict[str, NDArray[np.float32]]


def capture(network: keras.Model) -> Weights:
    """Copies of the weights and biases of convolutions and dense layers: `<layer>_kernel`, `<layer>_bias`."""
    layers = [x for x in network.layers if isinstance(x, keras.layers.Conv2D | keras.layers.Dense)]
    return {
        f"{layer.name}_{kind}": backend.array(variable).astype(np.float32, copy=False)
        for layer in layers
        for kind, variable in zip(("kernel", "bias"), layer.weights, strict=False)
    }


def arrays(weights: Weights) -> dict[str, NDArray[Any]]:
    """`counts_…`, `edges_…` and `moments_…` of each, as a snapshot holds them; none of what is not finite."""
    found: dict[str, NDArray[Any]] = {}
    for name, values in weights.items():
        if not np.isfinite(values).all():
            continue
        counts, edges = histogram(values)
        moments = values.mean(dtype=np.float64), values.std(dtype=np.float64)
        found |= {
            f"counts_{name}": counts,
            f"edges_{name}": edges,
            f"moments_{name}": np.array(moments, np.float32),
        }
    return found


def histogram(values: NDArray[np.float32]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Counts in `BINS` bins of equal width from the smallest to the largest value, and their edges.

    A value may fall into the neighbour of the bin that exact arithmetic would choose: numpy's own
    histogram takes ten times as long.

    Returns:
        counts int32 (BINS,), edges float32 (BINS + 1,), growing.
    """
    flat = values.ravel()
    low, high = float(flat.min()), float(flat.max())
    least = max(abs(low), abs(high), 1e-6) * 1e-4  # equal values still need bins of some width
    if high - low < least:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    place = ((flat - np.float32(low)) * np.float32(BINS / (high - low))).astype(np.int32)
    np.clip(place, 0, BINS - 1, out=place)
    counts = np.bincount(place, minlength=BINS).astype(np.int32)
    return counts, np.linspace(low, high, BINS + 1).astype(np.float32)
