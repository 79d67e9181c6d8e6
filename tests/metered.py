"""Run a command and say what it took: `python tests/metered.py make checks`.

Every process below the command counts, once it has ended, with user and system seconds: workers of
pytest-xdist, servers, browsers, and processes that detached themselves. On Linux those become children of
this process (it is a "child subreaper", see prctl(2)), which waits for each and adds up what the kernel
tells of it; elsewhere a detached process that outlives its parent is missed.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import psutil

#: From linux/prctl.h.
_PR_SET_CHILD_SUBREAPER = 36
#: Seconds that processes without a parent are given to notice it and end by themselves.
_GRACE = 10


def main(command: Sequence[str]) -> int:
    """Run the command to its end, end what it left running, and print the sum; returns the exit code."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Ctrl-C reaches the command as well, which decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    began = time.monotonic()
    process = subprocess.Popen(command, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    code = _wait_for(process.pid)
    left = _end_what_is_left()
    minutes, used = (time.monotonic() - began) / 60, resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = used.ru_utime, used.ru_stime
    print(
        f"\n{user + system:.0f} CPU-seconds ({user:.0f} user, {system:.0f} system; all processes) "
        f"in {minutes:.1f} minutes",
        flush=True,
    )
    for line in left:
        print(f"left running, and ended now: {line}", flush=True)
    return code


def _wait_for(pid: int) -> int:
    """Wait for orphans too, as they come, until this one has ended; returns its exit code."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)
            # As a shell says it: 128 and the number of the signal.
            return code if code >= 0 else 128 - code


def _end_what_is_left() -> list[str]:
    """Give orphans a moment to end, then end them; returns the command lines of those."""
    end = time.monotonic() + _GRACE
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return []
        if ended == 0:
            if time.monotonic() > end:
                break
            time.sleep(0.05)
    left = psutil.Process().children(recursive=True)
    lines = [" ".join(process.cmdline()) for process in left]
    for process in left:
        process.kill()
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
