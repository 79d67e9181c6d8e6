"""Keras imported once for all runs that tests train: a prepared process that lasts as long as the tests.

A run then costs its training and no import, and is otherwise like any (`tests/engine/test_prepared.py`).
One that asks for a number of threads, and a test that changes what libraries read, get a fresh process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnnviz import paths
from cnnviz.engine import prepared
from cnnviz.engine.processes import locked
from cnnviz.runs import marks
from tests.processes import shared_folder

_WHOLE_SESSION = 24 * 3600.0
# Not a child of the tests' process: tests wait for their children to end. It is left running on purpose.
_BEGIN = """
import sys
from pathlib import Path
from cnnviz.engine import prepared
from cnnviz.runs.marks import Mark
keeper = Mark(int(sys.argv[3]), float(sys.argv[4]))
prepared.begin(Path(sys.argv[1]), float(sys.argv[2]), keeper)
"""


@pytest.fixture(scope="session")
def prepared_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[prepared.Prepared]:
    """The process, one for all workers of pytest-xdist: the first begins it, the last one ends it."""
    queue = paths.ensure(shared_folder(tmp_path_factory) / "prepared")
    user = queue / f"user-{os.getpid()}"
    with locked(queue / "lock"):
        if not prepared.living(queue):
            command = [sys.executable, "-W", "ignore::ResourceWarning", "-c", _BEGIN]
            # Kept by the process that all workers of pytest-xdist have in common.
            keeper = marks.of(os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid())
            arguments = map(str, (queue, _WHOLE_SESSION, *keeper))
            subprocess.run([*command, *arguments], check=True)
        process = prepared.living(queue)
        user.touch()
    assert process
    yield process
    with locked(queue / "lock"):
        user.unlink()
        if not list(queue.glob("user-*")):
            prepared.dismiss(queue)


@pytest.fixture
def keras_once(
    prepared_process: prepared.Prepared, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path], None]:
    """Lend the process to a folder of runs: `keras_once(runs_dir)`; queues there find it as their own."""
    monkeypatch.setenv(prepared.SWITCH, "1")
    return lambda root: lend(prepared_process, root)


def lend(process: prepared.Prepared, root: Path) -> None:
    """The same for a fixture that lasts longer than a test: `CNNVIZ_PREPARED` is its own to set."""
    prepared.record(paths.ensure(root / ".queue"), process)
