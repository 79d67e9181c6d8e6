"""A run belongs to its data: whether the images that it was given are still there, and which run is whose.

Two trainings are the same only where spec and images are: an image folder changes under its name. Runs say
what they were given in `data.json`; those of version 0.1 are told by the labels beside their predictions.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from cnnviz import datasets
from cnnviz.datasets.folders import PREFIX
from cnnviz.errors import CnnvizError, RunError
from cnnviz.runs import RunDirectory, RunSummary, runs_of
from cnnviz.specs import DatasetSpec, ExperimentSpec


def data_changed(run: RunDirectory) -> str:
    """In a sentence how the data set is another one than the run was given; "" where it is the same.

    "" too where the data set is gone: whoever needs its images says so.

    Raises:
        RunError: the run can't be read.
    """
    spec = run.spec().experiment.dataset
    try:
        now = datasets.digest(spec)
        entry = datasets.entry(spec.name)
    except CnnvizError:
        return ""
    seen, there = run.data(), entry.n_train + entry.n_validation + entry.n_test
    if seen.digest == now if seen else _labels_agree(run.path, spec.to_json(), now):
        return ""
    what = "the folder" if spec.name.startswith(PREFIX) else "the data set"
    if seen and seen.images != there:
        told = f"It was trained on {seen.images:,} images; {what} '{entry.title}' now holds {there:,}."
    else:
        told = f"Some images of {what} '{entry.title}' are others than when it was trained."
    return f"{told} Its numbers stand; single images are not shown, as others may have taken their places."


def is_same_data(run: RunSummary) -> bool:
    """Whether nothing speaks against a run's images being those of today."""
    try:
        return run.experiment is None or not data_changed(run.directory)
    except RunError:
        return True  # that it can't be read is said where it is looked at


@lru_cache(maxsize=20_000)
def _labels_agree(path: Path, spec_json: str, now: str) -> bool:
    """Whether the images with the digest `now` have the labels that a run without a digest kept."""
    del now
    kept = RunDirectory(path).predictions() or {}
    try:
        data = datasets.load(DatasetSpec.from_json(spec_json))
    except CnnvizError:  # fewer images than it asks for
        return False
    halves = {"test": data.full_test, "train": data.full_train, "validation": data.full_train}
    for name, half in halves.items():
        labels, indices = kept.get(f"{name}_labels"), kept.get(f"{name}_indices")
        if labels is None or indices is None or not len(indices):
            continue
        if indices.max() >= len(half) or not np.array_equal(half.labels[indices], labels):
            return False
    return True


def class_names(run: RunDirectory) -> tuple[str, ...]:
    """Names of the classes as the run was given them, by label.

    Raises:
        CnnvizError: it kept none, and its data set is gone; or the run can't be read.
    """
    seen = run.data()
    if seen and seen.class_names:
        return seen.class_names
    return datasets.facts(run.spec().experiment.dataset).class_names


def find_finished(experiment: ExperimentSpec, root: Path | None = None) -> RunSummary | None:
    """The newest run that finished exactly this experiment on the images of today, if any."""
    run = find_run(experiment, root)
    return run if run and run.state == "done" else None


def find_run(experiment: ExperimentSpec, root: Path | None = None) -> RunSummary | None:
    """The run of exactly this experiment on the images of today.

    Returns:
        The newest finished one, else the newest; None without any.
    """
    runs = [run for run in runs_of(experiment, root) if is_same_data(run)]
    finished = [run for run in runs if run.state == "done" and run.report]
    return next(iter(finished or runs), None)
