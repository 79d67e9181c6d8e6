"""Metrics of runs: read from what a run keeps, or computed from its predictions once they are asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from cnnviz.errors import CnnvizError, EntryError, RunError
from cnnviz.metrics.entry import METRICS
from cnnviz.registry import leave_out, raised, shown_path
from cnnviz.runs import RunSummary

Split = Literal["test", "train", "validation"]
_MOST_KEPT = 20_000
#: One look at a run's predictions gives all metrics of a split: by folder, split, the file's time and size.
_kept: OrderedDict[tuple[Path, Split, tuple[int, int]], dict[str, float | None]] = OrderedDict()
_lock = threading.Lock()


def value(run: RunSummary, name: str, split: Split = "test") -> float | None:
    """One metric of a run; None where it lacks what the metric needs.

    Args:
        name: as `METRICS` has it.
        split: of which images, where it follows from predictions. Runs of earlier versions kept none of
            their validation images.
    Raises:
        UnknownNameError: there is no such metric.
        RunError: the file that it is computed from is damaged.
    """
    metric = METRICS.get(name)
    if metric.of_run is not None:
        return _of_run(name, run)
    if metric.kept and (known := getattr(run.figures, f"{split}_{metric.kept}")) is not None:
        return float(known)
    if split == "test" and name in run.figures.metrics:
        return run.figures.metrics[name]
    return _of_predictions(run, split).get(name)


def objectives() -> tuple[str, ...]:
    """Names of the metrics that settings may be chosen by; `value(…, "validation")` gives them.

    Those that follow from predictions of the validation images and have a better end: test images choose
    nothing. Where the report holds one under a name of its own ("validation_accuracy"), by that name.
    """
    of_predictions = (name for name in METRICS if METRICS.get(name).of_predictions)
    directed = (name for name in of_predictions if METRICS.get(name).better != "neither")
    kept = {name: f"validation_{METRICS.get(name).kept}" for name in directed}
    return tuple(of_report if of_report in METRICS else name for name, of_report in kept.items())


def known(run: RunSummary, name: str) -> float | None:
    """As `value`, but None where a file is damaged too: for lists of many runs, which go on without it.

    Whoever opens this one run is told what is damaged.
    """
    try:
        return value(run, name)
    except RunError:
        return None


def values(run: RunSummary) -> dict[str, float | None]:
    """All metrics of a run by name, None where it lacks something, or where a file is damaged."""
    return {name: known(run, name) for name in METRICS}


def _of_predictions(run: RunSummary, split: Split) -> dict[str, float | None]:
    try:
        stat = (run.path / "predictions.npz").stat()
    except OSError:
        return {}
    key = run.path, split, (stat.st_mtime_ns, stat.st_size)
    with _lock:
        if key in _kept and _kept[key].keys() >= _names():
            _kept.move_to_end(key)
            return _kept[key]
    arrays = run.directory.predictions(split) or {}
    labels, probabilities = arrays.get(f"{split}_labels"), arrays.get(f"{split}_probabilities")
    found: dict[str, float | None] = dict.fromkeys(_names())
    if labels is not None and probabilities is not None and len(labels):
        try:
            labels, probabilities = labels.astype(np.int64), probabilities.astype(np.float64)
            _check(labels, probabilities)
        except ValueError as error:
            raise RunError(f"predictions.npz of run {run.id} is damaged: {error}.") from error
        found |= computed(labels, probabilities)
    with _lock:
        _kept[key] = found
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return found


def _check(labels: np.ndarray, probabilities: np.ndarray) -> None:
    """Refuse labels that are not (N,), probabilities that are not (N, C), labels beyond C: as ValueError."""
    if labels.ndim != 1 or probabilities.ndim != 2 or len(labels) != len(probabilities):
        raise ValueError(f"labels of shape {labels.shape}, probabilities of shape {probabilities.shape}")
    if labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError(f"labels from {labels.min()} to {labels.max()} of {probabilities.shape[1]} classes")


def _of_run(name: str, run: RunSummary) -> float | None:
    metric = METRICS.get(name)
    try:
        found = metric.of_run(run) if metric.of_run else None
        return found if found is None or isinstance(found, int) else float(found)
    except CnnvizError:
        raise
    except Exception as error:  # noqa: BLE001  (whatever a stranger's function raises is its mistake)
        _leave_out(name, error, f"run {run.id}")
        return None


def _leave_out(name: str, error: Exception, tried: str) -> None:
    file = METRICS.get(name).file
    leave_out(
        EntryError(
            f"{shown_path(file)}: The metric '{name}' can't be computed of {tried}: {raised(error, file)}. "
            "Mend it there."
        )
    )


def _names() -> set[str]:
    return {name for name in METRICS if METRICS.get(name).of_predictions}


def computed(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float | None]:
    """All metrics that follow from predictions, by name; without one that breaks, which `left_out` tells.

    Args:
        labels: int64, shape (N,), N ≥ 1.
        probabilities: float64, shape (N, C).
    """
    tried = f"{len(labels):,} images of {probabilities.shape[1]} classes"
    known = {name: METRICS.get(name) for name in METRICS}
    ways = {name: metric.of for name, metric in known.items() if metric.of_predictions}
    return _each(ways, labels, probabilities, tried=tried)


def of_matrix(matrix: np.ndarray) -> dict[str, float | None]:
    """All metrics that follow from a confusion matrix alone, by name; as `computed`.

    Args:
        matrix: int64, shape (C, C), rows true.
    """
    known = {name: METRICS.get(name) for name in METRICS}
    ways = {name: metric.of_counts for name, metric in known.items() if metric.of_matrix}
    return _each(ways, matrix, tried=f"a matrix of {len(matrix)} classes")


def _each(
    ways: Mapping[str, Callable[..., float | None]], *arrays: np.ndarray, tried: str
) -> dict[str, float | None]:
    found = {}
    for name, compute in ways.items():
        try:
            found[name] = compute(*arrays)
        except Exception as error:  # noqa: BLE001  (whatever a stranger's function raises is its mistake)
            _leave_out(name, error, tried)
    return found
