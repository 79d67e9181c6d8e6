"""Integrated gradients: a rise of the score, shared among the pixels (Sundararajan et al. 2017)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz.inspection.explanations.baselines import BaselineName, baseline
from cnnviz.inspection.explanations.method import (
    About,
    Attribution,
    Completeness,
    Differentiable,
    Floats,
    Paper,
    method,
)
from cnnviz.specs.base import Spec


class IntegratedGradientsSettings(Spec):
    """Settings of integrated gradients."""

    steps: int = Field(
        32,
        ge=1,
        le=512,
        title="Steps",
        description="Images on the way from the baseline. More steps make the completeness error smaller.",
    )
    baseline: BaselineName = Field(
        "black",
        title="Baseline",
        description="What the image is compared with. Pixels that equal it get 0, whatever they mean. "
        "mean: the image's own mean colour.",
    )


ABOUT = About(
    title="Integrated gradients",
    paper=Paper("Sundararajan et al.", 2017, "Axiomatic Attribution for Deep Networks", "1703.01365"),
    idea="Fades the image in from a baseline and adds up what each pixel's gradient contributes on the way.",
    limits="Another baseline, another answer: a pixel like the baseline gets nothing, even where it matters.",
    settings=IntegratedGradientsSettings,
)


def path(image: NDArray[np.floating], start: NDArray[np.floating], steps: int) -> NDArray[np.float32]:
    """Images (steps, H, W, C) in the middles of equal pieces of the straight line from `start` to `image`."""
    shares = ((np.arange(steps) + 0.5) / steps).reshape(-1, 1, 1, 1)
    return np.asarray(start + shares * (image - start), np.float32)


def integrated(
    gradients: NDArray[np.floating], image: NDArray[np.floating], start: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Mean gradient on the way, times the way: (steps, H, W, C) → (H, W, C).

    Source: Sundararajan et al. 2017, arXiv:1703.01365, eq. 3, with the midpoint rule.
    """
    return np.asarray(gradients.mean(axis=0, dtype=np.float64) * (image.astype(np.float64) - start))


@method("integrated-gradients", ABOUT, order=50)
def explain(
    network: Differentiable, image: Floats, label: int, settings: IntegratedGradientsSettings
) -> Attribution:
    """Integrated gradients of one image (H, W, C), summed over the channels: values (H, W), signed.

    With the completeness error: how far their sum is from the rise of the score.
    """
    start = baseline(image, settings.baseline)
    _, gradients = network.gradients(path(image, start, settings.steps), label)
    values = integrated(gradients, image, start).sum(axis=-1)
    ends = network.scores(np.stack([image, start]))[:, label].astype(np.float64)
    completeness = Completeness(float(values.sum()), float(ends[0] - ends[1]))
    return Attribution(values.astype(np.float32), True, "units of the score", completeness=completeness)
