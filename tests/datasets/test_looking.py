"""Statistics, samples and the augmentation preview, against numpy, scipy and the layer that trains."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.datasets.preview import augment, resample, transforms
from cnnviz.datasets.split import Split
from cnnviz.datasets.statistics import (
    class_counts,
    class_means,
    histogram,
    nth_of_each_class,
    pixel_statistics,
    sample,
    sample_of_class,
)
from cnnviz.specs import AugmentationSpec

ALL = AugmentationSpec(
    rotation=30, width_shift=0.2, height_shift=0.1, zoom=0.3, horizontal_flip=True, vertical_flip=True
)


@pytest.fixture
def split() -> Split:
    """5000 of 6000 images, 6×5×3, in 4 classes of which the last is empty."""
    rng = np.random.default_rng(1)
    images = rng.integers(3, 250, (6000, 6, 5, 3)).astype(np.uint8)
    return Split(images, rng.integers(0, 3, 6000), np.sort(rng.permutation(6000)[:5000]))


def test_counts_and_means_are_numpys(split: Split) -> None:
    assert class_counts(split, 4).tolist() == [*np.bincount(split.labels).tolist(), 0]
    means = class_means(split, 4)
    for label in range(3):
        assert means[label] == pytest.approx(split.images[split.labels == label].mean(axis=0), rel=1e-5)
    assert np.isnan(means[3]).all()


def test_pixel_statistics_are_numpys(split: Split) -> None:
    counts = histogram(split)
    assert counts.sum(axis=1).tolist() == [5000 * 30] * 3
    found = pixel_statistics(counts)
    pixels = split.images.reshape(-1, 3)
    assert found.mean == pytest.approx(pixels.mean(axis=0))
    assert found.std == pytest.approx(pixels.std(axis=0))
    assert found.minimum.tolist() == pixels.min(axis=0).tolist()
    assert found.maximum.tolist() == pixels.max(axis=0).tolist()


def test_no_pixels_have_no_statistics() -> None:
    with pytest.raises(ValueError, match="no pixels"):
        pixel_statistics(np.zeros((3, 256), int))


@given(labels=st.lists(st.integers(0, 4), min_size=1, max_size=60), n=st.integers(1, 12))
def test_the_nth_image_of_every_class(labels: list[int], n: int) -> None:
    split = Split(np.zeros((len(labels), 2, 2, 1), np.uint8), np.array(labels))
    found = nth_of_each_class(split, n, 5)
    for label in range(5):
        members = [position for position, other in enumerate(labels) if other == label]
        assert found[label] == (members[n - 1] if len(members) >= n else -1)


def test_n_counts_from_one(split: Split) -> None:
    with pytest.raises(ValueError, match="counts from 1; received 0"):
        nth_of_each_class(split, 0, 4)


@given(label=st.integers(0, 2), k=st.integers(0, 300), seed=st.integers(0, 10_000))
def test_samples_of_a_class_are_of_that_class_without_repeats(label: int, k: int, seed: int) -> None:
    labels = np.arange(600) % 3
    split = Split(np.zeros((600, 2, 2, 1), np.uint8), labels)
    found = sample_of_class(split, label, k, seed)
    assert len(found) == min(k, 200) == len(set(found.tolist()))
    assert set(split.labels[found].tolist()) <= {label}
    assert np.array_equal(found, sample_of_class(split, label, k, seed))
    assert len(set(sample(split, k, seed).tolist())) == min(k, 600)


def matrices(draws: np.ndarray, spec: AugmentationSpec, height: int, width: int) -> np.ndarray:
    """Affine maps (N, 2, 3) from output to input pixels."""
    return np.asarray(transforms(draws, spec, height, width))[:, :6].reshape(-1, 2, 3)


def test_without_settings_nothing_changes() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 9, 3)).astype(np.uint8)
    assert np.array_equal(augment(images, AugmentationSpec(), seed=1), images)


def test_the_preview_depends_on_its_seed_alone() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 9, 3)).astype(np.uint8)
    assert np.array_equal(augment(images, ALL, 1), augment(images, ALL, 1))
    assert not np.array_equal(augment(images, ALL, 1), augment(images, ALL, 2))


def test_a_flip_is_a_flip_and_a_quarter_turn_a_quarter_turn() -> None:
    image = np.random.default_rng(0).integers(0, 256, (1, 7, 7, 1)).astype(float)
    draws = np.zeros((1, 7))
    draws[0, 4] = -0.5
    flipped = resample(image, matrices(draws, AugmentationSpec(horizontal_flip=True), 7, 7))
    assert np.array_equal(flipped, image[:, :, ::-1])
    draws[0, 0] = 0.5  # of 180°
    turned = resample(image, matrices(draws, AugmentationSpec(rotation=180), 7, 7))
    assert turned == pytest.approx(np.rot90(image, axes=(1, 2)))


def test_a_shift_moves_by_its_share_and_repeats_the_edge() -> None:
    image = np.arange(10.0).reshape(1, 1, 10, 1)
    draws = np.zeros((1, 7))
    draws[0, 1] = 1.0
    moved = resample(image, matrices(draws, AugmentationSpec(width_shift=0.2), 1, 10))
    assert moved[0, 0, :, 0].tolist() == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7]


@given(seed=st.integers(0, 1000))
def test_any_affine_map_samples_as_scipy_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (1, 11, 14, 1)).astype(float)
    maps = matrices(rng.uniform(-1, 1, (1, 7)), ALL, 11, 14)
    # scipy counts rows first.
    matrix, offset = maps[0, ::-1, 1::-1], maps[0, ::-1, 2]
    truth = scipy.ndimage.affine_transform(image[0, :, :, 0], matrix, offset, order=1, mode="nearest")
    assert resample(image, maps)[0, :, :, 0] == pytest.approx(truth, abs=1e-6)


def test_the_preview_follows_the_layer_that_trains() -> None:
    ops = pytest.importorskip("keras").ops
    draws = np.random.default_rng(2).uniform(-1, 1, (16, 7)).astype(np.float32)
    layers = np.asarray(transforms(draws, ALL, 32, 24, ops))
    assert np.asarray(transforms(draws, ALL, 32, 24)) == pytest.approx(layers, abs=1e-4)


def test_brightness_stays_within_its_share() -> None:
    images = np.full((200, 2, 2, 3), 128, np.uint8)
    light = augment(images, AugmentationSpec(brightness=0.2), 0).astype(int) - 128
    assert np.abs(light).max() <= 51
    assert light.min() < -40
    assert light.max() > 40
    assert np.all(light == light[:, :1, :1, :1])  # one change for the whole image
    colour = augment(images, AugmentationSpec(channel_shift=0.2), 0).astype(int)
    assert np.any(colour[..., 0] != colour[..., 1])
    assert np.all(colour == colour[:, :1, :1, :])
