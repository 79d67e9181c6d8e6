"""Keras imported once for all runs that tests train: a prepared process that lasts as long as the tests.

A run then costs its training and no import, and is otherwise like any (`tests/engine/test_prepared.py`).
One that asks for a number of threads, and a test that changes what libraries read, get a fresh process.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnnviz import paths
from cnnviz.engine import prepared

_WHOLE_SESSION = 24 * 3600.0


@pytest.fixture(scope="session")
def prepared_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[prepared.Prepared]:
    """The process; it ends with the tests."""
    queue = tmp_path_factory.mktemp("prepared")
    # Not a child of this process: tests wait for their children to end.
    begin = "import sys; from pathlib import Path; from cnnviz.engine import prepared; "
    begin += "prepared.begin(Path(sys.argv[1]), float(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", begin, str(queue), str(_WHOLE_SESSION)], check=True)
    process = prepared.living(queue)
    assert process
    yield process
    prepared.dismiss(queue)


@pytest.fixture
def keras_once(
    prepared_process: prepared.Prepared, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path], None]:
    """Lend the process to a folder of runs: `keras_once(runs_dir)`; queues there find it as their own."""
    monkeypatch.setenv(prepared.SWITCH, "1")

    def lend(root: Path) -> None:
        prepared.keep(paths.ensure(root / ".queue"), prepared_process)

    return lend
