"""Learning rate by epoch: fixed curves as functions, and one that follows the validation loss.

As callbacks rather than Keras's schedule objects, so that the rate in use can be journaled and changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras

from cnnviz.specs import TrainingSpec

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
    """Set the rate at the beginning of each epoch."""

    def __init__(self, schedule: str, rate: float, epochs: int) -> None:
        super().__init__()
        self.schedule, self.rate, self.epochs = schedule, rate, epochs

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the rate of this epoch."""
        self.model.optimizer.learning_rate = rate_at(self.schedule, self.rate, epoch, self.epochs)


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

    def state(self) -> dict[str, Any]:
        """What resuming needs (the rate itself is one of the optimizer's variables)."""
        return {"best": self.best, "waited": self.waited}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state`."""
        self.best, self.waited = float(state["best"]), int(state["waited"])


def make_schedule(training: TrainingSpec) -> list[keras.callbacks.Callback]:
    """The callback of the schedule; none for a constant rate."""
    if training.schedule == "constant":
        return []
    if training.schedule == "plateau":
        return [Plateau()]
    return [FixedCurve(training.schedule, training.rate, training.epochs)]
