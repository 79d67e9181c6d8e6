"""From the click on Home to the first batch: with a prepared process, and with a fresh one for the run.

Both submit the first network of Home through the queue, in turn, as the page does; what is timed ends with
the first line of `batches.jsonl`. The machine must be idle: a start takes both cores for a while.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.figure import Figure
from cnnviz.engine import prepared
from cnnviz.engine.local import LocalEngine
from cnnviz.runs import RunDirectory
from cnnviz.ui.home.home_page import first_experiment

ROUNDS = 7
GOAL_SECONDS = 1.5
_LOOK_SECONDS = 0.005


def measure() -> Iterator[Figure]:
    """Median seconds to the first batch with a prepared process; a fresh one's stand beside it."""
    seconds: dict[str, list[float]] = {"prepared": [], "fresh": []}
    with tempfile.TemporaryDirectory() as folder:
        queue = LocalEngine(Path(folder))
        try:
            queue.prepare()
            _wait_until_imported(queue)
            for turn in range(ROUNDS + 1):  # the first one also decodes the data set
                for name, switch in (("prepared", "1"), ("fresh", "0")):
                    os.environ[prepared.SWITCH] = switch
                    waited = _until_first_batch(queue)
                    if turn:
                        seconds[name].append(waited)
        finally:
            queue.dismiss()
            os.environ.pop(prepared.SWITCH)
    ours, fresh = (statistics.median(seconds[name]) for name in ("prepared", "fresh"))
    detail = f"fresh: {fresh:.2f} s, {fresh / ours:.1f} times as long; medians of {ROUNDS} runs each"
    met = ours <= GOAL_SECONDS
    what = "from the click on Home to the first batch, prepared"
    yield Figure(what, ours, "s", f"≤ {GOAL_SECONDS} s", met, detail, seconds)


def _wait_until_imported(queue: LocalEngine) -> None:
    """Until it sleeps: it has imported Keras and waits for an order."""
    process = prepared.living(queue.tickets.folder)
    assert process, "This machine has no prepared processes (only Linux does)."
    used = -1.0
    while used != (used := sum(psutil.Process(process.pid).cpu_times()[:2])):
        time.sleep(1)


def _until_first_batch(queue: LocalEngine) -> float:
    """Seconds from submitting to the first batch; returns when its processes are gone."""
    start = time.perf_counter()
    run = RunDirectory.open(queue.root / queue.submit(first_experiment()))
    journal = run.path / "batches.jsonl"
    while not (journal.exists() and journal.stat().st_size):
        time.sleep(_LOOK_SECONDS)
    waited = time.perf_counter() - start
    while queue.tickets.get(run.id):
        queue.tick()
        time.sleep(0.1)
    return waited
