"""Verdicts in words: no name of the code reaches a reader, and every number keeps its unit."""

from __future__ import annotations

import pytest

from cnnviz.metrics import METRICS
from cnnviz.reports.claims import evidence, judge, quantity
from cnnviz.reports.recipe import LOOKED_UP, Claim


def claim(**changes) -> Claim:
    return Claim.parse({"id": "E6-x", "text": "It is so.", "first": "b", "second": "a", **changes})


@pytest.fixture
def told(recipe, outcome):
    """What is said of a claim, with the metric's values of three seeds of a and of b."""

    def tell(one: Claim, a: tuple[float, ...], b: tuple[float, ...]) -> str:
        values = {("a", seed): value for seed, value in enumerate(a)}
        values |= {("b", seed): value for seed, value in enumerate(b)}
        reports = {place: {one.metric: value} for place, value in values.items()}
        return evidence(judge(one, outcome(recipe(), reports)))

    return tell


@pytest.mark.parametrize("metric", [*METRICS, *LOOKED_UP])
def test_a_claim_may_be_about_every_metric_and_says_it_in_words(metric):
    said = quantity(claim(metric=metric))
    assert said.endswith(" of “b” minus that of “a”")
    assert "_" not in said


def test_accuracies_differ_in_points(told):
    text = told(claim(), (0.50, 0.52, 0.54), (0.53, 0.54, 0.58))
    assert text.startswith("Test accuracy of “b” minus that of “a”: +3.0 points (95 % interval +0.5 to +5.5")
    assert "n = 3)" in text
    assert "p = 0.035" in text


def test_a_ratio_is_so_many_times(told):
    text = told(
        claim(metric="fit_seconds", relation="ratio", factor=2), (10.0, 11.0, 12.0), (21.0, 22.0, 23.5)
    )
    assert text.startswith("Training time of “b” divided by that of “a”: 2.02 times (95 % interval 1.8")


def test_an_exponent_says_what_it_is(told):
    proportional = claim(
        metric="fit_seconds", relation="proportional", against="n_train", first="", second=""
    )
    text = told(proportional, (10.0, 10.1, 9.9), (20.0, 20.1, 19.9))
    assert text.startswith("Exponent of the training time against the number of training images")
    assert ": 1 (95 % interval 0.9" in text
    assert "_" not in text


def test_counts_are_exact(told):
    text = told(claim(metric="params", relation="less"), (), ())
    assert text == ("Number of parameters of “b” minus that of “a”: +0. Test: exact count, no chance in it.")
