"""What to say of a worker that ended without a word of its own."""

from __future__ import annotations

import signal
from pathlib import Path

_RESUME = "Resuming goes on from the last whole epoch."


def gone(log: Path) -> str:
    """What to say where all processes of a run are gone and nobody saw how they ended."""
    return f"The worker is gone: it was killed, or the machine was restarted. {_RESUME}{_last_line(log)}"


def explain(code: int, *, asked_to_stop: bool, short_of_memory: bool, log: Path) -> tuple[str, str]:
    """State and reason for an exit code of a worker whose status still says that it works.

    Args:
        code: as of subprocess: negative for a signal.
        asked_to_stop: somebody had wished it to stop.
        short_of_memory: the kernel has killed a process for lack of memory meanwhile.
    """
    if short_of_memory:
        advice = "Train with a smaller batch, a smaller network or fewer images."
        return "failed", f"The system ended the worker because the machine's memory was used up. {advice}"
    if code == -signal.SIGKILL and asked_to_stop:
        return "interrupted", f"The worker did not stop when asked to, and was ended. {_RESUME}"
    if code == -signal.SIGKILL:
        who = "by somebody, or by the system for lack of memory"
        return "interrupted", f"The worker was killed (signal 9, SIGKILL), {who}. {_RESUME}"
    if code == -signal.SIGTERM:
        return "interrupted", f"The worker was asked to end (SIGTERM). {_RESUME}"
    if code < 0:
        name = signal.Signals(-code).name
        return "failed", f"The worker crashed (signal {-code}, {name}). The log holds what it said last."
    return "failed", f"The worker ended with exit code {code} and left no reason.{_last_line(log)}"


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return f" The log ends with: {lines[-1][:300]}" if lines else ""
