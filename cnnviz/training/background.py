"""Files written while training goes on, so that no step waits for the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

#: Files that may wait for the disk; a slow disk then slows training instead of filling the memory.
MOST_WAITING = 4


class Writer:
    """Runs writing functions one after another in one thread, in the order in which they came."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._waiting: deque[Future[None]] = deque()

    def submit(self, write: Callable[[], None]) -> None:
        """Write soon.

        Raises:
            StorageError: what was submitted before could not be written.
        """
        while self._waiting and (self._waiting[0].done() or len(self._waiting) >= MOST_WAITING):
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(write))

    def settle(self) -> None:
        """Wait until everything is on the disk.

        Raises:
            StorageError: something could not be written.
        """
        while self._waiting:
            self._waiting.popleft().result()
