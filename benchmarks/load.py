"""A class in front of the Train page: 100 raw sessions on a live run, each with its timers.

A session speaks Streamlit's websocket protocol as a browser does: it asks for the page, starts a timer
for each fragment that asks for one, and counts the milliseconds from a timer's question to the end of its
answer. The training slows by what the pages take of the processor: its images a second are compared with
those of the same run without any visitor. Sessions and server share this machine.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection
from websockets.typing import Origin, Subprotocol

from benchmarks.figure import Figure
from benchmarks.runs import experiment
from benchmarks.served import ROOT, served
from cnnviz.runs import RunDirectory

SESSIONS, WARM_SECONDS, MEASURED_SECONDS = 100, 25, 30


def measure() -> Iterator[Figure]:
    """Processor share of the server, p95 of a rerun, and the training's slowing."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"CNNVIZ_RUNS_DIR": f"{folder}/runs"}
        run = RunDirectory.create(Path(folder, "runs"), experiment(epochs=1000))
        with served(ROOT / "app.py", environment) as address:
            worker = subprocess.Popen([sys.executable, "-m", "cnnviz.training.worker", str(run.path)])
            try:
                _wait_for_epoch(run)
                alone = _speed(run, WARM_SECONDS)
                server = _server(address)
                share, waits, watched = asyncio.run(_class(address, run, server))
            finally:
                run.wish("stop")
                worker.wait(timeout=60)
    p95 = statistics.quantiles(waits, n=20)[-1] * 1000
    slower = 1 - watched / alone
    detail = f"{SESSIONS} sessions, {len(waits):,} reruns in {MEASURED_SECONDS} s, while training"
    yield Figure("server's share of one core", 100 * share, "%", "≤ 40 %", share <= 0.4, detail)
    yield Figure("p95 of a fragment's rerun", p95, "ms", "≤ 50 ms", p95 <= 50, detail)
    rates = f"{alone:,.0f} images/s alone, {watched:,.0f} watched"
    yield Figure("training slower by", 100 * slower, "%", "≤ 10 %", slower <= 0.1, rates)


def _wait_for_epoch(run: RunDirectory) -> None:
    while not run.epochs():
        time.sleep(0.2)


def _speed(run: RunDirectory, seconds: float) -> float:
    """Median images a second of the journal's lines during the next seconds."""
    before = len(run.batches())
    time.sleep(seconds)
    return statistics.median(line["images_per_second"] for line in run.batches()[before:])


def _server(address: str) -> psutil.Process:
    port = int(address.rsplit(":", 1)[1])
    listening = (c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN)
    return psutil.Process(next(c.pid for c in listening if c.pid and tuple(c.laddr)[1:] == (port,)))


async def _class(address: str, run: RunDirectory, server: psutil.Process) -> tuple[float, list[float], float]:
    """Connect all sessions; after a while, measure: share of a core, waits in seconds, images a second."""
    waits: list[float] = []
    query = f"run={run.id}"
    students = [asyncio.create_task(_student(address, query, waits, n)) for n in range(SESSIONS)]
    await asyncio.sleep(WARM_SECONDS)
    waits.clear()
    before, start = sum(server.cpu_times()[:2]), time.perf_counter()
    watched = await asyncio.to_thread(_speed, run, MEASURED_SECONDS)
    share = (sum(server.cpu_times()[:2]) - before) / (time.perf_counter() - start)
    for student in students:
        student.cancel()
    await asyncio.gather(*students, return_exceptions=True)
    return share, list(waits), watched


async def _student(address: str, query: str, waits: list[float], number: int) -> None:
    await asyncio.sleep(number * WARM_SECONDS / SESSIONS / 2)
    socket = address.replace("http", "ws") + "/_stcore/stream"
    async with websockets.connect(
        socket, subprotocols=[Subprotocol("streamlit")], max_size=None, origin=Origin(address)
    ) as ws:
        await ws.send(_question(query, "train").SerializeToString())
        timers: dict[str, asyncio.Task[None]] = {}
        asked: list[float] = []
        page = ""
        async for raw in ws:
            message = ForwardMsg.FromString(raw)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                page = message.new_session.page_script_hash
            elif kind == "auto_rerun":
                fragment, seconds = message.auto_rerun.fragment_id, message.auto_rerun.interval
                if fragment in timers:
                    timers[fragment].cancel()
                timers[fragment] = asyncio.create_task(_timer(ws, query, page, fragment, seconds, asked))
            elif kind == "script_finished" and asked:
                # Streamlit answers timers that ring together in one go.
                waits.extend(time.perf_counter() - start for start in asked)
                asked.clear()
        for timer in timers.values():
            timer.cancel()


async def _timer(
    ws: ClientConnection, query: str, page: str, fragment: str, seconds: float, asked: list[float]
) -> None:
    with suppress(websockets.ConnectionClosed):
        while True:
            await asyncio.sleep(seconds)
            question = _question(query, "", page, fragment)
            asked.append(time.perf_counter())
            await ws.send(question.SerializeToString())


def _question(query: str, name: str, page: str = "", fragment: str = "") -> BackMsg:
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = name
    message.rerun_script.page_script_hash = page
    message.rerun_script.fragment_id = fragment
    message.rerun_script.is_auto_rerun = bool(fragment)
    return message
