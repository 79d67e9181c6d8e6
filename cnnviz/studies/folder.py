"""StudyDirectory: a study's folder beside the runs, and its progress as a whole.

    runs/.studies/<id>/study.json     what was asked; written once
                       results.json   what came out (tables, verdicts); replaced whole
                       stop           empty file: no further run of it is started

A study owns no runs. Each member is found by its experiment's hash among all runs, so that what was
trained already, for whatever reason, is not trained again, and deleting a study costs no result.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cnnviz import paths
from cnnviz.errors import RunError
from cnnviz.runs import RunSummary, atomic, find_run
from cnnviz.studies.spec import Member, StudySpec

State = Literal["waiting", "running", "stopped", "done", "incomplete"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is. `failed`: members whose run ended without a result."""

    members: tuple[tuple[Member, RunSummary | None], ...]
    stopped: bool

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
        """Members whose run ended without being done."""
        return sum(
            1 for _, run in self.members if run and run.status and run.status.finished and run.state != "done"
        )

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


class StudyDirectory:
    """One study on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    @classmethod
    def create(cls, spec: StudySpec, root: Path | None = None) -> StudyDirectory:
        """Make the folder of a study, or find the one that asks exactly the same."""
        folder = paths.ensure((root or paths.runs_dir()) / ".studies")
        ending = spec.hash()[:10]
        for known in sorted(folder.glob(f"*-{ending}")):
            return cls(known)
        study = cls(paths.ensure(folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{ending}"))
        atomic.write_text(study.path / "study.json", spec.to_json())
        return study

    @property
    def root(self) -> Path:
        """The folder of runs that its members lie in."""
        return self.path.parent.parent

    def spec(self) -> StudySpec:
        """Read what was asked.

        Raises:
            RunError: the file is missing or damaged.
        """
        try:
            return StudySpec.from_json((self.path / "study.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"study.json of study {self.id} can't be read: {error}") from error

    def progress(self) -> Progress:
        """Find the run of every member: the finished one, else the newest."""
        members = tuple((member, find_run(member.experiment, self.root)) for member in self.spec().members())
        return Progress(members, (self.path / "stop").exists())

    def wish_stop(self, wanted: bool = True) -> None:
        """Start no further run, or take that back."""
        if wanted:
            with atomic.storage_errors(self.path):
                (self.path / "stop").touch()
        else:
            (self.path / "stop").unlink(missing_ok=True)

    def save_results(self, data: dict[str, Any]) -> None:
        """Replace what came out."""
        atomic.write_json(self.path / "results.json", data)

    def results(self) -> dict[str, Any] | None:
        """What came out; None before.

        Raises:
            RunError: the file is damaged.
        """
        try:
            data = json.loads((self.path / "results.json").read_text("utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise RunError(f"results.json of study {self.id} is damaged: {error}.") from error
        return dict(data)


def list_studies(root: Path | None = None) -> list[StudyDirectory]:
    """All studies, newest first."""
    folder = (root or paths.runs_dir()) / ".studies"
    return [StudyDirectory(path) for path in sorted(folder.glob("*"), reverse=True) if path.is_dir()]
