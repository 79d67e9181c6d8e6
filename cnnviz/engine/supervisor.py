"""The supervisor: `python -m cnnviz.engine.supervisor <run directory> [NAME=VALUE …]` waits for one worker.

It knows how the worker ended even where the worker could not say it (killed, crashed, out of memory),
and starts the next run of the queue, whether or not an app is open. It imports almost nothing until
the worker has ended, so that it stays at a few megabytes. The variables are the worker's alone: were they
its own, the next run would find this one's device and threads in its environment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

#: Where the kernel counts the processes that it killed for lack of memory.
OOM_COUNTERS = (Path("/sys/fs/cgroup/memory.events"), Path("/proc/vmstat"))


def main(folder: Path, device: Mapping[str, str]) -> int:
    """Run the worker of the run in `folder` with the variables of its device; returns its exit code."""
    killed_before = oom_kills()
    command = [sys.executable, "-m", "cnnviz.training.worker", str(folder), str(os.getpid())]
    worker = subprocess.Popen(command, env={**os.environ, **device})
    return conclude(folder, worker.wait(), killed_before)


def conclude(folder: Path, code: int, killed_before: int) -> int:
    """Say how the worker ended, start the next run and give the exit code back.

    Args:
        killed_before: `oom_kills` when the worker began.
    """
    # Now, and not above: see the module's docstring.
    from cnnviz.engine.local import LocalEngine

    short_of_memory = code == -signal.SIGKILL and oom_kills() > killed_before
    engine = LocalEngine(folder.parent, adopt=False)
    engine.ended(folder.name, code, short_of_memory=short_of_memory)
    engine.tick()
    return code


def oom_kills(counters: tuple[Path, ...] = OOM_COUNTERS) -> int:
    """How many processes the kernel has killed for lack of memory; 0 where it does not say."""
    for counter in counters:
        with suppress(OSError):
            for line in counter.read_text().splitlines():
                name, _, value = line.partition(" ")
                if name == "oom_kill":
                    return int(value)
    return 0


if __name__ == "__main__":
    variables = dict(argument.split("=", 1) for argument in sys.argv[2:])
    raise SystemExit(main(Path(sys.argv[1]), variables))
