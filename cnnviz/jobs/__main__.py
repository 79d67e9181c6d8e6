"""`python -m cnnviz.jobs <folder>`: the process of any job.

It keeps a second process that works (`--work`) and waits for its end, so that it can say why that ended
even where the work itself could not: killed, crashed, out of memory. It imports almost nothing until then.
"""

from __future__ import annotations

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
    # Now, and not above: see the module's docstring.
    from cnnviz.jobs.kinds import open_job

    short_of_memory = code == -signal.SIGKILL and oom_kills() > killed_before
    open_job(folder).note_ending(code, short_of_memory=short_of_memory)
    return code


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), work="--work" in sys.argv[2:]))
