"""Numbers about feature maps against hand-worked values and scipy."""

import numpy as np
import pytest
from scipy import ndimage, stats
from sklearn.linear_model import LinearRegression

from cnnviz.inspection.statistics import Difference, LayerNumbers, explained_share, map_statistics, sharpness


def test_range_mean_and_zeros_of_each_map():
    values = np.zeros((2, 2, 2), np.float32)
    values[..., 0] = [[0, 1], [3, 0]]
    found = map_statistics(values)
    assert found.minimum.tolist() == [0, 0]
    assert found.maximum.tolist() == [3, 0]
    assert found.mean.tolist() == [1, 0]
    assert found.zeros.tolist() == [0.5, 1]
    assert found.dead.tolist() == [False, True]


def test_what_maps_hold_of_an_image_is_scikit_learns_r2():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (8, 8, 3), np.uint8)
    maps = rng.normal(size=(8, 8, 5)).astype(np.float32)
    fitted = LinearRegression().fit(maps.reshape(64, 5), image.reshape(64, 3))
    residual = image.reshape(64, 3) - fitted.predict(maps.reshape(64, 5))
    total = image.reshape(64, 3) - image.reshape(64, 3).mean(axis=0)
    assert explained_share(image, maps) == pytest.approx(1 - (residual**2).sum() / (total**2).sum())
    # The image itself holds all of it, one constant map nothing, and 2×2 maps the means of its quarters.
    assert explained_share(image, image.astype(np.float32)) == pytest.approx(1)
    assert explained_share(image, np.ones((8, 8, 1), np.float32)) == 0
    means = image.reshape(2, 4, 2, 4, 3).mean(axis=(1, 3))
    quarters = np.repeat(np.repeat(means, 4, axis=0), 4, axis=1).reshape(64, 3)
    expected = 1 - ((image.reshape(64, 3) - quarters) ** 2).sum() / (total**2).sum()
    many = rng.normal(size=(2, 2, 40)).astype(np.float32)
    assert explained_share(image, many) == pytest.approx(expected)
    assert np.isnan(explained_share(np.zeros((8, 8, 3), np.uint8), maps))


def test_a_vector_has_one_number_a_unit():
    found = map_statistics(np.array([0.0, 2.0], np.float32))
    assert found.maximum.tolist() == [0, 2]
    assert found.dead.tolist() == [True, False]
    assert np.isnan(found.sharpness).all()


def test_sharpness_is_scipys_laplacian_over_the_variance():
    values = np.random.default_rng(1).normal(size=(12, 9, 3))
    inner = np.stack([ndimage.laplace(values[..., k])[1:-1, 1:-1] for k in range(3)], axis=-1)
    expected = (inner**2).mean(axis=(0, 1)) / values.var(axis=(0, 1))
    assert sharpness(values) == pytest.approx(expected)


def test_sharpness_of_a_chessboard_is_64_and_noise_is_20_and_blur_lowers_it():
    chess = np.indices((8, 8)).sum(axis=0)[..., None] % 2
    assert sharpness(chess) == pytest.approx(64)
    noise = np.random.default_rng(0).normal(size=(200, 200))
    assert sharpness(noise[..., None]) == pytest.approx(20, rel=0.05)
    assert sharpness(ndimage.gaussian_filter(noise, 2)[..., None]) < 1


def test_sharpness_ignores_strength_and_offset():
    values = np.random.default_rng(2).random((6, 6, 2))
    assert sharpness(7 * values + 3) == pytest.approx(sharpness(values))


def test_sharpness_is_undefined_for_constant_and_tiny_maps():
    assert np.isnan(sharpness(np.ones((5, 5, 2)))).all()
    assert np.isnan(sharpness(np.random.default_rng(0).random((2, 2, 4)))).all()


def test_a_layer_in_four_numbers():
    values = np.zeros((4, 4, 3), np.float32)
    values[..., 0] = np.indices((4, 4)).sum(axis=0) % 2
    values[0, 0, 1] = 8
    found = LayerNumbers.of(map_statistics(values))
    each = sharpness(values)
    assert found.sharpness == pytest.approx((each[0] + each[1]) / 2)  # the dead map has none
    assert found.dead == pytest.approx(1 / 3)
    assert found.zeros == pytest.approx((8 + 15 + 16) / 48)
    assert found.mean == pytest.approx(values.mean())
    assert np.isnan(LayerNumbers.of(map_statistics(np.zeros((4, 4, 2)))).sharpness)


def test_a_difference_over_images_is_scipys_paired_one():
    draw = np.random.default_rng(0)
    first, second = draw.normal(3, 1, 400), draw.normal(2.8, 1, 400)
    second[:5] = np.nan
    found = Difference.of(first, second)
    assert found is not None
    gap = (first - second)[5:]
    assert found.n == 395
    assert (found.first, found.second) == pytest.approx((first[5:].mean(), second[5:].mean()))
    low, high = stats.norm.interval(0.95, gap.mean(), stats.sem(gap))
    assert (found.low, found.high) == pytest.approx((low, high))
    exact = stats.ttest_rel(first[5:], second[5:]).confidence_interval()
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=0.01)
    assert found.larger == pytest.approx((gap > 0).mean())


def test_a_difference_needs_two_images_with_numbers():
    assert Difference.of(np.array([1.0, np.nan]), np.array([1.0, 2.0])) is None
