"""How long a study still takes: from its own finished runs, else as the engine guesses."""

from __future__ import annotations

from statistics import median

from cnnviz.engine.estimate import training_seconds
from cnnviz.runs import RunSummary, Status
from cnnviz.studies.progress import Progress
from cnnviz.studies.spec import Member, StudySpec

#: Seconds that a worker takes beside training, until the study's own runs tell: Keras's import, mostly.
OVERHEAD_SECONDS = 8.0


class TimeLeft:
    """Seconds until a study is done; keeps its guesses until another run has finished."""

    def __init__(self) -> None:
        self._guesses: dict[str, float | None] = {}
        self._done = -1

    def __call__(self, progress: Progress) -> float | None:
        """Seconds left on one device; None where a member's time can't be guessed."""
        if progress.done != self._done:
            self._done, self._guesses = progress.done, {}
        around = overhead(progress)
        left = 0.0
        for member, run in progress.members:
            if (run and run.state == "done") or progress.problem(member, run):
                continue
            guess = self._guess(member)
            if guess is None:
                return None
            left += (1 - share_done(run.status if run else None)) * (guess + around)
        return left

    def _guess(self, member: Member) -> float | None:
        key = member.experiment.hash()
        if key not in self._guesses:
            found = training_seconds(member.experiment)
            self._guesses[key] = found.seconds if found else None
        return self._guesses[key]


def overhead(progress: Progress) -> float:
    """Seconds of the finished runs' workers beside training; the median."""
    found = [seconds for _, run in progress.members if run and (seconds := _beside(run)) is not None]
    return median(found) if found else OVERHEAD_SECONDS


def _beside(run: RunSummary) -> float | None:
    status = run.status
    if not (status and run.report and run.state == "done" and status.started and status.ended):
        return None
    return max(0.0, status.ended - status.started - (run.figures.fit_seconds or 0.0))


def share_done(status: Status | None) -> float:
    """Share of a run's batches that are done, 0–1."""
    if status is None or not (status.active and status.epoch and status.epochs):
        return 0.0
    within = status.batch / status.batches if status.batches else 0.0
    return min(1.0, (status.epoch - 1 + within) / status.epochs)


def distinct(studies: list[StudySpec]) -> list[Member]:
    """The members of several studies, each experiment once."""
    found = {member.experiment.hash(): member for study in studies for member in study.members()}
    return list(found.values())
