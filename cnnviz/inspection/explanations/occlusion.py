"""Occlusion: what the score loses when a patch of the image is covered (Zeiler and Fergus 2013)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz.errors import SpecError
from cnnviz.inspection.explanations.baselines import BaselineName, baseline
from cnnviz.inspection.explanations.method import About, Attribution, Differentiable, Floats, Paper, method
from cnnviz.specs.base import Spec

#: More positions would let a person wait for minutes.
MOST_POSITIONS = 2500
_BATCH = 128


class OcclusionSettings(Spec):
    """Settings of occlusion."""

    window: int = Field(
        4, ge=1, le=256, title="Window", description="Side of the square that covers the image, in pixels."
    )
    stride: int = Field(
        2, ge=1, le=256, title="Stride", description="Pixels from one position of the square to the next."
    )
    fill: BaselineName = Field(
        "mean", title="Filled with", description="What covers. mean: the image's own mean colour."
    )


ABOUT = About(
    title="Occlusion",
    paper=Paper(
        "Zeiler and Fergus", 2013, "Visualizing and Understanding Convolutional Networks", "1311.2901"
    ),
    idea="Covers one square after the other and notes by how much the class's score falls.",
    limits="Sees only what one square hides at a time; the covered images are unlike any that it has learnt.",
    settings=OcclusionSettings,
)


def positions(length: int, window: int, stride: int) -> NDArray[np.int64]:
    """Where windows begin along a side of `length` pixels: int, shape (n,), ascending from 0.

    The last one is flush with the side's end, so that every pixel is covered.
    """
    starts = np.arange(0, length - window + 1, stride)
    return starts if starts[-1] == length - window else np.append(starts, length - window)


def spread(drops: NDArray[np.floating], height: int, width: int, window: int, stride: int) -> Floats:
    """For each pixel the mean drop over the windows that cover it: (rows, columns) → (height, width)."""
    total, covers = np.zeros((height, width)), np.zeros((height, width))
    for i, top in enumerate(positions(height, window, stride)):
        for j, left in enumerate(positions(width, window, stride)):
            total[top : top + window, left : left + window] += drops[i, j]
            covers[top : top + window, left : left + window] += 1
    return (total / covers).astype(np.float32)


def _suited(shape: tuple[int, int, int]) -> OcclusionSettings:
    """A window of an eighth of the side, moved by half of itself."""
    window = max(1, min(shape[:2]) // 8)
    return OcclusionSettings(window=window, stride=max(1, window // 2))


@method("occlusion", ABOUT, suited=_suited, order=60)
def explain(network: Differentiable, image: Floats, label: int, settings: OcclusionSettings) -> Attribution:
    """Occlusion of one image (H, W, C): values (H, W), positive where covering lowers the score.

    Raises:
        SpecError: the window is larger than the image, or there would be too many positions.
    Source: Zeiler and Fergus 2013, arXiv:1311.2901, section 4.2, on the score instead of the probability.
    """
    height, width = image.shape[:2]
    window, stride = settings.window, settings.stride
    if window > min(height, width):
        raise SpecError(
            f"A window of {window}×{window} does not fit into an image of {height}×{width}. "
            f"Use one of at most {min(height, width)}."
        )
    rows, columns = positions(height, window, stride), positions(width, window, stride)
    count = len(rows) * len(columns)
    if count > MOST_POSITIONS:
        raise SpecError(
            f"A window of {window}×{window} with stride {stride} has {count:,} positions; at most "
            f"{MOST_POSITIONS:,} are tried. Use a larger stride."
        )
    cover = baseline(image, settings.fill)
    places = [(top, left) for top in rows for left in columns]
    whole = network.scores(image[None])[0, label]
    drops = np.empty(count, np.float64)
    for first in range(0, count, _BATCH):
        part = places[first : first + _BATCH]
        copies = np.repeat(image[None], len(part), axis=0)
        for copy, (top, left) in zip(copies, part, strict=True):
            area = np.s_[top : top + window, left : left + window]
            copy[area] = cover[area]
        drops[first : first + _BATCH] = whole - network.scores(copies)[:, label]
    values = spread(drops.reshape(len(rows), len(columns)), height, width, window, stride)
    return Attribution(values, True, "units of the score")
