"""A tiny run that a worker has really trained, with everything that it keeps."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from cnnviz import architectures
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
    run = RunDirectory.create(root, experiment, name=name)
    command = [sys.executable, "-m", "cnnviz.training.worker", str(run.path)]
    subprocess.run(command, env={**os.environ}, check=True, timeout=PATIENCE)
    return run
