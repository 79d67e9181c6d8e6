"""What happens once a server, not once a visitor: imports are warmed, the queue is kept moving."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil

from cnnviz.engine import engine
from cnnviz.errors import CnnvizError

_PERIOD_SECONDS = 1.0
#: A core counts as free where so much of it was idle in so many looks one after the other.
_FREE_CORE, _LOOKS = 0.9, 3
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
        try:
            engine().dismiss()
        except CnnvizError:
            _log.exception("The prepared process stays until it has been idle for a while.")


def _keep_queue(stop: threading.Event) -> None:
    """Start waiting runs and notice dead workers, once a second; have the next run prepared.

    Preparing takes a core for seconds, so it waits until one has been free for a while: not while the first
    page is drawn, not while a run trains. Once it has left the memory, it comes back with the next run.

    A failing tick (a full disk, say) is logged once per change of its message and tried again: the
    queue must come back by itself when the cause is mended.
    """
    logged = ""
    unprepared, free = True, 0
    psutil.cpu_percent()  # from here on, calls tell of the time since the one before
    while not stop.wait(_PERIOD_SECONDS):
        try:
            queue = engine()
            queue.tick()
            unprepared = unprepared or bool(queue.queue())
            idle_cores = (1 - psutil.cpu_percent() / 100) * (psutil.cpu_count() or 1)
            free = free + 1 if idle_cores > _FREE_CORE else 0
            if unprepared and free >= _LOOKS:
                unprepared = not queue.prepare()
            logged = ""
        except Exception as error:  # noqa: BLE001  (logged; the next tick tries again)
            if str(error) != logged:
                logged = str(error)
                _log.exception("The queue could not be looked after; trying again.")
