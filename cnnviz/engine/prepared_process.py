"""The prepared process itself: `python -m cnnviz.engine.prepared_process`; see `cnnviz.engine.prepared`."""

from __future__ import annotations

import gc
import json
import os
import socket
import struct
import sys
import time
import warnings
from pathlib import Path

from cnnviz.engine import supervisor
from cnnviz.engine.local import LocalEngine
from cnnviz.engine.prepared import LOOK, Order, known, source_now
from cnnviz.runs import RunDirectory, atomic

#: An order is a path and an environment: more is none of ours.
_LONGEST_ORDER = 2**22


def main(listener: socket.socket, queue: Path, idle: float) -> int:
    """Import Keras, wait for orders; in a fork, see to the run. Returns the exit code of any of them."""
    source = source_now()
    from cnnviz.training import worker

    worker.import_keras()
    order = _serve(listener, queue, idle, source)
    return _supervise(order) if order else 0


def _serve(listener: socket.socket, queue: Path, idle: float, source: str) -> Order | None:
    """Wait for orders, each for a fork: returns its order there, and None where the waiting is over."""
    gc.collect()
    gc.freeze()  # no collection of a fork walks, and so copies, what all of them share
    listener.settimeout(min(idle, LOOK))
    last = time.monotonic()
    while True:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            if _children_at_work():
                last = time.monotonic()
            current = known(queue)
            displaced = current is None or current.pid != os.getpid()
            forgotten = current and not current.kept and not atomic.whole(queue, "*.json")
            if displaced or forgotten or time.monotonic() - last >= idle or source != source_now():
                return None
            continue
        with connection:
            order = _read(connection)
        last = time.monotonic()
        if order and _fork() == 0:
            listener.close()
            return order


def _children_at_work() -> bool:
    """Whether a supervisor still lives; those that have ended are taken note of."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _read(connection: socket.socket) -> Order | None:
    """An order of this user's; None of anybody else's, or where the sender died over it."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", credentials)
    if user != os.getuid():
        return None
    connection.settimeout(5)
    received = b""
    try:
        while (part := connection.recv(2**16)) and len(received) < _LONGEST_ORDER:
            received += part
        return Order(**json.loads(received))
    except (OSError, ValueError, TypeError) as error:
        print(f"An order could not be read: {error}", file=sys.stderr, flush=True)
        return None


def _fork() -> int:
    with warnings.catch_warnings():
        # From 3.12 on Python warns of any thread. numpy's are of OpenBLAS, which is made for forks.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _supervise(order: Order) -> int:
    """In the first fork: take the run over, fork its worker and say how that ended."""
    from cnnviz.training import worker

    handed_by = os.getppid()
    os.setsid()
    folder = Path(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    worker.print_into(RunDirectory(folder).log_path)
    if not LocalEngine(folder.parent, adopt=False).take_over(folder.name, handed_by):
        return 0  # stopped, deleted or resumed meanwhile: it is somebody else's now
    killed_before = supervisor.oom_kills()
    supervisor_pid = os.getpid()
    pid = _fork()
    if pid == 0:
        return worker.forked(folder, order.device, supervisor_pid, order.sent)
    _, status = os.waitpid(pid, 0)
    return supervisor.conclude(folder, os.waitstatus_to_exitcode(status), killed_before)


if __name__ == "__main__":
    raise SystemExit(main(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]), float(sys.argv[3])))
