"""Activation maximisation: an image that maximises a class's score or a map (Simonyan et al. 2013)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz.inspection.explanations.method import About, Differentiable, Floats
from cnnviz.inspection.explanations.saliency import PAPER
from cnnviz.specs.base import Seed, Spec

#: Images that are kept on the way, start and end included.
FRAMES = 6


class MaximisationSettings(Spec):
    """Settings of activation maximisation."""

    steps: int = Field(96, ge=1, le=512, title="Steps", description="How often the image is changed.")
    rate: float = Field(
        0.05,
        gt=0,
        le=1,
        title="Rate",
        description="How far a step goes: the typical change of a pixel's brightness (0 to 1).",
        json_schema_extra={"step": 0.01},
    )
    smoothing: float = Field(
        0.1,
        ge=0,
        le=1,
        title="Smoothing",
        description="After each step every pixel moves this share of the way to its neighbours' mean. "
        "0: none; the image then fills with fine noise.",
        json_schema_extra={"step": 0.05},
    )
    decay: float = Field(
        0.01,
        ge=0,
        le=1,
        title="Decay",
        description="After each step every pixel moves this share of the way to mid-grey, so that what "
        "does not matter fades.",
        json_schema_extra={"step": 0.01},
    )
    seed: Seed = Field(0, title="Seed", description="Another seed starts from another noise.")


class Maximised(NamedTuple):
    """An image made to maximise a class's score or a map, and how it came about."""

    frames: NDArray[np.uint8]  # (F, H, W, C): the start, some between, the final image
    frame_steps: tuple[int, ...]  # (F,)
    scores: Floats  # (steps + 1,): the number that was raised, before the first and after each step
    probabilities: Floats  # (classes,): what the network makes of the final image


ABOUT = About(
    title="Activation maximisation",
    paper=PAPER,
    idea="Starts from noise and follows the gradient until a class's score or a map's mean is high.",
    limits="One answer of many, far from real images: it shows what is sufficient, not what is usual.",
    settings=MaximisationSettings,
)


def start_image(shape: tuple[int, int, int], seed: int) -> Floats:
    """Mid-grey with a little noise: (H, W, C)."""
    noise = np.random.default_rng(seed).standard_normal(shape, np.float32)
    return np.clip(np.float32(0.5) + np.float32(0.05) * noise, 0, 1)


def ascend(image: Floats, gradient: NDArray[np.floating], settings: MaximisationSettings) -> Floats:
    """One step along the gradient, brought to a root mean square of `rate`; then smoothing and decay.

    Args:
        image: float32, shape (H, W, C), from 0 to 1.
        gradient: same shape.
    Returns:
        float32, the same shape, from 0 to 1.

    Source: Simonyan et al. 2013, arXiv:1312.6034, section 2, with the smoothing and decay of Yosinski
        et al. 2015, arXiv:1506.06579.
    """
    size = float(np.sqrt(np.mean(gradient.astype(np.float64) ** 2)))
    moved = image + (settings.rate / size * gradient if size else 0)
    padded = np.pad(moved, ((1, 1), (1, 1), (0, 0)), mode="edge")
    around = (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4
    moved = moved + settings.smoothing * (around - moved)
    moved = moved + settings.decay * (0.5 - moved)
    return np.clip(moved, 0, 1).astype(np.float32)


def maximise(
    network: Differentiable, unit: int, layer: str | None, settings: MaximisationSettings
) -> Maximised:
    """Raise a class's score (`layer` None), or the mean of a map of a layer."""
    image = start_image(network.shape, settings.seed)
    kept = np.unique(np.rint(np.linspace(0, 1, FRAMES) ** 1.5 * settings.steps).astype(int))
    frames, scores = [], []
    for step in range(settings.steps + 1):
        value, gradient = network.gradients(image[None], unit, layer)
        scores.append(value[0])
        if step in kept:
            frames.append(np.rint(image * 255).astype(np.uint8))
        if step < settings.steps:
            image = ascend(image, gradient[0], settings)
    probabilities = network.probabilities(image[None])[0].astype(np.float32)
    return Maximised(np.stack(frames), tuple(map(int, kept)), np.array(scores, np.float32), probabilities)
