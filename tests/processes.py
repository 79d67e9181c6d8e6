"""Processes that tests start: they hear Ctrl-C, and none of them is left behind."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from cnnviz.engine import processes
from cnnviz.engine.tickets import Tickets
from cnnviz.errors import RunError
from cnnviz.runs import RunDirectory, marks


def hear_interrupts() -> None:
    """For `preexec_fn`: a suite started in the background inherits an ignored SIGINT, and so would they."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this session, the same for all workers of pytest-xdist."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def end_workers(runs: Path | str) -> None:
    """End whatever still works on runs of this folder. Runs outlive commands and apps, but not tests."""
    ended: list[tuple[int | None, float | None]] = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(runs) in argument for argument in process.info["cmdline"] or []):
            ended.append(marks.of(process.pid))
            process.kill()
    # What was forked is called as the process is that it was forked from. Supervisors first: they start runs.
    root = Path(runs)
    working = [(ticket.pid, ticket.process_started) for ticket in Tickets(root).all() if not ticket.handed]
    for file in root.glob("*/status.json"):
        with suppress(RunError):  # damaged on purpose
            status = RunDirectory(file.parent).status()
            working.append((status.pid, status.process_started))
    for pid, started in working:
        if marks.alive(pid, started):
            ended.append((pid, started))
            psutil.Process(pid).kill()
    # Own children are waited for: one that is forgotten while it still runs is a warning of Python's.
    while any(marks.alive(*mark) for mark in ended):
        time.sleep(0.01)
    processes.reap()
