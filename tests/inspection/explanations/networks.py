"""Small networks whose explanations can be worked out by hand, and ones of every kind."""

from __future__ import annotations

import keras
import numpy as np

from cnnviz.architectures.build import build_model
from cnnviz.inspection.passes import Passes
from cnnviz.specs import (
    Activation,
    ArchitectureSpec,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
)

CLASSES = 3


def classifier(**settings: object) -> Dense:
    return Dense(name="softmax", units="classes", activation="softmax", **settings)


def built(*layers: Layer, shape: tuple[int, int, int] = (8, 8, 3), seed: int = 1) -> Passes:
    keras.utils.set_random_seed(seed)
    model = build_model(ArchitectureSpec.of(*layers), shape, CLASSES)
    for weight in model.weights:  # biases and statistics too, which begin at 0 and 1
        if "seed" not in weight.path:
            shift = np.random.default_rng(seed).uniform(-0.05, 0.05, weight.shape)
            weight.assign(weight.numpy() + shift)
    return Passes(model)


def linear(shape: tuple[int, int, int] = (8, 8, 3)) -> Passes:
    """Score = weights · pixels + bias: all gradients are the weights."""
    return built(Flatten(), classifier(), shape=shape)


def pooled(activation: str = "relu") -> Passes:
    """Convolution, mean over all places, classifier: the network of class activation maps."""
    return built(
        Conv2D(name="conv", filters=5, activation=activation),
        GlobalAveragePooling2D(name="mean"),
        classifier(),
    )


def smooth() -> Passes:
    """Without kinks, so that integrals converge fast."""
    return built(
        Conv2D(name="conv1", filters=4, activation="tanh"),
        AveragePooling2D(name="pool"),
        Flatten(),
        Dense(name="hidden", units=6, activation="silu"),
        classifier(),
    )


def _deep() -> Passes:
    blocks: list[list[Layer]] = [
        [*(Conv2D(name=f"b{i}c{j}", filters=4 * i) for j in (1, 2)), MaxPooling2D(name=f"b{i}p")]
        for i in (1, 2, 3)
    ]
    tail: list[Layer] = [
        Flatten(),
        Dense(name="d1", units=16),
        Dropout(name="drop"),
        Dense(name="d2", units=16),
    ]
    return built(*[layer for block in blocks for layer in block], *tail, classifier(), shape=(16, 16, 3))


#: One network of every kind, by name.
KINDS = {
    "plain": lambda: built(Conv2D(name="conv", filters=4), MaxPooling2D(name="p"), Flatten(), classifier()),
    "batch norm": lambda: built(
        Conv2D(name="conv", filters=4, activation="linear", use_bias=False),
        BatchNormalization(name="norm"),
        Activation(name="act"),
        Flatten(),
        classifier(use_bias=False),
    ),
    "strides": lambda: built(
        Conv2D(name="conv", filters=4, strides=2, padding="valid", kernel_size=3), Flatten(), classifier()
    ),
    "no hidden dense": pooled,
    "one channel": lambda: built(
        Conv2D(name="conv", filters=4), Dropout(name="drop"), Flatten(), classifier(), shape=(9, 7, 1)
    ),
    "like VGG16": _deep,
    "smooth": smooth,
}


def picture(passes: Passes, seed: int = 0) -> np.ndarray:
    """An image (H, W, C) from 0 to 1 with broad patches, as photos have them."""
    height, width, channels = passes.shape
    coarse = np.random.default_rng(seed).random((4, 4, channels), np.float32)
    rows, columns = np.arange(height) * 4 // height, np.arange(width) * 4 // width
    return coarse[rows][:, columns]
