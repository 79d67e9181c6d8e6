"""Augmentation as one Keras layer: rotation, shift, zoom and flips in a single affine operation.

Keras's random layers resample the images once each; composing the transforms first resamples once,
which costs a third and blurs less. The layer stands in the training model only, never in the saved one.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from cnnviz.specs import AugmentationSpec

#: Uniform numbers that one image takes: angle, two shifts, zoom, two flips, brightness.
DRAWS = 7


def transforms(draws: Any, spec: AugmentationSpec, height: int, width: int) -> Any:
    """Turn uniform numbers into projective transforms that lead from output to input pixels.

    The image is flipped, zoomed and rotated about its centre, then shifted; zoom 0.2 scales it by
    1 / (0.8 … 1.2).

    Args:
        draws: float, shape (B, 7), uniform in [-1, 1).
    Returns:
        float, shape (B, 8): a0 a1 a2 b0 b1 b2 0 0, with x_in = a0·x + a1·y + a2 and
        y_in = b0·x + b1·y + b2, as `keras.ops.image.affine_transform` takes them.
    """
    angle = draws[:, 0] * (spec.rotation * math.pi / 180)
    right, down = draws[:, 1] * (spec.width_shift * width), draws[:, 2] * (spec.height_shift * height)
    scale = 1 + draws[:, 3] * spec.zoom
    one = ops.ones_like(scale)
    flip_x = ops.where(draws[:, 4] < 0, -one, one) if spec.horizontal_flip else one
    flip_y = ops.where(draws[:, 5] < 0, -one, one) if spec.vertical_flip else one
    cos, sin = ops.cos(angle) * scale, ops.sin(angle) * scale
    a0, a1, b0, b1 = cos * flip_x, -sin * flip_x, sin * flip_y, cos * flip_y
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    x, y = middle_x + right, middle_y + down  # the output pixel that shows the input's centre
    a2, b2 = middle_x - a0 * x - a1 * y, middle_y - b0 * x - b1 * y
    zero = ops.zeros_like(scale)
    return ops.stack([a0, a1, a2, b0, b1, b2, zero, zero], axis=1)


class Augment(keras.layers.Layer):
    """Change each image of a training batch at random; leave all others as they are.

    Input and output: uint8, shape (B, H, W, C). What moves in from outside repeats the edge.
    """

    def __init__(self, spec: AugmentationSpec, seed: int, **settings: Any) -> None:
        super().__init__(dtype="float32", trainable=False, **settings)
        self.spec = spec
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_jit = False  # XLA has no such affine operation
        geometric = ("rotation", "width_shift", "height_shift", "zoom", "horizontal_flip", "vertical_flip")
        self.moves = any(getattr(spec, name) for name in geometric)
        self.colours = bool(spec.brightness or spec.channel_shift)

    def call(self, images: Any, training: bool = False) -> Any:
        """Draw anew for every image and batch."""
        if not (training and self.spec.active):
            return images
        _, height, width, channels = images.shape
        batch = ops.shape(images)[0]
        draws = keras.random.uniform((batch, DRAWS + channels), -1, 1, seed=self.seed_generator)
        values = ops.cast(images, "float32")
        if self.moves:
            matrix = transforms(draws, self.spec, height, width)
            values = ops.image.affine_transform(values, matrix, "bilinear", "nearest")
        if self.colours:
            light = draws[:, 6:7] * self.spec.brightness + draws[:, DRAWS:] * self.spec.channel_shift
            values = ops.clip(values + 255 * light[:, None, None, :], 0, 255)
        return ops.cast(ops.round(values), "uint8")

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The same."""
        return input_shape


def training_model(network: keras.Model, spec: AugmentationSpec, seed: int) -> keras.Model:
    """The model that `fit` trains: the network's own layers, with augmentation before them if any.

    A model of its own even without augmentation, so that the saved network knows no optimizer.
    """
    if not spec.active:
        return keras.Model(network.inputs[0], network.outputs[0], name="training")
    inputs = keras.Input(network.inputs[0].shape[1:], dtype="uint8", name="augmented_images")
    changed = Augment(spec, seed, name="augment")(inputs)
    return keras.Model(inputs, network(changed), name="training")


def preview(images: NDArray[Any], spec: AugmentationSpec, seed: int, times: int = 1) -> NDArray[Any]:
    """Augment images just as training does.

    Args:
        images: uint8, shape (N, H, W, C).
        times: how often each image is changed, each time anew.
    Returns:
        uint8, shape (times, N, H, W, C).
    """
    layer = Augment(spec, seed)
    return np.stack([np.asarray(layer(images, training=True)) for _ in range(times)])
