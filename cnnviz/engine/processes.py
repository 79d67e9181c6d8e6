"""Processes of runs and studies: start one detached, end it, say why it ended.

And the one lock that those of a folder share.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import psutil

import cnnviz
from cnnviz import paths
from cnnviz.runs import marks
from cnnviz.runs.atomic import storage_errors
from cnnviz.runs.marks import Mark

#: Processes started by this one: asked now and then, so that none is left as a zombie.
_started: list[subprocess.Popen[bytes]] = []


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
    return marks.of(process.pid)


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


def end_workers(supervisor: Mark, *, itself: bool) -> None:
    """End the processes that a supervisor looks after; it says why afterwards.

    Args:
        itself: end it too: it has said nothing since they were ended.
    """
    if not marks.alive(*supervisor):
        return
    process = psutil.Process(supervisor.pid)
    for each in [*([process] if itself else []), *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            each.kill()


_RESUME = "Resuming goes on from the last whole epoch."


def why_gone(log: Path, hung: str = "") -> str:
    """What to say where all processes of a run are gone and nobody saw how they ended.

    Args:
        hung: as of `why_ended`.
    """
    if hung:
        return f"The worker {hung}, and was ended. {_RESUME}"
    return f"The worker is gone: it was killed, or the machine was restarted. {_RESUME}{_last_line(log)}"


def why_ended(
    code: int,
    *,
    asked_to_stop: bool,
    short_of_memory: bool,
    log: Path,
    hung: str = "",
    who: str = "The worker",
    resume: str = _RESUME,
    spare: str = "Train with a smaller batch, a smaller network or fewer images.",
) -> tuple[Literal["interrupted", "failed"], str]:
    """State and reason for an exit code of a process whose status still says that it works.

    Args:
        code: as of subprocess: negative for a signal.
        asked_to_stop: somebody had wished it to stop.
        short_of_memory: the kernel has killed a process for lack of memory meanwhile.
        hung: why the queue has ended it: "gave no sign of life for 10 min".
        who: what the process is called. resume: what going on with it means. spare: what saves memory.
    """
    if short_of_memory:
        return "failed", f"{who} was ended by the system because the machine's memory was used up. {spare}"
    if code == -signal.SIGKILL and hung:
        return "interrupted", f"{who} {hung}, and was ended. {resume}"
    if code == -signal.SIGKILL and asked_to_stop:
        return "interrupted", f"{who} did not stop when asked to, and was ended. {resume}"
    if code == -signal.SIGKILL:
        by = "by somebody, or by the system for lack of memory"
        return "interrupted", f"{who} was killed (signal 9, SIGKILL), {by}. {resume}"
    if code == -signal.SIGTERM:
        return "interrupted", f"{who} was asked to end (SIGTERM). {resume}"
    if code < 0:
        name = signal.Signals(-code).name
        return "failed", f"{who} crashed (signal {-code}, {name}). The log holds what it said last."
    return "failed", f"{who} ended with exit code {code} and left no reason.{_last_line(log)}"


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return f" The log ends with: {lines[-1][:300]}" if lines else ""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file's lock; the system lets it go when the process dies.

    Raises:
        StorageError: the lock file can't be opened.
    """
    with storage_errors(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(handle)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
