"""Labels against predictions: confusion matrices, scores class by class, and what an accuracy is worth.

Rows of a matrix are true classes, columns predicted ones, everywhere in cnnviz. Scores equal scikit-learn's
report; a ratio without a denominator (a class that was never predicted, or that has no image) is 0, as its
`zero_division=0`.
"""

from __future__ import annotations

import math
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
    return ratio(matrix, matrix.sum(axis=1, keepdims=True))


def ratio(numerator: np.ndarray, denominator: np.ndarray, empty: float = 0.0) -> np.ndarray:
    """Divide; `empty` where the denominator is 0. Shapes as numpy broadcasts them to the numerator's."""
    start = np.full(numerator.shape, empty)
    quotients: np.ndarray = np.divide(numerator, denominator, out=start, where=denominator > 0)
    return quotients


def most_confused(matrix: np.ndarray, class_names: Sequence[str], k: int = 10) -> list[ConfusedPair]:
    """Name the k most frequent mistakes, the most frequent first; equal counts in class order.

    Args:
        matrix: int, shape (C, C).
        class_names: C names.
        k: at most so many; pairs that never happened are left out.
    """
    support = matrix.sum(axis=1)
    return [
        ConfusedPair(true, predicted, class_names[true], class_names[predicted], n, n / int(support[true]))
        for true, predicted, n in _largest(matrix - np.diag(np.diag(matrix)), k)
    ]


def most_confused_pairs(matrix: np.ndarray, class_names: Sequence[str], k: int = 5) -> list[UnorderedPair]:
    """Name the k pairs of classes that are most often mistaken for each other, whichever way round.

    Args:
        matrix: int, shape (C, C).
        class_names: C names.
        k: at most so many; pairs that never happened are left out.
    """
    support = matrix.sum(axis=1)
    return [
        UnorderedPair(a, b, (class_names[a], class_names[b]), n, n / int(support[a] + support[b]))
        for a, b, n in _largest(np.triu(matrix + matrix.T, k=1), k)
    ]


def _largest(counts: np.ndarray, k: int) -> list[tuple[int, int, int]]:
    """Row, column and count of the k largest cells that are not 0; equal ones row by row."""
    order = np.argsort(-counts, axis=None, kind="stable")[: max(k, 0)]
    cells = zip(*np.unravel_index(order, counts.shape), strict=True)
    return [(int(row), int(column), int(counts[row, column])) for row, column in cells if counts[row, column]]


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


#: Two-sided 95 % quantile of the normal distribution.
_Z = 1.959963984540054


class Interval(NamedTuple):
    """A share with its interval, all in 0–1."""

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the interval's width: the number behind "±"."""
        return (self.high - self.low) / 2


class Baseline(NamedTuple):
    """The accuracy of always saying the class that is most frequent in training."""

    label: int
    accuracy: float


def accuracy_interval(correct: int, n: int) -> Interval:
    """Give Wilson's score interval of an accuracy, at 95 %.

    It tells what another sample of images would change, not what another seed would.

    Args:
        correct: images classified correctly, 0 … n.
        n: images in all; 0 gives the whole range 0–1.
    Raises:
        ValueError: `correct` lies outside 0 … n.
    Source: Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    if not 0 <= correct <= n:
        raise ValueError(f"{correct} correct out of {n} images is impossible.")
    if n == 0:
        return Interval(0.0, 0.0, 1.0)
    share, spread = correct / n, _Z * _Z / n
    centre = (share + spread / 2) / (1 + spread)
    reach = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    # At 0 and at n correct the bound is exact; rounding must not push it past the share.
    low = 0.0 if correct == 0 else centre - reach
    high = 1.0 if correct == n else centre + reach
    return Interval(share, low, high)


def baseline(training_labels: np.ndarray, labels: np.ndarray) -> Baseline:
    """Score the classifier that always says the most frequent training class (the first of equals).

    Args:
        training_labels: int, shape (M,): the class is chosen on these …
        labels: int, shape (N,): … and scored on these.
    """
    if not training_labels.size:
        raise ValueError("A baseline needs at least one training label.")
    label = int(np.bincount(training_labels.astype(np.int64)).argmax())
    return Baseline(label, float((labels == label).mean()) if labels.size else 0.0)


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


def report_of(matrix: np.ndarray, class_names: Sequence[str]) -> Report:
    """Score predictions class by class.

    Args:
        matrix: int, shape (C, C), rows true.
        class_names: C names; all classes get a row, absent ones a row of zeros.
    """
    hits = np.diag(matrix).astype(np.float64)
    support, predicted = matrix.sum(axis=1), matrix.sum(axis=0)
    precision, recall = ratio(hits, predicted), ratio(hits, support)
    f1 = ratio(2 * hits, predicted + support)
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
