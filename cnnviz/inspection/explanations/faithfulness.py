"""Deletion and insertion: does the probability follow the pixels that an explanation points to?

Pixels are replaced by the image's mean colour, the most important first (deletion: a good explanation
lets the probability fall early), or a blurred image is filled with the true pixels in the same order
(insertion: it lets it rise early). Lower deletion and higher insertion are better; both depend on the
network, the image and the class, so they are read beside those of random orders.

Source: Petsiuk et al. 2018, RISE, arXiv:1806.07421, section 4.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnviz.inspection.explanations.baselines import baseline
from cnnviz.inspection.explanations.differentiable import Differentiable, Floats
from cnnviz.inspection.explanations.method import Paper
from cnnviz.inspection.explanations.results import Curve, Faithfulness

PAPER = Paper(
    "Petsiuk et al.",
    2018,
    "RISE: Randomized Input Sampling for Explanation of Black-box Models",
    "1806.07421",
)
STEPS = 32
#: Random orders that are averaged, for something to compare with.
RANDOM_ORDERS = 5


def order_of(values: NDArray[np.floating], seed: int = 0) -> NDArray[np.int64]:
    """Positions of all pixels (H·W), the highest value first; equal ones in random order."""
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
    """
    ends = np.unique(np.rint(np.linspace(0, len(order), min(steps, len(order)) + 1)).astype(int))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    changed = (rank.reshape(image.shape[:2])[None] < ends[:, None, None])[..., None]  # (S, H, W, 1)
    deleted = np.where(changed, baseline(image, "mean"), image)
    inserted = np.where(changed, image, baseline(image, "blurred"))
    found = network.probabilities(np.concatenate([deleted, inserted]).astype(np.float32))[:, label]
    shares = (ends / len(order)).astype(np.float32)
    down, up = np.split(found.astype(np.float32), 2)
    return Faithfulness(Curve(shares, down), Curve(shares, up))


def random_faithfulness(network: Differentiable, image: Floats, label: int) -> Faithfulness:
    """The mean curves of a few random orders."""
    pixels = image.shape[0] * image.shape[1]
    orders = [np.random.default_rng(seed).permutation(pixels) for seed in range(RANDOM_ORDERS)]
    found = [faithfulness(network, image, label, order) for order in orders]

    def mean(curves: list[Curve]) -> Curve:
        return Curve(curves[0].shares, np.mean([curve.probabilities for curve in curves], axis=0))

    return Faithfulness(mean([one.deletion for one in found]), mean([one.insertion for one in found]))
