"""A class in front of the page Train: 100 browsers on a live run.

Browsers, server and training share this machine, and the browsers' own work is no part of what a server
costs: its share of a core is said beside the figures. A starved server would look cheap, so its share is
counted for all answers that are due, not only for those given. What a busy machine adds to every answer is
measured at the same time, by a server that only answers (`python -m benchmarks.load PORT`). Training is
timed before, during and after the visit: other work on the machine shows in all three.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection
from websockets.typing import Origin, Subprotocol

from benchmarks.figure import Figure
from benchmarks.served import ROOT, free_port, served
from benchmarks.training import experiment
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
                while not run.epochs():
                    time.sleep(0.2)
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


_HEADERS = """\
Host: {host}
Connection: keep-alive
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
Accept: */*
Sec-Fetch-Site: same-origin
Sec-Fetch-Mode: cors
Sec-Fetch-Dest: empty
Referer: http://{host}/train?run={run}
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-GB,en;q=0.9
Cookie: _streamlit_xsrf=2|7f3c1a52|0123456789abcdef0123456789abcdef|1790000000
"""  # noqa: E501  (as a browser sends it)


@dataclass
class Browser:
    """One visitor of the page Train as its traffic; it speaks Streamlit's protocol.

    It asks for the page and finds the component of the live curves in the answer. It then does what
    `cnnviz/ui/train/live.js` does: asks for news as long after the last ones as these say, with the headers
    of a browser, and asks for a rerun of the fragment when the sign says that the run's state has changed.

    `waits` and `reruns` are seconds from question to answer, `received` counts bytes.
    """

    address: str
    run: str
    waits: list[float] = field(default_factory=list)
    reruns: list[float] = field(default_factory=list)
    received: int = 0
    period: float = 1.0
    _component: Any = None
    _fragment: str = ""
    _page: str = ""
    _sign: str = ""
    _asked: float | None = None

    async def visit(self, delay: float) -> None:
        """Come after a while and stay until cancelled."""
        await asyncio.sleep(delay)
        socket = self.address.replace("http", "ws") + "/_stcore/stream"
        async with websockets.connect(
            socket, subprotocols=[Subprotocol("streamlit")], max_size=None, origin=Origin(self.address)
        ) as ws:
            await ws.send(self._question("train").SerializeToString())
            watching: asyncio.Task[None] | None = None
            try:
                async for raw in ws:
                    self._take(ForwardMsg.FromString(raw))
                    if self._component and watching is None:
                        watching = asyncio.create_task(self._watch(ws))
            finally:
                if watching:
                    watching.cancel()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page = message.new_session.page_script_hash
        elif kind == "delta" and message.delta.new_element.bidi_component.component_name == "cnnviz_live":
            self._component = message.delta.new_element.bidi_component
            self._fragment = message.delta.fragment_id
            data = json.loads(self._component.json or self._component.mixed.json)
            assert data["poll"], "the page does not ask for live figures: the run is not active"
            self._sign = data["sign"]
        elif kind == "script_finished" and self._asked is not None:
            self.reruns.append(time.perf_counter() - self._asked)
            self._asked = None

    async def _watch(self, ws: ClientConnection) -> None:
        host = self.address.removeprefix("http://")
        reader, writer = await asyncio.open_connection(*host.split(":"))
        headers, at = _HEADERS.format(host=host, run=self.run), ""
        with suppress(websockets.ConnectionClosed):
            while True:
                await asyncio.sleep(self.period)
                start = time.perf_counter()
                request = f"GET /live/{self.run}?at={at} HTTP/1.1\n{headers}\n".replace("\n", "\r\n")
                writer.write(request.encode())
                news = await self._answer(reader)
                self.waits.append(time.perf_counter() - start)
                at, self.period = news["at"], news["again"] / 1000
                if news["sign"] != self._sign and self._asked is None:
                    self._asked = time.perf_counter()
                    await ws.send(self._question("", news["sign"]).SerializeToString())

    async def _answer(self, reader: asyncio.StreamReader) -> dict[str, Any]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert head.startswith("http/1.1 200"), head
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        body = await reader.readexactly(length)
        self.received += len(head) + length
        if "content-encoding: gzip" in head:
            body = gzip.decompress(body)
        news: dict[str, Any] = json.loads(body)
        return news

    def _question(self, page: str, sign: str = "") -> BackMsg:
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.page_name = f"run={self.run}", page
        if sign:
            rerun.page_script_hash, rerun.fragment_id = self._page, self._fragment
            widget = rerun.widget_states.widgets.add()
            widget.id = f"$$STREAMLIT_INTERNAL_KEY_{self._component.id}__events"
            widget.json_trigger_value = json.dumps([{"event": "changed", "value": sign}])
        return message


_CLIENTS, _PERIOD = 5, 0.25


@asynccontextmanager
async def yardstick() -> AsyncIterator[list[float]]:
    """Ask a server that only answers while the block runs; gives the seconds of each answer, growing."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.load", str(port)])
    waits: list[float] = []
    clients = [asyncio.create_task(_client(port, waits)) for _ in range(_CLIENTS)]
    try:
        yield waits
    finally:
        for client in clients:
            client.cancel()
        server.terminate()
        await asyncio.to_thread(server.wait)


async def _client(port: int, waits: list[float]) -> None:
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        except OSError:  # it has not started yet
            await asyncio.sleep(_PERIOD)
    while True:
        await asyncio.sleep(_PERIOD)
        start = time.perf_counter()
        writer.write(b"?\n")
        await reader.readline()
        waits.append(time.perf_counter() - start)


async def _serve(port: int) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
