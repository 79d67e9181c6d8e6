"""`python -m cnnviz.jobs <folder>`: the process of any job.

It keeps a second process that works (`--work`) and waits for its end, so that it can say why that ended
even where the work itself could not: killed, crashed, out of memory. It imports almost nothing until then,
and nothing at all where the work has said so.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from cnnviz.engine.supervisor import oom_kills


def main(folder: Path, *, work: bool) -> int:
    """Work on the job in a folder, or keep the process that does; returns the exit code."""
    return _work(folder) if work else _keep(folder)


def _work(folder: Path) -> int:
    from cnnviz.errors import CnnvizError
    from cnnviz.jobs.kinds import open_job

    try:
        open_job(folder).take_over()
    except CnnvizError as error:
        print(error, file=sys.stderr, flush=True)
        return 2
    return 0


def _keep(folder: Path) -> int:
    killed_before = oom_kills()
    worker = subprocess.Popen([sys.executable, "-m", "cnnviz.jobs", str(folder), "--work"])
    code = worker.wait()
    if not _is_kept(folder):
        return code
    # Now, and not above: see the module's docstring.
    from cnnviz.jobs.kinds import open_job

    short_of_memory = code == -signal.SIGKILL and oom_kills() > killed_before
    open_job(folder).note_ending(code, short_of_memory=short_of_memory)
    return code


def _is_kept(folder: Path) -> bool:
    """Whether the job's status still names this process: then the work has not said itself how it ended."""
    try:
        keeper = json.loads((folder / "status.json").read_bytes())["keeper"]
        return keeper is not None and bool(keeper[0] == os.getpid())
    except (OSError, ValueError, TypeError, LookupError):
        return True  # missing or damaged: whoever reads it with its type says what is wrong


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), work="--work" in sys.argv[2:]))
