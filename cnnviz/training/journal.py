"""Journal: live figures and epochs, written while Keras trains; wishes are honoured between two batches."""

from __future__ import annotations

import math

import keras

from cnnviz.errors import RunError
from cnnviz.runs import BatchRecord, EpochRecord, RunDirectory
from cnnviz.training.progress import Progress

#: Seconds between two lines of live figures.
GATE = 0.25
Logs = dict[str, float] | None


class NonFiniteLossError(RunError):
    """The loss became infinite or undefined."""


class Journal(keras.callbacks.Callback):
    """Write live figures and epochs, honour wishes between two batches, refuse a loss that is no number.

    Keras's logs are running means over the epoch; the journal's batch lines hold the mean over the
    images since the line before, which shows noise and trend alike.

    Args:
        images: number of training images.
        earlier: seconds of `fit` before this process, where the run was resumed.
    """

    def __init__(
        self, run: RunDirectory, progress: Progress, images: int, batch_size: int, earlier: float = 0.0
    ) -> None:
        super().__init__()
        self.run, self.progress = run, progress
        self.images, self.batch_size = images, batch_size
        self.batches = math.ceil(images / batch_size)
        self.earlier = earlier
        self.first_step: float | None = None
        self.steady_images, self.steady_seconds = 0, 0.0
        self.epoch, self.seen, self.rate = 0, 0, 0.0
        self.speed: float | None = None
        self._line_at = -math.inf

    @property
    def elapsed(self) -> float:
        """Seconds of `fit` so far, pauses left out."""
        return self.earlier + self.progress.now() - self._begin

    def on_train_begin(self, logs: Logs = None) -> None:
        """The clock of `fit` starts."""
        self._begin = self.progress.now()
        self.progress.tell(phase="first step", batches=self.batches)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Begin an epoch's figures."""
        self.epoch, self.seen = epoch + 1, 0
        self.rate = float(f"{float(self.model.optimizer.learning_rate):.7g}")  # a float32
        self.logs: dict[str, float] = {}
        self._mark: tuple[int, float, float] = (0, 0.0, 0.0)  # images, loss and accuracy at the last line
        self._epoch_begin = self._trained = self._steady = self.progress.now()
        self._steady_from = 0
        self.progress.note(epoch=self.epoch, batch=0)
        if self.first_step is not None:
            self.progress.note(phase="training")

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Wait or stop, where somebody wishes it."""
        self.progress.obey()

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """A stop is honoured within validation too."""
        self.progress.obey()

    def on_test_begin(self, logs: Logs = None) -> None:
        """Say what takes the time now."""
        self.progress.note(phase="validating")

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Count, check, and write a line where the last one is old enough."""
        self.logs = logs or {}
        self.seen = min((batch + 1) * self.batch_size, self.images)
        self._trained = now = self.progress.now()
        loss = self.logs["loss"]
        if not math.isfinite(loss):
            self._refuse(f"in epoch {self.epoch}, batch {batch + 1} of {self.batches}")
        if self.first_step is None:
            self.first_step = self.progress.phases["first_step"] = now - self._begin
            self._steady, self._steady_from = now, self.seen
            self.progress.note(phase="training")
        self.progress.note(batch=batch + 1)
        if now - self._line_at >= GATE:
            self._line_at = now
            self._write_line(batch + 1)

    def _speed(self) -> float | None:
        """Images a second in this epoch; over all epochs, where this one is too young to tell."""
        images, seconds = self.seen - self._steady_from, self._trained - self._steady
        if seconds < 2 * GATE:
            images, seconds = images + self.steady_images, seconds + self.steady_seconds
        return images / seconds if seconds > 0 else None

    def _write_line(self, batch: int) -> None:
        loss, accuracy = self.logs["loss"], self.logs["accuracy"]
        seen, loss_before, accuracy_before = self._mark
        new = self.seen - seen
        self._mark = (self.seen, loss, accuracy)
        self.speed = self._speed()
        self.progress.note(images_per_second=self.speed)
        loss = (self.seen * loss - seen * loss_before) / new
        accuracy = (self.seen * accuracy - seen * accuracy_before) / new
        where = self.epoch, batch, self.batches
        self.run.append_batch(BatchRecord(*where, loss, accuracy, self.speed, self.elapsed))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Check the epoch's figures; `Keeper` writes them, when all that belongs to the epoch is done.

        Raises:
            NonFiniteLossError: the validation loss is no number.
        """
        self.logs = logs or {}
        if not math.isfinite(self.logs.get("val_loss", 0.0)):
            self._refuse(f"in the validation after epoch {self.epoch}")
        self._count()

    def write_partial(self) -> None:
        """Write the line of an epoch that was stopped; none where no batch was finished."""
        if self.epoch and self.seen:
            self._count()
            self.run.append_epoch(self.record(partial=True))

    def _count(self) -> None:
        self.speed = self._speed()
        self.steady_images += self.seen - self._steady_from
        self.steady_seconds += self._trained - self._steady

    def record(self, *, partial: bool = False) -> EpochRecord:
        """The epoch's figures, as of now."""
        return EpochRecord(
            self.epoch,
            loss=self.logs.get("loss"),
            accuracy=self.logs.get("accuracy"),
            val_loss=self.logs.get("val_loss"),
            val_accuracy=self.logs.get("val_accuracy"),
            learning_rate=self.rate,
            seconds=self.progress.now() - self._epoch_begin,
            train_seconds=self._trained - self._epoch_begin,
            images_per_second=self.speed,
            elapsed=self.elapsed,
            partial=partial,
        )

    def _refuse(self, where: str) -> None:
        batch = -(-self.seen // self.batch_size)
        line = BatchRecord(self.epoch, batch, self.batches, loss=math.nan, elapsed=self.elapsed)
        self.run.append_batch(line)
        raise NonFiniteLossError(
            f"The loss became infinite or undefined {where}: the steps were too large. "
            f"Train again with a lower learning rate, for instance {self.rate / 10:g} in place of "
            f"{self.rate:g}. The checkpoint of the last whole epoch is kept."
        )
