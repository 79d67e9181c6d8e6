"""Saliency: how strongly the score answers to each pixel (Simonyan et al. 2013)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnviz.inspection.explanations.method import (
    About,
    Attribution,
    Differentiable,
    Floats,
    NoSettings,
    Paper,
    method,
)

UNIT = "units of the score per full brightness"
#: The paper of activation maximisation too.
PAPER = Paper(
    "Simonyan et al.",
    2013,
    "Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps",
    "1312.6034",
)
ABOUT = About(
    title="Saliency",
    paper=PAPER,
    idea="The gradient: how much the class's score changes when a pixel changes a little, up or down.",
    limits="Shows what would change the score a little, not what made it; noisy, blind to what saturates.",
)


def strongest(gradients: NDArray[np.floating]) -> NDArray[np.floating]:
    """The largest magnitude over the channels: (..., C) → (...).

    Source: Simonyan et al. 2013, arXiv:1312.6034, section 3.1.
    """
    return np.abs(gradients).max(axis=-1)


@method("saliency", ABOUT, order=30)
def explain(network: Differentiable, image: Floats, label: int, settings: NoSettings) -> Attribution:
    """Saliency of one image (H, W, C): values (H, W), ≥ 0."""
    _, gradients = network.gradients(image[None], label)
    return Attribution(strongest(gradients[0]).astype(np.float32), False, UNIT)
