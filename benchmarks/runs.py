"""Trainings for the benchmarks: through the app's own worker, and the experiment that both sides train."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cnnviz.architectures import make
from cnnviz.runs import RunDirectory
from cnnviz.specs import ExperimentSpec
from cnnviz.training.devices import devices, environment

EPOCHS = 4


def experiment(**training: object) -> ExperimentSpec:
    """Build report A3's network on the coloured shapes, which need no download: 4 500 images an epoch."""
    return ExperimentSpec.parse(
        {
            "dataset": {"name": "shapes"},
            "architecture": make("two-pairs").model_dump(),
            "training": {"epochs": EPOCHS, "batch_size": 32, **training},
        }
    )


def train(root: Path, wanted: ExperimentSpec) -> RunDirectory:
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


def bare_keras(wanted: ExperimentSpec) -> list[float]:
    """Train the same network on the same images with nothing but Keras; seconds of each epoch."""
    out = _python("-m", "benchmarks.bare_keras", wanted.to_json())
    return [float(word) for word in out.split()[-EPOCHS:]]
