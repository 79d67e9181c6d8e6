"""A kind of job for tests, known to the processes that tests start too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.countdown_job import CountdownJob
from tests.processes import end_workers


@pytest.fixture(autouse=True)
def _known_to_processes(runs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Python imports `sitecustomize` when it starts: so a process learns of a kind that is not cnnviz's."""
    (tmp_path / "sitecustomize.py").write_text("import countdown_job\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(Path(__file__).parent)]))
    assert CountdownJob.place
    yield
    end_workers(runs_dir)
