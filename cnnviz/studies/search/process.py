"""A search in a process of its own, which outlives the app: begin, stop, and what the process does."""

from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path

import psutil

from cnnviz.engine import processes
from cnnviz.engine.lock import locked
from cnnviz.errors import CnnvizError, RunError
from cnnviz.runs.atomic import storage_errors
from cnnviz.studies.search.folder import SearchDirectory
from cnnviz.studies.search.runner import follow

#: Started by this process, by the search's folder: kept, so that they can be reaped.
_started: dict[Path, subprocess.Popen[bytes]] = {}


def begin(search: SearchDirectory) -> None:
    """Start or resume a search; returns at once.

    Raises:
        RunError: a process is at work on it.
        StorageError: its folder can't be written.
    """
    reap()
    with locked(search.path / "lock"):
        if search.working:
            raise RunError("This search is at work already. Stop it first, and wait for its end.")
        search.wish_stop(False)
        log = search.path / "log.txt"
        with storage_errors(log), log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "cnnviz.studies.search", str(search.path)],
                env=processes.own_environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        _started[search.path] = process
        # Marked here already, so that a second press of the button can't start a second one.
        search.save_process(pid=process.pid, started=psutil.Process(process.pid).create_time())


def stop(search: SearchDirectory) -> None:
    """Ask it to stop: its runs stop within a batch, and it can be resumed."""
    search.wish_stop()


def wait(search: SearchDirectory) -> None:
    """Wait for the process that this one has begun for a search; without one, return at once."""
    if search.path in _started:
        _started[search.path].wait()


def reap() -> None:
    """Take note of own children that have ended, so that none is left as a zombie."""
    for folder in [folder for folder, process in _started.items() if process.poll() is not None]:
        del _started[folder]


def main(folder: Path) -> int:
    """Work on the search in `folder`; every bad end leaves its reason in process.json."""
    search = SearchDirectory(folder)
    with locked(search.path / "lock"):
        pass  # until `begin` has written who works, so that this process writes it last
    try:
        follow(search)
    except CnnvizError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except Exception as error:  # noqa: BLE001  (whatever it is, it must end as a reason)
        traceback.print_exc()
        search.save_process(problem=f"Unexpected {type(error).__name__}: {error}. Its log.txt holds more.")
        return 1
    return 0
