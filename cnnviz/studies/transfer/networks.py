"""Networks as fixed feature extractors (imports Keras): VGG16 with ImageNet's weights, or a run's network.

Used by a process of its own (`worker`) and by the inspection process, never by the web process.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.applications import vgg16
from numpy.typing import NDArray

from cnnviz.errors import DataError
from cnnviz.inspection import network
from cnnviz.inspection.layers import LayerMaps
from cnnviz.inspection.weights import Weights
from cnnviz.studies.transfer import vgg16_weights
from cnnviz.studies.transfer.vgg16_weights import adaptation

#: uint8 images (N, H, W, C) → float32 features (N, F).
Extract = Callable[[NDArray[Any]], NDArray[np.float32]]
#: Pixels of one batch: 64 images of 32×32, or one of 256×256.
_PIXELS = 64 * 32 * 32


def imagenet_extractor(weights: Path, layer: str, input_shape: tuple[int, int, int]) -> Extract:
    """Images as they are (uint8, any channels) → the mean of every map of a layer of VGG16.

    Raises:
        DataError: the file holds no weights of VGG16.
    """
    factor, _ = adaptation(input_shape)
    model = _vgg16(weights, input_shape[0] * factor, input_shape[1] * factor)
    outputs = _pooled(model.get_layer(layer).output)
    extract = _extractor(keras.Model(model.inputs, outputs), input_shape[0] * input_shape[1] * factor**2)
    return lambda images: extract(as_imagenet(images))


def run_extractor(run: Path, layer: str, input_shape: tuple[int, int, int]) -> Extract:
    """Images as the run was trained on → the mean of every map, or every unit, of a layer of its network.

    Raises:
        RunError: its weights are gone or damaged.
    """
    model = network.load(Weights(run)).model
    outputs = _pooled(model.get_layer(layer).output)
    return _extractor(keras.Model(model.inputs, outputs), input_shape[0] * input_shape[1])


def imagenet_maps(weights: Path, layers: Sequence[str], image: NDArray[np.uint8]) -> tuple[LayerMaps, ...]:
    """What layers of VGG16 with ImageNet's weights make of one image (H, W, C).

    Raises:
        DataError: the file holds no weights of VGG16.
    """
    height, width = as_imagenet(image[None]).shape[1:3]
    model = _vgg16(weights, height, width)
    inside = keras.Model(model.inputs, [model.get_layer(name).output for name in layers])
    outputs = inside.predict_on_batch(as_imagenet(image[None]))
    outputs = outputs if isinstance(outputs, list) else [outputs]
    kinds = ["Conv2D" if "conv" in name else "MaxPooling2D" for name in layers]
    return tuple(
        LayerMaps(name, kind, False, np.asarray(values[0], np.float32))
        for name, kind, values in zip(layers, kinds, outputs, strict=True)
    )


def as_imagenet(images: NDArray[Any]) -> NDArray[np.float32]:
    """Images as VGG16 was trained to see them: BGR, each channel without its mean, at least 32×32.

    Args:
        images: 0–255, shape (N, H, W, 1 or 3); never changed. Keras's `preprocess_input` works in place
            on float arrays, so it is given a copy.
    Returns:
        float32, shape (N, f·H, f·W, 3).
    """
    factor, _ = adaptation((images.shape[1], images.shape[2], images.shape[3]))
    larger = images.repeat(factor, axis=1).repeat(factor, axis=2) if factor > 1 else images
    colour = larger.repeat(3, axis=3) if larger.shape[3] == 1 else larger
    return np.asarray(vgg16.preprocess_input(np.array(colour, np.float32, copy=True)), np.float32)


def _vgg16(weights: Path, height: int, width: int) -> keras.Model:
    stat = weights.stat()
    return _read_vgg16(weights, height, width, (stat.st_size, stat.st_mtime_ns))


@lru_cache(maxsize=2)
def _read_vgg16(weights: Path, height: int, width: int, stamp: tuple[int, int]) -> keras.Model:
    del stamp
    model = vgg16.VGG16(include_top=False, weights=None, input_shape=(height, width, 3))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of h5 files as such; Keras's own are of that kind
            model.load_weights(weights)
    except (OSError, KeyError, ValueError) as error:
        raise DataError(
            f"{weights} holds no weights of VGG16 or is damaged. Remove it, then download it again or "
            f"place the official file there ({vgg16_weights.URL})."
        ) from error
    return model


def _pooled(output: keras.KerasTensor) -> keras.KerasTensor:
    return keras.layers.GlobalAveragePooling2D()(output) if len(output.shape) == 4 else output


def _extractor(model: keras.Model, pixels: int) -> Extract:
    """Batches of one shape, the last one filled up: another shape would be compiled anew."""
    size = max(1, _PIXELS // pixels)

    def extract(images: NDArray[Any]) -> NDArray[np.float32]:
        answers = []
        for start in range(0, len(images), size):
            batch = images[start : start + size]
            filled = np.concatenate([batch, np.zeros((size - len(batch), *batch.shape[1:]), batch.dtype)])
            answers.append(np.asarray(model.predict_on_batch(filled), np.float32)[: len(batch)])
        return np.concatenate(answers)

    return extract
