"""What an explanation may ask of a network, so that each method is plain numpy."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Differentiable(Protocol):
    """A trained network as functions of images with brightness from 0 to 1.

    A class's score is what goes into softmax (the logit), so that it does not saturate. Gradients are
    by brightness on the scale from 0 to 1. Asking never changes the network.
    """

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of an image."""

    @property
    def map_layers(self) -> tuple[str, ...]:
        """Names of the layers that answer with maps, from the image to the classifier."""

    @property
    def last_convolution(self) -> str | None:
        """Name of the last convolution; None where there is none."""

    def scores(self, images: Floats) -> Floats:
        """Scores of all classes: (N, H, W, C) → (N, classes)."""

    def probabilities(self, images: Floats) -> NDArray[np.float64]:
        """Probabilities of all classes: (N, H, W, C) → (N, classes)."""

    def gradients(self, images: Floats, unit: int, layer: str | None = None) -> tuple[Floats, Floats]:
        """How a number depends on the pixels.

        Args:
            images: (N, H, W, C).
            unit: a class, or a map (its mean is meant) or unit of `layer`.
            layer: name; None: the classes' scores.
        Returns:
            The number for each image, (N,), and its gradient, (N, H, W, C).
        """

    def features(self, image: Floats, label: int, layer: str) -> tuple[Floats, Floats]:
        """A layer's maps (H', W', K) for one image (H, W, C), and the gradient of a class's score by them."""
