"""Learned kernels beside hand-made ones: cases worked by hand, and what must hold of any kernel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics.pairwise import cosine_similarity

from cnnviz.kernels import PRESETS, best_matches, by_chance, cosine_similarities, fitted

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
