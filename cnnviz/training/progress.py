"""Progress: the one writer of a run's status while it trains, its heartbeat, and honest times.

A thread writes the status once a second, so that training itself never waits for the disk and the
heart beats through long phases (loading, compiling, evaluating) too.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cnnviz.errors import CnnvizError, StorageError
from cnnviz.runs import RunDirectory, marks
from cnnviz.runs.records import clock

BEAT = 1.0


class Stopped(BaseException):
    """A wish to stop was seen. Like an interrupt it is no error, and no handler of errors may take it."""


class Progress:
    """Status, phases and wishes of one run.

    `phases`: seconds by phase, pauses left out.
    """

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self.phases: dict[str, float] = {}
        self._paused = 0.0
        self._changes: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Progress:
        mark = marks.own()
        self.tell(
            state="running",
            reason="",
            pid=mark.pid,
            process_started=mark.started,
            host=socket.gethostname(),
            started=time.time(),
            ended=None,
            batch=0,
            images_per_second=None,
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def note(self, **changes: Any) -> None:
        """Change the status with the next heartbeat; costs nothing now."""
        with self._lock:
            self._changes.update(changes, stirred=clock())

    def tell(self, **changes: Any) -> None:
        """Change the status at once.

        Raises:
            StorageError: it can't be written.
        """
        self.note(**changes)
        self._write()

    def _write(self) -> None:
        with self._lock:
            self.run.set_status(**self._changes, heartbeat=time.time(), beat=clock())
            self._changes.clear()

    def end(self, state: str, reason: str = "") -> None:
        """Write the last status; the heart stops."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self.tell(state=state, reason=reason, phase="", ended=time.time())

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            try:
                self._write()
            except CnnvizError as error:
                # The main thread meets the same disk at its next write, and ends the run with a reason.
                print(f"Heartbeat: {error}", file=sys.stderr, flush=True)

    # Time -----------------------------------------------------------------------------------------

    def now(self) -> float:
        """Seconds on a clock that stands still while the run is paused."""
        return time.perf_counter() - self._paused

    @contextmanager
    def phase(self, name: str, words: str) -> Iterator[None]:
        """Time a phase and show it."""
        self.tell(phase=words)
        begin = self.now()
        try:
            yield
        finally:
            self.phases[name] = self.phases.get(name, 0.0) + self.now() - begin

    # Wishes ---------------------------------------------------------------------------------------

    def obey(self) -> None:
        """Wait while a pause is wished.

        Raises:
            Stopped: a stop is wished.
        """
        self.note()
        if self.run.wished("pause") and not self.run.wished("stop"):
            begin = time.perf_counter()
            self.tell(state="paused", images_per_second=None)
            while self.run.wished("pause") and not self.run.wished("stop"):
                time.sleep(0.1)
            self._paused += time.perf_counter() - begin
            self.tell(state="running")
        if self.run.wished("stop"):
            raise Stopped


def last_words(run: RunDirectory, reason: str) -> None:
    """Mark a run as failed; where even that can't be written, the log says so."""
    try:
        run.set_status(state="failed", reason=reason, phase="", ended=time.time(), pid=os.getpid())
    except StorageError as error:
        print(f"The status could not be written either: {error}", file=sys.stderr, flush=True)
