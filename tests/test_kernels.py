"""Kernels made by hand: what each does, against scipy; and which one a learned kernel is like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from sklearn.metrics.pairwise import cosine_similarity

from cnnviz.convolution import EDGES, SHARPEN, convolve
from cnnviz.kernels import PRESETS, best_matches, by_chance, cosine_similarities, fitted, gabor

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


KERNELS = hnp.arrays(
    np.float32,
    st.tuples(st.just(3), st.just(3), st.sampled_from([1, 3]), st.integers(1, 5)),
    elements=st.floats(-2, 2, width=32),
)


def test_a_cosine_worked_by_hand():
    kernel = np.zeros((3, 3, 1, 1))
    kernel[1, 0], kernel[1, 2] = -1, 1  # right minus left: 1·2 + 1·2 over √2 · √12
    names, cosines = cosine_similarities(kernel, {"sobel": PRESETS["sobel-x"].weights})
    assert (names, cosines.shape) == (["sobel"], (1, 1))
    assert cosines[0, 0] == pytest.approx(4 / np.sqrt(2 * 12))


@pytest.mark.parametrize("name", [n for n, preset in PRESETS.items() if preset.weights.shape == (3, 3)])
@pytest.mark.parametrize("factor", [0.01, -3])
def test_a_hand_made_kernel_finds_itself_whatever_its_strength_and_colours(name, factor):
    kernel = np.stack([PRESETS[name].weights * factor * share for share in (0.5, 0.2, 0.3)], axis=-1)
    (match,) = best_matches(kernel[..., None])
    assert match.name == name
    assert match.cosine == pytest.approx(np.sign(factor))


def test_opposite_colours_cancel():
    kernel = np.stack([PRESETS["sobel-x"].weights, -PRESETS["sobel-x"].weights, np.zeros((3, 3))], axis=-1)
    assert best_matches(kernel[..., None])[0].cosine == 0


@given(KERNELS)
def test_cosines_are_scikit_learns(kernel):
    squares = {name: preset.weights for name, preset in PRESETS.items()}
    names, cosines = cosine_similarities(kernel, squares)
    learned = kernel.astype(float).sum(axis=2).reshape(9, -1).T
    known = np.array([fitted(squares[name], 3).ravel() for name in names])
    strong = np.linalg.norm(learned, axis=1) > 1e-12  # scikit-learn takes what is weaker for 0
    np.testing.assert_allclose(cosines[strong], cosine_similarity(learned, known)[strong], atol=1e-9)
    assert (np.abs(cosines) <= 1 + 1e-12).all()


@given(KERNELS)
def test_every_kernel_has_one_match_and_the_best_come_first(kernel):
    found = best_matches(kernel)
    assert sorted(match.position for match in found) == list(range(kernel.shape[3]))
    strengths = [abs(match.cosine) for match in found]
    assert strengths == sorted(strengths, reverse=True)


def test_hand_made_kernels_that_a_small_size_empties_are_left_out():
    names, _ = cosine_similarities(np.ones((1, 1, 1, 2)), {name: p.weights for name, p in PRESETS.items()})
    assert "identity" in names
    assert "sobel-x" not in names


def test_larger_random_kernels_are_less_like_anything():
    levels = [by_chance(size) for size in (3, 5, 7, 11)]
    assert levels == sorted(levels, reverse=True)
    assert 0.5 < levels[0] < 1
    random = np.random.default_rng(1).normal(size=(5, 5, 3, 1000))
    above = np.mean([abs(match.cosine) > by_chance(5) for match in best_matches(random)])
    assert 0.03 < above < 0.07
