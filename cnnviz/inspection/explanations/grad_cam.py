"""Grad-CAM: where the maps lie that speak for a class (Selvaraju et al. 2017)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz.inspection.explanations.differentiable import Differentiable, Floats
from cnnviz.inspection.explanations.enlarging import enlarge
from cnnviz.inspection.explanations.layers import resolve
from cnnviz.inspection.explanations.method import LAYER, About, Paper, method
from cnnviz.inspection.explanations.results import Attribution
from cnnviz.specs.base import Spec


class CamSettings(Spec):
    """Settings of class activation maps."""

    layer: str = Field(
        "",
        title="Layer",
        description="Whose maps are weighed. Late layers know the class and are coarse; early ones are fine.",
        json_schema_extra=LAYER,
    )


ABOUT = About(
    title="Grad-CAM",
    paper=Paper(
        "Selvaraju et al.",
        2017,
        "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
        "1610.02391",
    ),
    idea="Weighs each map of a layer by how much the class's score rises with it, and adds them up.",
    limits="As coarse as the layer's maps, and silent about what speaks against the class.",
    settings=CamSettings,
)


def grad_cam(features: NDArray[np.floating], gradients: NDArray[np.floating]) -> NDArray[np.floating]:
    """Weigh each feature map by its mean gradient, sum, keep the positive part.

    Args:
        features: float, shape (N, H, W, K): output of the explained layer.
        gradients: same shape: d score / d features.
    Returns:
        float, shape (N, H, W), ≥ 0, in units of the score, not rescaled.
    Raises:
        ValueError: the shapes differ.
    Source: Selvaraju et al. 2017, arXiv:1610.02391, eqs. 1–2.
    """
    if features.shape != gradients.shape:
        raise ValueError(f"features are {features.shape}, gradients {gradients.shape}: they must agree")
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    return np.maximum((weights * features).sum(axis=-1), 0)


@method("grad-cam", ABOUT)
def explain(network: Differentiable, image: Floats, label: int, settings: CamSettings) -> Attribution:
    """Grad-CAM of one image, enlarged to its size.

    Raises:
        SpecError: the network has no maps, or no such layer.
    """
    layer = resolve(network, settings.layer, ABOUT.title)
    features, gradients = network.features(image, label, layer)
    coarse = grad_cam(features[None], gradients[None])[0]
    size = (int(coarse.shape[0]), int(coarse.shape[1]))
    return Attribution(enlarge(coarse, *image.shape[:2]), False, "units of the score", coarse=size)
