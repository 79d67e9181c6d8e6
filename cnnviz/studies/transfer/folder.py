"""TransferDirectory: one transfer on disk, started as a process that outlives the app.

runs/.transfers/<hash>/  spec.json       what was asked
                         progress.json   state, stage, share, process; replaced whole
                         results.json    scores, times, chosen features; replaced whole
                         selection.npz   chi-square and p-value of every feature
                         stop            empty file: a wish, honoured after the part at work
                         log.txt         what the process printed
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnnviz import datasets, paths
from cnnviz.datasets.official import missing_message
from cnnviz.engine import processes
from cnnviz.engine.lock import locked
from cnnviz.errors import DataMissingError, RunError
from cnnviz.runs import atomic
from cnnviz.specs import Spec
from cnnviz.studies.transfer.extractors import planned
from cnnviz.studies.transfer.spec import TransferSpec
from cnnviz.training import devices

FOLDER, KEPT = ".transfers", "transfer.json"
_PERIOD = 0.3  # seconds between two looks


class Progress(Spec):
    """How far a transfer is. `pid`, `born`: of the process at work."""

    state: Literal["new", "running", "done", "stopped", "failed", "interrupted"] = "new"
    stage: str = ""
    share: float | None = None
    done: int = 0
    total: int = 0
    reason: str = ""
    pid: int | None = None
    born: float | None = None
    stage_began: float | None = None

    @property
    def seconds_left(self) -> float | None:
        """Until the stage ends, by its speed so far; None before that can be told."""
        if self.state != "running" or not self.share or self.stage_began is None:
            return None
        return (time.time() - self.stage_began) * (1 - self.share) / self.share


class TransferDirectory:
    """One transfer. Cheap to make: nothing is read before it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    @classmethod
    def of(cls, spec: TransferSpec) -> TransferDirectory:
        """The folder of a planned spec; it need not be there yet."""
        return cls(paths.runs_dir() / FOLDER / spec.hash()[:16])

    def spec(self) -> TransferSpec:
        """What was asked.

        Raises:
            RunError: the file is missing or damaged.
        """
        try:
            return TransferSpec.from_json((self.path / "spec.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"spec.json of transfer {self.id} can't be read: {error}") from error

    def progress(self) -> Progress:
        """How far it is; a process that died without a word makes it "interrupted"."""
        processes.reap()
        try:
            found = Progress.from_json((self.path / "progress.json").read_text("utf-8"))
        except (OSError, ValueError):
            return Progress()  # not begun, or damaged: to be begun
        if found.state == "running" and not processes.alive(found.pid, found.born):
            return found.but(state="interrupted", reason="Its process ended without a word; see log.txt.")
        return found

    def tell(self, progress: Progress) -> None:
        """Replace the progress."""
        atomic.write_text(self.path / "progress.json", progress.to_json())

    def results(self) -> dict[str, Any] | None:
        """What came out; None before, or where it is damaged (it can be made again)."""
        try:
            data = json.loads((self.path / "results.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return data if isinstance(data, dict) and "protocols" in data else None

    def save(self, results: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Replace what came out; the arrays first, so that results never stand without them."""
        with atomic.replacing(self.path / "selection.npz") as beside:
            np.savez(beside, allow_pickle=False, **arrays)
        atomic.write_json(self.path / "results.json", results)

    def selection(self) -> dict[str, NDArray[Any]]:
        """Chi-square (`scores`), `p_values` and `chosen` features; empty where there are none."""
        try:
            with (self.path / "selection.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
                return {name: kept[name] for name in kept.files}
        except Exception:  # noqa: BLE001  (numpy and zipfile raise half a dozen kinds; it is made again)
            return {}

    def wish_stop(self) -> None:
        """Ask the process to stop."""
        with atomic.storage_errors(self.path):
            (self.path / "stop").touch()

    def wished_stop(self) -> bool:
        """Whether somebody asked for it."""
        return (self.path / "stop").exists()

    def begin(self) -> None:
        """Start the process, unless it is at work.

        Raises:
            StorageError: the folder can't be written.
        """
        with locked(paths.ensure(self.path) / "lock"):
            if self.progress().state == "running":
                return
            (self.path / "stop").unlink(missing_ok=True)
            log = self.path / "log.txt"
            device = devices.environment(devices.resolve("auto"))
            mark = processes.start(["-m", "cnnviz.studies.transfer.worker", str(self.path)], log, device)
            self.tell(Progress(state="running", stage="starting", pid=mark.pid, born=mark.started))

    def follow(self, tell: Callable[[Progress], None] = lambda progress: None) -> dict[str, Any]:
        """Wait for its end; for the command line and for other processes.

        Raises:
            RunError: it failed or was stopped; the message is its reason.
        """
        while (now := self.progress()).state == "running":
            tell(now)
            time.sleep(_PERIOD)
        results = self.results()
        if now.state != "done" or results is None:
            raise RunError(now.reason or f"The transfer was {now.state}. Start it again.")
        return results


def ask(spec: TransferSpec) -> TransferDirectory:
    """Check a transfer and make its folder, or find the one that asks exactly the same.

    Raises:
        CnnvizError: it is impossible, or its images are not on this machine.
    """
    whole = planned(spec)
    if datasets.availability(whole.dataset.name) == "download":
        raise DataMissingError(missing_message(datasets.entry(whole.dataset.name)))
    folder = TransferDirectory.of(whole)
    paths.ensure(folder.path)
    atomic.write_text(folder.path / "spec.json", whole.to_json())
    return folder


def read_transfer(study: Path) -> dict[str, Any] | None:
    """What a study of the reports keeps of its transfer; None before, or where it is damaged."""
    try:
        data = json.loads((study / KEPT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and "protocols" in data else None


def list_transfers() -> list[TransferDirectory]:
    """All that have results, the newest first."""
    found = (paths.runs_dir() / FOLDER).glob("*/results.json")
    newest = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    return [TransferDirectory(path.parent) for path in newest]
