"""StudyDirectory: a study's folder beside the runs, and its progress as a whole.

    runs/.studies/<id>/study.json       what was asked
                       results.json     what came out (tables, verdicts); replaced whole
                       refused.json     members that this machine can't train, with the reasons
                       *.npz            what was looked up inside the networks
                       stop             empty file: no further run of it is started
    runs/.reproductions/<ID>-<scale>/   the same for an experiment of the reports

A study owns no runs. Each member is found by its experiment's hash among all runs, so that what was
trained already, for whatever reason, is not trained again, and deleting a study costs no result.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from cnnviz import paths
from cnnviz.engine.lock import locked
from cnnviz.errors import RunError
from cnnviz.runs import RunSummary, atomic, load_summary
from cnnviz.studies.spec import Member, StudySpec

State = Literal["waiting", "running", "stopped", "done", "incomplete"]
STUDIES, REPRODUCTIONS = ".studies", ".reproductions"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is. `refused`: why members, by label, can't be trained on this machine."""

    members: tuple[tuple[Member, RunSummary | None], ...]
    stopped: bool
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All members."""
        return len(self.members)

    @property
    def done(self) -> int:
        """Members with a finished run."""
        return sum(1 for _, run in self.members if run and run.state == "done")

    @property
    def failed(self) -> int:
        """Members whose run ended without being done, or that can't be trained here."""
        return sum(1 for member, run in self.members if self.problem(member, run))

    @property
    def active(self) -> int:
        """Members that run or wait in the queue."""
        return sum(1 for _, run in self.members if run and run.status and run.status.active)

    @property
    def state(self) -> State:
        """The whole in one word."""
        if self.done == self.total:
            return "done"
        if self.active:
            return "running"
        if self.stopped:
            return "stopped"
        return "incomplete" if self.failed else "waiting"

    def problem(self, member: Member, run: RunSummary | None) -> str:
        """Why a member has no result and nobody works on one; "" where there is nothing to say."""
        if run is None:
            return self.refused.get(member.label, "")
        if run.damaged:
            return run.damaged
        ended = run.status is not None and run.status.finished and run.state != "done"
        return f"{run.state}: {run.reason}".removesuffix(": ") if ended else ""


class StudyDirectory:
    """One study on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    @classmethod
    def create(cls, spec: StudySpec, root: Path | None = None) -> StudyDirectory:
        """Make the folder of a study, or find the one that asks exactly the same."""
        folder = paths.ensure((root or paths.runs_dir()) / STUDIES)
        ending = spec.hash()[:10]
        with locked(folder / ".lock"):
            for known in sorted(folder.glob(f"*-{ending}")):
                if (known / "study.json").exists():
                    return cls(known)
            study = cls(paths.ensure(folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{ending}"))
            study.ask(spec)
        return study

    @classmethod
    def reproduction(cls, recipe: str, scale: str, root: Path | None = None) -> StudyDirectory:
        """The folder of one experiment of the reports at one scale; it need not be there yet."""
        return cls((root or paths.runs_dir()) / REPRODUCTIONS / f"{recipe}-{scale}")

    @property
    def root(self) -> Path:
        """The folder of runs that its members lie in."""
        return self.path.parent.parent

    def ask(self, spec: StudySpec) -> None:
        """Write what is asked, in place of what was asked before."""
        paths.ensure(self.path)
        atomic.write_text(self.path / "study.json", spec.to_json())

    def spec(self) -> StudySpec:
        """Read what was asked.

        Raises:
            RunError: the file is missing or damaged.
        """
        return self._asked()[0]

    def _asked(self) -> tuple[StudySpec, tuple[tuple[Member, str], ...]]:
        path = self.path / "study.json"
        try:
            stat = path.stat()
            return _read(path, (stat.st_mtime_ns, stat.st_size))
        except (OSError, ValueError) as error:
            raise RunError(f"study.json of study {self.id} can't be read: {error}") from error

    def progress(self) -> Progress:
        """Find the run of every member: the finished one, else the newest."""
        found = _find(self._asked()[1], self.root)
        return Progress(found, (self.path / "stop").exists(), self.refused())

    def wish_stop(self, wanted: bool = True) -> None:
        """Start no further run, or take that back."""
        if wanted:
            with atomic.storage_errors(self.path):
                (self.path / "stop").touch()
        else:
            (self.path / "stop").unlink(missing_ok=True)

    def refuse(self, reasons: Mapping[str, str]) -> None:
        """Keep why members, by label, can't be trained on this machine."""
        if dict(reasons) != self.refused():
            atomic.write_json(self.path / "refused.json", dict(reasons))

    def refused(self) -> dict[str, str]:
        """What `refuse` kept."""
        return {str(label): str(reason) for label, reason in (self._json("refused.json") or {}).items()}

    def save_results(self, data: dict[str, Any]) -> None:
        """Replace what came out."""
        paths.ensure(self.path)
        atomic.write_json(self.path / "results.json", data)

    def results(self) -> dict[str, Any] | None:
        """What came out; None before.

        Raises:
            RunError: the file is damaged.
        """
        return self._json("results.json")

    def _json(self, name: str) -> dict[str, Any] | None:
        try:
            data = json.loads((self.path / name).read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunError(f"{name} of study {self.id} is damaged: {error}.") from error
        if not isinstance(data, dict):
            raise RunError(f"{name} of study {self.id} is damaged: it is not an object.")
        return data


def list_studies(root: Path | None = None) -> list[StudyDirectory]:
    """All studies but the reports' experiments, newest first."""
    folder = (root or paths.runs_dir()) / STUDIES
    found = sorted(folder.glob("*/study.json"), reverse=True)
    return [StudyDirectory(path.parent) for path in found]


def list_reproductions(root: Path | None = None) -> list[StudyDirectory]:
    """The reports' experiments that were run here, whole or in part, by ID and scale."""
    folder = (root or paths.runs_dir()) / REPRODUCTIONS
    return [StudyDirectory(path.parent) for path in sorted(folder.glob("*/results.json"))]


def look(members: Sequence[Member], root: Path | None = None) -> Progress:
    """How far some members are, whatever studies they belong to."""
    marked = [(member, member.experiment.hash()) for member in members]
    return Progress(_find(marked, root or paths.runs_dir()), stopped=False)


def _find(members: Sequence[tuple[Member, str]], root: Path) -> tuple[tuple[Member, RunSummary | None], ...]:
    folders = _folders_by_ending(root)
    return tuple((member, _newest(folders.get(mark[:10], ()), mark)) for member, mark in members)


@lru_cache(maxsize=64)
def _read(path: Path, stamp: tuple[int, int]) -> tuple[StudySpec, tuple[tuple[Member, str], ...]]:
    """The spec and each member with its experiment's hash; read again when the file was replaced."""
    del stamp
    spec = StudySpec.from_json(path.read_text("utf-8"))
    return spec, tuple((member, member.experiment.hash()) for member in spec.members())


def _folders_by_ending(root: Path) -> dict[str, list[Path]]:
    """All run folders by the ten digits that their names end with, newest first: one look for all members."""
    found: dict[str, list[Path]] = defaultdict(list)
    try:
        names = [entry.name for entry in os.scandir(root) if entry.name[0] != "."]
    except FileNotFoundError:
        return found
    for name in sorted(names, reverse=True):
        found[name[-10:]].append(root / name)
    return found


def _newest(folders: list[Path] | tuple[()], mark: str) -> RunSummary | None:
    """The newest finished run of the experiment with this hash, else its newest; None without any."""
    runs = [load_summary(path) for path in folders]
    runs = [run for run in runs if not run.damaged and _hash(run.path) == mark]
    return next((run for run in runs if run.state == "done" and run.report), runs[0] if runs else None)


@lru_cache(maxsize=20_000)
def _hash(path: Path) -> str:
    """Hash of a run's experiment; its spec.json is written once."""
    experiment = load_summary(path).experiment
    return experiment.hash() if experiment else ""
