"""What an accuracy is worth: its interval from n images, and the baseline it must beat."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

#: Two-sided 95 % quantile of the normal distribution.
Z95 = 1.959963984540054


class Interval(NamedTuple):
    """A share with its interval, all in 0–1."""

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the interval's width: the number behind "±"."""
        return (self.high - self.low) / 2


class Baseline(NamedTuple):
    """The accuracy of always saying the class that is most frequent in training."""

    label: int
    accuracy: float


def accuracy_interval(correct: int, n: int, z: float = Z95) -> Interval:
    """Give Wilson's score interval of an accuracy.

    It tells what another sample of images would change, not what another seed would.

    Args:
        correct: images classified correctly, 0 … n.
        n: images in all; 0 gives the whole range 0–1.
        z: quantile of the normal distribution; 1.96 for 95 %.
    Raises:
        ValueError: `correct` lies outside 0 … n.
    Source: Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    if not 0 <= correct <= n:
        raise ValueError(f"{correct} correct out of {n} images is impossible.")
    if n == 0:
        return Interval(0.0, 0.0, 1.0)
    share, spread = correct / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    reach = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    # At 0 and at n correct the bound is exact; rounding must not push it past the share.
    low = 0.0 if correct == 0 else max(0.0, centre - reach)
    high = 1.0 if correct == n else min(1.0, centre + reach)
    return Interval(share, low, high)


def baseline(training_labels: np.ndarray, labels: np.ndarray) -> Baseline:
    """Score the classifier that always says the most frequent training class (the first of equals).

    Args:
        training_labels: int, shape (M,): the class is chosen on these …
        labels: int, shape (N,): … and scored on these.
    """
    if not training_labels.size:
        raise ValueError("A baseline needs at least one training label.")
    label = int(np.bincount(training_labels.astype(np.int64)).argmax())
    return Baseline(label, float((labels == label).mean()) if labels.size else 0.0)
