"""Stop when the validation loss no longer falls, and keep the weights of its best epoch."""

from __future__ import annotations

import math
from typing import Any

import keras
from numpy.typing import NDArray

from cnnviz import backend


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

    def state(self) -> dict[str, Any]:
        """What resuming needs, besides `weights`."""
        return {"best": self.best, "epoch": self.epoch, "waited": self.waited, "stopped": self.stopped}

    def restore(self, state: dict[str, Any], weights: list[NDArray[Any]]) -> None:
        """Go on from `state`."""
        self.best, self.epoch = float(state["best"]), int(state["epoch"])
        self.waited, self.stopped = int(state["waited"]), bool(state["stopped"])
        self.weights = weights
