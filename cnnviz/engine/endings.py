"""What to say of a worker that ended without a word of its own."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Literal

_RESUME = "Resuming goes on from the last whole epoch."


def gone(log: Path) -> str:
    """What to say where all processes of a run are gone and nobody saw how they ended."""
    return f"The worker is gone: it was killed, or the machine was restarted. {_RESUME}{_last_line(log)}"


def explain(
    code: int,
    *,
    asked_to_stop: bool,
    short_of_memory: bool,
    log: Path,
    who: str = "The worker",
    resume: str = _RESUME,
    spare: str = "Train with a smaller batch, a smaller network or fewer images.",
) -> tuple[Literal["interrupted", "failed"], str]:
    """State and reason for an exit code of a process whose status still says that it works.

    Args:
        code: as of subprocess: negative for a signal.
        asked_to_stop: somebody had wished it to stop.
        short_of_memory: the kernel has killed a process for lack of memory meanwhile.
        who: what the process is called. resume: what going on with it means. spare: what saves memory.
    """
    if short_of_memory:
        return "failed", f"{who} was ended by the system because the machine's memory was used up. {spare}"
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
