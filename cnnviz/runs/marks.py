"""Marks: what names a process for good, and whether it still lives.

A pid alone may be another process's later. On Linux the moment of its start is counted from that of the
machine's, in ticks of the kernel, which no change of the clock moves; elsewhere it is what the system noted.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

import psutil

#: Above this many seconds a start is a date (as version 0.1 noted it), below it an age of the machine.
_DATES = 1e9


class Mark(NamedTuple):
    """A process. `started`: seconds, to be compared with others of this module only."""

    pid: int
    started: float


def of(pid: int) -> Mark:
    """What names a living process.

    Raises:
        psutil.NoSuchProcess: there is none of that pid.
    """
    if sys.platform != "linux":
        return Mark(pid, psutil.Process(pid).create_time())
    try:
        # The name, in brackets, may hold anything; the start is the 22nd field.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
    except OSError as error:
        raise psutil.NoSuchProcess(pid) from error
    return Mark(pid, int(fields[19]) / os.sysconf("SC_CLK_TCK"))


def own() -> Mark:
    """What names this process."""
    return of(os.getpid())


def alive(pid: int | None, started: float | None) -> bool:
    """Whether the process that began then still runs."""
    if pid is None or started is None:
        return False
    try:
        process = psutil.Process(pid)
        now = process.create_time() if started > _DATES else of(pid).started
        return abs(now - started) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
