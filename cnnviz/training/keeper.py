"""Keeper: the line and the checkpoint of each whole epoch."""

from __future__ import annotations

from typing import Any

import keras

from cnnviz.runs import RunDirectory
from cnnviz.training import checkpoint
from cnnviz.training.background import Writer
from cnnviz.training.early_stopping import BestEpoch
from cnnviz.training.journal import Journal, Logs
from cnnviz.training.schedules import Plateau


class Keeper(keras.callbacks.Callback):
    """Write the line and the checkpoint of each whole epoch; must come last, after all other callbacks.

    The checkpoint is copied at once and written while the next epoch is trained.
    """

    def __init__(
        self, run: RunDirectory, writer: Writer, journal: Journal, best: BestEpoch, plateau: Plateau | None
    ) -> None:
        super().__init__()
        self.run, self.writer, self.journal = run, writer, journal
        self.best, self.plateau = best, plateau

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Journal the epoch and replace the checkpoint.

        Raises:
            StorageError: an earlier one could not be written; the one before it still stands.
        """
        callbacks: dict[str, Any] = {
            "best": self.best.state(),
            "plateau": self.plateau.state() if self.plateau else None,
            "steady": [self.journal.steady_images, self.journal.steady_seconds],
        }
        state = checkpoint.Checkpoint(
            epoch + 1, self.journal.elapsed, callbacks, checkpoint.capture(self.model), self.best.weights
        )
        self.writer.submit(lambda: checkpoint.save(self.run.checkpoint_dir, state))
        record = self.journal.record()
        self.run.append_epoch(record)
        values = ((name, getattr(record, name)) for name in ("loss", "accuracy", "val_loss", "val_accuracy"))
        figures = "  ".join(f"{name} {value:.4f}" for name, value in values if value is not None)
        print(f"epoch {epoch + 1}  {figures}  {record.seconds:.1f} s", flush=True)

    def restore(self, state: checkpoint.Checkpoint) -> None:
        """Put the callbacks' state back."""
        self.best.restore(state.callbacks["best"], state.best_weights)
        if self.plateau:
            self.plateau.restore(state.callbacks["plateau"])
        images, seconds = state.callbacks["steady"]
        self.journal.steady_images, self.journal.steady_seconds = int(images), float(seconds)
        self.journal.earlier = state.fit_seconds
