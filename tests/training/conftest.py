"""A tiny network on a few digits, trained in this process or in a worker of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cnnviz import datasets
from cnnviz.engine.prepared import Prepared
from cnnviz.runs import RunDirectory
from cnnviz.specs import ArchitectureSpec, Conv2D, Dense, Dropout, ExperimentSpec, Flatten, MaxPooling2D
from tests.keras_once import lend
from tests.patience import PATIENCE
from tests.trained_runs import trained

Make = Callable[..., RunDirectory]


def experiment(dataset: dict[str, Any] | None = None, **training: Any) -> ExperimentSpec:
    network = ArchitectureSpec.of(
        Conv2D(name="conv1", filters=4),
        MaxPooling2D(name="pool1"),
        Dropout(name="dropout1", rate=0.25),
        Conv2D(name="conv2", filters=6, kernel_size=5),
        Flatten(),
        Dense(name="classifier", units="classes", activation="softmax"),
    )
    images = {"name": "digits", "size": 16, "train_size": 200, "test_size": 60, "validation_split": 0.2}
    return ExperimentSpec.parse(
        {"dataset": images | (dataset or {}), "architecture": network, "training": {"epochs": 2} | training}
    )


@pytest.fixture
def make_run(tmp_path: Path) -> Make:
    """Make a run directory: `make_run(epochs=3, dataset={"train_size": 100})`; 5 batches an epoch."""
    return lambda **settings: RunDirectory.create(tmp_path / "runs", experiment(**settings))


def built(run: RunDirectory, *callbacks: Any) -> Any:
    """A run's training in this process, resumed where it was cut, with further callbacks."""
    from cnnviz.training.fit import Training
    from cnnviz.training.progress import Progress

    spec = run.spec().experiment
    training = Training(run, spec, datasets.load(spec.dataset), Progress(run))
    training.resume()
    training.callbacks += callbacks
    return training


@pytest.fixture
def build() -> Iterator[Callable[..., Any]]:
    """Build a run's training in this process: `build(run, *further callbacks)`."""
    import keras

    yield built
    keras.mixed_precision.set_global_policy("float32")


@pytest.fixture(scope="session")
def wish_at() -> Callable[..., Any]:
    """A callback that makes a wish at the end of a batch: `wish_at(run, "stop", epoch=1, batch=2)`."""
    import keras

    class WishAt(keras.callbacks.Callback):
        def __init__(self, run: RunDirectory, wish: Any, epoch: int, batch: int) -> None:
            super().__init__()
            self.run, self.wish, self.at, self.epoch = run, wish, (epoch, batch), 0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.epoch = epoch + 1

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if (self.epoch, batch + 1) == self.at:
                self.run.wish(self.wish)

    return WishAt


@pytest.fixture
def worker() -> Callable[[RunDirectory], int]:
    """Train a run in a worker of its own; returns the exit code."""

    def work(run: RunDirectory) -> int:
        command = [sys.executable, "-m", "cnnviz.training.worker", str(run.path)]
        return subprocess.run(command, timeout=PATIENCE, check=False).returncode

    return work


@pytest.fixture
def worker_here() -> Iterator[Callable[[RunDirectory], int]]:
    """The same without a process, and so without another import of Keras: the worker's own main."""
    import keras

    from cnnviz.training import worker as module

    # It is used to having a process for itself: all that it changes of this one is put back.
    output, heard, variables = (
        [os.dup(number) for number in (1, 2)],
        signal.getsignal(signal.SIGTERM),
        os.environ.copy(),
    )
    yield lambda run: module.main(run.path)
    os.environ.clear()
    os.environ.update(variables)
    for number, kept in zip((1, 2), output, strict=True):
        os.dup2(kept, number)
        os.close(kept)
    signal.signal(signal.SIGTERM, heard)
    keras.mixed_precision.set_global_policy("float32")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, prepared_process: Prepared) -> RunDirectory:
    """A run that a worker of its own has trained to the end, with all that can be switched on."""
    root = tmp_path_factory.mktemp("finished")
    lend(prepared_process, root)
    turned = {"rotation": 10, "width_shift": 0.1}
    return trained(root, experiment(epochs=3, augmentation=turned, l2=1e-3, label_smoothing=0.1))
