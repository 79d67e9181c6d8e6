"""Checkpoints: all that a resumed training needs to go on bit by bit as if nothing had happened.

One file, `checkpoint/state.npz`, replaced whole at the end of each epoch, so that no power cut can
leave weights of one epoch beside an optimizer of another. Keras's BackupAndRestore loses dropout's
random state (keras#19796) and is not atomic. `Keeper` copies the state when an epoch ends; `Writer` brings it
to the disk while the next one is trained.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz import backend
from cnnviz.errors import RunError
from cnnviz.runs import EpochRecord, RunDirectory, atomic
from cnnviz.training.journal import Journal, Logs
from cnnviz.training.optimization import BestEpoch, BestState, Plateau, PlateauState


class Keeper(keras.callbacks.Callback):
    """Write the checkpoint and the line of each whole epoch; must come last, after all other callbacks.

    Both are made at once and written while the next epoch is trained, the line when the checkpoint is safe.
    """

    def __init__(
        self, run: RunDirectory, writer: Writer, journal: Journal, best: BestEpoch, plateau: Plateau | None
    ) -> None:
        super().__init__()
        self.run, self.writer, self.journal = run, writer, journal
        self.best, self.plateau = best, plateau

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Replace the checkpoint and journal the epoch, soon.

        Raises:
            StorageError: an earlier one could not be written; the one before it still stands.
        """
        callbacks: CallbackStates = {
            "best": self.best.state(),
            "plateau": self.plateau.state() if self.plateau else None,
            "steady": (self.journal.steady_images, self.journal.steady_seconds),
        }
        record = self.journal.record()
        weights = capture(self.model)
        state = Checkpoint(epoch + 1, self.journal.elapsed, callbacks, weights, self.best.weights, record)
        self.writer.submit(lambda: self._keep(state, record))
        values = ((name, getattr(record, name)) for name in ("loss", "accuracy", "val_loss", "val_accuracy"))
        figures = "  ".join(f"{name} {value:.4f}" for name, value in values if value is not None)
        print(f"epoch {epoch + 1}  {figures}  {record.seconds:.1f} s", flush=True)

    def _keep(self, state: Checkpoint, record: EpochRecord) -> None:
        # In this order: what the journal tells of is what a resumed run goes on from.
        save(self.run.checkpoint_dir, state)
        self.run.append_epoch(record)

    def restore(self, state: Checkpoint) -> None:
        """Put the callbacks' state back."""
        self.best.restore(state.callbacks["best"], state.best_weights)
        if self.plateau and (plateau := state.callbacks["plateau"]):
            self.plateau.restore(plateau)
        images, seconds = state.callbacks["steady"]
        self.journal.steady_images, self.journal.steady_seconds = int(images), float(seconds)
        self.journal.earlier = state.fit_seconds


Arrays = list[NDArray[Any]]


class CallbackStates(TypedDict):
    """What the callbacks remember; `steady`: images and seconds that the speed is counted over."""

    best: BestState
    plateau: PlateauState | None
    steady: tuple[int, float]


@dataclass
class Checkpoint:
    """State after `epoch` whole epochs; `callbacks` holds their plain state by name.

    `record`: the epoch's line of the journal, which follows the checkpoint; None in those of version 0.1.
    """

    epoch: int
    fit_seconds: float
    callbacks: CallbackStates
    variables: Arrays
    best_weights: Arrays = field(default_factory=list)
    record: EpochRecord | None = None


def variables_of(model: keras.Model) -> list[Any]:
    """Every variable that decides how training goes on: weights, random states, optimizer."""
    random = [v for v in model.non_trainable_variables if "seed_generator" in v.path]
    return [*model.weights, *random, *model.optimizer.variables]


def path_of(folder: Path) -> Path:
    """The one file in a checkpoint folder."""
    return folder / "state.npz"


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint.

    Raises:
        StorageError: it can't be written; the one before still stands.
    """
    with atomic.storage_errors(folder):
        folder.mkdir(exist_ok=True)
    keys = ("epoch", "fit_seconds", "callbacks")
    state = {key: getattr(checkpoint, key) for key in keys}
    state["record"] = checkpoint.record.to_json() if checkpoint.record else None
    arrays = {f"v{i:05}": value for i, value in enumerate(checkpoint.variables)}
    arrays |= {f"b{i:05}": value for i, value in enumerate(checkpoint.best_weights)}
    arrays["state"] = np.frombuffer(json.dumps(state).encode(), dtype=np.uint8)
    with atomic.replacing(path_of(folder)) as beside:
        np.savez(beside, allow_pickle=False, **arrays)


def capture(model: keras.Model) -> Arrays:
    """The variables' values, in the order of `variables_of`."""
    values = (backend.array(variable) for variable in variables_of(model))
    # numpy's files know no bfloat16; its values are exact in float32.
    return [value if value.dtype.kind in "fiub" else value.astype("float32") for value in values]


def load(folder: Path) -> Checkpoint | None:
    """Read the checkpoint; None where no epoch was finished yet.

    Raises:
        RunError: it is damaged.
    """
    path = path_of(folder)
    if not path.exists():
        return None
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            state = json.loads(file["state"].tobytes())
            names = sorted(file.files)
            variables = [file[name] for name in names if name.startswith("v")]
            best = [file[name] for name in names if name.startswith("b")]
        line = state.get("record")
        record = EpochRecord.from_json(line, path.name) if line else None
        epoch, seconds = int(state["epoch"]), float(state["fit_seconds"])
        return Checkpoint(epoch, seconds, state["callbacks"], variables, best, record)
    except Exception as error:  # zipfile, zlib, json and numpy raise half a dozen kinds
        raise RunError(
            f"The checkpoint {path} is damaged ({error}), so the run can't go on from it. "
            "Delete the folder 'checkpoint' to train it again from the beginning."
        ) from error


def apply(model: keras.Model, values: Sequence[NDArray[Any]]) -> None:
    """Set the model's variables.

    Raises:
        RunError: the checkpoint is another network's.
    """
    variables = variables_of(model)
    if [tuple(v.shape) for v in variables] != [value.shape for value in values]:
        raise RunError(
            "The checkpoint does not fit the network: it was written by another version or another spec. "
            "Delete the folder 'checkpoint' to train the run again from the beginning."
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


#: Files that may wait for the disk; a slow disk then slows training instead of filling the memory.
MOST_WAITING = 4


class Writer:
    """Runs writing functions one after another in one thread, in the order in which they came."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._waiting: deque[Future[None]] = deque()

    def submit(self, write: Callable[[], None]) -> None:
        """Write soon.

        Raises:
            StorageError: what was submitted before could not be written.
        """
        while self._waiting and (self._waiting[0].done() or len(self._waiting) >= MOST_WAITING):
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(write))

    def settle(self) -> None:
        """Wait until everything is on the disk.

        Raises:
            StorageError: something could not be written.
        """
        while self._waiting:
            self._waiting.popleft().result()
