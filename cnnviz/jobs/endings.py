"""The last word of a job whose process ended without one of its own."""

from __future__ import annotations

import os
from pathlib import Path

from cnnviz.engine.processes import locked, why_ended
from cnnviz.jobs.kinds import open_job

_GO_ON = "Nothing finished is lost; go on with it."


def note_ending(folder: Path, code: int, *, short_of_memory: bool) -> None:
    """Say why the work ended, where the work itself has not; called by the process that kept it.

    Args:
        code: its exit code as of subprocess: negative for a signal.
        short_of_memory: the kernel has killed a process for lack of memory meanwhile.
    """
    job = open_job(folder)
    with locked(folder / "lock"):
        keeper = job.status().keeper
        if keeper is None or keeper.pid != os.getpid():
            return  # it has said it itself, and may have been started again since
        state, reason = why_ended(
            code,
            asked_to_stop=job.stop_wished,
            short_of_memory=short_of_memory,
            log=folder / "log.txt",
            who="Its process",
            resume=_GO_ON,
            spare="Take fewer images or a smaller network.",
        )
        job.end(state, reason)
