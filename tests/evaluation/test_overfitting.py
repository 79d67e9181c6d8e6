"""Where training and validation part: by the stated rule, and never without evidence."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.evaluation import gap_epoch, parting_epoch
from cnnviz.evaluation.overfitting import PATIENCE

LOSSES = st.lists(st.floats(0.01, 10), min_size=5, max_size=30)


def test_they_part_where_validation_stays_worse() -> None:
    # With dropout, training starts above validation; they cross between epochs 4 and 5.
    training = [2.3, 2.0, 1.8, 1.6, 1.45, 1.3, 1.2, 1.1, 1.0]
    validation = [2.1, 1.8, 1.6, 1.55, 1.5, 1.45, 1.4, 1.42, 1.4]
    assert gap_epoch(training, validation) == 5


def test_a_crossing_that_is_taken_back_does_not_count() -> None:
    training = [2.0, 1.8, 1.6, 1.5, 1.4, 1.2, 1.0, 0.9, 0.8, 0.7]
    validation = [2.2, 2.0, 1.7, 1.4, 1.3, 1.25, 1.2, 1.2, 1.2, 1.2]
    assert gap_epoch(training, validation) == 6


def test_one_lucky_epoch_does_not_close_the_gap() -> None:
    training = [2.0, 1.6, 1.3, 1.1, 0.9, 0.8, 0.7, 0.6]
    validation = [2.1, 1.8, 1.6, 1.5, 0.8, 1.5, 1.5, 1.5]
    assert gap_epoch(training, validation) == 1


@pytest.mark.parametrize(
    ("training", "validation"),
    [
        ([2, 1.5, 1.2, 1, 0.9], [1.9, 1.4, 1.1, 0.9, 0.8]),  # validation is better throughout
        ([2, 1.5, 1.2, 1, 0.9], [2.02, 1.51, 1.21, 1.01, 0.91]),  # hardly a gap
        ([2, 1.5, 1.2, 1, 0.5], [1.9, 1.4, 1.1, 1.1, 1.1]),  # too short after it
        ([2, 1, 0.5], [3, 3, 3]),  # too short in all
        ([2, 1.5, None, 1, 0.9], [3, 3, 3, 3, 3]),  # a loss that was not finite
        ([2, 1, 0.5, 0.2], []),  # no validation
    ],
)
def test_they_do_not_part_without_evidence(training: list[float], validation: list[float]) -> None:
    assert gap_epoch(training, validation) is None


def test_parting_epoch_is_the_minimum_of_a_validation_loss_that_rises_again() -> None:
    training = [2.0, 1.5, 1.2, 1.0, 0.8, 0.6, 0.4, 0.3]
    validation = [2.1, 1.7, 1.5, 1.4, 1.45, 1.55, 1.7, 1.9]
    assert parting_epoch(training, validation) == 4


def test_one_lucky_epoch_does_not_decide_where_overfitting_begins() -> None:
    training = [2.0, 1.7, 1.5, 1.2, 1.0, 0.8, 0.6, 0.4, 0.3, 0.2]
    validation = [2.1, 1.9, 1.0, 1.7, 1.5, 1.4, 1.45, 1.6, 1.8, 2.0]
    assert parting_epoch(training, validation) == 6


@pytest.mark.parametrize(
    ("training", "validation"),
    [
        ([2, 1.5, 1.2, 1, 0.9], [2, 1.6, 1.4, 1.3, 1.2]),  # still falling
        ([2, 1.5, 1.2, 1, 0.9], [2, 1.3, 1.3, 1.301, 1.302]),  # flat
        ([2, 1.5, 1.6, 1.7, 1.8], [2, 1.3, 1.5, 1.7, 1.9]),  # diverging, not overfitting
        ([2, 1, 0.5], [1, 2, 3]),  # too short
        ([2, 1.5, None, 1, 0.9], [1, 1.3, 1.5, 1.7, 1.9]),  # a loss that was not finite
        ([2, 1, 0.5, 0.2], []),  # no validation
    ],
)
def test_no_parting_epoch_without_evidence(training: list[float], validation: list[float]) -> None:
    assert parting_epoch(training, validation) is None


FALLING = [4, 3, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("training", "validation", "epoch"),
    [
        (FALLING, [4, 3, 3, 3, 3, 3], 3),  # equal up to epoch 2, three epochs follow the third
        (FALLING[:-1], [4, 3, 3, 3, 3], None),  # two follow
        (FALLING, [4, 3, 1.05, 1.05, 1.05, 1.05], 3),  # ends 5 % above
        (FALLING, [4, 3, 1.05, 1.05, 1.05, 1.0499], None),
        # The last training loss counts, not the one before it: 10 % above, against 8 % below.
        ([4, 3, 1.4, 1.3, 1.2, 1.0], [4, 3, 1.6, 1.5, 1.4, 1.1], 3),
    ],
)
def test_the_bounds_of_the_rule_where_they_part(
    training: list[float], validation: list[float], epoch: int | None
) -> None:
    assert gap_epoch(training, validation) == epoch


@pytest.mark.parametrize(
    ("training", "validation", "epoch"),
    [
        ([6, 5, 4, 3, 2, 1], [4, 3, 1, 1, 1.5, 2], 3),  # three epochs follow the lowest median
        ([6, 5, 4, 3, 2], [4, 3, 1, 1, 1.5], None),  # two follow
        ([6, 5, 4, 3, 2, 1], [4, 3, 1, 1, 1.02, 1.02], 3),  # ends 2 % above
        ([6, 5, 4, 3, 2, 1], [4, 3, 1, 1, 1.02, 1.0199], None),
        ([7, 6, 5, 4, 3, 2, 1], [4, 3, 1, 1, 1, 1, 1.5], 3),  # it is the last median that rises
        ([5, 4, 3, 2, 2, 3], [4, 3, 1, 1, 1.5, 2], None),  # training ends where it stood at epoch 3
    ],
)
def test_the_bounds_of_the_rule_where_overfitting_begins(
    training: list[float], validation: list[float], epoch: int | None
) -> None:
    assert parting_epoch(training, validation) == epoch


@pytest.mark.parametrize("missing", [None, math.nan, math.inf])
@pytest.mark.parametrize("place", [0, 4])
def test_a_loss_that_is_missing_on_either_side_decides_nothing(missing: float | None, place: int) -> None:
    whole = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    lacking: list[float | None] = [0.5, 0.4, 0.3, 0.2, 0.1, 0.1, 0.1]
    lacking[place] = missing
    for rule in (gap_epoch, parting_epoch):
        assert rule(whole, lacking) is None
        assert rule(lacking, whole) is None


@given(LOSSES, LOSSES)
def test_what_is_found_lies_within_the_epochs_and_leaves_enough_behind(
    training: list[float], validation: list[float]
) -> None:
    found = gap_epoch(training, validation)
    n = min(len(training), len(validation))
    assert found is None or 1 <= found <= n - PATIENCE


@given(LOSSES)
def test_equal_losses_never_part(losses: list[float]) -> None:
    assert gap_epoch(losses, losses) is None
