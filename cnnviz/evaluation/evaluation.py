"""All that pages, command line and downloads say of a run: of its predictions, or of an epoch's matrix."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from cnnviz.errors import RunError
from cnnviz.evaluation.calibration import Calibration, calibration
from cnnviz.evaluation.classification import (
    Baseline,
    Interval,
    Report,
    accuracy_interval,
    baseline,
    confusion_matrix,
    most_confused,
    report_of,
)


class Evaluation(NamedTuple):
    """One run on one split: the saved predictions and all that follows from them."""

    split: str
    class_names: tuple[str, ...]
    labels: np.ndarray  # int64, (N,)
    indices: np.ndarray  # int64, (N,): into the data set's full array of this split
    probabilities: np.ndarray  # float, (N, C)
    predictions: np.ndarray  # int64, (N,)
    matrix: np.ndarray  # int64, (C, C), rows true
    report: Report
    accuracy: Interval
    baseline: Baseline
    calibration: Calibration

    @property
    def n(self) -> int:
        """How many images."""
        return len(self.labels)


def evaluate(
    predictions: dict[str, np.ndarray] | None, class_names: Sequence[str], split: str = "test"
) -> Evaluation:
    """Evaluate saved predictions on one split.

    Args:
        predictions: a run's predictions.npz: `<split>_probabilities` (N, C), `<split>_labels` and
            `<split>_indices` (N,), for test and train.
        class_names: C names.
        split: "test" or "train".
    Raises:
        RunError: there are no predictions, or they don't fit the classes.
    """
    if predictions is None or f"{split}_labels" not in predictions or not predictions[f"{split}_labels"].size:
        if predictions is not None and len(predictions.get("train_labels", ())):
            raise RunError(
                "This run is one fold of a search: training images held back from it score it, and it has "
                "not looked at the test images. Train the settings on all training images to have a report."
            )
        raise RunError(
            f"This run has saved no predictions on {split} images: it ended before its evaluation. "
            "Resume it on the Train page, or train it again."
        )
    labels = predictions[f"{split}_labels"].astype(np.int64)
    probabilities = predictions[f"{split}_probabilities"]
    if probabilities.shape != (len(labels), len(class_names)):
        raise RunError(
            f"The saved predictions have shape {probabilities.shape}, but the data set has "
            f"{len(class_names)} classes and the run saw {len(labels)} images. The run or the data set "
            "has changed; train it again."
        )
    guesses = probabilities.argmax(axis=1).astype(np.int64)
    matrix = confusion_matrix(labels, guesses, len(class_names))
    chosen_on = predictions.get("train_labels", labels)
    return Evaluation(
        split=split,
        class_names=tuple(class_names),
        labels=labels,
        indices=predictions[f"{split}_indices"].astype(np.int64),
        probabilities=probabilities,
        predictions=guesses,
        matrix=matrix,
        report=report_of(matrix, class_names),
        accuracy=accuracy_interval(int(np.trace(matrix)), len(labels)),
        baseline=baseline(chosen_on if chosen_on.size else labels, labels),
        calibration=calibration(labels, probabilities),
    )


def report_json(evaluation: Evaluation) -> dict[str, Any]:
    """Give the evaluation as plain data: accuracy, baseline, classes, matrix, pairs, calibration."""
    report, interval = evaluation.report, evaluation.accuracy
    pairs = most_confused(evaluation.matrix, evaluation.class_names, k=10)
    return {
        "split": evaluation.split,
        "n": len(evaluation.labels),
        "accuracy": interval.value,
        "accuracy_interval_95": [interval.low, interval.high],
        "baseline_accuracy": evaluation.baseline.accuracy,
        "baseline_class": evaluation.class_names[evaluation.baseline.label],
        "class_names": list(evaluation.class_names),
        "per_class": [row._asdict() for row in report.per_class],
        "macro": report.macro._asdict(),
        "weighted": report.weighted._asdict(),
        "confusion": evaluation.matrix.tolist(),
        "most_confused": [pair._asdict() for pair in pairs],
        "expected_calibration_error": evaluation.calibration.ece,
        "brier_score": evaluation.calibration.brier,
    }


def report_csv(
    evaluation: Evaluation | EpochEvaluation, metrics: Mapping[str, float | None] | None = None
) -> str:
    """Give the per-class table, its two means, the accuracy and other metrics as CSV text.

    Args:
        metrics: by name; each is a row like that of the accuracy, where it is known.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["class", "precision", "recall", "f1", "images"])
    report = evaluation.report
    for row in (*report.per_class, report.macro, report.weighted):
        writer.writerow([row.name, f"{row.precision:.6f}", f"{row.recall:.6f}", f"{row.f1:.6f}", row.support])
    writer.writerow(["accuracy", "", "", f"{report.accuracy:.6f}", evaluation.n])
    for name, value in (metrics or {}).items():
        if value is not None:
            writer.writerow([name, "", "", f"{value:.6f}", evaluation.n])
    return out.getvalue()


class EpochEvaluation(NamedTuple):
    """What a network did after one epoch, on the images that its training watched."""

    epoch: int  # 0: before training
    images: str  # "validation", or "training" where none were held back
    class_names: tuple[str, ...]
    matrix: np.ndarray  # int64, (C, C), rows true
    report: Report
    accuracy: Interval
    baseline: Baseline

    @property
    def n(self) -> int:
        """How many images."""
        return int(self.matrix.sum())


class CellEpoch(NamedTuple):
    """One cell of the matrix after one epoch; `share` of the true class, nan where it has no image."""

    epoch: int
    images: int
    support: int
    share: float


def evaluate_epoch(
    epoch: int, matrix: np.ndarray, class_names: Sequence[str], *, images: str, common: int
) -> EpochEvaluation:
    """Evaluate the matrix of one epoch.

    Args:
        matrix: int, shape (C, C), rows true.
        class_names: C names.
        images: "validation" or "training": what the matrix counts.
        common: the class that is most frequent in training; always saying it is the baseline.
    Raises:
        ValueError: the names don't fit the matrix.
    """
    classes = len(class_names)
    if matrix.shape != (classes, classes):
        raise ValueError(f"A matrix of shape {matrix.shape} does not fit {classes} classes.")
    n = int(matrix.sum())
    share = float(matrix[common].sum() / n) if n else 0.0
    return EpochEvaluation(
        epoch,
        images,
        tuple(class_names),
        matrix,
        report_of(matrix, class_names),
        accuracy_interval(int(np.trace(matrix)), n),
        Baseline(common, share),
    )


def cell_by_epoch(matrices: Mapping[int, np.ndarray], true: int, predicted: int) -> list[CellEpoch]:
    """Follow one cell through all epochs, the earliest first.

    Args:
        matrices: (C, C) by epoch.
    """
    cells = []
    for epoch, matrix in sorted(matrices.items()):
        images, support = int(matrix[true, predicted]), int(matrix[true].sum())
        cells.append(CellEpoch(epoch, images, support, images / support if support else float("nan")))
    return cells
