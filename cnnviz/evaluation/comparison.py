"""Two runs on the same images: what B fixed, what it broke, and whether that is more than chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Paired(NamedTuple):
    """Two runs' predictions on the images that both have seen, in one order."""

    indices: np.ndarray  # int, (n,): into the data set's full array
    labels: np.ndarray  # int, (n,)
    a: np.ndarray  # float, (n, C): probabilities of A
    b: np.ndarray  # float, (n, C): probabilities of B


class Changes(NamedTuple):
    """Positions (int64) in the paired arrays, by what became of the image from A to B."""

    fixed: np.ndarray  # A wrong, B right; B's most confident first
    broken: np.ndarray  # A right, B wrong; B's most confident first
    both_right: np.ndarray
    both_wrong: np.ndarray


class McNemar(NamedTuple):
    """McNemar's exact test."""

    fixed: int
    broken: int
    p_value: float


def pair(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> Paired:
    """Match two runs' saved predictions on test images by image.

    Args:
        a, b: `test_probabilities` (N, C), `test_labels` and `test_indices` (N,), as a run saves them.
    Raises:
        ValueError: no image in common, different numbers of classes, or different labels of one image.
    """
    indices, at_a, at_b = np.intersect1d(a["test_indices"], b["test_indices"], return_indices=True)
    first, second = a["test_probabilities"], b["test_probabilities"]
    labels = a["test_labels"][at_a]
    if not len(indices):
        raise ValueError("The two runs have no image in common.")
    if first.shape[1] != second.shape[1] or not np.array_equal(labels, b["test_labels"][at_b]):
        raise ValueError("The two runs name the classes of their images differently.")
    return Paired(indices, labels, first[at_a], second[at_b])


def changes(paired: Paired) -> Changes:
    """Sort the images by right and wrong in A and in B."""
    guess_b = paired.b.argmax(axis=1)
    right_a, right_b = paired.a.argmax(axis=1) == paired.labels, guess_b == paired.labels
    confidence = paired.b[np.arange(len(guess_b)), guess_b].astype(np.float64)

    def ordered(chosen: np.ndarray) -> np.ndarray:
        places = np.flatnonzero(chosen)
        return places[np.argsort(-confidence[places], kind="stable")]

    return Changes(
        ordered(~right_a & right_b),
        ordered(right_a & ~right_b),
        np.flatnonzero(right_a & right_b),
        np.flatnonzero(~right_a & ~right_b),
    )


def mcnemar(fixed: int, broken: int) -> McNemar:
    """Test whether B's accuracy differs from A's: are fixed and broken images equally likely?

    Two-sided and exact: under the null hypothesis `fixed` is Binomial(fixed + broken, 1/2). Images
    that both get right, or both wrong, say nothing about the difference.

    Args:
        fixed: images wrong in A and right in B.
        broken: images right in A and wrong in B.
    Source: McNemar 1947, doi:10.1007/BF02295996; the exact form as scipy's `binomtest(fixed, n)`.
    """
    n = fixed + broken
    # Whole numbers, and so exact: binomial coefficients of thousands don't fit a float.
    coefficient = below = 1
    for k in range(min(fixed, broken)):
        coefficient = coefficient * (n - k) // (k + 1)
        below += coefficient
    return McNemar(fixed, broken, min(1.0, 2 * below / 2**n))


def matrix_difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Subtract confusion matrix A from B, both (C, C): positive where B puts more images.

    Raises:
        ValueError: the shapes differ.
    """
    if a.shape != b.shape:
        raise ValueError(f"Confusion matrices of shapes {a.shape} and {b.shape} have no difference.")
    return b.astype(np.int64) - a.astype(np.int64)
