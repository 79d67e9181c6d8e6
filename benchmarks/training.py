"""What the worker's additions to Keras cost, each against its absence, trained in turn.

All train report A3's network on the coloured shapes in processes of their own. The first epoch of each is
left out, because it holds the tracing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure, median_ratio
from cnnviz.architectures import make
from cnnviz.datasets import load
from cnnviz.runs import RunDirectory
from cnnviz.specs import ExperimentSpec
from cnnviz.training.devices import devices, environment

ROUNDS, EPOCHS = 3, 4
_AUGMENTATION = {"rotation": 15, "width_shift": 0.1, "height_shift": 0.1, "horizontal_flip": True}


def throughput() -> Iterator[Figure]:
    """Bare Keras's median epoch over ours, with validation: 1 means that live curves, checkpoints and
    snapshots cost nothing.
    """
    seconds: dict[str, list[float]] = {"ours": [], "bare Keras": []}
    wanted = experiment()
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            out = _python("-m", "benchmarks.training", wanted.to_json())
            seconds["bare Keras"] += [float(word) for word in out.split()[1 - EPOCHS :]]
            seconds["ours"] += [epoch.seconds for epoch in _train(Path(folder), wanted).epochs()[1:]]
    ratio = median_ratio(seconds["bare Keras"], seconds["ours"])
    detail = f"{len(seconds['ours'])} epochs each; samples: seconds an epoch with validation"
    yield Figure("training throughput over bare Keras", ratio, "×", "≥ 0.98", ratio >= 0.98, detail, seconds)


def augmentation() -> Iterator[Figure]:
    """Median training part of an epoch with rotation, shift and flip over that of a plain one."""
    seconds: dict[str, list[float]] = {"augmented": [], "plain": []}
    settings: dict[str, dict[str, object]] = {"augmented": {"augmentation": _AUGMENTATION}, "plain": {}}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for name, training in settings.items():
                epochs = _train(Path(folder), experiment(**training)).epochs()[1:]
                seconds[name] += [epoch.train_seconds or epoch.seconds for epoch in epochs]
    ratio = median_ratio(seconds["augmented"], seconds["plain"])
    detail = f"{len(seconds['plain'])} epochs each; samples: seconds an epoch without validation"
    yield Figure("augmented epoch over a plain one", ratio, "×", "≤ 1.03", ratio <= 1.03, detail, seconds)


def experiment(**training: object) -> ExperimentSpec:
    """Build report A3's network on the coloured shapes, which need no download: 4 500 images an epoch."""
    return ExperimentSpec.parse(
        {
            "dataset": {"name": "shapes"},
            "architecture": make("two-pairs").model_dump(),
            "training": {"epochs": EPOCHS, "batch_size": 32, **training},
        }
    )


def _train(root: Path, wanted: ExperimentSpec) -> RunDirectory:
    """Train in a worker process, as the queue does, and wait for it.

    Raises:
        RuntimeError: the run failed; the message holds the end of its log.
    """
    run = RunDirectory.create(root, wanted)
    _python("-m", "cnnviz.training.worker", str(run.path))
    if run.status().state != "done":
        raise RuntimeError(f"The run is {run.status().state}:\n{run.log_path.read_text()[-2000:]}")
    return run


def _python(*arguments: str) -> str:
    """Run Python on the first device, as a worker is run, and give what it printed."""
    child = os.environ | environment(devices()[0], None)
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, env=child, capture_output=True, text=True).stdout


def _bare_keras(wanted: ExperimentSpec) -> None:
    """Train the same network on the same images with nothing but Keras; prints the seconds of each epoch."""
    import keras

    from cnnviz.architectures.build import build_model

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            print(time.perf_counter() - self.start)

    training, data = wanted.training, load(wanted.dataset)
    keras.utils.set_random_seed(training.seed)
    model = build_model(wanted.architecture, data.input_shape, len(data.class_names))
    model.compile(training.optimizer.lower(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        data.train.images,
        data.train.labels,
        batch_size=training.batch_size,
        epochs=training.epochs,
        validation_data=(data.validation.images, data.validation.labels),
        verbose=0,
        callbacks=[Clock()],
    )


if __name__ == "__main__":
    _bare_keras(ExperimentSpec.from_json(sys.argv[1]))
