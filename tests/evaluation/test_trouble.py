"""What is no success is said in a sentence, with what to try; and a success is left alone."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.stats import binom

from cnnviz.evaluation.trouble import at_chance, one_answer, trouble, validation_above
from cnnviz.runs import EpochRecord, RunReport
from cnnviz.specs import TrainingSpec

TRAINING = TrainingSpec(epochs=60, learning_rate=0.5)
GOOD = RunReport(test_accuracy=0.9, test_loss=0.4, baseline_accuracy=0.1, n_test=360, epochs=60)


def epochs(*losses: float | None) -> list[EpochRecord]:
    return [EpochRecord(epoch=number, loss=loss) for number, loss in enumerate(losses, 1)]


def test_a_training_that_went_well_has_none():
    assert trouble(GOOD, epochs(2.3, 1.0, 0.4), TRAINING, stopped=False) is None


def test_a_fold_that_looks_at_no_test_image_has_not_exploded():
    fold = RunReport.from_json(GOOD.to_json(), "").but(
        test_accuracy=None, test_loss=None, baseline_accuracy=None, n_test=0, train_loss=0.5
    )
    assert trouble(fold, epochs(2.3, 1.0, 0.4), TRAINING, stopped=False) is None


@pytest.mark.parametrize(
    ("changes", "losses", "stopped", "short", "sentence"),
    [
        ({"test_loss": None}, (2.3, None), False, "exploded", "Try a tenth of the learning rate, 0.5,"),
        ({}, (2.3, 900.0), False, "exploded", "grew from 2.3 to 900"),
        (
            {"test_accuracy": 0.11},
            (2.3, 2.3),
            False,
            "at chance",
            r"most frequent class \(10.0 % of the test",
        ),
        ({"epochs": 2}, (2.3, 1.0), True, "2 of 60 epochs", "hardly begun"),
    ],
)
def test_what_happened_and_what_to_try(changes, losses, stopped, short, sentence):
    report = RunReport.from_json(GOOD.to_json(), "").but(**changes)
    found = trouble(report, epochs(*losses), TRAINING, stopped=stopped)
    assert found
    assert found.short == short
    assert re.search(sentence, found.sentence)


@pytest.mark.parametrize(("n", "classes"), [(100, 10), (1000, 10), (1000, 2), (360, 100)])
def test_who_guesses_is_at_chance_and_who_knows_is_not(n, classes):
    """The rule is the normal approximation of the binomial test at 2.3 %, which scipy has exactly."""
    chance = 1 / classes
    for right in range(n + 1):
        p = binom.sf(right - 1, n, chance)
        found = at_chance(GOOD.but(test_accuracy=right / n, baseline_accuracy=chance, n_test=n))
        if p > 0.06:
            assert found
        if p < 0.005:
            assert not found


def test_one_class_for_everything_is_found():
    assert one_answer(np.array([[0, 5, 0], [0, 5, 0], [0, 5, 0]])) == 1
    assert one_answer(np.array([[4, 1], [0, 5]])) is None
    assert one_answer(np.array([[5, 0], [0, 0]])) is None, "only one class was asked for"


def test_validation_above_training_is_noticed_and_below_is_not():
    def ended(accuracy: float | None, validation: float | None) -> list[EpochRecord]:
        return [EpochRecord(epoch=1, accuracy=accuracy, val_accuracy=validation)]

    assert validation_above(ended(0.5, 0.6))
    assert not validation_above(ended(0.6, 0.5))
    assert not validation_above(ended(0.5, 0.505))
    assert not validation_above(ended(0.5, None))
    assert not validation_above([])
