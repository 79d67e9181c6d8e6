"""A class in front of the page Train: 100 browsers on a live run.

Browsers, server and training share this machine, and the browsers' own work is no part of what a server
costs: its share of a core is said beside the figures. A starved server would look cheap, so its share is
counted for all answers that are due, not only for those given. What a busy machine adds to every answer is
measured at the same time, by a server that only answers (`echo.py`). Training is timed before, during and
after the visit: other work on the machine shows in all three.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.class_of_browsers import Browser
from benchmarks.echo import yardstick
from benchmarks.figure import Figure
from benchmarks.runs import experiment
from benchmarks.served import ROOT, served
from cnnviz.runs import RunDirectory

SESSIONS, WARM_SECONDS, MEASURED_SECONDS = 100, 30, 30


class _Visit(NamedTuple):
    """What was measured while the class watched; seconds, images a second, shares of one core."""

    server: float
    browsers: float
    waits: list[float]
    received: int
    echoes: list[float]
    reruns: list[float]
    speed: float
    period: float


def measure() -> Iterator[Figure]:
    """Processor share of the server, p95 of a refresh and of a rerun, and the training's slowing."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"CNNVIZ_RUNS_DIR": f"{folder}/runs"}
        run = RunDirectory.create(Path(folder, "runs"), experiment(epochs=1000))
        with served(ROOT / "app.py", environment) as address:
            worker = subprocess.Popen([sys.executable, "-m", "cnnviz.training.worker", str(run.path)])
            try:
                _wait_for_epoch(run)
                before = _speed(run, MEASURED_SECONDS)
                visit = asyncio.run(_class(address, run, _server(address)))
                after = _speed(run, MEASURED_SECONDS)
            finally:
                run.wish("stop")
                worker.wait(timeout=60)
    yield from _figures(visit, before, after)


def _figures(visit: _Visit, before: float, after: float) -> Iterator[Figure]:
    due = SESSIONS * MEASURED_SECONDS / visit.period
    each = visit.server * MEASURED_SECONDS / len(visit.waits)
    share = max(visit.server, each * due / MEASURED_SECONDS)
    detail = (
        f"{SESSIONS} browsers, {len(visit.waits):,} of {due:,.0f} refreshes, "
        f"one every {visit.period:.1f} s each, "
        f"{1000 * each:.2f} ms each, {visit.received / len(visit.waits):,.0f} bytes; "
        f"the browsers themselves took {100 * visit.browsers:.0f} %"
    )
    yield Figure("server's share of one core", 100 * share, "%", "≤ 40 %", share <= 0.4, detail)
    p95, echo = 1000 * _p95(visit.waits), 1000 * _p95(visit.echoes)
    medians = [1000 * statistics.median(waits) for waits in (visit.waits, visit.echoes)]
    detail = (
        f"median {medians[0]:.1f} ms; of a server that only answers, at the same time: "
        f"p95 {echo:.1f}, median {medians[1]:.1f} ms"
    )
    yield Figure("p95 of a refresh", p95, "ms", "≤ 50 ms", p95 <= 50, detail)
    slowest = 1000 * _p95(visit.reruns)
    detail = (
        f"a pause, seen by {len(visit.reruns)} of {SESSIONS} at their next refresh: a rerun of each fragment"
    )
    yield Figure("p95 of a rerun, all at once", slowest, "ms", "≤ 1000 ms", slowest <= 1000, detail)
    slower = 1 - visit.speed / statistics.mean((before, after))
    detail = f"{before:,.0f} images/s before, {visit.speed:,.0f} watched, {after:,.0f} after"
    yield Figure("training slower by", 100 * slower, "%", "≤ 10 %", slower <= 0.1, detail)


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def _wait_for_epoch(run: RunDirectory) -> None:
    while not run.epochs():
        time.sleep(0.2)


def _speed(run: RunDirectory, seconds: float) -> float:
    """Images a second during the next seconds, validation and checkpoints included."""
    before = len(run.batches())
    time.sleep(seconds)
    lines = run.batches()[before:]
    first, last = lines[0], lines[-1]
    epochs = last.epoch + last.batch / last.batches - first.epoch - first.batch / first.batches
    images = epochs * first.batches * run.spec().experiment.training.batch_size
    return float(images / (last.elapsed - first.elapsed))


def _server(address: str) -> psutil.Process:
    port = int(address.rsplit(":", 1)[1])
    listening = (c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN)
    return psutil.Process(next(c.pid for c in listening if c.pid and tuple(c.laddr)[1:] == (port,)))


async def _class(address: str, run: RunDirectory, server: psutil.Process) -> _Visit:
    """Let all browsers come, measure while they watch; then pause the run, and measure until all show it."""
    browsers = [Browser(address, run.id) for _ in range(SESSIONS)]
    visits = [
        asyncio.create_task(browser.visit(number * WARM_SECONDS / SESSIONS / 3))
        for number, browser in enumerate(browsers)
    ]
    await asyncio.sleep(WARM_SECONDS)
    for browser in browsers:
        browser.waits.clear()
        browser.received = 0
    mine = psutil.Process()
    async with yardstick() as echoes:
        start, used = time.perf_counter(), [sum(p.cpu_times()[:2]) for p in (server, mine)]
        speed = await asyncio.to_thread(_speed, run, MEASURED_SECONDS)
        seconds = time.perf_counter() - start
        shares = [(sum(p.cpu_times()[:2]) - u) / seconds for p, u in zip((server, mine), used, strict=True)]
    waits = [wait for browser in browsers for wait in browser.waits]
    received = sum(browser.received for browser in browsers)
    period = statistics.median(browser.period for browser in browsers)
    run.wish("pause")
    while not all(browser.reruns or visit.done() for browser, visit in zip(browsers, visits, strict=True)):
        await asyncio.sleep(1)
    run.unwish("pause")
    reruns = [browser.reruns[0] for browser in browsers if browser.reruns]
    for task in visits:
        task.cancel()
    ended = await asyncio.gather(*visits, return_exceptions=True)
    failed = [end for end in ended if isinstance(end, Exception)]
    if failed:
        raise RuntimeError(f"{len(failed)} of {SESSIONS} browsers failed, the first with: {failed[0]!r}")
    return _Visit(shares[0], shares[1], waits, received, echoes, reruns, speed, period)
