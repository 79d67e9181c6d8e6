"""Tests of an explanation: deletion and insertion, and the sanity check with randomised weights.

**Deletion and insertion**: does the probability follow the pixels that an explanation points to? They are
replaced by the image's mean colour, the most important first (deletion: a good explanation lets the
probability fall early), or a blurred image is filled with the true pixels in the same order (insertion: it
lets it rise early). Lower deletion and higher insertion are better; both depend on the network, the image
and the class, so they are read beside those of random orders.

Source: Petsiuk et al. 2018, RISE, arXiv:1806.07421, section 4.3.

**Randomised weights**: an explanation must change when the network does.

Source: Adebayo et al. 2018, Sanity Checks for Saliency Maps, arXiv:1810.03292.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.inspection.explanations.baselines import baseline
from cnnviz.inspection.explanations.method import Differentiable, Floats, Paper

DELETION_PAPER = Paper(
    "Petsiuk et al.",
    2018,
    "RISE: Randomized Input Sampling for Explanation of Black-box Models",
    "1806.07421",
)
RANDOMISATION_PAPER = Paper("Adebayo et al.", 2018, "Sanity Checks for Saliency Maps", "1810.03292")
STEPS = 32
#: Random orders that are averaged, for something to compare with.
RANDOM_ORDERS = 5
#: Stages of randomisation that are shown at most; deep networks pass several layers at a time.
STAGES = 4


class Curve(NamedTuple):
    """Probability of the class while pixels are taken away or put in."""

    shares: Floats  # (S,), of the pixels changed so far: 0 … 1
    probabilities: Floats  # (S,)

    @property
    def area(self) -> float:
        """Area under the curve (trapezoids), between 0 and 1."""
        return float(np.trapezoid(self.probabilities, self.shares))


class Faithfulness(NamedTuple):
    """Deletion (lower is better) and insertion (higher is better) of one order of the pixels."""

    deletion: Curve
    insertion: Curve


class Stage(NamedTuple):
    """An explanation after some of the upper layers have been given random weights."""

    layers: tuple[str, ...]  # the randomised ones, from the classifier down
    values: Floats  # (H, W)
    correlation: float  # Spearman's, of the magnitudes, with the trained network's; NaN: undefined


def order_of(values: NDArray[np.floating], seed: int = 0) -> NDArray[np.int64]:
    """Positions of all pixels, the highest value first; equal ones in random order: (H, W) → (H·W,)."""
    flat = values.ravel()
    tie = np.random.default_rng(seed).permutation(flat.size)
    return np.lexsort((tie, -flat))


def faithfulness(
    network: Differentiable, image: Floats, label: int, order: NDArray[np.int64], steps: int = STEPS
) -> Faithfulness:
    """Both curves for one order of the pixels.

    Args:
        image: (H, W, C), from 0 to 1.
        order: positions of all H·W pixels, in all channels at once.
        steps: points of a curve after the first; at most one a pixel.
    Returns:
        Curves of S = min(steps, H·W) + 1 points.
    """
    ends = np.unique(np.rint(np.linspace(0, len(order), min(steps, len(order)) + 1)).astype(int))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    changed = (rank.reshape(image.shape[:2])[None] < ends[:, None, None])[..., None]  # (S, H, W, 1)
    deleted = np.where(changed, baseline(image, "mean"), image)
    inserted = np.where(changed, image, baseline(image, "blurred"))
    curves = network.probabilities(np.concatenate([deleted, inserted]).astype(np.float32))[:, label]
    shares = (ends / len(order)).astype(np.float32)
    down, up = np.split(curves.astype(np.float32), 2)
    return Faithfulness(Curve(shares, down), Curve(shares, up))


def random_faithfulness(network: Differentiable, image: Floats, label: int) -> Faithfulness:
    """The mean curves of a few random orders, for an image (H, W, C) from 0 to 1."""
    pixels = image.shape[0] * image.shape[1]
    orders = [np.random.default_rng(seed).permutation(pixels) for seed in range(RANDOM_ORDERS)]
    scored = [faithfulness(network, image, label, order) for order in orders]

    def mean(curves: Sequence[Curve]) -> Curve:
        return Curve(curves[0].shares, np.mean([curve.probabilities for curve in curves], axis=0))

    return Faithfulness(*(mean(curves) for curves in zip(*scored, strict=True)))


def cascade(layers: Sequence[str], stages: int = STAGES) -> list[tuple[str, ...]]:
    """Which layers are random at each stage: from the classifier alone to all of them.

    Args:
        layers: with weights, from the image to the classifier.
    """
    down = tuple(reversed(layers))
    counts = np.unique(np.rint(np.linspace(1, len(down), min(stages, len(down)))).astype(int))
    return [down[:count] for count in counts]


def ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Places from 1 in ascending order, equal values sharing their mean place: (N,) → (N,)."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray(((last - counts + 1 + last) / 2)[group])


def correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Spearman's rank correlation of the magnitudes of two maps (H, W); NaN where one of them is constant."""
    a, b = (ranks(np.abs(values).ravel()) for values in (first, second))
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm else float("nan")
