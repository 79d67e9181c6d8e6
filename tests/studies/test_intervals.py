"""Intervals and corrected p-values against scipy and their definitions, and how they are written."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cnnviz.studies.intervals import (
    Measure,
    crossed_interval,
    fold_interval,
    holm,
    measured_number,
    measured_seconds,
    measured_share,
    same_sign,
    slope_interval,
    spread_share,
    t_interval,
)
from tests.present import present

numbers = st.floats(-1e3, 1e3, allow_nan=False).map(lambda x: round(x, 6))


@given(st.lists(numbers, min_size=2, max_size=20))
def test_the_interval_of_a_mean_is_scipys(values: list[float]) -> None:
    found = t_interval(values)
    if found is not None:
        low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-6, abs=1e-6)


def test_equal_seeds_have_no_spread_to_judge_by() -> None:
    assert t_interval([0.02, 0.02, 0.02]) is None
    assert t_interval([0.0, 0.0]) is None
    # 0.1 added three times is not 0.3: equal but for rounding is equal.
    assert t_interval([0.3, 0.1 + 0.1 + 0.1]) is None


@given(st.integers(2, 30), st.sampled_from([-0.02, 0.01]))
def test_equal_differences_have_the_exact_sign_test(n: int, value: float) -> None:
    assert same_sign([value] * n) == pytest.approx(stats.binomtest(n, n).pvalue)
    assert same_sign([0.0] * n) is None
    assert same_sign([value, *([2 * value] * n)]) is None


def test_an_interval_over_seeds_and_images_holds_on_other_seeds_and_other_images() -> None:
    """Networks that differ by nothing on all images, seen through 10 seeds and 300 test images.

    The paired t-test over seeds is right about other seeds on the same images, and wrong about other images
    in about a third of all cases; the crossed interval is wrong in at most 5 of 100.
    """
    random = np.random.default_rng(3)
    seeds, images, trials = 10, 300, 600
    missed = {"seeds alone": 0, "seeds and images": 0}
    for _ in range(trials):
        of_images = random.normal(0, 0.3, images)  # what these images have for or against the second network
        of_seeds = random.normal(0, 0.008, (seeds, 1))
        both = random.normal(0, 0.4, (seeds, images))
        differences = of_images + of_seeds + both
        alone = present(t_interval(differences.mean(axis=1).tolist()))
        crossed = present(crossed_interval(differences))
        missed["seeds alone"] += not alone.low <= 0 <= alone.high
        missed["seeds and images"] += not crossed.low <= 0 <= crossed.high
    assert missed["seeds alone"] / trials > 0.2
    assert missed["seeds and images"] / trials <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / trials)


def test_a_crossed_interval_needs_two_of_each_and_a_difference() -> None:
    assert crossed_interval(np.ones((1, 5))) is None
    assert crossed_interval(np.ones((5, 1))) is None
    assert crossed_interval(np.zeros((3, 4))) is None


@given(st.lists(numbers, min_size=3, max_size=10))
def test_the_interval_of_folds_is_wider_than_that_of_seeds(values: list[float]) -> None:
    alone, folds = t_interval(values), fold_interval(values)
    assert (alone is None) == (folds is None)
    if alone and folds:
        k = len(values)
        assert folds.high - folds.low == pytest.approx(
            (alone.high - alone.low) * math.sqrt(1 + k / (k - 1)), rel=1e-6, abs=1e-9
        )


def test_intervals_need_enough_finite_values() -> None:
    assert t_interval([1.0]) is None
    assert t_interval([1.0, math.nan]) is None
    assert slope_interval([1, 2], [1, 2]) is None
    assert slope_interval([1, 1, 1], [1, 2, 3]) is None


def test_three_points_have_a_slope_and_a_perfect_line_has_no_p_value() -> None:
    x, y = [1.0, 1.0, 4.0], [2.0, 3.0, 7.0]
    expected = stats.linregress(x, y)
    reach = stats.t.ppf(0.975, 1) * expected.stderr
    found = slope_interval(x, y)
    assert found == pytest.approx(
        (expected.slope, expected.slope - reach, expected.slope + reach, 3, expected.pvalue)
    )
    assert slope_interval([1, 2, 3], [2, 4, 6]) == (2.0, 2.0, 2.0, 3, None)
    with pytest.raises(ValueError, match="shorter"):
        slope_interval([1, 2, 3, 4], [2, 4, 7])


def test_holm_as_worked_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_never_lowers(p_values: list[float]) -> None:
    found = holm(p_values)
    assert all(after >= before for before, after in zip(p_values, found, strict=True))
    assert all(after <= 1 for after in found)
    ordered = [found[place] for place in np.argsort(p_values, kind="stable")]
    assert ordered == sorted(ordered)
    assert min(found) == pytest.approx(min(1.0, len(p_values) * min(p_values)))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_its_definition(p_values: list[float]) -> None:
    """Rejected at a level: all of the smallest p that stay below level / (tests left), up to the first that
    does not. So the corrected value is the least level at which a test is rejected."""
    found, m = holm(p_values), len(p_values)
    order = sorted(range(m), key=p_values.__getitem__)
    for rank, place in enumerate(order):
        least = max(min(1.0, (m - before) * p_values[order[before]]) for before in range(rank + 1))
        assert found[place] == pytest.approx(least)


def test_numbers_are_written_with_their_spread_and_seeds() -> None:
    assert measured_share(Measure(0.662, 0.0041, 3)) == "66.2 % ± 0.4 (3 seeds)"
    assert measured_share(Measure(0.662, None, 1)) == "66.2 % (1 seed)"
    assert measured_share(None) == "–"
    assert measured_seconds(Measure(25.14, 3.35, 3)) == "25.1 s ± 3.4 s"
    assert measured_seconds(Measure(192.4, 16.2, 3)) == "3 min 12 s ± 16 s"
    assert measured_seconds(Measure(4.7, None, 1)) == "4.7 s"
    assert measured_number(Measure(1.2387, 0.0213, 3)) == "1.24 ± 0.021"
    assert spread_share(Measure(0.662, 0.0041, 3)) == "66.2 % ± 0.4"
    assert measured_seconds(None) == measured_number(None) == spread_share(None) == "–"
