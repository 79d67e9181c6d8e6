"""What is tried next: nothing twice, the same again after a restart, and better guesses than chance."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cnnviz.studies.search import Dimension, Method, SearchSpec
from cnnviz.studies.search.sampling import LEAST_FINISHED, Tried, importance, is_poor, suggest
from tests.present import present

KERNEL = Dimension(name="architecture.kernel_size", choices=(3, 5, 7))
DROPOUT = Dimension(name="architecture.dropout", choices=(0.0, 0.25))
RATE = Dimension(name="training.learning_rate", low=1e-5, high=1.0, log=True)
UNITS = Dimension(name="architecture.dense", low=8, high=64, whole=True)
METHODS: tuple[Method, ...] = ("random", "grid", "tpe")


def spec_of(method: Method, *space: Dimension, seed: int = 0, candidates: int = 20) -> SearchSpec:
    return SearchSpec(title="t", space=space, method=method, seed=seed, candidates=candidates)


def score_of(settings) -> float:
    """Best at a learning rate near 0.01, a little better with the kernel 5."""
    rate = float(settings.get("training.learning_rate", 0.01))
    from math import log10

    return 0.9 - 0.2 * abs(log10(rate) + 2) + 0.02 * (settings.get("architecture.kernel_size") == 5)


def walk(spec: SearchSpec, n: int, tried: list[Tried] | None = None) -> list[Tried]:
    tried = list(tried or [])
    while len(tried) < n and (settings := suggest(spec, tried)) is not None:
        tried.append(Tried(settings, score_of(settings)))
    return tried


@pytest.mark.parametrize("method", METHODS)
def test_a_finite_space_is_tried_whole_and_nothing_twice(method: Method) -> None:
    tried = walk(spec_of(method, KERNEL, DROPOUT), 99)
    assert {tuple(one.settings.values()) for one in tried} == {
        (kernel, rate) for kernel in (3, 5, 7) for rate in (0.0, 0.25)
    }
    assert len(tried) == 6


@pytest.mark.parametrize("method", METHODS)
def test_a_search_that_was_cut_goes_on_as_if_it_had_not_been(method: Method) -> None:
    spec = spec_of(method, KERNEL, RATE, UNITS)
    whole = walk(spec, 9)
    assert walk(spec, 9, whole[:4]) == whole
    assert walk(spec_of(method, KERNEL, RATE, UNITS, seed=1), 9) != whole


@pytest.mark.parametrize("method", METHODS)
def test_values_are_of_their_kind_and_in_their_range(method: Method) -> None:
    for one in walk(spec_of(method, KERNEL, RATE, UNITS), 12):
        assert one.settings["architecture.kernel_size"] in (3, 5, 7)
        assert isinstance(one.settings["architecture.dense"], int)
        assert 8 <= one.settings["architecture.dense"] <= 64
        assert isinstance(one.settings["training.learning_rate"], float)
        assert 1e-5 <= one.settings["training.learning_rate"] <= 1


def test_a_guided_search_comes_closer_than_chance() -> None:
    means = {}
    for method in ("random", "tpe"):
        scores = [
            present(one.score)
            for seed in range(4)
            for one in walk(spec_of(method, RATE, KERNEL, seed=seed), 24)[12:]
        ]
        means[method] = sum(scores) / len(scores)
    assert means["tpe"] > means["random"]


def test_the_setting_that_decides_is_found_important() -> None:
    tried = walk(spec_of("random", RATE, DROPOUT), 24)
    shares = importance(spec_of("random", RATE, DROPOUT), tried)
    assert next(iter(shares)) == "training.learning_rate"
    assert shares["training.learning_rate"] > 0.9
    assert sum(shares.values()) == pytest.approx(1)


def test_nothing_is_called_important_before_it_can_be_known() -> None:
    spec = spec_of("random", RATE, DROPOUT)
    tried = walk(spec, 8)
    assert importance(spec, tried[:4]) == {}
    assert importance(spec, [one._replace(score=0.5) for one in tried]) == {}
    assert importance(spec, [one._replace(given_up=True) for one in tried]) == {}


def test_optuna_is_imported_only_when_something_is_suggested() -> None:
    code = (
        "import sys, cnnviz.studies.search, cnnviz.jobs.kinds; "
        "cnnviz.jobs.kinds.kinds(); "
        "assert not {'optuna', 'sqlalchemy', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


OTHERS = [[0.1, 0.3, 0.2], [0.2, 0.4, 0.5], [0.3, 0.5, 0.6], [0.4, 0.6, 0.7]]


@pytest.mark.parametrize(
    ("curve", "over", "poor"),
    [
        ([0.0], False, False),  # the first epoch judges nobody …
        ([0.0], True, True),  # … unless the fold ends with it
        ([0.2, 0.44], False, True),  # the median of .3, .4, .5, .6 is .45
        ([0.2, 0.46], False, False),
        ([0.46, 0.1], False, False),  # the best so far counts
        ([], True, False),
    ],
)
def test_the_median_rule_by_hand(curve: list[float], over: bool, poor: bool) -> None:
    assert is_poor(curve, OTHERS, over=over) is poor


def test_nobody_is_judged_by_fewer_than_the_first_finished_ones() -> None:
    assert not is_poor([0.0, 0.0], OTHERS[: LEAST_FINISHED - 1])
