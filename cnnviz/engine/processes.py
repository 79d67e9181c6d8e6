"""Processes of runs and studies: start one detached, tell whether it still lives, end it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

import cnnviz
from cnnviz import paths
from cnnviz.runs.atomic import storage_errors

#: Processes started by this one: asked now and then, so that none is left as a zombie.
_started: list[subprocess.Popen[bytes]] = []


class Mark(NamedTuple):
    """What names a process for good: a pid alone may be another's later. `started`: Unix seconds."""

    pid: int
    started: float


def start(
    arguments: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    inherited: Sequence[int] = (),
) -> Mark:
    """Start Python in a session of its own, so that it outlives this process.

    Args:
        log: what it prints is appended to this file.
        environment: variables on top of `own_environment`.
        inherited: open files that it gets, under the same numbers.
    Raises:
        StorageError: the log can't be opened.
    """
    reap()
    with storage_errors(log), log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**own_environment(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            pass_fds=inherited,
        )
    _started.append(process)
    return Mark(process.pid, psutil.Process(process.pid).create_time())


def own_mark() -> Mark:
    """What names this process."""
    process = psutil.Process()
    return Mark(process.pid, process.create_time())


def own_environment() -> dict[str, str]:
    """This process's variables, with folders and imports that don't depend on its working folder."""
    package = str(Path(cnnviz.__file__).resolve().parents[1])
    searched = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        # Each folder once: a process's environment is that of the one which started it, however many later.
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(os.pathsep.join(searched).split(os.pathsep))),
        "CNNVIZ_DATA_DIR": str(paths.data_dir()),
        "CNNVIZ_RUNS_DIR": str(paths.runs_dir()),
        "CNNVIZ_CACHE_DIR": str(paths.cache_dir()),
    }


def reap() -> int:
    """Take note of own children that have ended; returns how many still run."""
    _started[:] = [process for process in _started if process.poll() is None]
    return len(_started)


def wait() -> None:
    """Wait until all that this process has started have ended."""
    for process in _started:
        process.wait()


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
