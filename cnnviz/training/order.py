"""Order: in which order an epoch sees its images."""

from __future__ import annotations

import keras

from cnnviz import backend


class Order(keras.callbacks.Callback):
    """Choose the order of the images, by the epoch alone."""

    def __init__(self, batches: backend.ShuffledBatches) -> None:
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Seed this epoch's permutation."""
        self.batches.set_epoch(epoch)
