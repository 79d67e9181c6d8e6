"""One epoch of a training, from the confusion matrix that it kept: all that counts can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cnnviz.evaluation.accuracy import Baseline, Interval, accuracy_interval
from cnnviz.evaluation.classification import Report, report_of
from cnnviz.evaluation.confusion import row_shares


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
    found = []
    for epoch, matrix in sorted(matrices.items()):
        support = int(matrix[true].sum())
        share = float(row_shares(matrix)[true, predicted]) if support else float("nan")
        found.append(CellEpoch(epoch, int(matrix[true, predicted]), support, share))
    return found
