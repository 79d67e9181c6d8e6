"""How right a network is, class by class and in all, and how sure it may be."""

from __future__ import annotations

import numpy as np

from cnnviz.evaluation import brier_score, calibration, report_of
from cnnviz.metrics.entry import METRICS, Metric


def accuracy(matrix: np.ndarray) -> float:
    """Share of images on the diagonal of a confusion matrix (C, C); 0 without images."""
    n = int(matrix.sum())
    return float(np.trace(matrix) / n) if n else 0.0


def balanced_accuracy(matrix: np.ndarray) -> float:
    """Mean recall of the classes that have images, of a confusion matrix (C, C), rows true."""
    support = matrix.sum(axis=1)
    present = support > 0
    return float((np.diag(matrix)[present] / support[present]).mean()) if present.any() else 0.0


def macro_f1(matrix: np.ndarray) -> float:
    """Mean F1 from a (C, C) matrix; a class neither there nor predicted counts 0, as in the report."""
    return report_of(matrix, [""] * len(matrix)).macro.f1


def top_5_accuracy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Share of images whose class is among the five likeliest; labels (N,), probabilities (N, C), C > 5.

    Equal probabilities rank by class, the last first, as scikit-learn's `top_k_accuracy_score` has it.
    """
    likeliest = np.argsort(probabilities, axis=1, kind="stable")[:, -5:]
    return float((likeliest == labels[:, None]).any(axis=1).mean())


METRICS.add(
    "test_accuracy",
    Metric(
        title="Test accuracy",
        better="higher",
        of_matrix=accuracy,
        kept="accuracy",
        high=1.0,
        help="Share of the test images it gets right.",
    ),
    order=0,
)
METRICS.add(
    "balanced_accuracy",
    Metric(
        title="Balanced accuracy",
        better="higher",
        of_matrix=balanced_accuracy,
        high=1.0,
        help="Mean recall of the classes: every class counts alike, however many images it has.",
    ),
    order=100,
)
METRICS.add(
    "macro_f1",
    Metric(
        title="Macro F1",
        better="higher",
        of_matrix=macro_f1,
        high=1.0,
        help="Mean F1 of the classes: few false alarms and few misses, every class alike.",
    ),
    order=110,
)
METRICS.add(
    "top_5_accuracy",
    Metric(
        title="Top-5 accuracy",
        better="higher",
        of_probabilities=top_5_accuracy,
        high=1.0,
        classes=6,
        compared=False,
        help="Share of the test images whose class is among the five that it finds likeliest.",
    ),
    order=120,
)
METRICS.add(
    "calibration_error",
    Metric(
        title="Calibration error",
        better="lower",
        of_probabilities=lambda labels, probabilities: calibration(labels, probabilities).ece,
        high=1.0,
        help="Mean distance between confidence and share right over ten bins, weighted by their images.",
    ),
    order=130,
)
METRICS.add(
    "brier_score",
    Metric(
        title="Brier score",
        proper=True,
        better="lower",
        unit="",
        of_probabilities=brier_score,
        high=2.0,
        help="Mean squared distance between the probabilities and the truth: 0 is perfect, 2 the worst.",
    ),
    order=140,
)
