"""Single images that a network gets wrong, across all cells of the confusion matrix, in a telling order."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

#: By falling confidence; by rising margin between the two most probable classes; by falling loss.
Order = Literal["certain", "close", "loss"]
ORDERS: tuple[Order, ...] = get_args(Order)
#: Probabilities are kept in half precision, whose smallest positive number this is: below it the loss has no
#: meaning, and a probability of 0 has no logarithm.
_SMALLEST = float(np.finfo(np.float16).smallest_subnormal)


def mistakes(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    order: Order,
    *,
    true: int | None = None,
    predicted: int | None = None,
) -> NDArray[np.int64]:
    """Find the mistakes, sorted; equal ones stay in the order of the images.

    Args:
        labels: shape (N,).
        probabilities: shape (N, C).
        true, predicted: only mistakes of this cell, row or column of the confusion matrix; None: all.
    Returns:
        int64, shape (n,): positions in `labels`.
    """
    guesses = probabilities.argmax(axis=1)
    wrong = guesses != labels
    if true is not None:
        wrong &= labels == true
    if predicted is not None:
        wrong &= guesses == predicted
    places = np.flatnonzero(wrong)
    shares = probabilities[places].astype(np.float64)
    if order == "certain":
        keys = -shares.max(axis=1, initial=0)
    elif order == "close":
        keys = margins(shares)
    else:
        keys = -losses(labels[places], shares)
    return places[np.argsort(keys, kind="stable")].astype(np.int64)


def margins(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Distance between the two highest probabilities of each image: (N, C ≥ 2) → (N,), from 0 to 1."""
    two = np.partition(probabilities.astype(np.float64), -2, axis=1)[:, -2:]
    return np.asarray(two[:, 1] - two[:, 0])


def losses(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Cross-entropy of each image, in nats: (N,), (N, C) → (N,), from 0 to 16.6 (see `_SMALLEST`)."""
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return np.asarray(-np.log(np.maximum(own, _SMALLEST)))
