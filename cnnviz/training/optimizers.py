"""TrainingSpec → Keras optimizer and loss."""

from __future__ import annotations

from typing import Any

import keras

from cnnviz.specs import TrainingSpec


def make_optimizer(training: TrainingSpec) -> Any:
    """The optimizer with its rate, momentum and decoupled weight decay; all else as Keras has it."""
    settings: dict[str, Any] = {"learning_rate": training.rate}
    if training.momentum:
        settings["momentum"] = training.momentum
    # AdamW refuses None; for the others None saves a pass over all weights in every step.
    if training.weight_decay is not None:
        settings["weight_decay"] = training.weight_decay
    return getattr(keras.optimizers, training.optimizer)(**settings)


class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy of whole-number labels with label smoothing (Szegedy et al. 2016, section 7).

    Keras smooths one-hot labels only; made here a batch at a time, they cost no memory.
    """

    def __init__(self, classes: int, smoothing: float, **settings: Any) -> None:
        super().__init__(name="smoothed_crossentropy", **settings)
        self.classes, self.smoothing = classes, smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss of each image, shape (B,), from labels (B,) and probabilities (B, classes)."""
        labels = keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32")
        wanted = keras.ops.one_hot(labels, self.classes, dtype=y_pred.dtype)
        return keras.losses.categorical_crossentropy(wanted, y_pred, label_smoothing=self.smoothing)


def make_loss(training: TrainingSpec, classes: int) -> keras.losses.Loss:
    """Cross-entropy of labels 0 … classes − 1."""
    if training.label_smoothing:
        return SmoothedCrossentropy(classes, training.label_smoothing)
    return keras.losses.SparseCategoricalCrossentropy()
