"""A sweep's work: train what is missing, keep the results up to date, in any process.

The command line calls `work`; the page begins a process of its own, `python -m cnnviz.studies.sweep
<folder>`, which outlives the app. results.json says which process is at work, and what came out so far.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnnviz.errors import CnnvizError, RunError
from cnnviz.studies import detached, runner
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.progress import Progress
from cnnviz.studies.sweep.results import gather

Tell = Callable[[str, Progress], None]


def begin(folder: StudyDirectory) -> None:
    """Start or go on in a process of its own; returns at once.

    Raises:
        RunError: a process is at work on it.
        StorageError: its folder can't be written.
    """
    _refuse_second(folder)
    detached.launch(folder, ["-m", "cnnviz.studies.sweep", str(folder.path)])


def work(folder: StudyDirectory, tell: Tell = lambda stage, progress: None) -> dict[str, Any]:
    """Train what is missing and return what came out; finished runs are not trained again.

    Args:
        tell: called often with the stage in words and the progress of the whole.
    Raises:
        KeyboardInterrupt: after its runs have stopped and the results say so.
        RunError: another process is at work on it.
        CnnvizError: the queue or the disk fails.
    """
    _refuse_second(folder)
    _save(folder, "running")
    try:
        runner.resume(folder)
        progress = runner.follow(folder, _noting(folder, "training", tell))
    except KeyboardInterrupt:
        runner.stop(folder)
        runner.follow(folder, _noting(folder, "stopping", tell))
        _save(folder, "stopped")
        raise
    ended = "stopped" if progress.stopped else "done" if progress.done == progress.total else "incomplete"
    return _save(folder, ended)


def _refuse_second(folder: StudyDirectory) -> None:
    other = detached.working(folder)
    if other:
        raise RunError(f"This sweep is at work already, in process {other}. Wait for its end, or stop it.")


def _noting(folder: StudyDirectory, stage: str, tell: Tell) -> Callable[[Progress], None]:
    """Tell, and bring the results up to date whenever a run has ended."""
    before: tuple[int, int] | None = None

    def note(progress: Progress) -> None:
        nonlocal before
        tell(stage, progress)
        now = progress.done, progress.failed
        if before is not None and now != before:
            _save(folder, "running")
        before = now

    return note


def _save(folder: StudyDirectory, state: str) -> dict[str, Any]:
    found = {**gather(folder), "state": state}
    folder.save_results({**found, "process": detached.own_process() if state == "running" else None})
    return found


def main(path: Path) -> int:
    """Work on the sweep in a folder; a problem becomes the state "failed" with its reason."""
    folder = StudyDirectory(path)
    try:
        work(folder)
    except CnnvizError as error:
        print(error, file=sys.stderr, flush=True)
        if not detached.working(folder):
            folder.save_results({"state": "failed", "problems": [str(error)], "process": None})
        return 2
    return 0
