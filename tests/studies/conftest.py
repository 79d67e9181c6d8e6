"""Recipes and finished runs for tests, made without training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnviz import datasets
from cnnviz.reports.outcome import Outcome, read_outcome
from cnnviz.reports.recipe import Recipe
from cnnviz.reports.reproduction_job import ReproductionJob
from cnnviz.runs import EpochRecord, RunDirectory, RunEnvironment, RunReport
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.study_spec import SettingValue

#: Small enough to train in a second.
BASE: dict[str, SettingValue] = {
    "dataset.name": "digits",
    "dataset.train_size": 200,
    "dataset.test_size": 60,
    "architecture.name": "one-convolution",
    "architecture.filters": 2,
    "architecture.dense": 4,
    "training.epochs": 2,
    "training.batch_size": 50,
}


def make_recipe(**changes: Any) -> Recipe:
    variants = [
        {"label": "a", "set": BASE, "published": {"test_accuracy": 0.5, "fit_seconds": 10}},
        {"label": "b", "set": {**BASE, "dataset.train_size": 400}, "published": {"test_accuracy": 0.6}},
    ]
    plain = {
        "id": "E6",
        "title": "Size",
        "question": "Do more images help?",
        "kind": "training",
        "base": BASE,
        "variants": variants,
        "draw": ["table"],
        "published_on": "an old machine",
        "scales": {"smoke": {"seeds": [0, 1, 2]}, "lecture": {}, "full": {}},
    }
    return Recipe.parse({**plain, **changes})


@pytest.fixture
def recipe() -> Callable[..., Recipe]:
    """A recipe with two variants and three seeds at the scale smoke: `recipe(draw=["curves"])`."""
    return make_recipe


def write_run(
    root: Path, experiment: ExperimentSpec, report: Mapping[str, Any] | None = None, **status: Any
) -> RunDirectory:
    """Leave a run as training does: journal, predictions, environment, report."""
    run = RunDirectory.create(root, experiment)
    random = np.random.default_rng(experiment.training.seed)
    for epoch in range(1, 7):
        validation = 1.0 / epoch if epoch < 3 else 0.4 + 0.1 * epoch
        run.append_epoch(
            EpochRecord(
                epoch=epoch,
                loss=1 / epoch,
                accuracy=epoch / 8,
                val_loss=validation,
                val_accuracy=epoch / 9,
                seconds=0.5,
                elapsed=0.5 * epoch,
            )
        )
    data = datasets.load(experiment.dataset)
    arrays = {}
    for name, split in (("test", data.test), ("train", data.train)):
        guesses = random.random((len(split), data.facts.classes))
        guesses[np.arange(len(split)), split.labels] += 0.3
        arrays[f"{name}_probabilities"] = (guesses / guesses.sum(axis=1, keepdims=True)).astype(np.float16)
        arrays[f"{name}_labels"], arrays[f"{name}_indices"] = split.labels, split.indices
    run.save_predictions(arrays)
    versions = {"keras": "3.15.1", "tensorflow": "2.21.0"}
    run.write_environment(RunEnvironment(device="a CPU", device_kind="CPU", versions=versions))
    whole = {
        "test_accuracy": 0.5,
        "train_accuracy": 0.7,
        "test_loss": 1.0,
        "fit_seconds": 4.0,
        "epochs": 2,
        "n_train": len(data.train),
        "n_test": len(data.test),
        "params": 100,
        "images_per_second": 10.0,
    }
    run.write_report(RunReport(**{**whole, **(report or {})}))
    run.set_status(**{"state": "done", **status})
    return run


@pytest.fixture
def run_of(runs_dir: Path) -> Callable[..., RunDirectory]:
    """Leave a run of an experiment as training does: `run_of(experiment, report, state="failed")`."""
    return partial(write_run, runs_dir)


@pytest.fixture
def outcome(runs_dir: Path) -> Callable[..., Outcome]:
    """What came out of a recipe whose runs all finished, with reports by (label, seed)."""

    def make(recipe: Recipe, reports: Mapping[tuple[str, int], Mapping[str, Any]] | None = None) -> Outcome:
        study = recipe.study("smoke")
        folder = ReproductionJob.at(recipe.id, "smoke")
        if study:
            folder.plan(study)
            for member in study.members():
                write_run(runs_dir, member.experiment, (reports or {}).get((member.label, member.seed)))
        return read_outcome(recipe, "smoke", folder, study)

    return make
