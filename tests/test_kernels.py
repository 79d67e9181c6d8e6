"""Kernels made by hand: what each does to simple images, by hand and against scipy."""

import numpy as np
import pytest
from scipy import ndimage

from cnnviz.convolution import EDGES, SHARPEN, convolve
from cnnviz.kernels import PRESETS, fitted, gabor

UPRIGHT = np.repeat([[0.0, 0, 0, 0, 1, 1, 1, 1]], 8, axis=0)


@pytest.mark.parametrize("name", PRESETS)
def test_every_kernel_is_square_and_odd_and_does_to_an_even_area_what_its_sum_says(name):
    preset = PRESETS[name]
    side = preset.weights.shape[0]
    assert preset.weights.shape == (side, side)
    assert side % 2
    answer = convolve(np.full((9, 9), 3.0), preset.weights)
    np.testing.assert_allclose(answer, 3 * preset.sum, atol=1e-12)


@pytest.mark.parametrize("name", [n for n in PRESETS if n.startswith(("sobel", "prewitt"))])
def test_edge_finders_are_those_of_scipy(name):
    image = np.random.default_rng(0).random((9, 11))
    known = ndimage.sobel if name.startswith("sobel") else ndimage.prewitt
    expected = known(image, axis=1 if name.endswith("x") else 0)[1:-1, 1:-1]
    np.testing.assert_allclose(convolve(image, PRESETS[name].weights), expected)


def test_the_laplacian_is_scipys():
    image = np.random.default_rng(1).random((9, 11))
    np.testing.assert_allclose(
        convolve(image, PRESETS["laplacian"].weights), ndimage.laplace(image)[1:-1, 1:-1]
    )


def test_report_es_kernels_are_among_them():
    np.testing.assert_array_equal(PRESETS["laplacian-diagonal"].weights, EDGES)
    np.testing.assert_array_equal(PRESETS["bright-sharpen"].weights, SHARPEN)


def test_a_gabor_kernel_answers_to_lines_of_its_own_direction_only():
    line = np.zeros((9, 9))
    line[:, 4] = 1
    answer = {angle: np.abs(convolve(line, gabor(5, angle))).max() for angle in (0, 90)}
    assert answer[0] > 5 * answer[90]
    np.testing.assert_allclose(gabor(5, 90), gabor(5, 0).T, atol=1e-12)
    assert np.abs(gabor(7, 30)).sum() == pytest.approx(2)


def test_fitting_pads_with_zeros_or_cuts():
    np.testing.assert_array_equal(fitted(EDGES, 5)[1:4, 1:4], EDGES)
    assert np.abs(fitted(EDGES, 5)).sum() == np.abs(EDGES).sum()
    assert fitted(EDGES, 1) == [[8]]
    np.testing.assert_array_equal(fitted(EDGES, 4)[:3, :3], EDGES)
