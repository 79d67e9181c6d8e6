"""The statistics of the Report page where data leave little to say: all right, none right, a class absent.

Every figure is compared with scipy, or with the definition written out image by image.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from cnnviz.evaluation import (
    accuracy_interval,
    calibration,
    confusion_matrix,
    evaluate,
    most_confused,
    most_confused_pairs,
    report_of,
)

NAMES = ("a", "b", "c")


def ece(labels: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error by its definition (Guo et al. 2017, eq. 3), image by image."""
    total = 0.0
    for place in range(bins):
        inside = [
            i
            for i, row in enumerate(probabilities)
            if place / bins < max(row) <= (place + 1) / bins or (place == 0 and max(row) == 0)
        ]
        if inside:
            right = [float(np.argmax(probabilities[i]) == labels[i]) for i in inside]
            sure = [max(probabilities[i]) for i in inside]
            total += len(inside) / len(labels) * abs(math.fsum(right) - math.fsum(sure)) / len(inside)
    return total


def softmax(seed: int, n: int) -> np.ndarray:
    odds = np.exp(np.random.default_rng(seed).normal(0, 2, (n, 3)))
    shares: np.ndarray = odds / odds.sum(axis=1, keepdims=True)
    return shares


@given(st.integers(0, 10_000), st.integers(1, 60))
def test_calibration_error_is_its_definition(seed: int, n: int) -> None:
    labels, probabilities = np.random.default_rng(seed).integers(0, 3, n), softmax(seed, n)
    assert calibration(labels, probabilities).ece == pytest.approx(ece(labels, probabilities), abs=1e-12)


@pytest.mark.parametrize("shift", [0, 1])
def test_all_right_and_none_right(shift: int) -> None:
    """Sure of every image: right in all the error is 0, wrong in all it is 1 and Brier's score 2."""
    labels = np.tile([0, 1, 2], 20)
    certain = np.eye(3)[(labels + shift) % 3]
    saved = {"test_labels": labels, "test_indices": np.arange(60), "test_probabilities": certain}
    found = evaluate(saved, NAMES)
    truth = binomtest(60 * (1 - shift), 60).proportion_ci(method="wilson")
    assert found.accuracy == pytest.approx((1 - shift, truth.low, truth.high), abs=1e-12)
    assert found.calibration.ece == pytest.approx(shift)
    assert found.calibration.brier == pytest.approx(2 * shift)
    assert found.report.macro.f1 == 1 - shift
    assert len(most_confused(found.matrix, NAMES)) == 3 * shift
    assert len(most_confused_pairs(found.matrix, NAMES)) == 3 * shift


@pytest.mark.parametrize("n", [1, 2, 5, 100, 10_000])
@pytest.mark.parametrize("right", ["none", "one", "all"])
def test_wilsons_interval_of_few_images_and_at_the_ends(n: int, right: str) -> None:
    correct = {"none": 0, "one": 1, "all": n}[right]
    truth = binomtest(correct, n).proportion_ci(0.95, method="wilson")
    found = accuracy_interval(correct, n)
    assert (found.low, found.high) == pytest.approx((truth.low, truth.high), abs=1e-12)
    assert found.low <= found.value <= found.high


def test_an_absent_class_leaves_the_others_as_they_are() -> None:
    labels, guesses = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    with_it = report_of(confusion_matrix(labels, guesses, 3), NAMES)
    without = report_of(confusion_matrix(labels, guesses, 2), NAMES[:2])
    assert with_it.per_class[:2] == without.per_class
    assert with_it.per_class[2][1:] == (0.0, 0.0, 0.0, 0)
    assert with_it.weighted[1:] == pytest.approx(without.weighted[1:])
    assert with_it.macro.f1 == pytest.approx(2 / 3 * without.macro.f1)
