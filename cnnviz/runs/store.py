"""The store: list, find and delete runs. Reads many folders fast and never breaks on a damaged one.

A summary is cached by the times and sizes of the files it was read from; the experiment itself, with
its long list of layers, is read again on demand, so that ten thousand runs stay small in memory.
"""

from __future__ import annotations

import difflib
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from cnnviz import paths
from cnnviz.errors import RunError
from cnnviz.runs import atomic
from cnnviz.runs.atomic import storage_errors
from cnnviz.runs.records import Record, RunEnvironment, RunReport, Status
from cnnviz.runs.rundir import RunDirectory
from cnnviz.specs import ExperimentSpec
from cnnviz.specs.architecture import label

_FILES = ("spec.json", "status.json", "report.json", "environment.json", "data.json")
_MOST_CACHED = 20_000
_NO_FIGURES = RunReport()
Signature = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a list shows of a run. `damaged` says why it can't be read, where it can't."""

    id: str
    path: Path
    name: str = ""
    user: str = ""
    created: str = ""
    dataset: str = ""
    architecture: str = ""
    fold: int | None = None  # of a search's cross-validation; such runs are a means, not a result
    number: int | None = None  # `RunSpec.number`
    state: str = "damaged"
    reason: str = ""
    status: Status | None = None
    report: RunReport | None = None
    damaged: str | None = None

    @property
    def title(self) -> str:
        """The name it was given, else data set and architecture."""
        return self.name or (f"{self.dataset} · {self.architecture}" if self.architecture else self.id)

    @property
    def active(self) -> bool:
        """Whether it is trained now or waits for it."""
        return bool(self.status and self.status.active)

    @property
    def directory(self) -> RunDirectory:
        """Its folder."""
        return RunDirectory(self.path)

    @property
    def experiment(self) -> ExperimentSpec | None:
        """What was asked, read on demand; None where it can't be read: the run is damaged from then on."""
        try:
            return None if self.damaged else _experiment(self.path)
        except RunError as error:
            _mark_damaged(self.path, error)
            return None

    @property
    def figures(self) -> RunReport:
        """Its final figures; each is None before it has been evaluated."""
        return self.report or _NO_FIGURES

    @property
    def environment(self) -> RunEnvironment:
        """Versions, device and phases, read on demand; empty before the run has ended.

        Empty, too, where the file is damaged: so is the run from then on.
        """
        try:
            return (not self.damaged and self.directory.environment()) or RunEnvironment()
        except RunError as error:
            _mark_damaged(self.path, error)
            return RunEnvironment()


@lru_cache(maxsize=256)
def _experiment(path: Path) -> ExperimentSpec:
    return RunDirectory(path).spec().experiment


_cache: OrderedDict[Path, tuple[Signature, RunSummary]] = OrderedDict()
_lock = threading.Lock()


def list_runs(root: Path | None = None) -> list[RunSummary]:
    """All runs, newest first; damaged ones with their reason.

    Args:
        root: the folder of runs; None: the one of `paths.runs_dir()`.
    """
    root = root or paths.runs_dir()
    try:
        names = [entry.name for entry in os.scandir(root) if entry.is_dir() and entry.name[0] != "."]
    except FileNotFoundError:
        return []
    return [load_summary(root / name) for name in sorted(names, reverse=True)]


def load_summary(path: Path) -> RunSummary:
    """Read one run's summary, from the cache where its files have not changed."""
    folder = str(path)  # of ten thousand runs, joining paths takes as long as looking at them
    signature = tuple(_stamp(f"{folder}{os.sep}{name}") for name in _FILES)
    with _lock:
        known = _cache.get(path)
        if known and known[0] == signature:
            return known[1]
    try:
        summary = _read(path)
    except RunError as error:
        summary = RunSummary(path.name, path, damaged=str(error), reason=str(error))
    with _lock:
        _cache[path] = (signature, summary)
        _cache.move_to_end(path)
        while len(_cache) > _MOST_CACHED:
            _cache.popitem(last=False)
    return summary


def _mark_damaged(path: Path, error: RunError) -> None:
    """List a run as damaged until its files change; what lists don't read is found damaged on demand."""
    with _lock:
        if known := _cache.get(path):
            _cache[path] = (known[0], RunSummary(path.name, path, damaged=str(error), reason=str(error)))


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(file)  # noqa: PTH116  (see there)
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


@dataclass(frozen=True, slots=True)
class _Dataset(Record):
    name: str
    fold: int | None = None


@dataclass(frozen=True, slots=True)
class _Architecture(Record):
    name: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Experiment(Record):
    dataset: _Dataset
    architecture: _Architecture


@dataclass(frozen=True, slots=True)
class _Head(Record):
    """What a list shows of `spec.json`; the many layers are passed over unread."""

    name: str
    user: str
    created: str
    experiment: _Experiment
    number: int | None = None


def _read(path: Path) -> RunSummary:
    run = RunDirectory(path)
    head = run.record("spec.json", _Head)
    if head is None:
        raise RunError(f"spec.json of run {run.id} is missing, so nobody can say what this run was.")
    dataset, architecture, status = head.experiment.dataset, head.experiment.architecture, run.status()
    return RunSummary(
        id=path.name,
        path=path,
        name=head.name,
        user=head.user,
        created=head.created,
        dataset=dataset.name,
        fold=dataset.fold,
        number=head.number,
        architecture=label(architecture.name, architecture.parameters),
        state=status.state,
        reason=status.reason,
        status=status,
        report=run.report(),
    )


def runs_of(experiment: ExperimentSpec, root: Path | None = None) -> list[RunSummary]:
    """All runs that were asked for exactly this, newest first, whatever their images were then.

    `cnnviz.evaluation.find_run` gives the one whose result it is.
    """
    root = root or paths.runs_dir()
    ending = experiment.hash()[:10]
    runs = [load_summary(path) for path in reversed(atomic.whole(root, f"*-{ending}"))]
    return [summary for summary in runs if summary.experiment == experiment]


def resolve(text: str, root: Path | None = None) -> RunDirectory:
    """Find the run meant by an id, the start of an id, or a name (the newest of that name).

    Raises:
        RunError: none, or several ids begin so.
    """
    root = root or paths.runs_dir()
    if folder := paths.within(root, text):
        return RunDirectory(folder)
    runs = list_runs(root)
    named = [run for run in runs if run.name == text and text]
    starts = named[:1] or [run for run in runs if text and run.id.startswith(text)]
    if len(starts) == 1:
        return RunDirectory(starts[0].path)
    if starts:
        raise RunError(f"{len(starts)} runs begin with '{text}'. Give more of the id.")
    known = [run.name for run in runs if run.name] + [run.id for run in runs]
    near = difflib.get_close_matches(text, known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else " See them with: cnnviz runs."
    raise RunError(f"There is no run '{text}' in {root}.{hint}")


def delete(run_id: str, root: Path | None = None) -> None:
    """Delete a run's folder for good.

    Raises:
        RunError: unknown, or still being worked on.
        StorageError: the folder can't be removed.
    """
    run = resolve(run_id, root)
    summary = load_summary(run.path)
    if summary.status and summary.status.active:
        raise RunError(f"Run {run.id} is {summary.state}. Stop it first, then delete it.")
    # Hidden first, so that no list shows a half-deleted run.
    doomed = run.path.with_name(f".deleted.{run.id}")
    with storage_errors(run.path):
        run.path.rename(doomed)
        shutil.rmtree(doomed)
    with _lock:
        _cache.pop(run.path, None)
