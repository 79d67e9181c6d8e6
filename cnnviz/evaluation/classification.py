"""Precision, recall and F1 of every class, and their means; equal to scikit-learn's report.

A ratio without a denominator (a class that was never predicted, or that has no image) is 0, as
scikit-learn's `zero_division=0`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnnviz.evaluation.confusion import confusion_matrix


class Scores(NamedTuple):
    """One row of a classification report; the ratios in 0–1, `support` in images."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


class Report(NamedTuple):
    """A classification report: one row a class, the two usual means, the accuracy."""

    per_class: tuple[Scores, ...]
    macro: Scores
    weighted: Scores
    accuracy: float


def classification_report(labels: np.ndarray, predictions: np.ndarray, class_names: Sequence[str]) -> Report:
    """Score predictions class by class.

    Args:
        labels: int, shape (N,), true classes.
        predictions: int, shape (N,), predicted classes.
        class_names: C names; all C classes get a row, absent ones a row of zeros.
    Raises:
        ValueError: the shapes differ, or a class has no name.
    """
    return report_of(confusion_matrix(labels, predictions, len(class_names)), class_names)


def report_of(matrix: np.ndarray, class_names: Sequence[str]) -> Report:
    """Score a confusion matrix of shape (C, C), rows true, class by class."""
    hits = np.diag(matrix).astype(np.float64)
    support, predicted = matrix.sum(axis=1), matrix.sum(axis=0)
    precision, recall = _ratio(hits, predicted), _ratio(hits, support)
    f1 = _ratio(2 * hits, predicted + support)
    rows = tuple(
        Scores(name, float(precision[i]), float(recall[i]), float(f1[i]), int(support[i]))
        for i, name in enumerate(class_names)
    )
    n = int(support.sum())
    weights = support / n if n else np.zeros(len(rows))
    even = np.full(len(rows), 1 / len(rows))

    def mean(name: str, w: np.ndarray) -> Scores:
        return Scores(name, float(precision @ w), float(recall @ w), float(f1 @ w), n)

    accuracy = float(hits.sum() / n) if n else 0.0
    return Report(rows, mean("macro mean", even), mean("weighted mean", weights), accuracy)


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    shares: np.ndarray = np.divide(
        numerator, denominator, out=np.zeros(len(numerator)), where=denominator > 0
    )
    return shares
