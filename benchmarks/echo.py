"""A server that does nothing but answer, as a yardstick: what a busy machine adds to every answer.

`python -m benchmarks.echo PORT` serves until it is ended.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_CLIENTS, _PERIOD = 5, 0.25


@asynccontextmanager
async def yardstick() -> AsyncIterator[list[float]]:
    """Ask such a server while the block runs; gives the seconds of each answer, growing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.echo", str(port)])
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
