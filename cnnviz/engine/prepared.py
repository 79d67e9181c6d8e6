"""The prepared process: Keras is imported once, and each run is trained by a fork of it.

Importing Keras takes most of the time from a click to the first batch. A prepared process does it ahead and
then waits, doing nothing else, for orders to train a run. For each it forks a supervisor, and that a worker,
so that a run still has two processes of its own, an environment of its own and an end that somebody sees;
only the import is shared, and the memory that it takes. Here is the side of those who have runs to start;
the process itself is `prepared_process`.

It never touches TensorFlow itself: with neither device nor threads begun, a fork of it is as good as a fresh
worker (and trains bit by bit the same). What libraries read when they are imported can't be changed later, so
a run that wants it otherwise (threads, say) is started as if there were no prepared process.

There is at most one for a folder of runs. `runs/.queue/prepared` says which: its mark, where it listens and
what it was prepared for. It ends by itself after a quarter of an hour without work, and when cnnviz's
own source is no longer what it has imported. One that no app keeps ends with the last run of the queue, so
that a command leaves nothing behind. Only Linux has one: elsewhere libraries don't survive a fork.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sys
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

import cnnviz
from cnnviz.engine import processes
from cnnviz.runs import atomic, marks
from cnnviz.runs.marks import Mark
from cnnviz.training import devices

#: `CNNVIZ_PREPARED=0` starts a fresh process for each run.
SWITCH = "CNNVIZ_PREPARED"
#: Seconds without work after which it leaves the memory, and between two looks at what has changed.
IDLE, LOOK = 900.0, 15.0
#: What libraries read when they are imported or loaded, by the beginnings of the names.
_READ_AT_IMPORT = (
    *("DNNL_", "GOTO_", "HOME", "KERAS_", "KMP_", "LD_", "MALLOC_", "MKL_"),
    *("OMP_", "ONEDNN_", "OPENBLAS_", "PYTHON", "TF_", "XLA_"),
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared process.

    address: its socket's abstract name. conditions: those of `conditions_now`. keeper: mark of the app that
    wants one here.
    """

    pid: int
    started: float
    address: str
    conditions: str
    keeper: Mark | None = None

    @property
    def mark(self) -> Mark:
        """Which process it is."""
        return Mark(self.pid, self.started)

    @property
    def kept(self) -> bool:
        """Whether an app that lives wants one: one that has ended is then followed by another."""
        return self.keeper is not None and marks.alive(*self.keeper)


@dataclass(frozen=True, slots=True)
class Order:
    """A run to train.

    environment: the supervisor's variables, all of them. device: those that the worker has besides.
    sent: `clock` seconds; from here on the run waits.
    """

    folder: str
    environment: dict[str, str]
    device: dict[str, str]
    sent: float


def wanted() -> bool:
    """Whether this machine can have prepared processes, and nobody has switched them off."""
    return sys.platform == "linux" and os.environ.get(SWITCH, "1").strip() != "0"


def known(queue: Path) -> Prepared | None:
    """What the record in the queue's folder says, whether or not that process still lives."""
    try:
        data = json.loads((queue / "prepared").read_text("utf-8"))
        keeper = data.pop("keeper")
        return Prepared(**data, keeper=Mark(*keeper) if keeper else None)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def living(queue: Path) -> Prepared | None:
    """The prepared process of a queue's folder, if it has one."""
    process = known(queue)
    return process if process and marks.alive(*process.mark) else None


def begin(queue: Path, idle: float = IDLE, keeper: Mark | None = None) -> Prepared:
    """Start one, to be called under the queue's lock where none lives; it takes orders at once.

    Raises:
        StorageError, OSError: it can't be started.
    """
    conditions = conditions_now()
    address = f"cnnviz-{uuid.uuid4().hex}"
    # Made here and inherited, so that orders find it while it still imports Keras. An abstract name has no
    # file to be left behind, and no limit of length that a deep folder would break.
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0{address}")
        listener.listen()
        arguments = ["-m", "cnnviz.engine.prepared_process", str(listener.fileno()), str(queue), str(idle)]
        environment = devices.IMPORTED_WITH
        mark = processes.start(arguments, queue / "prepared.log", environment, inherited=[listener.fileno()])
    return record(queue, Prepared(*mark, address, conditions, keeper))


def record(queue: Path, process: Prepared) -> Prepared:
    """Say which is the folder's; under the queue's lock."""
    atomic.write_text(queue / "prepared", json.dumps(asdict(process)))
    return process


def send(process: Prepared, order: Order) -> bool:
    """Give it a run to train; False where it is gone, or was prepared for other conditions than today's."""
    if process.conditions != conditions_now():
        return False
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(f"\0{process.address}")
            connection.sendall(json.dumps(asdict(order)).encode())
    except OSError:
        return False
    return True


def dismiss(queue: Path) -> None:
    """End it, even where it hangs; runs at work go on."""
    process = living(queue)
    if process:
        with suppress(psutil.Error):
            psutil.Process(process.pid).kill()  # it has nothing to put in order
    (queue / "prepared").unlink(missing_ok=True)


def conditions_now() -> str:
    """A hash of what a process can't change once Keras is imported: code, variables, processors, priority."""
    variables = processes.own_environment() | devices.IMPORTED_WITH
    fixed = {name: value for name, value in variables.items() if name.startswith(_READ_AT_IMPORT)}
    here = psutil.Process()
    conditions = [sys.executable, source_now(), sorted(fixed.items()), here.cpu_affinity(), here.nice()]
    return hashlib.sha256(json.dumps(conditions).encode()).hexdigest()


def source_now() -> str:
    """A hash of the names, sizes and times of cnnviz's own source: 3 ms."""
    digest = hashlib.sha256()
    for file in sorted(Path(cnnviz.__file__).parent.rglob("*.py")):
        with suppress(FileNotFoundError):
            stat = file.stat()
            digest.update(f"{file} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
