"""What a threshold does: one class against the rest, saying nothing when unsure, and the k best answers.

The curves are scikit-learn's, written out in numpy: the web process imports no scikit-learn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnviz.evaluation.classification import ratio


class ClassCurves(NamedTuple):
    """One class against the rest: counts at every distinct threshold, from the highest down; K of them."""

    thresholds: np.ndarray  # float, (K,), falling
    hits: np.ndarray  # int64, (K,): true positives where p ≥ threshold
    false_alarms: np.ndarray  # int64, (K,): false positives
    positives: int  # images of the class
    negatives: int  # all others
    roc_area: float  # nan where there are only images of the class, or none
    average_precision: float  # Σ (recall_k − recall_{k−1}) · precision_k; nan where there is no image of it

    @property
    def recall(self) -> np.ndarray:
        """True positive rate, (K,)."""
        return ratio(self.hits, np.array(self.positives))

    @property
    def fall_out(self) -> np.ndarray:
        """False positive rate, (K,)."""
        return ratio(self.false_alarms, np.array(self.negatives))

    @property
    def precision(self) -> np.ndarray:
        """Of the images taken for the class, how many belong to it, (K,)."""
        return ratio(self.hits, self.hits + self.false_alarms)


class Counts(NamedTuple):
    """What one threshold does to one class."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def precision(self) -> float:
        """0 where no image is taken for the class."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """0 where the class has no image."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0


def class_curves(labels: np.ndarray, probabilities: np.ndarray, place: int) -> ClassCurves:
    """Follow one class against the rest over all thresholds of its probability.

    Args:
        labels: int, shape (N,), N ≥ 1.
        probabilities: float, shape (N, C).
        place: the class.
    """
    scores = probabilities[:, place].astype(np.float64)
    order = np.argsort(-scores, kind="stable")
    scores, own = scores[order], labels[order] == place
    ends = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    hits = np.cumsum(own)[ends]
    false_alarms = ends + 1 - hits
    positives, negatives = int(hits[-1]), int(false_alarms[-1])
    curves = ClassCurves(scores[ends], hits, false_alarms, positives, negatives, np.nan, np.nan)
    area = average = np.nan
    if positives and negatives:
        area = float(np.trapezoid(np.append(0.0, curves.recall), np.append(0.0, curves.fall_out)))
    if positives:
        average = float((np.diff(curves.recall, prepend=0.0) * curves.precision).sum())
    return curves._replace(roc_area=area, average_precision=average)


def counts_at(labels: np.ndarray, probabilities: np.ndarray, place: int, threshold: float) -> Counts:
    """Count one class where every image with p ≥ `threshold` is taken for it; shapes as of `class_curves`."""
    said, own = probabilities[:, place].astype(np.float64) >= threshold, labels == place
    tp, fp, fn = int((said & own).sum()), int((said & ~own).sum()), int((~said & own).sum())
    return Counts(tp, fp, fn, len(labels) - tp - fp - fn)


class Coverage(NamedTuple):
    """Answers kept where the highest probability reaches a threshold, from the highest threshold down."""

    thresholds: np.ndarray  # float, (K,), falling
    answered: np.ndarray  # int64, (K,): images that get an answer
    right: np.ndarray  # int64, (K,): of these, how many are right
    n: int

    def at(self, threshold: float) -> tuple[int, int]:
        """Images answered, and right of these, where nothing below the threshold is said."""
        kept = int((self.thresholds >= threshold).sum())
        return (int(self.answered[kept - 1]), int(self.right[kept - 1])) if kept else (0, 0)


def coverage(labels: np.ndarray, probabilities: np.ndarray) -> Coverage:
    """Follow how many images get an answer, and how many of these are right.

    Args:
        labels: int, shape (N,), N ≥ 1.
        probabilities: float, shape (N, C).
    Source: Geifman and El-Yaniv 2017, arXiv:1705.08500 (selective classification by the softmax response).
    """
    sure = probabilities.max(axis=1).astype(np.float64)
    order = np.argsort(-sure, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(sure[order])), len(sure) - 1)
    right = np.cumsum((probabilities.argmax(axis=1) == labels)[order])
    return Coverage(sure[order][ends], ends + 1, right[ends], len(labels))


def top_k_accuracy(labels: np.ndarray, probabilities: np.ndarray, k: int) -> float:
    """Share of images whose label is among the k most probable classes; of equal ones the first counts.

    Args:
        labels: int, shape (N,), N ≥ 1.
        probabilities: float, shape (N, C).
        k: 1 … C.
    """
    own = probabilities[np.arange(len(labels)), labels][:, None]
    earlier = np.arange(probabilities.shape[1]) < labels[:, None]
    rank = ((probabilities > own) | ((probabilities == own) & earlier)).sum(axis=1)
    return float((rank < k).mean())
