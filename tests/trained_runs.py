"""Runs that a worker has really trained, with everything that they keep.

Where a prepared process was lent to their folder (`tests/keras_once.py`), or an app keeps one there, that
takes a second; otherwise a worker imports Keras first.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from cnnviz import architectures
from cnnviz.engine import prepared
from cnnviz.engine.local import LocalEngine
from cnnviz.runs import RunDirectory
from cnnviz.specs import DatasetSpec, ExperimentSpec, TrainingSpec
from tests.patience import PATIENCE


def train(root: Path, name: str, **training: Any) -> RunDirectory:
    """Two pairs of convolutions with few filters, on 200 digits; seconds."""
    experiment = ExperimentSpec(
        dataset=DatasetSpec(name="digits", train_size=200, test_size=50, validation_split=0.2),
        architecture=architectures.make("two-pairs", filters=(4, 6), dense=16),
        training=TrainingSpec.parse({"epochs": 3, **training}),
    )
    return trained(root, experiment, name)


def trained(root: Path, experiment: ExperimentSpec, name: str = "") -> RunDirectory:
    """The run of an experiment, trained to its end."""
    engine, end = LocalEngine(root), time.monotonic() + PATIENCE
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(prepared.SWITCH, "1")
        run = RunDirectory.open(root / engine.submit(experiment, name))
        while engine.tickets.get(run.id):
            assert time.monotonic() < end, run.log_path.read_text()
            time.sleep(0.05)
            engine.tick()
    assert run.status().state == "done", run.log_path.read_text()
    return run
