"""A search as a job, and what it keeps of its candidates.

    <job's folder>/search.json      what is asked
                   candidates.json  what was tried, and what came out; replaced whole
                   importance.json  share of each setting; replaced whole

One writer, the process at work; many readers. A search owns no result: its runs are ordinary ones.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cnnviz.errors import RunError
from cnnviz.jobs.job import Job, Report
from cnnviz.jobs.kinds import KINDS
from cnnviz.jobs.status import JobStatus
from cnnviz.runs import atomic
from cnnviz.specs import Spec
from cnnviz.studies.search.search_space import Dimension, SearchSpec, Settings

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
    done = [candidate for candidate in candidates if candidate.state == "done" and candidate.mean is not None]
    return sorted(done, key=lambda candidate: (-(candidate.mean or 0.0), candidate.number))


@dataclass(frozen=True, slots=True)
class Tried:
    """How far a search is. `planned`: how many candidates there will be."""

    planned: int
    candidates: tuple[Candidate, ...]

    @property
    def ended(self) -> int:
        """Candidates that nothing more is done for."""
        return sum(candidate.state != "running" for candidate in self.candidates)

    @property
    def best(self) -> Candidate | None:
        """The most accurate one that was trained to its end."""
        return next(iter(ranked(self.candidates)), None)

    @property
    def seconds_left(self) -> float | None:
        """Time until the last candidate ends, by those that have; None before the first."""
        ended = [candidate for candidate in self.candidates if candidate.state != "running"]
        times = [candidate.seconds for candidate in ended if candidate.seconds]
        if not times:
            return None
        spent = [candidate.seconds for candidate in self.candidates if candidate.state == "running"]
        left = statistics.fmean(times) * (self.planned - self.ended) - sum(spent)
        return max(0.0, left / max(1, len(spent)))  # as many at once as now


@KINDS.register("search", order=20)
class SearchJob(Job[SearchSpec]):
    """Which settings suit best, by cross-validation on training images alone."""

    asked_as, asked_in, place, noun = SearchSpec, "search.json", ".searches", "search"

    @classmethod
    def example(cls) -> SearchSpec:
        """Two candidates for one setting."""
        units = Dimension(name="architecture.dense", choices=(4, 8))
        return SearchSpec(title="Units", base={"dataset.name": "digits"}, space=(units,), candidates=2)

    def work(self, report: Report) -> None:
        """Suggest, train and judge candidates until there are enough."""
        from cnnviz.studies.search.search_work import follow

        follow(self, report)

    def tried(self) -> Tried:
        """How far it is.

        Raises:
            RunError: its files are damaged.
        """
        candidates = self.candidates()
        # Once it is over there are fewer than planned where the space had no more.
        planned = len(candidates) if self.status().state == "done" else self.spec().planned
        return Tried(planned, candidates)

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
        data = {"candidates": [candidate.model_dump(mode="json") for candidate in candidates]}
        atomic.write_json(self.path / "candidates.json", data)

    def importance(self) -> dict[str, float]:
        """Share of the differences that each setting explains, by name; empty before it is known."""
        return {str(name): float(share) for name, share in self._json("importance.json").items()}

    def save_importance(self, shares: dict[str, float]) -> None:
        """Replace the shares."""
        atomic.write_json(self.path / "importance.json", shares)

    def earlier_status(self) -> JobStatus | None:
        """Before version 0.2 process.json named the process, or said how it had ended."""
        found = self._json("process.json")
        if not found:
            return None
        if found.get("over"):
            return JobStatus(state="done")
        if found.get("problem"):
            return JobStatus(state="failed", problems=(str(found["problem"]),))
        worker = (found["pid"], found["started"]) if {"pid", "started"} <= found.keys() else None
        return JobStatus.parse({"state": "running", "worker": worker})

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
