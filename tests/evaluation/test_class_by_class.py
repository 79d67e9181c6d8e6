"""Intervals, thresholds, temperature, order and mislabels, against scikit-learn, scipy and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn import metrics
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from cnnviz.evaluation.mislabels import class_thresholds, confident_joint, mislabels_csv, probable_mislabels
from cnnviz.evaluation.resampling import clustered_order, score_intervals
from cnnviz.evaluation.temperature import SMALLEST, fit_temperature, negative_log_likelihood, scaled
from cnnviz.evaluation.thresholds import class_curves, counts_at, coverage, top_k_accuracy


def answers(seed: int = 0, n: int = 400, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and probabilities that lean towards them; rounded, so that thresholds are tied."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=n)
    logits = rng.normal(size=(n, classes)) + 1.5 * np.eye(classes)[labels]
    powers = np.exp(logits)
    return labels, powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("decimals", [2, 12])
def test_the_curves_and_areas_of_a_class_are_scikit_learns(decimals: int) -> None:
    labels, probabilities = answers()
    probabilities = probabilities.round(decimals)
    for place in range(5):
        own, scores = labels == place, probabilities[:, place]
        curves = class_curves(labels, probabilities, place)
        fall_out, recall, thresholds = metrics.roc_curve(own, scores, drop_intermediate=False)
        np.testing.assert_allclose(curves.thresholds, thresholds[1:])
        np.testing.assert_allclose(curves.recall, recall[1:])
        np.testing.assert_allclose(curves.fall_out, fall_out[1:])
        precision, _, _ = metrics.precision_recall_curve(own, scores)
        np.testing.assert_allclose(curves.precision[::-1], precision[:-1])
        assert curves.roc_area == pytest.approx(metrics.roc_auc_score(own, scores))
        assert curves.average_precision == pytest.approx(metrics.average_precision_score(own, scores))


def test_a_class_without_images_has_no_areas() -> None:
    labels, probabilities = answers()
    curves = class_curves(np.where(labels == 4, 0, labels), probabilities, 4)
    assert np.isnan(curves.roc_area)
    assert np.isnan(curves.average_precision)


def test_the_counts_at_a_threshold_are_those_of_scikit_learn() -> None:
    labels, probabilities = answers()
    counts = counts_at(labels, probabilities, 2, 0.3)
    own, said = labels == 2, probabilities[:, 2] >= 0.3
    tn, fp, fn, tp = metrics.confusion_matrix(own, said).ravel()
    assert (counts.tp, counts.fp, counts.fn, counts.tn) == (tp, fp, fn, tn)
    precision, recall, _, _ = metrics.precision_recall_fscore_support(own, said, average="binary")
    assert (counts.precision, counts.recall) == pytest.approx((precision, recall))


def test_the_k_best_answers_are_scikit_learns() -> None:
    labels, probabilities = answers()
    for k in (1, 2, 4):
        expected = metrics.top_k_accuracy_score(labels, probabilities, k=k)
        assert top_k_accuracy(labels, probabilities, k) == pytest.approx(expected)


def test_of_equal_probabilities_the_best_answer_is_that_of_the_matrix() -> None:
    probabilities = np.full((2, 3), 1 / 3)
    assert top_k_accuracy(np.array([0, 1]), probabilities, 1) == 0.5


def test_coverage_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.8, 0.2], [0.4, 0.6]])
    labels = np.array([0, 0, 1, 1])
    kept = coverage(labels, probabilities)
    assert kept.thresholds.tolist() == [0.9, 0.8, 0.6]
    assert (kept.answered.tolist(), kept.right.tolist()) == ([1, 3, 4], [1, 2, 3])
    assert (kept.at(0.95), kept.at(0.8), kept.at(0.0)) == ((0, 0), (3, 2), (4, 3))


def test_intervals_are_those_of_drawing_the_images_themselves() -> None:
    labels, probabilities = answers(n=300, classes=3)
    guesses = probabilities.argmax(axis=1)
    matrix = metrics.confusion_matrix(labels, guesses)
    found = score_intervals(matrix, draws=2000)
    rng, drawn = np.random.default_rng(1), []
    for _ in range(400):
        some = rng.integers(300, size=300)
        drawn.append(metrics.precision_recall_fscore_support(labels[some], guesses[some])[:3])
    expected = np.percentile(np.array(drawn), (2.5, 97.5), axis=0)  # (2, 3 scores, 3 classes)
    for place, score in enumerate(found):
        np.testing.assert_allclose(score.T, expected[:, place], atol=0.03)


def test_the_temperature_has_the_smallest_loss_and_changes_no_answer() -> None:
    labels, probabilities = answers()
    sharp = scaled(probabilities, 0.4)
    found = fit_temperature(labels, sharp)
    best = minimize_scalar(
        lambda t: metrics.log_loss(labels, scaled(sharp, t)), bounds=(0.05, 20), method="bounded"
    )
    assert found.value == pytest.approx(best.x, rel=1e-3)
    assert not found.at_bound
    after = scaled(sharp, found.value)
    assert negative_log_likelihood(labels, after) == pytest.approx(metrics.log_loss(labels, after))
    assert negative_log_likelihood(labels, after) < negative_log_likelihood(labels, sharp)
    assert (after.argmax(axis=1) == sharp.argmax(axis=1)).all()


def test_answers_that_are_all_right_have_no_temperature_of_their_own() -> None:
    labels = np.array([0, 1])
    assert fit_temperature(labels, np.array([[0.9, 0.1], [0.1, 0.9]])).at_bound


def test_a_probability_saved_as_zero_costs_a_finite_loss() -> None:
    found = negative_log_likelihood(np.array([1]), np.array([[1, 0]], np.float16))
    assert found == pytest.approx(-np.log(SMALLEST))


def test_confused_classes_stand_beside_each_other() -> None:
    matrix = np.diag([50] * 6)
    for a, b in ((0, 3), (1, 5), (2, 4)):
        matrix[a, b] = matrix[b, a] = 20
    order = clustered_order(matrix).tolist()
    assert sorted(order) == [*range(6)]
    for a, b in ((0, 3), (1, 5), (2, 4)):
        assert abs(order.index(a) - order.index(b)) == 1
    assert clustered_order(np.eye(2, dtype=int)).tolist() == [0, 1]


HAND = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7], [0.6, 0.4]])
HAND_LABELS = np.array([0, 0, 0, 1, 1, 1])


def test_confident_learning_by_hand() -> None:
    # Thresholds: (0.9 + 0.7 + 0.2) / 3 = 0.6 and (0.9 + 0.7 + 0.4) / 3 = 2/3.
    np.testing.assert_allclose(class_thresholds(HAND_LABELS, HAND), [0.6, 2 / 3])
    assert confident_joint(HAND_LABELS, HAND).tolist() == [[2, 1], [1, 2]]
    found = probable_mislabels(HAND_LABELS, HAND)
    assert found.places.tolist() == [2, 5]
    assert found.given.tolist() == [0, 1]
    assert found.suggested.tolist() == [1, 0]
    np.testing.assert_allclose(found.margin, [0.6, 0.2])
    lines = mislabels_csv(found, np.arange(100, 106), ("a", "b,c"), "test").splitlines()
    assert lines[1:] == ['test,102,a,"b,c",0.6000', 'test,105,"b,c",a,0.2000']


def test_labels_that_nothing_contradicts_give_an_empty_list() -> None:
    found = probable_mislabels(np.array([0, 1]), np.eye(2))
    assert len(found.places) == 0


def test_most_flipped_labels_of_real_digits_are_found() -> None:
    pixels, truth = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    flipped = rng.random(len(truth)) < 0.1
    labels = np.where(flipped, (truth + rng.integers(1, 10, len(truth))) % 10, truth)
    model = LogisticRegression(C=0.01, max_iter=200)
    probabilities = cross_val_predict(model, pixels / 16, labels, cv=3, method="predict_proba")
    found = probable_mislabels(labels, probabilities)
    right = flipped[found.places].sum()
    precision, recall = right / len(found.places), right / flipped.sum()
    assert precision > 0.6
    assert recall > 0.8
    both = flipped[found.places]
    assert (found.suggested[both] == truth[found.places][both]).mean() > 0.85
