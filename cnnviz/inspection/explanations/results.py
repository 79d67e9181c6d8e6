"""What explaining answers with: plain arrays and numbers, readable without Keras."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Completeness(NamedTuple):
    """How well attributions add up to what they should: the score's difference from a baseline."""

    total: float  # sum of all attributions
    difference: float  # score of the image less score of the baseline

    @property
    def error(self) -> float:
        """|total − difference|, in units of the score."""
        return abs(self.total - self.difference)

    @property
    def relative(self) -> float | None:
        """The error as a share of |difference|; None where that is 0."""
        return self.error / abs(self.difference) if self.difference else None


class Attribution(NamedTuple):
    """How much each pixel matters for a class's score."""

    values: Floats  # (H, W), of the image's size
    signed: bool  # whether values below 0 mean "against the class"
    unit: str  # of the values, in words
    coarse: tuple[int, int] | None = None  # size of the map before it was enlarged to the image's
    completeness: Completeness | None = None


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


class Maximised(NamedTuple):
    """An image made to excite a class or a map, and how it came about."""

    frames: NDArray[np.uint8]  # (F, H, W, C): the start, some between, the final image
    frame_steps: tuple[int, ...]  # (F,)
    scores: Floats  # (steps + 1,): the number that was raised, before the first and after each step
    probabilities: Floats  # (classes,): what the network makes of the final image
