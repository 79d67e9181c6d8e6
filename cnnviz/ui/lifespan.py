"""What happens once a server, not once a visitor: imports are warmed, the queue is kept moving."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from cnnviz.engine import engine

_PERIOD_SECONDS = 1.0
_log = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Tick the queue while the server lives; runs go on without it."""
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_queue, args=(stop,), name="queue-keeper", daemon=True)
    keeper.start()
    # What is imported by now stays for good: no later collection has to walk it.
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        stop.set()
        keeper.join(timeout=2 * _PERIOD_SECONDS)


def _keep_queue(stop: threading.Event) -> None:
    """Start waiting runs and notice dead workers, once a second.

    A failing tick (a full disk, say) is logged once per change of its message and tried again: the
    queue must come back by itself when the cause is mended.
    """
    said = ""
    while not stop.wait(_PERIOD_SECONDS):
        try:
            engine().tick()
            said = ""
        except Exception as error:  # noqa: BLE001  (logged; the next tick tries again)
            if str(error) != said:
                said = str(error)
                _log.exception("The queue could not be looked after; trying again.")
