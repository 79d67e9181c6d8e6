"""Grad-CAM++: Grad-CAM with weights of its own for each place (Chattopadhay et al. 2018)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnviz.inspection.explanations.differentiable import Differentiable, Floats
from cnnviz.inspection.explanations.enlarging import enlarge
from cnnviz.inspection.explanations.grad_cam import CamSettings
from cnnviz.inspection.explanations.layers import resolve
from cnnviz.inspection.explanations.method import About, Paper, method
from cnnviz.inspection.explanations.results import Attribution

ABOUT = About(
    title="Grad-CAM++",
    paper=Paper(
        "Chattopadhay et al.",
        2018,
        "Grad-CAM++: Improved Visual Explanations for Deep Convolutional Networks",
        "1710.11063",
    ),
    idea="As Grad-CAM, but only places where a map raises the score count, each with a weight of its own.",
    limits="As coarse as the layer's maps; its weights assume that the score is an exponential's logarithm.",
    settings=CamSettings,
)


def grad_cam_plus(features: NDArray[np.floating], gradients: NDArray[np.floating]) -> NDArray[np.floating]:
    """Weigh each feature map by its positive gradients, place by place; sum, keep the positive part.

    The explained number is the exponential of the score; its higher derivatives are then powers of the
    gradient. The common factor exp(score) is left out: it would overflow and scales all alike. The
    weights of a map sum to 1 over the places with a positive gradient, as in the authors' code.

    Args:
        features: float, shape (N, H, W, K): output of the explained layer.
        gradients: same shape: d score / d features.
    Returns:
        float, shape (N, H, W), ≥ 0.
    Raises:
        ValueError: the shapes differ.
    Source: Chattopadhay et al. 2018, arXiv:1710.11063, eqs. 5 and 19.
    """
    if features.shape != gradients.shape:
        raise ValueError(f"features are {features.shape}, gradients {gradients.shape}: they must agree")
    rising = np.maximum(gradients, 0)
    total = features.sum(axis=(1, 2), keepdims=True)
    # g² / (2 g² + Σ A · g³), shortened by g².
    below = 2 + total * rising
    alphas = np.divide(rising > 0, below, out=np.zeros_like(rising), where=below != 0)
    norm = alphas.sum(axis=(1, 2), keepdims=True)
    alphas = np.divide(alphas, norm, out=np.zeros_like(alphas), where=norm != 0)
    weights = (alphas * rising).sum(axis=(1, 2), keepdims=True)
    return np.maximum((weights * features).sum(axis=-1), 0)


@method("grad-cam-plus", ABOUT)
def explain(network: Differentiable, image: Floats, label: int, settings: CamSettings) -> Attribution:
    """Grad-CAM++ of one image, enlarged to its size.

    Raises:
        SpecError: the network has no maps, or no such layer.
    """
    layer = resolve(network, settings.layer, ABOUT.title)
    features, gradients = network.features(image, label, layer)
    coarse = grad_cam_plus(features[None], gradients[None])[0]
    size = (int(coarse.shape[0]), int(coarse.shape[1]))
    return Attribution(enlarge(coarse, *image.shape[:2]), False, "units of the score", coarse=size)
