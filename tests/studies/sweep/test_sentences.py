"""What few seeds can show: the words of the page Sweep for 1, 2, 3 and 5 seeds, against scipy's tests."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cnnviz.studies.intervals import holm, t_interval
from cnnviz.studies.sweep.sweep_sentences import NEEDED, advice


def pair(n: int, **changes: Any) -> dict[str, Any]:
    """A difference of 1 point that could be chance."""
    found = {
        "verdict": "could be chance",
        "estimate": 0.01,
        "low": -0.01,
        "high": 0.03,
        "n": n,
        "reason": "More seeds may decide.",
    }
    return found | changes


@pytest.mark.parametrize("n", NEEDED)
def test_what_is_needed_is_students_quantile(n: int) -> None:
    assert pytest.approx(stats.t.ppf(0.975, n - 1) / math.sqrt(n), abs=0.005) == NEEDED[n]


@pytest.mark.parametrize("n", NEEDED)
def test_just_above_it_the_paired_t_test_decides(n: int) -> None:
    spread = np.linspace(-1, 1, n)
    spread /= spread.std(ddof=1)
    above, below = (t_interval(list(spread + factor * NEEDED[n])) for factor in (1.01, 0.99))
    assert above is not None
    assert below is not None
    assert above.p_value is not None
    assert below.p_value is not None
    assert above.p_value < 0.05 < below.p_value
    assert above.p_value == pytest.approx(stats.ttest_1samp(spread + 1.01 * NEEDED[n], 0).pvalue)


@pytest.mark.parametrize(
    ("n", "says"),
    [
        (2, "With 2 seeds a difference is more than chance from 9.0 times its spread"),
        (3, "from 2.5 times its spread over the seeds on, with 5 seeds from 1.2 times on"),
        (5, "from 1.2 times its spread over the seeds on, with 10 seeds from 0.7 times on"),
    ],
)
def test_the_advice_says_what_more_seeds_would_show(n: int, says: str) -> None:
    assert says in advice(pair(n), 1)


def test_where_the_quantile_does_not_decide_the_reason_stands() -> None:
    one = pair(1, verdict="not enough evidence", low=None, high=None, reason="One seed shows no spread.")
    assert advice(one, 1) == "One seed shows no spread."
    corrected = pair(
        3, low=0.001, reason="Alone it would be more than chance, among so many pairs it is not."
    )
    assert "among so many pairs" in advice(corrected, 4)
    assert advice(pair(3), 4) == "More seeds may decide."
    assert advice(pair(3, verdict="more than chance"), 1) == ""
    assert advice(pair(0, estimate=None), 1) == ""


def test_equal_seeds_have_no_spread_to_judge_by() -> None:
    assert t_interval([0.02, 0.02, 0.02]) is None
    assert t_interval([0.0, 0.0]) is None
    # 0.1 added three times is not 0.3: equal but for rounding is equal.
    assert t_interval([0.3, 0.1 + 0.1 + 0.1]) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_its_definition(p_values: list[float]) -> None:
    """Rejected at a level: all of the smallest p that stay below level / (tests left), up to the first that
    does not. So the corrected value is the least level at which a test is rejected."""
    found, m = holm(p_values), len(p_values)
    order = sorted(range(m), key=p_values.__getitem__)
    for rank, place in enumerate(order):
        least = max(min(1.0, (m - before) * p_values[order[before]]) for before in range(rank + 1))
        assert found[place] == pytest.approx(least)
