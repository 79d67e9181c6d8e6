"""Studies in processes of their own: start one that outlives the app, tell whether it works."""

from __future__ import annotations

import json
import os
import time
from typing import Any, NamedTuple

import psutil

from cnnviz import paths
from cnnviz.engine import processes
from cnnviz.errors import RunError
from cnnviz.runs import atomic
from cnnviz.studies.folder import StudyDirectory

_STAGE = "stage.json"


def begin(recipe_id: str, scale: str, seeds: int | None = None) -> StudyDirectory:
    """Start reproducing an experiment in a process of its own and return its folder at once.

    Raises:
        RunError: it is being reproduced already.
        StorageError: its folder can't be written.
    """
    folder = StudyDirectory.reproduction(recipe_id, scale)
    if working(folder):
        raise RunError(f"{recipe_id} is being reproduced at the scale {scale} already. Wait for its end.")
    arguments = ["-m", "cnnviz.reports.reproduce", recipe_id, scale, *([str(seeds)] if seeds else [])]
    launch(folder, arguments, recipe=recipe_id, scale=scale)
    return folder


def launch(folder: StudyDirectory, arguments: list[str], **told: str) -> None:
    """Start Python with these arguments for a study, and note in its results that it is at work.

    Args:
        told: what else the results shall say at once.
    Raises:
        StorageError: its folder can't be written.
    """
    log = paths.ensure(folder.path) / "log.txt"
    mark = processes.start(arguments, log)
    # Marked here already, so that a second press of the button can't start a second one.
    folder.save_results({**_results(folder), **told, "state": "running", "process": mark._asdict()})


def own_process() -> dict[str, float]:
    """Id and start of this process, as `working` looks for it."""
    return {"pid": os.getpid(), "started": psutil.Process().create_time()}


def working(folder: StudyDirectory) -> int | None:
    """Id of the other process that reproduces into this folder; None where none lives."""
    processes.reap()
    process = _results(folder).get("process") or {}
    pid: int | None = process.get("pid")
    if pid is None or pid == os.getpid() or not processes.alive(pid, process.get("started")):
        return None
    return pid


def state_of(folder: StudyDirectory) -> str:
    """ "done", "incomplete", "stopped", "failed", "running", "interrupted", or "" where it never ran."""
    state = str(_results(folder).get("state", ""))
    if state == "running":
        own = (_results(folder).get("process") or {}).get("pid") == os.getpid()
        return "running" if own or working(folder) else "interrupted"
    return state


class Stage(NamedTuple):
    """What a reproduction does while nothing is trained, and how much of that is done (0–1), if known."""

    text: str
    share: float | None = None


def note_stage(folder: StudyDirectory, stage: Stage) -> None:
    """Say for others what is being done, and since when."""
    before, now = _noted(folder), time.time()
    since = before.get("since", now) if before.get("text") == stage.text else now
    atomic.write_json(paths.ensure(folder.path) / _STAGE, {**stage._asdict(), "since": since})


def stage_of(folder: StudyDirectory) -> Stage:
    """What was noted last."""
    noted = _noted(folder)
    return Stage(str(noted["text"]), noted.get("share")) if "text" in noted else Stage("starting")


def stage_seconds_left(folder: StudyDirectory) -> float | None:
    """Until the stage ends, by its speed so far; None before that can be told."""
    noted = _noted(folder)
    share, since = noted.get("share"), noted.get("since")
    return (time.time() - since) * (1 - share) / share if share and since else None


def _noted(folder: StudyDirectory) -> dict[str, Any]:
    """Nothing where nothing is noted yet, or where it is damaged: the next one replaces it."""
    try:
        data = json.loads((folder.path / _STAGE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _results(folder: StudyDirectory) -> dict[str, Any]:
    try:
        return folder.results() or {}
    except RunError:
        return {}  # damaged: as if it had never run, so that it can be made again
