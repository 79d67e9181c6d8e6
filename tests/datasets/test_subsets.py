"""Exact, stratified, disjoint and repeatable: for any labels, sizes and seeds."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnviz.datasets.split import cross_validate, divide, fold_size, quotas, subset, validation_size
from cnnviz.errors import SpecError

SEEDS = st.integers(0, 2**31 - 1)
#: 2 to 12 classes of 1 to 60 images, in random order.
LABELS = st.builds(
    lambda counts, seed: np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts)),
    st.lists(st.integers(1, 60), min_size=2, max_size=12),
    SEEDS,
)


@given(counts=st.lists(st.integers(0, 500), min_size=1, max_size=20), share=st.floats(0, 1))
def test_quotas_sum_exactly_and_stay_within_one_of_the_share(counts: list[int], share: float) -> None:
    total = sum(counts)
    n = int(total * share)
    taken = quotas(np.array(counts), n)
    assert taken.sum() == n
    for count, quota in zip(counts, taken, strict=True):
        assert abs(quota - count * n / max(total, 1)) < 1 + 1e-9
        assert 0 <= quota <= count


def test_quotas_by_hand() -> None:
    # Shares 1.25, 1.25 and 2.5: the largest remainder is the last one's.
    assert quotas(np.array([2, 2, 4]), 5).tolist() == [1, 1, 3]


def test_quotas_refuse_more_than_there_is() -> None:
    with pytest.raises(ValueError, match="0 … 3"):
        quotas(np.array([1, 2]), 4)


@given(labels=LABELS, data=st.data(), seed=SEEDS)
def test_a_stratified_subset_has_exactly_n_and_fair_shares(
    labels: np.ndarray, data: st.DataObject, seed: int
) -> None:
    classes = int(labels.max()) + 1
    n = data.draw(st.integers(classes, len(labels)))
    chosen = subset(labels, n, "stratified", classes, seed)
    assert len(chosen) == n == len(set(chosen.tolist()))
    assert np.all(np.diff(chosen) > 0)
    counts, all_counts = Counter(labels[chosen].tolist()), Counter(labels.tolist())
    for label, count in all_counts.items():
        assert counts[label] >= 1
        if all(c * n / len(labels) >= 1 for c in all_counts.values()):
            assert abs(counts[label] - count * n / len(labels)) < 1 + 1e-9
    assert np.array_equal(chosen, subset(labels, n, "stratified", classes, seed))


def test_another_seed_draws_other_images() -> None:
    labels = np.arange(1000) % 10
    one, other = (subset(labels, 100, "stratified", 10, seed) for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_the_first_n_are_the_first_n_and_include_the_very_first() -> None:
    # E11: the report's slice [1:n] drops the first image.
    assert subset(np.arange(100) % 3, 7, "first", 3, 5).tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_too_many_or_too_few_images_are_refused() -> None:
    labels = np.arange(30) % 10
    with pytest.raises(SpecError, match="31 images are asked for, but there are 30"):
        subset(labels, 31, "stratified", 10, 0)
    with pytest.raises(SpecError, match="9 images cannot hold one of each of the 10 classes"):
        subset(labels, 9, "stratified", 10, 0)


@given(labels=LABELS, share=st.floats(0, 0.9), seed=SEEDS)
def test_validation_is_disjoint_complete_and_leaves_every_class(
    labels: np.ndarray, share: float, seed: int
) -> None:
    classes = int(labels.max()) + 1
    held = validation_size(len(labels), share)
    assume(len(labels) - held >= classes)
    training, validation = divide(labels, share, "stratified", classes, seed)
    assert len(validation) == held
    assert sorted([*training.tolist(), *validation.tolist()]) == list(range(len(labels)))
    assert set(labels[training].tolist()) == set(labels.tolist())
    again = divide(labels, share, "stratified", classes, seed)
    assert np.array_equal(training, again[0])
    assert np.array_equal(validation, again[1])


@given(per_class=st.integers(5, 80), classes=st.integers(2, 12), share=st.floats(0.05, 0.8), seed=SEEDS)
def test_validation_is_stratified_within_one_image(
    per_class: int, classes: int, share: float, seed: int
) -> None:
    labels = np.tile(np.arange(classes), per_class)
    _, validation = divide(labels, share, "stratified", classes, seed)
    counts = np.bincount(labels[validation], minlength=classes)
    assert np.ptp(counts) <= 1


def test_with_the_first_images_the_last_ones_validate_as_in_keras() -> None:
    training, validation = divide(np.arange(10) % 2, 0.2, "first", 2, 0)
    assert training.tolist() == list(range(8))
    assert validation.tolist() == [8, 9]


def test_lenets_split_of_mnist_is_exact() -> None:
    # C5: 48 000 / 12 000.
    assert validation_size(60_000, 0.2) == 12_000


def test_a_split_that_leaves_a_class_untrained_is_refused() -> None:
    with pytest.raises(SpecError, match="leaves 4 of 20 images to train 10 classes"):
        divide(np.arange(20) % 10, 0.8, "stratified", 10, 0)


@given(labels=LABELS, folds=st.integers(2, 7), selection=st.sampled_from(["stratified", "first"]), seed=SEEDS)
def test_every_image_validates_in_exactly_one_fold(
    labels: np.ndarray, folds: int, selection: str, seed: int
) -> None:
    assume(len(labels) >= folds and np.bincount(labels).min() > 1)
    classes = int(labels.max()) + 1
    parts = [cross_validate(labels, folds, fold, selection, classes, seed) for fold in range(1, folds + 1)]
    assert np.array_equal(np.sort(np.concatenate([held for _, held in parts])), np.arange(len(labels)))
    for fold, (train, held) in enumerate(parts, start=1):
        assert len(held) == fold_size(len(labels), folds, fold)
        assert np.array_equal(np.sort(np.concatenate([train, held])), np.arange(len(labels)))
        assert np.all(np.diff(train) > 0)
    if selection == "stratified":
        counts = np.array([np.bincount(labels[held], minlength=classes) for _, held in parts])
        assert np.ptp(counts, axis=0).max() <= 1
    assert np.array_equal(parts[0][1], cross_validate(labels, folds, 1, selection, classes, seed)[1])


def test_folds_of_the_first_images_by_hand() -> None:
    train, held = cross_validate(np.array([0, 0, 1, 1, 0, 1, 1]), 3, 2, "first", 2, 0)
    assert held.tolist() == [1, 4]
    assert train.tolist() == [0, 2, 3, 5, 6]


def test_too_few_images_for_the_folds_are_refused() -> None:
    with pytest.raises(SpecError, match="2 training images can't be divided into 3 folds"):
        fold_size(2, 3, 1)
    with pytest.raises(SpecError, match="Class 1 has a single training image"):
        cross_validate(np.array([0, 0, 1]), 2, 1, "stratified", 2, 0)
