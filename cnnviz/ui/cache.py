"""What pages read again and again, kept in memory once for all visitors.

Every key carries all that the answer depends on: a spec, or a run's id with its files' times.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import architectures, datasets, paths, runs
from cnnviz.datasets import traps
from cnnviz.engine import engine
from cnnviz.errors import DataError
from cnnviz.evaluation import data_changed
from cnnviz.runs import EpochRecord, RunSummary, journal
from cnnviz.specs import ArchitectureSpec, DatasetSpec

_QUEUE_SECONDS = 1.0
Predictions = dict[str, NDArray[np.generic]]


@st.cache_resource(max_entries=24, show_spinner="Reading the images …")
def _dataset(spec_json: str, stamp: object) -> datasets.Dataset:
    return datasets.load(DatasetSpec.from_json(spec_json))


def dataset(spec: DatasetSpec) -> datasets.Dataset:
    """The images of a data set, memory-mapped and shared by all visitors: never write to them."""
    return _dataset(spec.to_json(), datasets.stamp(spec))


@st.cache_data(max_entries=64, show_spinner="Comparing training and test images …")
def _traps(spec_json: str, stamp: object, patient: bool) -> list[str]:
    return traps.traps(DatasetSpec.from_json(spec_json), patient=patient)


def traps_of(spec: DatasetSpec, *, patient: bool = False) -> list[str]:
    """What makes a training on these images look better or worse than it is.

    Args:
        patient: look for duplicates where that takes seconds, too.
    """
    return _traps(spec.to_json(), datasets.stamp(spec), patient)


def images_of(run: RunSummary) -> datasets.Dataset:
    """The images that a run was given, for showing them by their places.

    Raises:
        DataError: they have changed since: the places are others' now.
        CnnvizError: they are gone.
    """
    if changed := data_changed(run.directory):
        raise DataError(changed)
    return dataset(run.directory.spec().experiment.dataset)


@st.cache_data(max_entries=512, show_spinner=False)
def _summary(spec_json: str, input_shape: tuple[int, int, int], classes: int) -> architectures.NetworkSummary:
    return architectures.summarise(ArchitectureSpec.from_json(spec_json), input_shape, classes)


def summary(
    architecture: ArchitectureSpec, input_shape: tuple[int, int, int], classes: int
) -> architectures.NetworkSummary:
    """Shapes, parameters and multiply-adds of a network."""
    return _summary(architecture.to_json(), input_shape, classes)


def summary_on(architecture: ArchitectureSpec, images: DatasetSpec) -> architectures.NetworkSummary:
    """Shapes, parameters and multiply-adds of a network on the images of a data set."""
    about = datasets.facts(images)
    return summary(architecture, about.input_shape, len(about.class_names))


def run_list() -> list[RunSummary]:
    """All runs, newest first; cheap, because the store keeps what has not changed."""
    return runs.list_runs()


def run(run_id: str) -> RunSummary | None:
    """One run by its id; None where there is none of that id."""
    return next((summary for summary in run_list() if summary.id == run_id), None)


@st.cache_resource(max_entries=32, show_spinner="Reading the predictions …")
def _predictions(path: str, stamp: int) -> Predictions | None:
    return runs.RunDirectory(Path(path)).predictions()


def predictions(summary: RunSummary) -> Predictions | None:
    """Probabilities, labels and indices of a run's images; None before it has ended."""
    file = summary.path / "predictions.npz"
    return _predictions(str(summary.path), file.stat().st_mtime_ns) if file.exists() else None


@st.cache_resource(max_entries=64, show_spinner=False)
def _epochs(path: Path, stamp: tuple[int, int]) -> list[EpochRecord]:
    """A hundred visitors who watch one run read its lines once."""
    return journal.read(path, EpochRecord)


def epochs(summary: RunSummary) -> list[EpochRecord]:
    """All epochs so far; the list is shared by all visitors: never change it."""
    path = summary.path / "epochs.jsonl"
    stamp = _stamp(path)
    return _epochs(path, stamp) if any(stamp) else []


def _stamp(path: Path) -> tuple[int, int]:
    """Time and size of a file that may not be there yet."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


@st.cache_data(ttl=_QUEUE_SECONDS, max_entries=4, show_spinner=False)
def _queue(root: Path) -> list[RunSummary]:
    return engine().queue()


def queue() -> list[RunSummary]:
    """Runs at work and waiting, at most a second old: for what looks every second, for many visitors."""
    return _queue(paths.runs_dir())
