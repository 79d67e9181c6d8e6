"""An engine over an empty runs folder, and ways to wait for what other processes do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from cnnviz.engine import processes
from cnnviz.engine.local import LocalEngine
from cnnviz.runs import RunDirectory, marks
from cnnviz.specs import ArchitectureSpec, Conv2D, Dense, Dropout, ExperimentSpec, Flatten, MaxPooling2D
from tests.patience import PATIENCE


def make_experiment(dataset: dict[str, Any] | None = None, **training: Any) -> ExperimentSpec:
    network = ArchitectureSpec.of(
        Conv2D(name="conv1", filters=4),
        MaxPooling2D(name="pool1"),
        Dropout(name="dropout1", rate=0.25),
        Flatten(),
        Dense(name="classifier", units="classes", activation="softmax"),
    )
    images = {"name": "digits", "size": 16, "train_size": 200, "test_size": 60, "validation_split": 0.2}
    return ExperimentSpec.parse(
        {"dataset": images | (dataset or {}), "architecture": network, "training": {"epochs": 2} | training}
    )


@pytest.fixture
def experiment() -> Callable[..., ExperimentSpec]:
    """A tiny experiment: `experiment(epochs=3, dataset={…})`."""
    return make_experiment


def end_all(engine: LocalEngine) -> None:
    """End whatever works on the engine's runs, supervisors too."""
    ended = []
    for ticket in engine.tickets.all():
        engine.tickets.remove(ticket.id)
        if ticket.pid and not ticket.handed and psutil.pid_exists(ticket.pid):
            supervisor = psutil.Process(ticket.pid)
            for process in [supervisor, *supervisor.children(recursive=True)]:
                ended.append(marks.of(process.pid))
                process.kill()
    until(lambda: not any(marks.alive(*mark) for mark in ended))
    processes.reap()


@pytest.fixture
def queue(runs_dir: Path, keras_once: Callable[[Path], None]) -> Iterator[LocalEngine]:
    """An engine of its own; whatever it started is ended with the test. Keras is imported already."""
    keras_once(runs_dir)
    engine = LocalEngine(runs_dir)
    yield engine
    end_all(engine)


def until(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait for what another process does: returns the condition's value as soon as it is true."""
    ticking = threading.Event()
    for _ in range(int(seconds / 0.05)):
        value = condition()
        if value:
            return value
        ticking.wait(0.05)
    raise AssertionError(f"not within {seconds} seconds")


@pytest.fixture
def wait() -> Callable[..., Any]:
    """Wait until a condition holds, or fail."""
    return until


@pytest.fixture
def ended(queue: LocalEngine) -> Callable[[str], RunDirectory]:
    """Tick until a run has ended and its processes are gone; gives the run."""

    def until_ended(run_id: str) -> RunDirectory:
        run = RunDirectory.open(queue.root / run_id)

        def over() -> bool:
            queue.tick()
            return run.status().finished and queue.tickets.get(run_id) is None

        until(over)
        return run

    return until_ended
