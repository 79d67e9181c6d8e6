"""What a network says about several images at once; runs in the inspection process only (imports Keras)."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz.errors import ImageError
from cnnviz.inspection.network import load

#: Images that go through the network together: bounded memory, and one size of batch to trace for.
_BATCH = 32


def probabilities(run: str, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pass images (N, H, W, C) through a run's network.

    Returns:
        shape (N, classes).
    Raises:
        RunError: as `load`.
        ImageError: the images have another shape than the network's input.
    """
    model = load(run).model
    if images.shape[1:] != tuple(model.input_shape[1:]):
        raise ImageError(f"The images are {images.shape[1:]}; this network takes {model.input_shape[1:]}.")
    found = [_batch(model, images[start : start + _BATCH]) for start in range(0, len(images), _BATCH)]
    return np.concatenate(found).astype(np.float32)


def _batch(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    filled = np.zeros((_BATCH, *images.shape[1:]), np.uint8)
    filled[: len(images)] = images
    return np.asarray(model.predict_on_batch(filled))[: len(images)]
