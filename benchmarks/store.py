"""Ten thousand runs: listed cold, listed again, and what they take of memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from cnnviz.architectures import make
from cnnviz.runs import RunDirectory, RunReport
from cnnviz.specs import ExperimentSpec

RUNS = 10_000
_SCRIPT = """
import json, sys, time, psutil
from pathlib import Path
from cnnviz.runs import list_runs
root, me = Path(sys.argv[1]), psutil.Process()
before, seconds = me.memory_info().rss, []
for _ in range(6):
    start = time.perf_counter()
    found = [run for run in list_runs(root) if run.report and run.dataset == "digits"]
    seconds.append(time.perf_counter() - start)
    after = me.memory_info().rss
    if len(seconds) == 1: first = after
print(json.dumps({"n": len(found), "seconds": seconds, "first": first - before, "last": after - first}))
"""


def measure() -> Iterator[Figure]:
    """Seconds for the first and for a later listing, in a fresh process; growth of memory."""
    with tempfile.TemporaryDirectory() as folder:
        _many_runs(Path(folder))
        command = [sys.executable, "-c", _SCRIPT, folder]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    cold, *warm = result["seconds"]
    detail = (
        f"{result['n']:,} runs; {result['first'] / 1e6:.0f} MB for the list, "
        f"{result['last'] / 1e6:+.1f} MB over five more listings"
    )
    yield Figure("10 000 runs listed and filtered, the first time", cold, "s", "≤ 1 s", cold <= 1, detail)
    again = sorted(warm)[len(warm) // 2]
    yield Figure(
        "10 000 runs listed and filtered, again", again, "s", "≤ 1 s", again <= 1, detail, {"ours": warm}
    )


def _many_runs(root: Path) -> None:
    """Write one finished run through the store's own code, then the same files under other ids."""
    experiment = ExperimentSpec(architecture=make("two-pairs"))
    first = RunDirectory.create(root, experiment)
    first.set_status(state="done")
    first.write_report(RunReport(test_accuracy=0.9, fit_seconds=3.0, params=1000, epochs=2))
    files = {file.name: file.read_bytes() for file in first.path.iterdir()}
    for number in range(1, RUNS):
        folder = root / f"20260101-000000-{number:04x}-{experiment.hash()[:10]}"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
    os.sync()
