"""The work of a search: suggest, train each fold through the queue, give up what is poor, keep the books.

Every training is an ordinary run of the engine's queue, found again by its experiment's hash: what was
trained before, for whatever reason, is not trained again. All that a restart needs is in the folder.
"""

from __future__ import annotations

import time
from collections import Counter

from cnnviz.engine import Engine, engine
from cnnviz.errors import CnnvizError, StorageError
from cnnviz.jobs.job import Report
from cnnviz.runs import RunSummary, find_run, load_summary
from cnnviz.studies import study as studies
from cnnviz.studies.search import sampling
from cnnviz.studies.search.search_job import Candidate, SearchJob, Tried
from cnnviz.studies.search.search_space import text
from cnnviz.training import devices

_PERIOD_SECONDS = 0.3
#: How often a run whose worker was killed is taken up again.
_MOST_RESTARTS = 2
_NAME_LENGTH = 120  # of RunSpec.name


class Work:
    """One process's work on one search.

    Args:
        search: its folder; no other process may be at work on it.
        queue: the engine; None: this machine's.
    """

    def __init__(self, search: SearchJob, queue: Engine | None = None) -> None:
        self.search, self.spec = search, search.spec()
        self.queue = queue or engine()
        self.table = {one.number: one for one in search.candidates()}
        self._clock: dict[int, float] = {}
        self._restarts: Counter[str] = Counter()
        self._exhausted = False
        for one in self._open():
            self._clock[one.number] = time.monotonic()
            self._place(one, resuming=True)

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
        for one in self._open():
            self._look(one)
        while len(self._open()) < self._lanes() and not self._exhausted:
            if len(self.table) >= self.spec.planned:
                break
            self._begin()

    def stop(self) -> None:
        """Stop the runs at work that are this search's own, and wait for it; they keep what they have."""
        runs = [run for one in self._open() if (run := self._run(one)) and run.user == self.search.id]
        for run in runs:
            self._stop(run)
        while any(not run.directory.status().finished for run in runs):
            time.sleep(_PERIOD_SECONDS)
            self.queue.tick()

    # One candidate --------------------------------------------------------------------------------

    def _open(self) -> list[Candidate]:
        return [one for one in self.table.values() if one.state == "running"]

    def _lanes(self) -> int:
        """How many candidates are worked on at once: one a device that may be used."""
        if str(self.spec.base.get("training.device", "auto")) not in ("auto", "gpu"):
            return 1
        return max(1, sum(device.kind == "GPU" for device in devices.devices()))

    def _begin(self) -> None:
        tried = [self._told(one) for one in self.table.values()]
        settings = sampling.suggest(self.spec, tried)
        if settings is None:
            self._exhausted = True
            return
        one = Candidate(number=len(self.table) + 1, settings=settings)
        self.table[one.number] = one
        self._clock[one.number] = time.monotonic()
        self._place(one)

    @staticmethod
    def _told(one: Candidate) -> sampling.Tried:
        score = 0.0 if one.state == "failed" else None if one.state == "running" else one.mean
        return sampling.Tried(one.settings, score, given_up=one.state == "pruned")

    def _place(self, one: Candidate, *, resuming: bool = False) -> None:
        """See to it that the next fold's run exists: found, resumed or queued."""
        fold = len(one.scores) + 1
        try:
            experiment = self.spec.experiment(one.settings, fold)
            studies.check(experiment)
            run = find_run(experiment, self.search.root)
            cut = run is not None and run.state in ("stopped", "interrupted")
            if run is None:
                run_id = self.queue.submit(experiment, name=self._name(one, fold), user=self.search.id)
            else:
                run_id = run.id
                if cut or (resuming and run.state == "failed"):
                    self.queue.resume(run_id)
        except StorageError:
            raise
        except CnnvizError as error:
            self._note(one, state="failed", reason=str(error))
            return
        self._note(one, runs=(*one.runs[: fold - 1], run_id))

    def _name(self, one: Candidate, fold: int) -> str:
        values = ", ".join(text(value) for value in one.settings.values())
        return f"{self.spec.title} · {one.number}: {values} · fold {fold}"[:_NAME_LENGTH]

    def _run(self, one: Candidate) -> RunSummary | None:
        fold = len(one.scores)
        return load_summary(self.search.root / one.runs[fold]) if len(one.runs) > fold else None

    def _look(self, one: Candidate) -> None:
        run = self._run(one)
        if run is None or run.damaged or run.status is None:
            self._note(one, state="failed", reason=(run and run.damaged) or "Its run is gone.")
            return
        whole = (epoch for epoch in run.directory.epochs() if not epoch.partial)
        curve = tuple(epoch.val_accuracy for epoch in whole if epoch.val_accuracy is not None)
        fold = len(one.scores)
        if curve != (one.curves[fold] if len(one.curves) > fold else ()):
            one = self._note(one, curves=(*one.curves[:fold], curve))
        if run.state == "done" and run.report:
            self._end_fold(one, run, curve)
        elif run.status.active:
            # After the last epoch it is only evaluated and saved; the end of the fold judges it then.
            if len(curve) < run.status.epochs and self._is_poor(curve, fold, over=False):
                self._stop(run)
                self._give_up(one, f"after epoch {len(curve)} of fold {fold + 1}")
        elif run.state == "interrupted" and self._restarts[run.id] < _MOST_RESTARTS:
            self._restarts[run.id] += 1
            self._place(one)
        else:
            self._note(one, state="failed", reason=f"Fold {fold + 1} {run.state}. {run.reason}".strip())

    def _end_fold(self, one: Candidate, run: RunSummary, curve: tuple[float, ...]) -> None:
        fold = len(one.scores)
        accuracy = run.figures.validation_accuracy
        if accuracy is None:
            self._note(one, state="failed", reason=f"Fold {fold + 1} has no validation accuracy.")
            return
        one = self._note(one, scores=(*one.scores, accuracy))
        if len(one.scores) == self.spec.folds:
            self._note(one, state="done")
            told = [self._told(other) for other in self.table.values()]
            self.search.save_importance(sampling.importance(self.spec, told))
        elif self._is_poor(curve, fold, over=True):
            self._give_up(one, f"after fold {fold + 1}")
        else:
            self._place(one)

    def _is_poor(self, curve: tuple[float, ...], fold: int, *, over: bool) -> bool:
        done = [one for one in self.table.values() if one.state == "done" and len(one.curves) > fold]
        return self.spec.pruning and sampling.is_poor(curve, [one.curves[fold] for one in done], over=over)

    def _give_up(self, one: Candidate, where: str) -> None:
        self._note(one, state="pruned", reason=f"Given up {where}: below the median of the finished ones.")

    def _stop(self, run: RunSummary) -> None:
        """Stop a run, unless it is somebody else's too."""
        if run.user != self.search.id or not run.status or not run.status.active:
            return
        try:
            self.queue.stop(run.id)
        except CnnvizError:
            # It has ended since the look at it, which is what was wished.
            if not run.directory.status().finished:
                raise

    # Books ----------------------------------------------------------------------------------------

    def _note(self, one: Candidate, **changes: object) -> Candidate:
        """Change a candidate and write all of them."""
        self.table[one.number] = changed = one.but(**changes, seconds=self._seconds(one))
        self._save()
        return changed

    def _seconds(self, one: Candidate) -> float:
        now = time.monotonic()
        spent = now - self._clock.get(one.number, now)
        self._clock[one.number] = now
        return one.seconds + spent

    def _save(self) -> None:
        self.search.save_candidates(list(self.table.values()))


def follow(search: SearchJob, report: Report, queue: Engine | None = None) -> None:
    """Work on a search until it is over.

    Raises:
        Stopped, KeyboardInterrupt: after its runs have stopped; they keep what they have.
        CnnvizError: it can't go on.
    """
    work = Work(search, queue)
    try:
        while not work.over:
            work.step()
            tried = Tried(search.spec().planned, search.candidates())
            report(
                "trying candidates",
                min(1.0, tried.ended / max(1, tried.planned)),
                done=tried.ended,
                total=tried.planned,
                unit="candidate",
                left=tried.seconds_left,
                detail=f"best so far {tried.best.mean:.1%}" if tried.best and tried.best.mean else "",
            )
            time.sleep(_PERIOD_SECONDS)
    finally:
        work.stop()
