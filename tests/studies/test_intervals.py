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
    holm,
    measured_number,
    measured_seconds,
    measured_share,
    slope_interval,
    spread_share,
    t_interval,
)

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
