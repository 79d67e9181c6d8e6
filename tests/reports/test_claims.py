"""Verdicts against scipy's tests, by hand-made numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cnnviz.errors import SpecError
from cnnviz.reports.claims import Verdict, corrected, judge
from cnnviz.reports.recipe import Claim
from tests.present import present

A, B = [0.71, 0.69, 0.72, 0.70, 0.73], [0.66, 0.67, 0.66, 0.64, 0.69]


class Row:
    """A variant with given numbers, as claims read it."""

    def __init__(self, **metrics: list[float]) -> None:
        self._metrics = metrics
        self.runs = metrics
        self.problems = ("It failed.",)

    @property
    def n_train(self) -> dict[int, float]:
        return self.values("n_train")

    def values(self, metric: str) -> dict[int, float]:
        return dict(enumerate(self._metrics.get(metric, [])))


class Made:
    """An outcome with given numbers."""

    scale = "smoke"

    def __init__(self, **rows: Row) -> None:
        self._rows = rows
        self.rows = tuple(rows.values())

    def row(self, label: str) -> Row | None:
        return self._rows.get(label)

    def name_of(self, label: str) -> str:
        return label


def verdict(first: list[float], second: list[float], metric: str = "test_accuracy", **claim: Any) -> Verdict:
    asked = Claim.parse(
        {"id": "E8-x", "text": "x", "metric": metric, "first": "first", "second": "second", **claim}
    )
    made = Made(first=Row(**{metric: first}), second=Row(**{metric: second}))
    return judge(asked, made)  # type: ignore[arg-type]


def test_interval_and_p_value_agree_with_scipys_paired_t_test():
    found, expected = verdict(A, B), stats.ttest_rel(A, B)
    low, high = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.estimate == pytest.approx(np.mean(A) - np.mean(B))
    assert (found.n, found.verdict) == (5, "holds")
    assert "paired t-test" in found.test


def test_the_opposite_does_not_hold():
    assert verdict(B, A).verdict == "does not hold"
    assert verdict(B, A, relation="less").verdict == "holds"
    assert verdict(A, B, relation="less").verdict == "does not hold"


def test_one_seed_is_never_enough():
    found = verdict([0.9], [0.1])
    assert (found.verdict, found.n) == ("not enough evidence", 1)
    assert "One seed" in found.reason


def test_equal_differences_in_every_seed_have_no_interval():
    found = verdict([0.5, 0.6, 0.7], [0.4, 0.5, 0.6])
    assert (found.verdict, found.low) == ("not enough evidence", None)


@pytest.mark.parametrize(
    ("margin", "word"), [(0.10, "holds"), (0.055, "not enough evidence"), (0.01, "does not hold")]
)
def test_similar_agrees_with_two_one_sided_tests(margin, word):
    found = verdict(A, B, relation="similar", margin=margin)
    differences = np.subtract(A, B)
    above = stats.ttest_1samp(differences, -margin, alternative="greater").pvalue
    below = stats.ttest_1samp(differences, margin, alternative="less").pvalue
    assert found.verdict == word
    assert (found.verdict == "holds") == (max(above, below) < 0.025)


@pytest.mark.parametrize(
    ("factor", "word"), [(1.5, "holds"), (1.8, "not enough evidence"), (2.2, "does not hold")]
)
def test_ratio_is_judged_by_the_interval_of_the_log_ratio(factor, word):
    slow, fast = [18.5, 19.0, 17.6, 18.9], [10.0, 10.1, 10.2, 9.9]
    found = verdict(slow, fast, "fit_seconds", relation="ratio", factor=factor)
    logs = np.log(np.divide(slow, fast))
    low, high = np.exp(stats.t.interval(0.95, 3, np.mean(logs), stats.sem(logs)))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.verdict == word


def proportional(
    times: list[list[float]], sizes: tuple[int, ...] = (5000, 10_000, 20_000, 40_000)
) -> Verdict:
    claim = Claim.parse(
        {"id": "E6-x", "text": "x", "metric": "fit_seconds", "relation": "proportional", "against": "n_train"}
    )
    rows = {f"n{n}": Row(fit_seconds=t, n_train=[n] * len(t)) for n, t in zip(sizes, times, strict=True)}
    return judge(claim, Made(**rows))  # type: ignore[arg-type]


def test_four_published_times_of_e6_leave_the_exponent_open():
    found = proportional([[39], [73], [146], [315]])
    expected = stats.linregress(np.log([5000, 10_000, 20_000, 40_000]), np.log([39, 73, 146, 315]))
    reach = stats.t.ppf(0.975, 2) * expected.stderr
    assert found.estimate == pytest.approx(expected.slope)
    assert (found.low, found.high) == pytest.approx((expected.slope - reach, expected.slope + reach))
    assert found.n == 4
    assert found.verdict == "not enough evidence"


def test_times_of_three_seeds_are_proportional_to_n():
    assert proportional([[10, 11, 10.5], [20, 21, 21.5], [42, 41, 40], [82, 84, 81]]).verdict == "holds"


def test_time_that_hardly_grows_is_not_proportional():
    assert proportional([[30, 31], [32, 33], [36, 35], [40, 41]]).verdict == "does not hold"


def test_two_sizes_with_one_run_each_are_not_enough():
    assert proportional([[10], [20]], (5000, 10_000)).verdict == "not enough evidence"


def test_counts_are_compared_exactly():
    found = verdict([1_006_634], [1_250_858], "params", relation="less")
    assert (found.verdict, found.estimate) == ("holds", -244_224)
    assert "exact" in found.test
    assert verdict([5], [5], "params", relation="less").verdict == "does not hold"


def test_a_variant_without_runs_is_named_with_its_problem():
    made = Made(first=Row(test_accuracy=A), second=Row())
    claim = Claim.parse({"id": "E8-x", "text": "x", "first": "first", "second": "second"})
    found = judge(claim, made)  # type: ignore[arg-type]
    assert found.verdict == "not enough evidence"
    assert found.reason == "'second' has no finished run. It failed."
    absent = judge(claim, Made(first=Row(test_accuracy=A)))  # type: ignore[arg-type]
    assert "not run at the scale smoke" in absent.reason


numbers = st.floats(-1e3, 1e3, allow_nan=False).map(lambda x: round(x, 6))
pairs = st.lists(st.tuples(numbers, numbers), max_size=12)


@given(pairs, st.sampled_from(["greater", "less"]))
def test_never_holds_while_the_interval_includes_zero(drawn, relation):
    found = verdict([a for a, _ in drawn], [b for _, b in drawn], relation=relation)
    if found.low is None or found.low <= 0 <= present(found.high):
        assert found.verdict == "not enough evidence"
    else:
        assert found.verdict == ("holds" if (found.low > 0) == (relation == "greater") else "does not hold")


@given(pairs)
def test_greater_and_less_never_both_hold(drawn):
    first, second = [a for a, _ in drawn], [b for _, b in drawn]
    words = {verdict(first, second).verdict, verdict(first, second, relation="less").verdict}
    assert words in ({"holds", "does not hold"}, {"not enough evidence"})


@pytest.mark.parametrize(
    ("first", "second", "margin", "word"),
    [
        (A, B, 0.01, "holds"),
        (B, A, 0.01, "does not hold"),
        (B, A, 0.055, "not enough evidence"),
        (B, A, 0.1, "holds"),
    ],
)
def test_not_less_is_the_one_sided_test_of_non_inferiority(first, second, margin, word):
    found = verdict(first, second, relation="not less", margin=margin)
    p = stats.ttest_1samp(np.subtract(first, second), -margin, alternative="greater").pvalue
    assert found.verdict == word
    assert (found.verdict == "holds") == (p < 0.025)


@pytest.mark.parametrize(
    ("factor", "margin", "word"),
    [
        (1.85, 0.2, "holds"),
        (1.85, 0.01, "not enough evidence"),
        (3, 0.2, "does not hold"),
        (1.2, 0.1, "does not hold"),
    ],
)
def test_so_many_times_is_neither_much_less_nor_much_more(factor, margin, word):
    slow, fast = [18.5, 19.0, 17.6, 18.9], [10.0, 10.1, 10.2, 9.9]
    found = verdict(slow, fast, "fit_seconds", relation="ratio", factor=factor, margin=margin)
    logs = np.log(np.divide(slow, fast))
    above = stats.ttest_1samp(logs, np.log(factor / (1 + margin)), alternative="greater").pvalue
    below = stats.ttest_1samp(logs, np.log(factor * (1 + margin)), alternative="less").pvalue
    assert found.verdict == word
    assert (found.verdict == "holds") == (max(above, below) < 0.025)


def test_gains_over_others_are_compared_seed_by_seed():
    rows = {
        "base": Row(test_accuracy=[0.50, 0.52, 0.51]),
        "plain": Row(test_accuracy=[0.48, 0.50, 0.50]),
        "dropout": Row(test_accuracy=[0.56, 0.57, 0.57]),
    }
    asked = {"id": "B6-x", "text": "x", "first": "dropout", "second": "base"}
    claim = Claim.parse({**asked, "first_over": "base", "second_over": "plain"})
    found = judge(claim, Made(**rows))  # type: ignore[arg-type]
    gains = np.subtract([0.06, 0.05, 0.06], [0.02, 0.02, 0.01])
    assert found.estimate == pytest.approx(gains.mean())
    assert found.p_value == pytest.approx(stats.ttest_1samp(gains, 0).pvalue)
    assert found.verdict == "holds"
    assert (
        "gain in test accuracy of “dropout” over “base” minus that of “base” over “plain”" in found.quantity
    )
    for half in ({"first_over": "base"}, {"first_over": "base", "second_over": "plain", "relation": "ratio"}):
        with pytest.raises(SpecError):
            Claim.parse({**asked, "factor": 2, **half})


def test_what_is_looked_up_image_by_image_is_paired_by_image():
    made = Made()
    made.samples = {  # type: ignore[attr-defined]
        "trained": {"first_detail": (0.9, 0.8, 0.95, 0.85), "last_detail": (0.4, 0.5, 0.45, 0.3)}
    }
    asked = {"id": "A17-x", "text": "x", "metric": "first_detail", "second_metric": "last_detail"}
    claim = Claim.parse({**asked, "first": "trained", "second": "trained"})
    found = judge(claim, made)  # type: ignore[arg-type]
    expected = stats.ttest_rel([0.9, 0.8, 0.95, 0.85], [0.4, 0.5, 0.45, 0.3])
    assert (found.verdict, found.n, found.unit) == ("holds", 4, "points")
    assert found.p_value == pytest.approx(expected.pvalue)
    assert "over images, one network each" in found.test
    elsewhere = claim.but(first="ImageNet", second="ImageNet")
    missing = judge(elsewhere, made)  # type: ignore[arg-type]
    assert "ImageNet's weights are not on this machine" in missing.reason


def test_folds_share_what_they_are_fitted_on_and_so_vary_less():
    """Nadeau and Bengio's variance: five folds are worth less than half of five independent scores."""
    chosen, everything = [0.51, 0.53, 0.52, 0.54, 0.50], [0.50, 0.50, 0.51, 0.51, 0.49]
    made = Made()
    made.samples = {  # type: ignore[attr-defined]
        "chosen features": {"transfer_score": chosen},
        "all features": {"transfer_score": everything},
    }
    asked = {"id": "A13-x", "text": "x", "metric": "transfer_score"}
    claim = Claim.parse({**asked, "first": "chosen features", "second": "all features"})
    found = judge(claim, made)  # type: ignore[arg-type]
    gaps = np.subtract(chosen, everything)
    t = gaps.mean() / np.sqrt(gaps.var(ddof=1) * (1 / 5 + 1 / 4))
    assert found.p_value == pytest.approx(2 * stats.t.sf(t, 4))
    assert stats.ttest_1samp(gaps, 0).pvalue < 0.05 < present(found.p_value)
    assert found.verdict == "not enough evidence"


def test_several_claims_are_corrected_for_their_number():
    decided, open_one = verdict(A, B), verdict(A, [0.70, 0.70, 0.69, 0.71, 0.70])
    near = verdict([0.70, 0.72, 0.71], [0.69, 0.70, 0.69])
    assert near.verdict == "holds"
    alone = [decided, open_one, near]
    together = corrected(alone)
    smallest, middle, largest = sorted(present(found.p_value) for found in alone)
    steps = [3 * smallest, max(3 * smallest, 2 * middle), max(3 * smallest, 2 * middle, largest)]
    assert sorted(present(found.p_value) for found in together) == pytest.approx(steps)
    assert [found.verdict for found in together] == ["holds", "not enough evidence", "not enough evidence"]
    assert "Alone it would be decided" in together[2].reason
    assert "corrected for 3 claims (Holm)" in together[0].test
    assert corrected([decided]) == [decided]
