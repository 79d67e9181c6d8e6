"""What the layers of a network make of an image, and their weights: plain arrays and names. No Keras."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.specs import Activation, ArchitectureSpec, BatchNormalization, Conv2D, Dense

Floats = NDArray[np.float32]
#: uint8: one image (H, W, C) or several (N, H, W, C), 0 to 255.
Images = NDArray[np.uint8]

#: The longest side of a layer's small picture, in values.
GLANCE = 64


def size_in_words(shape: tuple[int, ...]) -> str:
    """`32 maps of 30×30` or `512 units`."""
    return f"{shape[-1]:,} maps of {shape[0]}×{shape[1]}" if len(shape) == 3 else f"{shape[0]:,} units"


class LayerMaps(NamedTuple):
    """What one layer makes of one image."""

    name: str
    type: str  # as the spec says it: "Conv2D", "Dense", …
    signed: bool  # whether its responses can be negative
    values: Floats  # (H, W, K), or (K,) for a layer of single numbers

    @property
    def spatial(self) -> bool:
        """Whether there are maps, rather than single numbers."""
        return self.values.ndim == 3

    @property
    def depth(self) -> int:
        """Number of maps or of units."""
        return int(self.values.shape[-1])

    @property
    def size(self) -> str:
        """`32 maps of 30×30` or `512 units`."""
        return size_in_words(self.values.shape)


class LayerGlance(NamedTuple):
    """One layer for the overview: what it is, and a small picture's worth of its response to one image."""

    name: str
    type: str
    signed: bool
    shape: tuple[int, ...]  # (H, W, K) or (K,)
    glance: Floats  # (h, w) of the map with the largest variance, or (k,): at most GLANCE a side

    @property
    def spatial(self) -> bool:
        """Whether there are maps, rather than single numbers."""
        return len(self.shape) == 3

    @property
    def depth(self) -> int:
        """Number of maps or of units."""
        return self.shape[-1]

    @property
    def size(self) -> str:
        """As `LayerMaps.size`."""
        return size_in_words(self.shape)


class Overview(NamedTuple):
    """All layers at a glance for one image, and the classifier's answer."""

    layers: tuple[LayerGlance, ...]
    probabilities: Floats  # (classes,)
    epoch: int | None  # as in ActivationSet

    def layer(self, name: str) -> LayerGlance | None:
        """The layer of that name; None where this network has none."""
        return next((layer for layer in self.layers if layer.name == name), None)


class ActivationSet(NamedTuple):
    """All layers' responses to one image, from the input side to the classifier."""

    layers: tuple[LayerMaps, ...]
    epoch: int | None  # whole epochs trained so far, for a checkpoint; None: the finished model

    @property
    def probabilities(self) -> Floats:
        """The classifier's output, shape (C,)."""
        return self.layers[-1].values

    def layer(self, name: str) -> LayerMaps | None:
        """The layer of that name; None where this network has none."""
        return next((layer for layer in self.layers if layer.name == name), None)


class Kernels(NamedTuple):
    """Weights of one convolution, whole or for one of its maps."""

    layer: str
    kernel: Floats  # (m, m, C, K), or (m, m, C, 1) for one map
    bias: Floats | None  # (K,) or (1,)
    first: bool  # whether the layer looks at the image itself


_NEVER_NEGATIVE = frozenset({"relu", "sigmoid", "hard_sigmoid", "softmax"})


def signed_outputs(architecture: ArchitectureSpec) -> dict[str, bool]:
    """For every layer's name whether its output can be below 0; the image itself can't.

    Pooling, dropout and flatten pass on the sign of what they receive.
    """
    signs: dict[str, bool] = {}
    signed = False
    for layer in architecture.layers:
        if isinstance(layer, Conv2D | Dense | Activation):
            inherits = isinstance(layer, Activation) and layer.activation == "linear" and not signed
            signed = layer.activation not in _NEVER_NEGATIVE and not inherits
        elif isinstance(layer, BatchNormalization):
            signed = True
        signs[layer.name] = signed
    return signs
