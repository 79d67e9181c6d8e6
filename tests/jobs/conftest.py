"""A kind of job for tests, known to the processes that tests start too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.countdown_job import CountdownJob
from tests.processes import end_workers

#: Imports the kind right after the module where it registers: a process that needs no kind pays for none.
_SITECUSTOMIZE = """
import importlib.util
import sys


class AfterKinds:
    def find_spec(self, name, path=None, target=None):
        if name != "cnnviz.jobs.kinds":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def execute_and_register(module):
            execute(module)
            import countdown_job

        spec.loader.exec_module = execute_and_register
        return spec


sys.meta_path.insert(0, AfterKinds())
"""


@pytest.fixture(autouse=True)
def _known_to_processes(runs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Python imports `sitecustomize` when it starts: so a process learns of a kind that is not cnnviz's."""
    (tmp_path / "sitecustomize.py").write_text(_SITECUSTOMIZE)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(Path(__file__).parent)]))
    assert CountdownJob.place
    yield
    end_workers(runs_dir)
