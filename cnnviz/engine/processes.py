"""Processes of runs: start one detached, tell whether it still lives, end it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil

import cnnviz
from cnnviz import paths
from cnnviz.runs import RunDirectory
from cnnviz.runs.atomic import storage_errors

#: Processes started by this one: asked now and then, so that none is left as a zombie.
_started: list[subprocess.Popen[bytes]] = []


def start(run: RunDirectory, environment: dict[str, str]) -> tuple[int, float]:
    """Start the supervisor of a run in a session of its own, so that it outlives this process.

    Args:
        environment: variables on top of this process's own.
    Returns:
        its pid and the time at which it started (Unix seconds).
    Raises:
        StorageError: the log can't be opened.
    """
    command = [sys.executable, "-m", "cnnviz.engine.supervisor", str(run.path)]
    with storage_errors(run.log_path), run.log_path.open("ab") as log:
        process = subprocess.Popen(
            command,
            env=own_environment() | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _started.append(process)
    return process.pid, psutil.Process(process.pid).create_time()


def own_environment() -> dict[str, str]:
    """This process's variables, with folders and imports that don't depend on its working folder."""
    package = str(Path(cnnviz.__file__).resolve().parents[1])
    searched = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(searched),
        "CNNVIZ_DATA_DIR": str(paths.data_dir()),
        "CNNVIZ_RUNS_DIR": str(paths.runs_dir()),
        "CNNVIZ_CACHE_DIR": str(paths.cache_dir()),
    }


def reap() -> int:
    """Take note of own children that have ended; returns how many still run."""
    _started[:] = [process for process in _started if process.poll() is None]
    return len(_started)


def alive(pid: int | None, started: float | None) -> bool:
    """Whether the process that began then still runs: a pid alone may be another's by now."""
    if pid is None or started is None:
        return False
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - started) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def kill_workers(pid: int | None, started: float | None) -> None:
    """End the processes that a supervisor looks after; the supervisor itself says why afterwards."""
    if pid is None or not alive(pid, started):
        return
    for child in psutil.Process(pid).children(recursive=True):
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
