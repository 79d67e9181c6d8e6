"""Confusion matrices: counting, naming the pairs, finding the images behind a cell.

Rows are true classes, columns predicted ones, everywhere in cnnviz.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class ConfusedPair(NamedTuple):
    """One way of being wrong: images of class `true` that were taken for `predicted`."""

    true: int
    predicted: int
    true_name: str
    predicted_name: str
    images: int
    share: float  # of the images of class `true`, 0–1


class UnorderedPair(NamedTuple):
    """Two classes that are mistaken for each other, both directions counted."""

    first: int
    second: int
    names: tuple[str, str]
    images: int
    share: float  # of the images of the two classes, 0–1


def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Count the images of every true class by predicted class.

    Args:
        labels: int, shape (N,), in 0 … classes − 1: the true classes.
        predictions: int, shape (N,), in 0 … classes − 1.
        classes: C, how many classes the network tells apart (absent ones get empty rows).
    Returns:
        int64, shape (C, C); row: true, column: predicted.
    Raises:
        ValueError: the shapes differ, or a class lies outside 0 … C − 1.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(
            f"labels have shape {labels.shape}, predictions {predictions.shape}: both must be (N,)."
        )
    for name, values in (("labels", labels), ("predictions", predictions)):
        if values.size and not (values.min() >= 0 and values.max() < classes):
            raise ValueError(
                f"{name} reach from {values.min()} to {values.max()}; with {classes} classes they must lie "
                f"in 0 … {classes - 1}."
            )
    cells = labels.astype(np.int64) * classes + predictions.astype(np.int64)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def row_shares(matrix: np.ndarray) -> np.ndarray:
    """Divide every row by its sum: which share of a true class went where.

    Args:
        matrix: int, shape (C, C).
    Returns:
        float, shape (C, C), in 0–1; rows of absent classes stay 0.
    """
    support = matrix.sum(axis=1, keepdims=True)
    shares: np.ndarray = np.divide(matrix, support, out=np.zeros(matrix.shape), where=support > 0)
    return shares


def most_confused(matrix: np.ndarray, class_names: Sequence[str], k: int = 10) -> list[ConfusedPair]:
    """Name the k most frequent mistakes, the most frequent first; equal counts in class order.

    Args:
        matrix: int, shape (C, C).
        class_names: C names.
        k: at most so many; pairs that never happened are left out.
    """
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[: max(k, 0)]
    support = matrix.sum(axis=1)
    pairs = []
    for true, predicted in zip(*np.unravel_index(order, wrong.shape), strict=True):
        count = int(wrong[true, predicted])
        if count:
            names = class_names[true], class_names[predicted]
            pairs.append(ConfusedPair(int(true), int(predicted), *names, count, count / int(support[true])))
    return pairs


def most_confused_pairs(matrix: np.ndarray, class_names: Sequence[str], k: int = 5) -> list[UnorderedPair]:
    """Name the k pairs of classes that are most often mistaken for each other, whichever way round.

    Args:
        matrix: int, shape (C, C).
        class_names: C names.
        k: at most so many; pairs that never happened are left out.
    """
    both = np.triu(matrix + matrix.T, k=1)
    order = np.argsort(-both, axis=None, kind="stable")[: max(k, 0)]
    support = matrix.sum(axis=1)
    pairs = []
    for first, second in zip(*np.unravel_index(order, both.shape), strict=True):
        count = int(both[first, second])
        if count:
            share = count / int(support[first] + support[second])
            names = class_names[first], class_names[second]
            pairs.append(UnorderedPair(int(first), int(second), names, count, share))
    return pairs


def images_in_cell(labels: np.ndarray, probabilities: np.ndarray, true: int, predicted: int) -> np.ndarray:
    """Find the images of one cell, the most confident first.

    Args:
        labels: int, shape (N,).
        probabilities: float, shape (N, C).
        true, predicted: the cell.
    Returns:
        int64, shape (n,): positions in `labels`, by falling probability of `predicted`.
    """
    inside = np.flatnonzero((labels == true) & (probabilities.argmax(axis=1) == predicted))
    confidence = probabilities[inside, predicted].astype(np.float64)
    return inside[np.argsort(-confidence, kind="stable")].astype(np.int64)
