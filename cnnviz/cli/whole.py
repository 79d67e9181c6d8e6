"""The progress of many runs as a whole: one line with the time left, and the share that is done."""

from __future__ import annotations

from cnnviz.studies.progress import Progress
from cnnviz.studies.timing import TimeLeft, share_done


def line(stage: str, progress: Progress, left: TimeLeft) -> str:
    """`training · 3 of 6 runs done · about 2 min left`."""
    seconds = left(progress)
    parts = [stage, f"{progress.done} of {progress.total} runs done"]
    parts += [f"{progress.failed} failed"] if progress.failed else []
    parts += [f"about {_time(seconds)} left"] if seconds is not None else []
    return " · ".join(parts)


def share(progress: Progress) -> float | None:
    """Share of the whole that is done, runs at work counted by their batches; None where nothing is asked."""
    if not progress.total:
        return None
    at_work = sum(share_done(run.status) for _, run in progress.members if run)
    return min(1.0, (progress.done + progress.failed + at_work) / progress.total)


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
