"""SearchDirectory: a search's folder beside the runs, and its progress as a whole.

    runs/.searches/<id>/search.json      what is asked
                        candidates.json  what was tried, and what came out; replaced whole
                        importance.json  share of each setting; replaced whole
                        process.json     the process that works on it, and why it ended, if badly
                        stop             empty file: nothing further is started
                        log.txt          what the process printed

One writer, the process at work; many readers. A search owns no result: its runs are ordinary ones.
"""

from __future__ import annotations

import json
import shutil
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cnnviz import paths
from cnnviz.engine import processes
from cnnviz.engine.lock import locked
from cnnviz.errors import RunError
from cnnviz.runs import atomic
from cnnviz.specs import Spec
from cnnviz.studies.search.dimension import Settings
from cnnviz.studies.search.space import SearchSpec

SEARCHES = ".searches"
State = Literal["waiting", "running", "stopping", "stopped", "interrupted", "failed", "done"]
CandidateState = Literal["running", "done", "pruned", "failed"]


class Candidate(Spec):
    """One point of the space and what came of it. Accuracies are of validation images, in 0–1.

    `runs`, `scores` and `curves` go by fold: run ids, final accuracies, accuracies after each epoch.
    `seconds`: how long it was worked on, waiting included.
    """

    number: int
    settings: Settings
    state: CandidateState = "running"
    scores: tuple[float, ...] = ()
    curves: tuple[tuple[float, ...], ...] = ()
    runs: tuple[str, ...] = ()
    reason: str = ""
    seconds: float = 0.0

    @property
    def mean(self) -> float | None:
        """Mean accuracy over the folds so far; of a fold that was given up, the last epoch's."""
        values = [*self.scores, *(curve[-1] for curve in self.curves[len(self.scores) :] if curve)]
        return statistics.fmean(values) if values else None

    @property
    def spread(self) -> float | None:
        """Sample standard deviation over the folds; None for fewer than two."""
        return statistics.stdev(self.scores) if len(self.scores) > 1 else None


def ranked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that were trained to their end, the most accurate first."""
    done = [one for one in candidates if one.state == "done" and one.mean is not None]
    return sorted(done, key=lambda one: (-(one.mean or 0.0), one.number))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is. `problem`: why its process ended badly."""

    state: State
    planned: int
    candidates: tuple[Candidate, ...]
    problem: str = ""

    @property
    def ended(self) -> int:
        """Candidates that nothing more is done for."""
        return sum(one.state != "running" for one in self.candidates)

    @property
    def best(self) -> Candidate | None:
        """The most accurate one that was trained to its end."""
        return next(iter(ranked(self.candidates)), None)

    @property
    def seconds_left(self) -> float | None:
        """Time until the last candidate ends, by those that have; None before the first."""
        times = [one.seconds for one in self.candidates if one.state != "running" and one.seconds]
        if not times:
            return None
        spent = [one.seconds for one in self.candidates if one.state == "running"]
        left = statistics.fmean(times) * (self.planned - self.ended) - sum(spent)
        return max(0.0, left / max(1, len(spent)))  # as many at once as now


class SearchDirectory:
    """One search on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    @classmethod
    def find(cls, spec: SearchSpec, root: Path | None = None) -> SearchDirectory | None:
        """The search that asks exactly this; None where there is none."""
        folder = (root or paths.runs_dir()) / SEARCHES
        known = sorted(folder.glob(f"*-{spec.hash()[:10]}/search.json"))
        return cls(known[0].parent) if known else None

    @classmethod
    def create(cls, spec: SearchSpec, root: Path | None = None) -> SearchDirectory:
        """Make the folder of a search, or find the one that asks exactly the same."""
        folder = paths.ensure((root or paths.runs_dir()) / SEARCHES)
        with locked(folder / ".lock"):
            search = cls.find(spec, root)
            if search is None:
                name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{spec.hash()[:10]}"
                search = cls(paths.ensure(folder / name))
                atomic.write_text(search.path / "search.json", spec.to_json())
        return search

    @property
    def root(self) -> Path:
        """The folder of runs that its candidates' runs lie in."""
        return self.path.parent.parent

    def delete(self) -> None:
        """Delete the folder for good; the runs stay.

        Raises:
            RunError: a process is at work on it.
            StorageError: it can't be removed.
        """
        if self.working:
            raise RunError("This search is at work. Stop it first, then delete it.")
        doomed = self.path.with_name(f".deleted.{self.id}")
        with atomic.storage_errors(self.path):
            self.path.rename(doomed)
            shutil.rmtree(doomed)

    def spec(self) -> SearchSpec:
        """Read what is asked.

        Raises:
            RunError: the file is missing or damaged.
        """
        try:
            return SearchSpec.from_json((self.path / "search.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"search.json of search {self.id} can't be read: {error}") from error

    def candidates(self) -> tuple[Candidate, ...]:
        """Read what was tried so far, by number.

        Raises:
            RunError: the file is damaged.
        """
        try:
            return tuple(map(Candidate.parse, self._json("candidates.json").get("candidates", ())))
        except ValueError as error:
            raise RunError(f"candidates.json of search {self.id} is damaged: {error}") from error

    def save_candidates(self, candidates: Sequence[Candidate]) -> None:
        """Replace what was tried so far."""
        data = {"candidates": [one.model_dump(mode="json") for one in candidates]}
        atomic.write_json(self.path / "candidates.json", data)

    def importance(self) -> dict[str, float]:
        """Share of the differences that each setting explains, by name; empty before it is known."""
        return {str(name): float(share) for name, share in self._json("importance.json").items()}

    def save_importance(self, shares: dict[str, float]) -> None:
        """Replace the shares."""
        atomic.write_json(self.path / "importance.json", shares)

    def wish_stop(self, wanted: bool = True) -> None:
        """Ask to stop, or take that back."""
        if wanted:
            with atomic.storage_errors(self.path):
                (self.path / "stop").touch()
        else:
            (self.path / "stop").unlink(missing_ok=True)

    @property
    def stop_wished(self) -> bool:
        """Whether somebody asked to stop."""
        return (self.path / "stop").exists()

    def save_process(self, **data: Any) -> None:
        """Say which process works on it (`pid`, `started`), or why that has ended (`problem`, `over`)."""
        atomic.write_json(self.path / "process.json", data)

    @property
    def working(self) -> bool:
        """Whether a process is at work on it."""
        process = self._json("process.json")
        return processes.alive(process.get("pid"), process.get("started"))

    def progress(self) -> Progress:
        """Where it stands.

        Raises:
            RunError: its files are damaged.
        """
        process = self._json("process.json")
        planned, candidates = self.spec().planned, self.candidates()
        if process.get("over"):
            planned = len(candidates)  # fewer than planned where the space had no more
        return Progress(self._state(process), planned, candidates, str(process.get("problem", "")))

    def _state(self, process: dict[str, Any]) -> State:
        if processes.alive(process.get("pid"), process.get("started")):
            return "stopping" if self.stop_wished else "running"
        if process.get("over"):
            return "done"
        if process.get("problem"):
            return "failed"
        if self.stop_wished:
            return "stopped"
        return "interrupted" if process else "waiting"

    def _json(self, name: str) -> dict[str, Any]:
        try:
            data = json.loads((self.path / name).read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise RunError(f"{name} of search {self.id} is damaged: {error}.") from error
        if not isinstance(data, dict):
            raise RunError(f"{name} of search {self.id} is damaged: it is not an object.")
        return data


def list_searches(root: Path | None = None) -> list[SearchDirectory]:
    """All searches, newest first."""
    folder = (root or paths.runs_dir()) / SEARCHES
    return [SearchDirectory(path.parent) for path in sorted(folder.glob("*/search.json"), reverse=True)]
