"""RunDirectory: the layout of one run's folder, and every way to read and write it.

spec.json        written once, before queueing
status.json      state, reason, phase, heartbeat, process; replaced whole
data.json        which images it was given: digest, count, class names; written when they are loaded
epochs.jsonl     one line an epoch, append only
batches.jsonl    at most 4 lines a second while it trains
checkpoint/      all that resuming needs; replaced whole at each epoch
snapshots/       what the time-lapse needs, per epoch
model.keras      the finished model
predictions.npz  probabilities, labels and indices of the test, training and validation images
report.json      the final figures
environment.json versions, device, threads, precision, time of each phase
log.txt          what the worker printed
stop, pause      empty files: wishes, honoured within one batch
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz import paths
from cnnviz.errors import CnnvizError, RunError
from cnnviz.runs import atomic, journal
from cnnviz.runs.records import BatchRecord, DataSeen, EpochRecord, Record, RunEnvironment, RunReport, Status
from cnnviz.specs import ExperimentSpec, Spec

Wish = Literal["stop", "pause"]
R = TypeVar("R", bound=Record)


class RunSpec(Spec):
    """What was asked: the experiment, who asked, when, and under which name.

    `number`: one more than that of the run before it in its folder; it gives the run its colour for good.
    None in runs of version 0.1.
    """

    always_in_json = "name user"
    number: int | None = Field(default=None, ge=0)
    name: str = Field(default="", max_length=120)
    user: str = Field(default="", max_length=120)
    created: datetime
    experiment: ExperimentSpec


def _check_predictions(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Refuse arrays that are not as `RunDirectory.predictions` promises; the caller names the file."""
    for name, array in arrays.items():
        split, _, kind = name.rpartition("_")
        labels = arrays.get(f"{split}_labels", array)
        probabilities = kind == "probabilities"
        expected = ("f", 2) if probabilities else ("i", 1)
        if (array.dtype.kind, array.ndim) != expected or len(array) != len(labels):
            raise ValueError(f"'{name}' is {array.dtype} of shape {array.shape}")
        if probabilities and not (np.isfinite(array).all() and array.shape[1] > labels.max(initial=0)):
            raise ValueError(f"'{name}' holds what are no probabilities of {array.shape[1]} classes")


@dataclass(frozen=True, slots=True)
class _Numbered(Record):
    number: int | None = None


def _next_number(root: Path) -> int:
    """One more than the newest run's number; where that can't be read, as many as there are runs."""
    try:
        names = [entry.name for entry in os.scandir(root) if entry.name[0] != "."]
    except OSError:
        return 0
    numbers = [len(names) - 1]
    # Of one second, the order of the ids is not that in which the runs were made.
    second = max(names, default="")[: len("20260101-000000")]
    for name in filter(lambda name: name.startswith(second), names):
        with suppress(RunError):
            if (
                known := RunDirectory(root / name).record("spec.json", _Numbered)
            ) and known.number is not None:
                numbers.append(known.number)
    return max(numbers[1:], default=numbers[0]) + 1


class RunDirectory:
    """One run on disk. Cheap to make: nothing is read before it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    @classmethod
    def create(cls, root: Path, experiment: ExperimentSpec, name: str = "", user: str = "") -> RunDirectory:
        """Make a new folder with `spec.json` and a queued status.

        The id is sortable by time and ends with the start of the experiment's hash, so that equal
        experiments are found by their folders' names alone.

        Raises:
            StorageError: the folder can't be written.
        """
        now = datetime.now(UTC)
        asked = {"name": name, "user": user, "created": now, "experiment": experiment}
        spec = RunSpec.parse(asked | {"number": _next_number(root)})
        stamp = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}-{experiment.hash()[:10]}"
        run = cls(paths.ensure(root) / stamp)
        # Both files at once: a Ctrl-C in between would leave half a run, queued for ever.
        with atomic.new_folder(run.path) as beside:
            status = Status(epochs=experiment.training.epochs)
            (beside / "status.json").write_text(status.to_json(), "utf-8")
            (beside / "spec.json").write_text(spec.to_json(), "utf-8")
        return run

    @classmethod
    def adopt(cls, run: RunDirectory, root: Path) -> RunDirectory:
        """Move a run that was made elsewhere on the same disk into a folder of runs, whole, as its newest.

        Raises:
            StorageError: it can't be moved.
        """
        spec = run.spec().but(number=_next_number(root))
        atomic.write_text(run.path / "spec.json", spec.to_json())
        adopted = cls(root / run.id)
        with atomic.storage_errors(adopted.path):
            os.replace(run.path, adopted.path)
        return adopted

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """Open an existing run.

        Raises:
            RunError: there is no run in that folder.
        """
        if not (path / "spec.json").is_file():
            raise RunError(f"There is no run in {path}: spec.json is missing.")
        return cls(path)

    def spec(self) -> RunSpec:
        """Read what was asked.

        Raises:
            RunError: the file is missing or damaged.
        """
        text = self._bytes("spec.json")
        if text is None:
            raise RunError(f"spec.json of run {self.id} is missing, so nobody can say what this run was.")
        try:
            return RunSpec.from_json(text.decode())
        except (UnicodeDecodeError, CnnvizError) as error:
            raise RunError(f"spec.json of run {self.id} is damaged: {error}") from error

    def status(self) -> Status:
        """Read what the run is doing.

        Raises:
            RunError: the file is missing or damaged.
        """
        status = self.record("status.json", Status)
        if status is None:
            raise RunError(f"status.json of run {self.id} is missing.")
        return status

    def set_status(self, **changes: Any) -> Status:
        """Replace the status by a changed copy."""
        status = self.status().but(**changes)
        atomic.write_text(self.path / "status.json", status.to_json())
        return status

    def data(self) -> DataSeen | None:
        """Read which images it was given; None before they were loaded, and in runs of version 0.1.

        Raises:
            RunError: the file is damaged.
        """
        return self.record("data.json", DataSeen)

    def write_data(self, data: DataSeen) -> None:
        """Keep which images it was given."""
        atomic.write_text(self.path / "data.json", data.to_json(indent=1))

    def report(self) -> RunReport | None:
        """Read the final figures; None before the run has been evaluated.

        Raises:
            RunError: the file is damaged.
        """
        return self.record("report.json", RunReport)

    def write_report(self, report: RunReport) -> None:
        """Replace the final figures."""
        atomic.write_text(self.path / "report.json", report.to_json(indent=1))

    def environment(self) -> RunEnvironment | None:
        """Read versions, device and phases; None before the run has been evaluated.

        Raises:
            RunError: the file is damaged.
        """
        return self.record("environment.json", RunEnvironment)

    def write_environment(self, environment: RunEnvironment) -> None:
        """Replace versions, device and phases."""
        atomic.write_text(self.path / "environment.json", environment.to_json(indent=1))

    def record(self, name: str, kind: type[R]) -> R | None:
        """Read a file of this folder; None where it is not there yet.

        Raises:
            RunError: the file is damaged.
        """
        text = self._bytes(name)
        return None if text is None else kind.from_json(text, f"{name} of run {self.id}")

    def _bytes(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RunError(f"{name} of run {self.id} can't be read: {error}.") from error

    # Journals -------------------------------------------------------------------------------------

    def append_epoch(self, record: EpochRecord) -> None:
        """Add the line of a finished epoch."""
        journal.append(self.path / "epochs.jsonl", record)

    def epochs(self) -> list[EpochRecord]:
        """All epochs so far."""
        return journal.read(self.path / "epochs.jsonl", EpochRecord)

    def append_batch(self, record: BatchRecord) -> None:
        """Add a line of live figures."""
        journal.append(self.path / "batches.jsonl", record)

    def batches(self) -> list[BatchRecord]:
        """Live figures so far."""
        return journal.read(self.path / "batches.jsonl", BatchRecord)

    # Predictions ---------------------------------------------------------------------------------

    def save_predictions(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Replace `predictions.npz` by the arrays of all splits, as `predictions` gives them."""
        with atomic.replacing(self.path / "predictions.npz") as beside:
            np.savez(beside, allow_pickle=False, **arrays)

    def predictions(self, split: str = "") -> dict[str, NDArray[Any]] | None:
        """Read the predictions; None where there are none yet.

        Args:
            split: "test", "train" or "validation": its arrays alone; "": all.
        Returns:
            `<split>_probabilities` float16 (N, C), `<split>_labels` and `<split>_indices` int64 (N,).
        Raises:
            RunError: the file is damaged.
        """
        path = self.path / "predictions.npz"
        if not path.exists():
            return None
        try:
            # A file of our own: numpy leaves one that it opened open when the content is damaged.
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in arrays.files if name.startswith(split)}
                _check_predictions(found)
                return found
        except Exception as error:  # zipfile and numpy raise half a dozen kinds for a damaged file
            raise RunError(f"predictions.npz of run {self.id} is damaged: {error}.") from error

    # Wishes ---------------------------------------------------------------------------------------

    def wish(self, what: Wish) -> None:
        """Ask the worker to stop or to pause."""
        with atomic.storage_errors(self.path / what):
            (self.path / what).touch()

    def unwish(self, what: Wish) -> None:
        """Take a wish back."""
        (self.path / what).unlink(missing_ok=True)

    def wished(self, what: Wish) -> bool:
        """Whether somebody asked for it."""
        return (self.path / what).exists()

    # Places ---------------------------------------------------------------------------------------

    @property
    def checkpoint_dir(self) -> Path:
        """All that resuming needs."""
        return self.path / "checkpoint"

    @property
    def snapshots_dir(self) -> Path:
        """What the time-lapse needs, per epoch."""
        return self.path / "snapshots"

    @property
    def model_path(self) -> Path:
        """The finished model."""
        return self.path / "model.keras"

    @property
    def log_path(self) -> Path:
        """What the worker printed."""
        return self.path / "log.txt"
