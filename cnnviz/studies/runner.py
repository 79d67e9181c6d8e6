"""Advance a study: queue what is missing, resume what was cut, leave alone what is done."""

from __future__ import annotations

import time
from collections.abc import Callable

from cnnviz import datasets
from cnnviz.datasets.official import missing_message
from cnnviz.engine import Engine, engine
from cnnviz.engine.lock import locked
from cnnviz.errors import CnnvizError, DataMissingError, StorageError
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.progress import Progress
from cnnviz.studies.spec import Member, StudySpec
from cnnviz.training import checks

_PERIOD_SECONDS = 0.5
_NAME_LENGTH = 120  # of RunSpec.name


def advance(study: StudyDirectory, queue: Engine | None = None) -> Progress:
    """Bring a study one step further; calling it again and again does no harm.

    Every member without a run is queued; one that was interrupted is resumed. Runs that failed, or that
    a person stopped, are left as they are, and members that this machine can't train are refused: both
    are shown, with their reasons, and the others go on.

    Raises:
        StorageError: the disk takes no more.
    """
    queue = queue or engine()
    queue.tick()
    # Two processes may follow one study; without the lock both would queue the same member.
    with locked(study.path / "lock"):
        progress = study.progress()
        if progress.stopped:
            return progress
        spec = study.spec()
        refused: dict[str, str] = {}
        for member, run in progress.members:
            try:
                if run is None:
                    check(member.experiment)
                    queue.submit(member.experiment, name=_name(spec, member), user=study.id)
                elif run.state == "interrupted":
                    queue.resume(run.id)
            except StorageError:
                raise
            except CnnvizError as error:
                refused[member.label] = str(error)
        study.refuse(refused)
    return study.progress()


def _name(spec: StudySpec, member: Member) -> str:
    """`E8 · max pooling · seed 1`; the seed where there are several: a study's runs are never named alike."""
    seed = f" · seed {member.seed}" if len(spec.seeds) > 1 else ""
    return f"{spec.recipe or spec.title} · {member.name or member.label}"[: _NAME_LENGTH - len(seed)] + seed


def check(experiment: ExperimentSpec) -> None:
    """Say before queueing what the worker would find out after it.

    Raises:
        CnnvizError: data are missing, the device is not there, or the network is impossible.
    """
    checks.check(experiment)
    if datasets.availability(experiment.dataset.name) == "download":
        raise DataMissingError(missing_message(datasets.entry(experiment.dataset.name)))


def stop(study: StudyDirectory, queue: Engine | None = None) -> None:
    """Start no further run of it and stop its own ones at work; they keep what they have.

    A member that somebody else is training goes on: it is not this study's to stop.
    """
    study.wish_stop()
    queue = queue or engine()
    for _, run in study.progress().members:
        own = run is not None and run.user == study.id
        if run and own and run.status and run.status.active and run.state != "stopping":
            try:
                queue.stop(run.id)
            except CnnvizError:
                # It has ended since the look at it, which is what was wished.
                if not run.directory.status().finished:
                    raise


def resume(study: StudyDirectory, queue: Engine | None = None) -> Progress:
    """Go on after a stop: stopped and failed members too, from their checkpoints."""
    study.wish_stop(False)
    queue = queue or engine()
    queue.tick()
    with locked(study.path / "lock"):
        for _, run in study.progress().members:
            if run and run.state in ("stopped", "failed", "interrupted"):
                try:
                    queue.resume(run.id)
                except CnnvizError:
                    # Impossible here (or at work again): its state and reason stay and are shown.
                    continue
    return advance(study, queue)


def follow(
    study: StudyDirectory,
    tell: Callable[[Progress], None] = lambda progress: None,
    queue: Engine | None = None,
) -> Progress:
    """Advance until nothing is active any more; for the command line and for processes of their own."""
    queue = queue or engine()
    progress = advance(study, queue)
    while progress.active:
        tell(progress)
        time.sleep(_PERIOD_SECONDS)
        queue.tick()
        progress = study.progress()
    tell(progress)
    return progress
