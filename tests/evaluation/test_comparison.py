"""Two runs on the same images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from cnnviz.evaluation import changes, matrix_difference, mcnemar, pair


@settings(deadline=None)
@given(st.integers(0, 3000), st.integers(0, 3000))
def test_mcnemar_equals_scipys_exact_binomial(fixed: int, broken: int) -> None:
    expected = binomtest(fixed, fixed + broken).pvalue if fixed + broken else 1.0
    # Below 1e-290 scipy's sum is 0 where ours still tells numbers apart.
    found = mcnemar(fixed, broken)
    assert (found.fixed, found.broken) == (fixed, broken)
    assert found.p_value == pytest.approx(expected, rel=1e-7, abs=1e-290)
    assert found.p_value == mcnemar(broken, fixed).p_value


def test_two_runs_that_answer_alike_differ_by_chance() -> None:
    assert mcnemar(0, 0).p_value == mcnemar(7, 7).p_value == 1.0
    # Five images, all fixed: 2 · 2⁻⁵; a sixth makes it more than chance at 5 %.
    assert mcnemar(5, 0).p_value == pytest.approx(0.0625)
    assert mcnemar(6, 0).p_value == pytest.approx(0.03125)


def _saved(
    indices: list[int], labels: list[int], right: list[bool], confidence: list[float]
) -> dict[str, np.ndarray]:
    hits, p = np.array(right), np.array(confidence, np.float16)
    guess = np.where(hits, labels, 1 - np.array(labels))
    probabilities = np.stack([1 - p, 1 - p], axis=1)
    probabilities[np.arange(len(guess)), guess] = p
    arrays = {"indices": indices, "labels": labels, "probabilities": probabilities}
    return {f"test_{name}": np.array(values) for name, values in arrays.items()}


def test_runs_are_paired_by_image_whatever_their_order() -> None:
    a = _saved([7, 3, 9], [1, 0, 1], [True, False, True], [0.9, 0.8, 0.7])
    b = _saved([3, 7, 5], [0, 1, 0], [True, False, True], [0.6, 0.75, 0.9])
    paired = pair(a, b)
    assert paired.indices.tolist() == [3, 7]
    assert paired.labels.tolist() == [0, 1]
    result = changes(paired)
    assert paired.indices[result.fixed].tolist() == [3]
    assert paired.indices[result.broken].tolist() == [7]


def test_fixed_images_come_with_bs_most_confident_first() -> None:
    labels = [0, 0, 0]
    a = _saved([0, 1, 2], labels, [False] * 3, [0.9] * 3)
    b = _saved([0, 1, 2], labels, [True] * 3, [0.6, 0.9, 0.7])
    assert changes(pair(a, b)).fixed.tolist() == [1, 2, 0]


def test_every_image_is_fixed_broken_or_as_it_was() -> None:
    labels, images = [0, 1] * 200, list(range(400))
    a = _saved(images, labels, [True, False] * 200, [0.9] * 400)
    # B is as sure of every second one of each kind: among those, images come in order.
    b = _saved(images, labels, [True, True, False, False] * 100, [*[0.625] * 4, *[0.75] * 4] * 50)
    found = changes(pair(a, b))
    assert found.both_right.tolist() == images[0::4]
    assert found.fixed.tolist() == images[5::8] + images[1::8]
    assert found.broken.tolist() == images[6::8] + images[2::8]
    assert found.both_wrong.tolist() == images[3::4]
    assert {places.dtype for places in found} == {np.dtype(np.int64)}


def test_runs_without_a_common_image_can_not_be_paired() -> None:
    one = _saved([1], [0], [True], [0.9])
    with pytest.raises(ValueError, match=r"^The two runs have no image in common\.$"):
        pair(one, _saved([2], [0], [True], [0.9]))


def test_runs_with_other_classes_can_not_be_paired() -> None:
    one = _saved([1], [0], [True], [0.9])
    with pytest.raises(ValueError, match="differently"):
        pair(one, one | {"test_probabilities": np.array([[0.9, 0.1, 0.0]])})


def test_runs_with_other_labels_can_not_be_paired() -> None:
    with pytest.raises(ValueError, match=r"^The two runs name the classes of their images differently\.$"):
        pair(_saved([1], [0], [True], [0.9]), _saved([1], [1], [True], [0.9]))


def test_difference_is_positive_where_b_puts_more_images() -> None:
    a, b = np.array([[3, 1], [2, 2]]), np.array([[4, 0], [0, 4]])
    for kind in (np.int64, np.uint8):
        difference = matrix_difference(a.astype(kind), b.astype(kind))
        assert difference.tolist() == [[1, -1], [-2, 2]]
        assert difference.dtype == np.int64
    with pytest.raises(ValueError, match="no difference"):
        matrix_difference(a, np.zeros((3, 3), int))
