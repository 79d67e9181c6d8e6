"""Advance a study: queue what is missing, resume what was cut, leave alone what is done."""

from __future__ import annotations

import time
from collections.abc import Callable

from cnnviz.engine import Engine, engine
from cnnviz.studies.folder import Progress, StudyDirectory

_PERIOD_SECONDS = 0.5


def advance(study: StudyDirectory, queue: Engine | None = None) -> Progress:
    """Bring a study one step further; calling it again and again does no harm.

    Every member without a run is queued; one that was interrupted is resumed. Runs that failed, or that
    a person stopped, are left as they are: they are shown, with their reason.

    Raises:
        CnnvizError: a member can't be trained here; those before it are queued.
    """
    queue = queue or engine()
    queue.tick()
    progress = study.progress()
    if progress.stopped:
        return progress
    title = study.spec().title
    for member, run in progress.members:
        if run is None:
            queue.submit(member.experiment, name=f"{title} · {member.label}"[:120], user=study.id)
        elif run.state == "interrupted":
            queue.resume(run.id)
    return study.progress()


def stop(study: StudyDirectory, queue: Engine | None = None) -> None:
    """Start no further run of it and stop those at work; they keep what they have."""
    study.wish_stop()
    queue = queue or engine()
    for _, run in study.progress().members:
        if run and run.status and run.status.active and run.state != "stopping":
            queue.stop(run.id)


def resume(study: StudyDirectory, queue: Engine | None = None) -> Progress:
    """Go on after a stop: stopped and failed members too, from their checkpoints."""
    study.wish_stop(False)
    queue = queue or engine()
    for _, run in study.progress().members:
        if run and run.state in ("stopped", "failed", "interrupted"):
            queue.resume(run.id)
    return advance(study, queue)


def follow(study: StudyDirectory, tell: Callable[[Progress], None] = lambda progress: None) -> Progress:
    """Advance until nothing is active any more; for the command line and for processes of their own."""
    progress = advance(study)
    while progress.active:
        tell(progress)
        time.sleep(_PERIOD_SECONDS)
        engine().tick()
        progress = study.progress()
    tell(progress)
    return progress
