"""Selection and protocols against scikit-learn's own pipeline, and that no test image is ever looked at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, LinearSVC

from cnnviz.errors import DataError, SpecError
from cnnviz.specs import DatasetSpec
from cnnviz.studies.transfer.transfer_spec import CLASSIFIERS, TransferSpec
from cnnviz.studies.transfer.transfer_work import (
    MOST_ITERATIONS,
    classifier,
    cross_validation,
    said,
    select,
    train_test,
)
from tests.present import present

SVM = classifier(TransferSpec(dataset=DatasetSpec()))


def made(n: int, width: int = 40, classes: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features ≥ 0 of which the first tenth tell the classes apart."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    features = rng.gamma(1.0, 1.0, (n, width)).astype(np.float32)
    told = max(1, width // 10)
    features[:, :told] += 1.5 * (labels[:, None] % (np.arange(told) + 2) == 0)
    return features, labels


def test_train_to_test_is_scikit_learns_own_pipeline():
    train, train_labels = made(200)
    test, test_labels = made(120, seed=1)
    chosen = select(train, train_labels, 12).chosen
    ours = train_test(SVM, train[:, chosen], train_labels, test[:, chosen], test_labels)
    svm = LinearSVC(C=0.025, dual="auto", max_iter=MOST_ITERATIONS, random_state=0)
    pipeline = make_pipeline(SelectKBest(chi2, k=12), svm).fit(train, train_labels)
    assert ours.score == pytest.approx(pipeline.score(test, test_labels))
    assert present(ours.low) < ours.score < present(ours.high)
    assert (ours.n, ours.n_fit, ours.folds, ours.spread) == (120, 200, 1, None)


def test_cross_validation_is_scikit_learns_own_on_the_chosen_test_features():
    train, train_labels = made(200)
    test, test_labels = made(120, seed=1)
    chosen = select(train, train_labels, 12).chosen
    ours = cross_validation(SVM, test[:, chosen], test_labels, folds=5)
    svm = LinearSVC(C=0.025, dual="auto", max_iter=MOST_ITERATIONS, random_state=0)
    theirs = cross_val_score(svm, test[:, chosen], test_labels, cv=5)
    assert ours.scores == pytest.approx(theirs)
    assert ours.score == pytest.approx(theirs.mean())
    assert ours.spread == pytest.approx(theirs.std())
    assert ours.fit_seconds > 0
    assert present(ours.fit_seconds_spread) >= 0
    assert ours.converged


def test_each_linear_svm_is_scikit_learns_own_and_says_which_it_is():
    """With the same C their scores differ: a number without the classifier's name could be either's."""
    train, train_labels = made(400)
    test, test_labels = made(200, seed=1)
    theirs = {
        "LinearSVC(C=0.025)": LinearSVC(C=0.025, dual="auto", max_iter=MOST_ITERATIONS, random_state=0),
        'SVC(kernel="linear", C=0.025)': SVC(kernel="linear", C=0.025),
    }
    scores = []
    for (name, expected), kind in zip(theirs.items(), CLASSIFIERS, strict=True):
        spec = TransferSpec(dataset=DatasetSpec(), classifier=kind)
        assert said(spec) == name
        ours = train_test(classifier(spec), train, train_labels, test, test_labels)
        scores.append(expected.fit(train, train_labels).score(test, test_labels))
        assert ours.score == pytest.approx(scores[-1])
        assert ours.converged
    assert scores[0] != scores[1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 20))
def test_chosen_are_the_k_largest_chi_squares_the_best_first(seed, k):
    features, labels = made(60, width=20, seed=seed)
    found = select(features, labels, k)
    theirs, _ = chi2(features.astype(np.float64), labels)
    assert found.scores == pytest.approx(theirs)
    assert np.sort(found.scores)[::-1][:k] == pytest.approx(found.scores[found.chosen])
    assert len(set(found.chosen.tolist())) == k


def test_a_feature_that_is_zero_everywhere_is_chosen_last_and_has_no_score():
    features, labels = made(60, width=10)
    features[:, 3] = 0
    found = select(features, labels, 9)
    assert 3 not in found.chosen
    assert found.scores[3] == 0
    assert found.p_values[3] == 1


@pytest.mark.parametrize("bad", [-0.1, np.nan, np.inf])
def test_features_that_chi_square_cannot_judge_are_refused(bad):
    features, labels = made(60, width=10)
    features[5, 2] = bad
    with pytest.raises(DataError, match="negative or not finite"):
        select(features, labels, 3)


def test_more_features_than_there_are_cannot_be_chosen():
    features, labels = made(60, width=10)
    with pytest.raises(SpecError, match="of 10"):
        select(features, labels, 11)


def test_too_few_images_of_a_class_for_the_folds_are_named():
    features, labels = made(60, width=10)
    labels[labels == 3] = np.where(np.arange((labels == 3).sum()) < 2, 3, 0)
    with pytest.raises(SpecError, match="only 2"):
        cross_validation(SVM, features, labels, folds=5)
