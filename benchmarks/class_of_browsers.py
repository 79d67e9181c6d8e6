"""One browser of a class on the page Train, as its traffic: a websocket and a question each second.

It speaks Streamlit's protocol: it asks for the page and finds the component of the live curves in the
answer. It then does what `cnnviz/ui/train/live.js` does: asks for news as long after the last ones as these
say, with the headers of a browser, and asks for a rerun of the fragment when the sign says that the run's
state has changed.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection
from websockets.typing import Origin, Subprotocol

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
    """One visitor; `waits` and `reruns` are seconds from question to answer, `received` counts bytes."""

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
            import gzip

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
