"""The sanity check with randomised weights: an explanation must change when the network does.

Source: Adebayo et al. 2018, Sanity Checks for Saliency Maps, arXiv:1810.03292.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnviz.inspection.explanations.method import Paper

PAPER = Paper("Adebayo et al.", 2018, "Sanity Checks for Saliency Maps", "1810.03292")
#: Stages that are shown at most; deep networks pass several layers at a time.
STAGES = 4


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
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray(((last - counts + 1 + last) / 2)[place])


def correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Spearman's rank correlation of the magnitudes of two maps; NaN where one of them is constant."""
    a, b = (ranks(np.abs(values).ravel()) for values in (first, second))
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm else float("nan")
