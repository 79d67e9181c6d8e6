"""Runs on disk as the training leaves them, made without training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from cnnviz import architectures, datasets
from cnnviz.architectures.build import build_model
from cnnviz.inspection import explaining, network
from cnnviz.inspection.service import Inspector, inspector
from cnnviz.inspection.top_activations import _scans
from cnnviz.runs import RunDirectory
from cnnviz.specs import DatasetSpec, ExperimentSpec
from cnnviz.training import checkpoint
from cnnviz.training.optimization import BestEpoch

MakeRun = Callable[..., tuple[RunDirectory, keras.Model]]
DIGITS = DatasetSpec(name="digits", train_size=100, test_size=50)


@pytest.fixture(autouse=True)
def _empty_memory() -> None:
    """What this process keeps of other tests' runs, as the inspection process does."""
    for memory in (network._networks, network._looks, _scans):
        memory.clear()
    explaining.compiled.cache_clear()
    explaining.shadow.cache_clear()


@pytest.fixture
def service() -> Inspector:
    """The warm inspector of this pytest worker, shared with the tests of pages: leave its processes alone."""
    return inspector()


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Write a run with random weights; returns it with an untouched model of the same weights."""

    def make(
        architecture: str = "two-pairs",
        *,
        epoch: int | None = None,
        seed: int = 0,
        dataset: DatasetSpec = DIGITS,
        into: RunDirectory | None = None,
        **parameters: object,
    ) -> tuple[RunDirectory, keras.Model]:
        spec = architectures.make(architecture, **parameters)
        experiment = ExperimentSpec(dataset=dataset, architecture=spec)
        facts = datasets.facts(dataset)
        keras.utils.set_random_seed(seed)
        model = build_model(spec, facts.input_shape, len(facts.class_names))
        run = into or RunDirectory.create(tmp_path / "runs", experiment)
        if epoch is None:
            model.save(run.model_path)
            run.set_status(state="done")
        else:
            model.compile("adam", "sparse_categorical_crossentropy")
            model.optimizer.build(model.trainable_variables)
            best = BestEpoch(model, None).state()
            states: checkpoint.CallbackStates = {"best": best, "plateau": None, "steady": (0, 0.0)}
            state = checkpoint.Checkpoint(epoch, 1.0, states, checkpoint.capture(model))
            checkpoint.save(run.checkpoint_dir, state)
            run.set_status(state="running")
        return run, model

    return make
