"""Which images to look at: the n-th of every class, or a few of one class at random."""

from __future__ import annotations

import numpy as np

from cnnviz.datasets.split import Split


def nth_of_each_class(split: Split, n: int, classes: int) -> np.ndarray:
    """Position of the n-th image of every class, counted from 1.

    Returns:
        int64, shape (classes,); -1 where a class has fewer than n images.
    Raises:
        ValueError: n is below 1.
    """
    if n < 1:
        raise ValueError(f"n counts from 1; received {n}")
    order = np.argsort(split.labels, kind="stable")
    counts = np.bincount(split.labels, minlength=classes)
    first = np.cumsum(counts) - counts
    found = np.full(classes, -1, np.int64)
    enough = counts >= n
    found[enough] = order[first[enough] + n - 1]
    return found


def sample_of_class(split: Split, label: int, k: int, seed: int) -> np.ndarray:
    """At most `k` different positions of one class, drawn with `seed`, in the order of the draw."""
    return np.random.default_rng([seed, label]).permutation(np.flatnonzero(split.labels == label))[:k]


def sample(split: Split, k: int, seed: int) -> np.ndarray:
    """At most `k` different positions of any class, drawn with `seed`."""
    return np.random.default_rng(seed).permutation(len(split))[:k]
