"""Augmentation as one Keras layer: rotation, shift, zoom and flips in a single affine operation.

Keras's random layers resample the images once each; composing the transforms first resamples once,
which costs a third and blurs less. The layer stands in the training model only, never in the saved one.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from cnnviz.datasets.preview import DRAWS, transforms
from cnnviz.specs import AugmentationSpec


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
            matrix = transforms(draws, self.spec, height, width, ops)
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
