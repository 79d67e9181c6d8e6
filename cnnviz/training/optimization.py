"""What is minimised, and how: loss, optimizer, learning rate by epoch, and when to stop.

Learning rates are set by callbacks rather than by Keras's schedule objects, so that the rate in use can be
journaled and changed. What a callback remembers (`state`) is part of the checkpoint: a resumed run waits for
its patience no longer than an uninterrupted one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypedDict

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz import backend
from cnnviz.specs import TrainingSpec, class_weights_of


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


def class_weights(training: TrainingSpec, labels: NDArray[np.integer]) -> dict[int, float] | None:
    """What an image of each class counts in the loss; None where all count alike.

    Args:
        labels: of the training images, shape (N,).
    """
    if training.class_weight is None:
        return None
    if training.class_weight != "balanced":
        return dict(enumerate(class_weights_of(training.class_weight)))
    classes, counts = np.unique(labels, return_counts=True)
    weights = len(labels) / (len(classes) * counts)
    return dict(zip(classes.tolist(), weights.tolist(), strict=True))


#: A curve gives the factor on the starting rate at a share 0 ≤ t < 1 of the epochs.
CURVES: dict[str, Callable[[float], float]] = {
    "cosine": lambda t: (1 + math.cos(math.pi * t)) / 2,  # Loshchilov and Hutter 2017, no restarts
    "step": lambda t: 0.1 ** ((t >= 0.5) + (t >= 0.75)),  # a tenth at half, again at three quarters
    "exponential": lambda t: 0.01**t,  # to a hundredth over the whole training
}


def rate_at(schedule: str, rate: float, epoch: int, epochs: int) -> float:
    """The learning rate of an epoch (0 is the first) under a fixed curve."""
    return rate * CURVES[schedule](epoch / epochs)


class FixedCurve(keras.callbacks.Callback):
    """Set the rate at the beginning of each epoch; Keras's own reads the old one first, with a warning."""

    def __init__(self, schedule: str, rate: float, epochs: int) -> None:
        super().__init__()
        self.schedule, self.rate, self.epochs = schedule, rate, epochs

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the rate of this epoch."""
        self.model.optimizer.learning_rate = rate_at(self.schedule, self.rate, epoch, self.epochs)


class PlateauState(TypedDict):
    """What `Plateau` remembers."""

    best: float
    waited: int


class BestState(PlateauState):
    """What `BestEpoch` remembers, besides weights."""

    epoch: int
    stopped: bool


class Plateau(keras.callbacks.Callback):
    """Halve the rate after two epochs without a better validation loss (training loss without one)."""

    FACTOR, PATIENCE, LOWEST = 0.5, 2, 1e-7

    def __init__(self) -> None:
        super().__init__()
        self.best, self.waited = math.inf, 0

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Compare this epoch's loss with the best so far."""
        logs = logs or {}
        loss = logs.get("val_loss", logs.get("loss", math.inf))
        if loss < self.best:
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited >= self.PATIENCE:
            self.waited = 0
            rate = float(self.model.optimizer.learning_rate)
            self.model.optimizer.learning_rate = max(rate * self.FACTOR, self.LOWEST)

    def state(self) -> PlateauState:
        """What resuming needs (the rate itself is one of the optimizer's variables)."""
        return {"best": self.best, "waited": self.waited}

    def restore(self, state: PlateauState) -> None:
        """Go on from `state`."""
        self.best, self.waited = float(state["best"]), int(state["waited"])


def make_schedule(training: TrainingSpec) -> list[keras.callbacks.Callback]:
    """The callback of the schedule; none for a constant rate."""
    if training.schedule == "constant":
        return []
    if training.schedule == "plateau":
        return [Plateau()]
    return [FixedCurve(training.schedule, training.rate, training.epochs)]


class BestEpoch(keras.callbacks.Callback):
    """Note the epoch of the lowest validation loss; with `patience`, keep its weights and stop late.

    Keras's EarlyStopping forgets its state when `fit` begins, so that a resumed run would wait anew.
    """

    def __init__(self, network: keras.Model, patience: int | None) -> None:
        super().__init__()
        self.network, self.patience = network, patience
        self.best, self.epoch, self.waited = math.inf, 0, 0
        self.weights: list[NDArray[Any]] = []
        self.stopped = False

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Compare this epoch's validation loss with the best so far."""
        loss = (logs or {}).get("val_loss")
        if loss is None:
            return
        if loss < self.best:
            self.best, self.epoch, self.waited = loss, epoch + 1, 0
            if self.patience:
                self.weights = [backend.array(weight) for weight in self.network.weights]
            return
        self.waited += 1
        if self.patience and self.waited >= self.patience:
            self.stopped = self.model.stop_training = True

    def keep_best(self) -> bool:
        """Put the best epoch's weights back; False where none were kept."""
        if self.weights:
            self.network.set_weights(self.weights)
        return bool(self.weights)

    def state(self) -> BestState:
        """What resuming needs, besides `weights`."""
        return {"best": self.best, "epoch": self.epoch, "waited": self.waited, "stopped": self.stopped}

    def restore(self, state: BestState, weights: list[NDArray[Any]]) -> None:
        """Go on from `state`."""
        self.best, self.epoch = float(state["best"]), int(state["epoch"])
        self.waited, self.stopped = int(state["waited"]), bool(state["stopped"])
        self.weights = weights
