"""Processes that tests start: they hear Ctrl-C, and none of them is left behind."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil


def hear_interrupts() -> None:
    """For `preexec_fn`: a suite started in the background inherits an ignored SIGINT, and so would they."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def end_workers(runs: Path | str) -> None:
    """End whatever still works on runs of this folder. Runs outlive commands and apps, but not tests."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(runs) in argument for argument in process.info["cmdline"] or []):
            process.kill()
