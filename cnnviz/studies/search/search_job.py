"""A search as a job: what it keeps of its candidates, and the work on them.

    <job's folder>/search.json      what is asked
                   candidates.json  what was tried, and what came out; replaced whole
                   importance.json  share of each setting; replaced whole

The work: suggest, train each fold through the queue, give up what is poor, keep the books. One writer, the
process at work; many readers. Every training is an ordinary run of the engine's queue, found again by its
experiment's hash: what was trained before, for whatever reason, is not trained again, and a search owns no
result. All that a restart needs is in the folder.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cnnviz import metrics
from cnnviz.engine import Engine, engine
from cnnviz.errors import CnnvizError, RunError, StorageError
from cnnviz.evaluation import find_run
from cnnviz.jobs.job import Job, Report
from cnnviz.jobs.kinds import KINDS
from cnnviz.jobs.status import EarlierProcess, JobStatus
from cnnviz.metrics import METRICS
from cnnviz.runs import RunSummary, atomic, load_summary
from cnnviz.specs import Spec
from cnnviz.studies import study as studies
from cnnviz.studies.search import sampling
from cnnviz.studies.search.search_space import ACCURACY, Dimension, Objective, SearchSpec, Settings, text
from cnnviz.training import devices

_PERIOD_SECONDS = 0.3
#: How often a run whose worker was killed is taken up again.
_MOST_RESTARTS = 2
_NAME_LENGTH = 120  # of RunSpec.name

CandidateState = Literal["running", "done", "pruned", "failed"]


class Candidate(Spec):
    """One point of the space and what came of it, by validation images alone.

    `runs`, `scores` and `curves` go by fold: run ids, the final values of `objective`, and the accuracies
    after each epoch, in 0–1. `seconds`: how long it was worked on, waiting included.
    """

    number: int
    settings: Settings
    state: CandidateState = "running"
    scores: tuple[float, ...] = ()
    curves: tuple[tuple[float, ...], ...] = ()
    runs: tuple[str, ...] = ()
    reason: str = ""
    seconds: float = 0.0
    objective: Objective = ACCURACY

    @property
    def mean(self) -> float | None:
        """Mean score over the folds so far; of a fold that was given up, the last epoch's accuracy.

        After an epoch only the accuracy is known: judged by another metric, such a fold does not count.
        """
        open_folds = self.curves[len(self.scores) :] if self.objective == ACCURACY else ()
        values = [*self.scores, *(curve[-1] for curve in open_folds if curve)]
        return statistics.fmean(values) if values else None

    @property
    def gain(self) -> float | None:
        """The mean with its sign so that more is better, whatever the metric."""
        return None if self.mean is None else _gain(self.objective, self.mean)

    @property
    def spread(self) -> float | None:
        """Sample standard deviation over the folds; None for fewer than two."""
        return statistics.stdev(self.scores) if len(self.scores) > 1 else None


class _Candidates(Spec):
    """What candidates.json holds."""

    candidates: tuple[Candidate, ...] = ()


class _Process(EarlierProcess):
    """What process.json held: the process at work, or how it had ended."""

    over: bool = False
    problem: str = ""


def ranked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that were trained to their end, the best first."""
    done = [candidate for candidate in candidates if candidate.state == "done" and candidate.gain is not None]
    return sorted(done, key=lambda candidate: (-(candidate.gain or 0.0), candidate.number))


def _gain(objective: str, value: float) -> float:
    return -value if METRICS.get(objective).better == "lower" else value


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
        """The best one that was trained to its end."""
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
        """Suggest, train and judge candidates until there are enough.

        Raises:
            Stopped, KeyboardInterrupt: after its runs have stopped; they keep what they have.
            CnnvizError: it can't go on.
        """
        work = Work(self)
        try:
            while not work.over:
                work.step()
                self._report(Tried(work.spec.planned, tuple(work.table.values())), report)
                time.sleep(_PERIOD_SECONDS)
        finally:
            work.stop()

    def _report(self, tried: Tried, report: Report) -> None:
        best = tried.best
        report(
            "trying candidates",
            min(1.0, tried.ended / max(1, tried.planned)),
            done=tried.ended,
            total=tried.planned,
            unit="candidate",
            left=tried.seconds_left,
            detail=f"best so far {METRICS.get(best.objective).text(best.mean)}" if best else "",
        )

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
        kept = self.read_kept("candidates.json", _Candidates)
        return kept.candidates if kept else ()

    def save_candidates(self, candidates: Sequence[Candidate]) -> None:
        """Replace what was tried so far."""
        kept = _Candidates(candidates=tuple(candidates))
        atomic.write_json(self.path / "candidates.json", kept.model_dump(mode="json"))

    def importance(self) -> dict[str, float]:
        """Share of the differences that each setting explains, by name; empty before it is known."""
        return self.read_kept("importance.json", dict[str, float]) or {}

    def save_importance(self, shares: dict[str, float]) -> None:
        """Replace the shares."""
        atomic.write_json(self.path / "importance.json", shares)

    def earlier_status(self) -> JobStatus | None:
        """Before version 0.2 process.json named the process, or said how it had ended."""
        kept = self.read_kept("process.json", _Process) or _Process()
        if kept.over:
            return JobStatus(state="done")
        if kept.problem:
            return JobStatus(state="failed", problems=(kept.problem,))
        return JobStatus(state="running", worker=kept.mark) if kept != _Process() else None


class Work:
    """One process's work on one search.

    Args:
        search: its folder; no other process may be at work on it.
        queue: the engine; None: this machine's.
    """

    def __init__(self, search: SearchJob, queue: Engine | None = None) -> None:
        self.search, self.spec = search, search.spec()
        self.queue = queue or engine()
        self.table = {candidate.number: candidate for candidate in search.candidates()}
        self._clock: dict[int, float] = {}
        self._restarts: Counter[str] = Counter()
        self._exhausted = False
        for candidate in self._open():
            self._clock[candidate.number] = time.monotonic()
            self._place(candidate, resuming=True)

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        enough = self._exhausted or len(self.table) >= self.spec.planned
        return enough and not self._open()

    def step(self) -> None:
        """Look at every run at work, then start as many candidates as there are devices.

        Raises:
            StorageError: the disk takes no more.
        """
        self.queue.tick()
        for candidate in self._open():
            self._look(candidate)
        while len(self._open()) < self._lanes() and not self._exhausted:
            if len(self.table) >= self.spec.planned:
                break
            self._begin()

    def stop(self) -> None:
        """Stop the runs at work that are this search's own, and wait for it; they keep what they have."""
        runs = [
            run for candidate in self._open() if (run := self._run(candidate)) and run.user == self.search.id
        ]
        for run in runs:
            studies.stop_run(run, self.search.id, self.queue)
        while any(not run.directory.status().finished for run in runs):
            time.sleep(_PERIOD_SECONDS)
            self.queue.tick()

    # One candidate --------------------------------------------------------------------------------

    def _open(self) -> list[Candidate]:
        return [candidate for candidate in self.table.values() if candidate.state == "running"]

    def _lanes(self) -> int:
        """How many candidates are worked on at once: one a device that may be used."""
        if str(self.spec.base.get("training.device", "auto")) not in ("auto", "gpu"):
            return 1
        return max(1, sum(device.kind == "GPU" for device in devices.devices()))

    def _begin(self) -> None:
        settings = sampling.suggest(self.spec, self._tried())
        if settings is None:
            self._exhausted = True
            return
        candidate = Candidate(number=len(self.table) + 1, settings=settings, objective=self.spec.objective)
        self.table[candidate.number] = candidate
        self._clock[candidate.number] = time.monotonic()
        self._place(candidate)

    def _tried(self) -> list[sampling.Tried]:
        """All candidates as the sampler takes them; one that failed counts as the worst that there is."""
        gains = [candidate.gain for candidate in self.table.values() if candidate.state in ("done", "pruned")]
        metric = self.spec.metric
        end = metric.high if metric.better == "lower" else metric.low
        worst = min([0.0, *(gain for gain in gains if gain is not None)])
        worst = worst if end is None else _gain(self.spec.objective, end)
        scores = {"failed": worst, "running": None}
        return [
            sampling.Tried(
                candidate.settings,
                scores.get(candidate.state, candidate.gain),
                given_up=candidate.state == "pruned",
            )
            for candidate in self.table.values()
        ]

    def _place(self, candidate: Candidate, *, resuming: bool = False) -> None:
        """See to it that the next fold's run exists: found, resumed or queued."""
        fold = len(candidate.scores) + 1
        try:
            experiment = self.spec.experiment(candidate.settings, fold)
            studies.check(experiment)
            run = find_run(experiment, self.search.root)
            cut = run is not None and run.state in ("stopped", "interrupted")
            if run is None:
                run_id = self.queue.submit(experiment, name=self._name(candidate, fold), user=self.search.id)
            else:
                run_id = run.id
                if cut or (resuming and run.state == "failed"):
                    self.queue.resume(run_id)
        except StorageError:
            raise
        except CnnvizError as error:
            self._note(candidate, state="failed", reason=str(error))
            return
        self._note(candidate, runs=(*candidate.runs[: fold - 1], run_id))

    def _name(self, candidate: Candidate, fold: int) -> str:
        values = ", ".join(text(value) for value in candidate.settings.values())
        return f"{self.spec.title} · {candidate.number}: {values} · fold {fold}"[:_NAME_LENGTH]

    def _run(self, candidate: Candidate) -> RunSummary | None:
        fold = len(candidate.scores)
        return load_summary(self.search.root / candidate.runs[fold]) if len(candidate.runs) > fold else None

    def _look(self, candidate: Candidate) -> None:
        run = self._run(candidate)
        if run is None or run.damaged or run.status is None:
            self._note(candidate, state="failed", reason=(run and run.damaged) or "Its run is gone.")
            return
        whole = (epoch for epoch in run.directory.epochs() if not epoch.partial)
        curve = tuple(epoch.val_accuracy for epoch in whole if epoch.val_accuracy is not None)
        fold = len(candidate.scores)
        if curve != (candidate.curves[fold] if len(candidate.curves) > fold else ()):
            candidate = self._note(candidate, curves=(*candidate.curves[:fold], curve))
        if run.state == "done" and run.report:
            self._end_fold(candidate, run, curve)
        elif run.status.active:
            # After the last epoch it is only evaluated and saved; the end of the fold judges it then.
            if len(curve) < run.status.epochs and self._is_poor(curve, fold, over=False):
                studies.stop_run(run, self.search.id, self.queue)
                self._give_up(candidate, f"after epoch {len(curve)} of fold {fold + 1}")
        elif run.state == "interrupted" and self._restarts[run.id] < _MOST_RESTARTS:
            self._restarts[run.id] += 1
            self._place(candidate)
        else:
            self._note(candidate, state="failed", reason=f"Fold {fold + 1} {run.state}. {run.reason}".strip())

    def _end_fold(self, candidate: Candidate, run: RunSummary, curve: tuple[float, ...]) -> None:
        fold = len(candidate.scores)
        try:
            score = metrics.value(run, self.spec.objective, "validation")
        except RunError as error:
            self._note(candidate, state="failed", reason=str(error))
            return
        if score is None:
            lacking = (
                f"Run {run.id} gives no {self.spec.metric.noun}: it keeps no predictions of validation images"
            )
            reason = (
                f"{lacking} (delete it, so that fold {fold + 1} is trained anew), or has too few classes."
            )
            self._note(candidate, state="failed", reason=reason)
            return
        candidate = self._note(candidate, scores=(*candidate.scores, score))
        if len(candidate.scores) == self.spec.folds:
            self._note(candidate, state="done")
            self.search.save_importance(sampling.importance(self.spec, self._tried()))
        elif self._is_poor(curve, fold, over=True):
            self._give_up(candidate, f"after fold {fold + 1}")
        else:
            self._place(candidate)

    def _is_poor(self, curve: tuple[float, ...], fold: int, *, over: bool) -> bool:
        done = [
            candidate
            for candidate in self.table.values()
            if candidate.state == "done" and len(candidate.curves) > fold
        ]
        return self.spec.pruning and sampling.is_poor(
            curve, [candidate.curves[fold] for candidate in done], over=over
        )

    def _give_up(self, candidate: Candidate, where: str) -> None:
        self._note(
            candidate, state="pruned", reason=f"Given up {where}: below the median of the finished ones."
        )

    def _note(self, candidate: Candidate, **changes: object) -> Candidate:
        """Change a candidate, count its seconds and write all of them."""
        now = time.monotonic()
        seconds = candidate.seconds + now - self._clock.get(candidate.number, now)
        self._clock[candidate.number] = now
        self.table[candidate.number] = changed = candidate.but(**changes, seconds=seconds)
        self.search.save_candidates(list(self.table.values()))
        return changed
