"""One epoch from its confusion matrix; scikit-learn on the same images is the truth."""

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from cnnviz.evaluation import cell_by_epoch, confusion_matrix, evaluate_epoch, report_csv

NAMES = ("a", "b", "c")


def test_counts_alone_give_what_the_images_gave():
    rng = np.random.default_rng(4)
    labels, guesses = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    found = evaluate_epoch(3, confusion_matrix(labels, guesses, 3), NAMES, images="validation", common=1)
    assert (found.epoch, found.images, found.class_names, found.n) == (3, "validation", NAMES, 200)
    assert found.accuracy.value == pytest.approx(accuracy_score(labels, guesses))
    assert found.report.macro.f1 == pytest.approx(f1_score(labels, guesses, average="macro"))
    assert found.baseline == pytest.approx((1, (labels == 1).mean()))
    assert report_csv(found).splitlines()[-1].endswith(",200")


def test_a_matrix_without_images_has_the_whole_range():
    found = evaluate_epoch(0, np.zeros((3, 3), int), NAMES, images="validation", common=0)
    assert (found.accuracy, found.baseline) == ((0.0, 0.0, 1.0), (0, 0.0))
    nothing = (0.0, 0.0, 0.0, 0)
    assert found.report == (
        tuple((name, *nothing) for name in NAMES),
        ("macro mean", *nothing),
        ("weighted mean", *nothing),
        0.0,
    )


def test_names_must_fit():
    with pytest.raises(ValueError, match="does not fit 3 classes"):
        evaluate_epoch(0, np.zeros((2, 2), int), NAMES, images="validation", common=0)


def test_a_cell_is_followed_in_the_order_of_the_epochs():
    matrices = {2: np.array([[3, 1], [0, 4]]), 0: np.array([[1, 3], [2, 2]])}
    assert cell_by_epoch(matrices, 0, 1) == [(0, 3, 4, 0.75), (2, 1, 4, 0.25)]


def test_a_class_without_images_has_no_share():
    (one,) = cell_by_epoch({1: np.array([[0, 0], [1, 1]])}, 0, 0)
    assert one.support == 0
    assert math.isnan(one.share)
