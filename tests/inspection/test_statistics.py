"""Numbers about feature maps against hand-worked values and scipy."""

import numpy as np
import pytest
from scipy import ndimage

from cnnviz.inspection.statistics import map_statistics, sharpness


def test_range_mean_and_zeros_of_each_map():
    values = np.zeros((2, 2, 2), np.float32)
    values[..., 0] = [[0, 1], [3, 0]]
    found = map_statistics(values)
    assert found.minimum.tolist() == [0, 0]
    assert found.maximum.tolist() == [3, 0]
    assert found.mean.tolist() == [1, 0]
    assert found.zeros.tolist() == [0.5, 1]
    assert found.dead.tolist() == [False, True]


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
