"""Progress: how far the members of a study are, found among all runs by their experiments' hashes."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from cnnviz import paths
from cnnviz.runs import RunSummary, load_summary
from cnnviz.studies.spec import Member

State = Literal["waiting", "running", "stopped", "done", "incomplete"]


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


def look(members: Sequence[Member], root: Path | None = None) -> Progress:
    """How far some members are, whatever studies they belong to."""
    marked = [(member, member.experiment.hash()) for member in members]
    return Progress(find_members(marked, root or paths.runs_dir()), stopped=False)


def find_members(
    members: Sequence[tuple[Member, str]], root: Path
) -> tuple[tuple[Member, RunSummary | None], ...]:
    """The run of every member, given with its hash: the finished one, else the newest."""
    folders = _folders_by_ending(root)
    return tuple((member, _newest(folders.get(mark[:10], ()), mark)) for member, mark in members)


def _folders_by_ending(root: Path) -> dict[str, list[Path]]:
    """All run folders by the ten digits that their names end with, newest first."""
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
