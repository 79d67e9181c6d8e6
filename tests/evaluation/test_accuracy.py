"""Wilson's interval against scipy, the baseline and the calibration against hand-worked numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from sklearn.metrics import brier_score_loss

from cnnviz.evaluation import accuracy_interval, baseline, brier_score, calibration, ece_of_perfect


@settings(deadline=None)
@given(st.integers(1, 20_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_equals_scipys_wilson(counts: tuple[int, int]) -> None:
    correct, n = counts
    expected = binomtest(correct, n).proportion_ci(0.95, method="wilson")
    interval = accuracy_interval(correct, n)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert (interval.low == 0, interval.high == 1) == (correct == 0, correct == n)
    assert interval.low <= interval.value <= interval.high


def test_interval_of_the_headline_example() -> None:
    interval = accuracy_interval(7354, 10_000)
    assert f"{100 * interval.value:.1f} ±{100 * interval.half_width:.1f}" == "73.5 ±0.9"


def test_no_image_says_nothing() -> None:
    assert accuracy_interval(0, 0) == (0.0, 0.0, 1.0)


def test_more_correct_than_images_is_refused() -> None:
    with pytest.raises(ValueError, match="impossible"):
        accuracy_interval(11, 10)


def test_baseline_is_chosen_on_training_labels_and_scored_on_the_others() -> None:
    result = baseline(np.array([2, 2, 1]), np.array([1, 1, 1, 2]))
    assert result == (2, 0.25)


def test_a_baseline_without_labels() -> None:
    assert baseline(np.array([1]), np.array([], int)) == (1, 0.0)
    with pytest.raises(ValueError, match=r"^A baseline needs at least one training label\.$"):
        baseline(np.array([], int), np.array([1]))


def test_calibration_of_three_images_worked_by_hand() -> None:
    probabilities = np.array([[0.95, 0.05], [0.91, 0.09], [0.45, 0.55]])
    result = calibration(np.array([0, 1, 1]), probabilities, bins=10)
    assert [b.images for b in result.bins] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 2]
    assert [b.low for b in result.bins] == pytest.approx([i / 10 for i in range(10)])
    assert [b.high for b in result.bins] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert result.bins[9].confidence == pytest.approx(0.93)
    assert result.bins[9].accuracy == pytest.approx(0.5)
    assert result.ece == pytest.approx((1 * 0.45 + 2 * 0.43) / 3)
    assert result.brier == pytest.approx((2 * 0.05**2 + 2 * 0.91**2 + 2 * 0.45**2) / 3)
    assert np.isnan(result.bins[0].accuracy)
    assert np.isnan(result.bins[0].confidence)
    assert result.mean_confidence == pytest.approx((0.95 + 0.91 + 0.55) / 3)
    assert result.accuracy == pytest.approx(2 / 3)


def test_a_sure_and_right_network_is_calibrated() -> None:
    result = calibration(np.array([0, 1]), np.eye(2, dtype=np.float16))
    assert (result.ece, result.brier, result.bins[-1].images) == (0.0, 0.0, 2)


def test_a_probability_that_rounding_put_above_1_is_1() -> None:
    result = calibration(np.array([0]), np.array([[1 + 1e-6, 0.0]]))
    assert (result.ece, result.mean_confidence, result.bins[-1].images) == (0.0, 1.0, 1)


@pytest.mark.parametrize("probability", [0.0, 0.05])
def test_the_lowest_bin_holds_its_low_end_too(probability: float) -> None:
    result = calibration(np.array([0, 1]), np.full((2, 20), probability))
    expected: tuple[object, ...] = (0.0, 0.1, 2, pytest.approx(probability), 0.5)
    assert result.bins[0] == expected


@settings(deadline=None)
@given(st.integers(2, 6), st.integers(2, 40), st.integers(0, 2**32 - 1))
def test_brier_score_equals_scikit_learn(classes: int, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(classes), size=n)
    labels = rng.integers(0, classes, n)
    expected = brier_score_loss(labels, probabilities, labels=range(classes), scale_by_half=False)
    assert brier_score(labels, probabilities) == pytest.approx(expected)


def test_no_image_can_not_be_calibrated() -> None:
    with pytest.raises(ValueError, match="must be"):
        calibration(np.array([], int), np.empty((0, 3)))


@pytest.mark.parametrize("shape", [(3,), (2, 2), (3, 2, 1)])
def test_probabilities_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"must be \(N,\) and \(N, C\)\.$"):
        calibration(np.zeros(3, int), np.zeros(shape))


@pytest.mark.parametrize(("n", "confidence"), [(40, 0.8), (400, 0.8), (400, 0.55)])
def test_even_a_perfectly_calibrated_network_has_an_error_that_is_the_binomials(
    n: int, confidence: float
) -> None:
    probabilities = np.tile([confidence, 1 - confidence], (n, 1))
    found = ece_of_perfect(probabilities)
    right = np.arange(n + 1)
    errors, shares = np.abs(right / n - confidence), binom.pmf(right, n, confidence)
    mean = float((errors * shares).sum())
    deviation = float(np.sqrt((errors**2 * shares).sum() - mean**2))
    assert found.mean == pytest.approx(mean, abs=4 * deviation / np.sqrt(400))
    # What 95 % don't exceed, to within what 400 draws tell.
    assert shares[errors <= found.high].sum() == pytest.approx(0.95, abs=0.05)
    assert found == ece_of_perfect(probabilities), "the draws are the same each time"
