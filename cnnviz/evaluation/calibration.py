"""Calibration: does a network that says 80 % turn out right in 80 % of these images?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnviz.evaluation.classification import ratio

#: So many answers are drawn in a tenth of a second.
_DRAWS = 4_000_000


class Bin(NamedTuple):
    """The images whose highest probability lies in (low, high]."""

    low: float
    high: float
    images: int
    confidence: float  # mean highest probability; nan where the bin is empty
    accuracy: float  # share that is right; nan where the bin is empty


class Calibration(NamedTuple):
    """Reliability bins and two figures that sum them up."""

    bins: tuple[Bin, ...]
    ece: float  # expected calibration error, 0–1
    brier: float  # mean squared distance to the one-hot truth, 0–2
    mean_confidence: float
    accuracy: float


def calibration(labels: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> Calibration:
    """Compare confidence with accuracy in equal-width bins.

    Args:
        labels: int, shape (N,), N ≥ 1.
        probabilities: float, shape (N, C), rows summing to about 1.
        bins: how many.
    Returns:
        ECE = Σ (n_b / N) · |accuracy_b − confidence_b|; Brier = mean over images of Σ_c (p_c − y_c)².
    Raises:
        ValueError: no image, or the shapes don't fit.
    Source: Guo et al. 2017, arXiv:1706.04599, eqs. 2–3; Brier 1950 (the sum over all classes).
    """
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or not labels.size:
        raise ValueError(
            f"labels {labels.shape} and probabilities {probabilities.shape} must be (N,) and (N, C)."
        )
    wide = probabilities.astype(np.float64)
    confidence, places = _binned(wide, bins)
    right = wide.argmax(axis=1) == labels
    counts = np.bincount(places, minlength=bins)
    filled = counts > 0
    mean_confidence, accuracy = (
        ratio(np.bincount(places, values, minlength=bins), counts, empty=np.nan)
        for values in (confidence, right)
    )
    gaps = np.abs(accuracy - mean_confidence)
    rows = tuple(
        Bin(i / bins, (i + 1) / bins, int(counts[i]), float(mean_confidence[i]), float(accuracy[i]))
        for i in range(bins)
    )
    return Calibration(
        rows,
        ece=float((gaps[filled] * counts[filled]).sum() / len(labels)),
        brier=brier_score(labels, wide),
        mean_confidence=float(confidence.mean()),
        accuracy=float(right.mean()),
    )


def _binned(probabilities: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Highest probability of each image, (N,), and the bin in which it lies, (N,)."""
    confidence = np.minimum(probabilities.max(axis=1), 1.0)
    return confidence, np.maximum(np.ceil(confidence * bins).astype(np.int64) - 1, 0)


class PerfectEce(NamedTuple):
    """What `ece` comes out at where confidence is exactly the probability of being right."""

    mean: float
    high: float  # not exceeded in 19 of 20


def ece_of_perfect(probabilities: np.ndarray, bins: int = 10) -> PerfectEce:
    """Draw answers that are right as often as these probabilities (N, C) say, and take each draw's ECE.

    It is never 0: shares of finitely many images differ from their probabilities by chance. An error of this
    size says nothing against a network. The draws are the same each time.
    """
    confidence, places = _binned(probabilities.astype(np.float64), bins)
    rounds = max(50, min(400, _DRAWS // len(confidence)))
    rng, sums = np.random.default_rng(0), np.bincount(places, confidence, minlength=bins)
    errors = np.empty(rounds)
    for number in range(rounds):
        right = np.bincount(places, rng.random(len(confidence)) < confidence, minlength=bins)
        errors[number] = np.abs(right - sums).sum() / len(confidence)
    return PerfectEce(float(errors.mean()), float(np.quantile(errors, 0.95)))


def brier_score(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean over images of the squared distance between probabilities (N, C) and the one-hot truth."""
    squares = (probabilities**2).sum(axis=1)
    # Σ (p − y)² = Σ p² − 2 p_true + 1: no one-hot matrix needed.
    return float((squares - 2 * probabilities[np.arange(len(labels)), labels] + 1).mean())
