"""The only way from a spec to Keras: a flat functional model whose layers bear the spec's names.

Contract: input `image` takes uint8 (batch, H, W, C); `rescaling` brings it to 0–1 inside the model; then
the spec's layers; the last one is softmax in float32 whatever the precision. Not compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers as keras_layers

from cnnviz.architectures.arithmetic import INPUT, RESCALING, summarise
from cnnviz.architectures.layer_training import penalties
from cnnviz.specs import CLASSES, ArchitectureSpec, Conv2D, Dense, Layer, TrainingSpec


def build_model(
    architecture: ArchitectureSpec,
    input_shape: Sequence[int],
    classes: int,
    *,
    training: TrainingSpec | None = None,
) -> keras.Model:
    """Build the network with new random weights (seed Keras first for reproducible ones).

    Args:
        input_shape: (H, W, C) of the uint8 images.
        training: adds its L1 and L2 to the layers that `regularize` names, and sets the precision.
    Returns:
        model from uint8 (N, H, W, C) to float32 probabilities (N, classes).
    Raises:
        SpecError: as `summarise`.
    """
    shape = summarise(architecture, input_shape, classes).input_shape
    precision = training.precision if training else "float32"
    inputs = keras.Input(shape, dtype="uint8", name=INPUT)
    # In float32 also under mixed precision: bfloat16 could not tell all 256 grey levels apart.
    x = keras_layers.Rescaling(1 / 255, name=RESCALING, dtype="float32")(inputs)
    last = architecture.layers[-1]
    for layer in architecture.layers:
        x = _keras_layer(layer, classes, training, "float32" if layer is last else precision)(x)
    return keras.Model(inputs, x, name=architecture.name.replace("-", "_"))


def _keras_layer(
    layer: Layer, classes: int, training: TrainingSpec | None, precision: str
) -> keras.layers.Layer:
    settings: dict[str, Any] = layer.model_dump(exclude={"type", "l1", "l2"})
    if isinstance(layer, Dense) and layer.units == CLASSES:
        settings["units"] = classes
    if isinstance(layer, Conv2D | Dense):
        l1, l2 = penalties(layer, training)
        settings["kernel_regularizer"] = _regularizer(l1, l2)
    return getattr(keras_layers, layer.type)(**settings, dtype=precision)


def _regularizer(l1: float, l2: float) -> keras.regularizers.Regularizer | None:
    if l1 and l2:
        return keras.regularizers.L1L2(l1, l2)
    if l1:
        return keras.regularizers.L1(l1)
    return keras.regularizers.L2(l2) if l2 else None
