"""A search in a process of its own, which outlives the app: begin, stop, and what the process does."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from cnnviz.engine import processes
from cnnviz.engine.lock import locked
from cnnviz.errors import CnnvizError, RunError
from cnnviz.studies.search.folder import SearchDirectory
from cnnviz.studies.search.runner import follow


def begin(search: SearchDirectory) -> None:
    """Start or resume a search; returns at once.

    Raises:
        RunError: a process is at work on it.
        StorageError: its folder can't be written.
    """
    with locked(search.path / "lock"):
        if search.working:
            raise RunError("This search is at work already. Stop it first, and wait for its end.")
        search.wish_stop(False)
        mark = processes.start(["-m", "cnnviz.studies.search", str(search.path)], search.path / "log.txt")
        # Marked here already, so that a second press of the button can't start a second one.
        search.save_process(**mark._asdict())


def stop(search: SearchDirectory) -> None:
    """Ask it to stop: its runs stop within a batch, and it can be resumed."""
    search.wish_stop()


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
