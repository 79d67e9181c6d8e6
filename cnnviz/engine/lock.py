"""One lock a runs folder, held across processes and threads while the queue is changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnnviz.runs.atomic import storage_errors


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file's lock; the system lets it go when the process dies.

    Raises:
        StorageError: the lock file can't be opened.
    """
    with storage_errors(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(handle)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
