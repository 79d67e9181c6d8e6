"""Looking at a split: which images to show, counts, mean images and pixel statistics.

Statistics read the images once, in blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cnnviz.datasets.split import Split


class PixelStatistics(NamedTuple):
    """Per channel, in grey levels 0 … 255; each float64 or int64 of shape (C,)."""

    mean: np.ndarray
    std: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray


_BLOCK = 2048  # images held in memory at a time


def class_counts(split: Split, classes: int) -> np.ndarray:
    """Images of each class, int64 of shape (classes,)."""
    return np.bincount(split.labels, minlength=classes)


def class_means(split: Split, classes: int) -> np.ndarray:
    """Mean image of each class, float64 of shape (classes, H, W, C), 0 … 255; NaN for an empty class."""
    counts = class_counts(split, classes)
    sums = np.zeros((classes, int(np.prod(split.shape))))
    for positions, images in _blocks(split):
        members = np.zeros((classes, len(positions)), np.float32)
        members[split.labels[positions], np.arange(len(positions))] = 1
        sums += members @ images.reshape(len(images), -1).astype(np.float32)  # (classes, H·W·C)
    with np.errstate(invalid="ignore"):
        means = sums / counts[:, None]
    return means.reshape(classes, *split.shape)


def histogram(split: Split) -> np.ndarray:
    """How often each grey level occurs, int64 of shape (C, 256)."""
    counts = np.zeros((split.shape[2], 256), np.int64)
    for _, images in _blocks(split):
        for channel in range(split.shape[2]):
            counts[channel] += np.bincount(images[..., channel].reshape(-1), minlength=256)
    return counts


def pixel_statistics(counts: np.ndarray) -> PixelStatistics:
    """Exact statistics from a histogram.

    Args:
        counts: int, shape (C, 256), as `histogram` gives it; at least one pixel.
    Raises:
        ValueError: no pixel at all.
    """
    total = counts.sum(axis=1)
    if not total.all():
        raise ValueError("There are no pixels to describe.")
    levels = np.arange(256)
    mean = counts @ levels / total
    # Centred before squaring, so that nothing is lost to cancellation.
    variance = (counts * (levels[None, :] - mean[:, None]) ** 2).sum(axis=1) / total
    seen = counts > 0
    return PixelStatistics(mean, np.sqrt(variance), seen.argmax(axis=1), 255 - seen[:, ::-1].argmax(axis=1))


def _blocks(split: Split) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for start in range(0, len(split), _BLOCK):
        positions = np.arange(start, min(start + _BLOCK, len(split)))
        yield positions, split.images_at(positions)


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
    positions = np.full(classes, -1, np.int64)
    enough = counts >= n
    positions[enough] = order[first[enough] + n - 1]
    return positions


def sample_of_class(split: Split, label: int, k: int, seed: int) -> np.ndarray:
    """At most `k` different positions (≤ k,) of one class, drawn with `seed`, in the order of the draw."""
    return np.random.default_rng([seed, label]).permutation(np.flatnonzero(split.labels == label))[:k]


def sample(split: Split, k: int, seed: int) -> np.ndarray:
    """At most `k` different positions (≤ k,) of any class, drawn with `seed`."""
    return np.random.default_rng(seed).permutation(len(split))[:k]
