"""Class activation maps: where the maps of a layer lie that speak for a class.

Grad-CAM (Selvaraju et al. 2017) and Grad-CAM++ (Chattopadhay et al. 2018), which weighs each place by itself.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz.errors import SpecError
from cnnviz.inspection.explanations.method import (
    LAYER,
    About,
    Attribution,
    Differentiable,
    Floats,
    Paper,
    method,
)
from cnnviz.registry import did_you_mean
from cnnviz.specs.base import Spec

#: From maps and gradients, both (N, H, W, K), to what speaks for the class, (N, H, W).
Weigh = Callable[[NDArray[np.floating], NDArray[np.floating]], NDArray[np.floating]]


class CamSettings(Spec):
    """Settings of class activation maps."""

    layer: str = Field(
        "",
        title="Layer",
        description="Whose maps are weighed. Late layers know the class and are coarse; early ones are fine.",
        json_schema_extra=LAYER,
    )


GRAD_CAM = About(
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
    _check_shapes(features, gradients)
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    return np.maximum((weights * features).sum(axis=-1), 0)


GRAD_CAM_PLUS = About(
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
    _check_shapes(features, gradients)
    rising = np.maximum(gradients, 0)
    total = features.sum(axis=(1, 2), keepdims=True)
    # g² / (2 g² + Σ A · g³), shortened by g².
    below = 2 + total * rising
    alphas = np.divide(rising > 0, below, out=np.zeros_like(rising), where=below != 0)
    norm = alphas.sum(axis=(1, 2), keepdims=True)
    alphas = np.divide(alphas, norm, out=np.zeros_like(alphas), where=norm != 0)
    weights = (alphas * rising).sum(axis=(1, 2), keepdims=True)
    return np.maximum((weights * features).sum(axis=-1), 0)


def _check_shapes(features: NDArray[np.floating], gradients: NDArray[np.floating]) -> None:
    if features.shape != gradients.shape:
        raise ValueError(f"features are {features.shape}, gradients {gradients.shape}: they must agree")


def _register(name: str, about: About, weigh: Weigh, order: int) -> None:
    @method(name, about, order=order)
    def explain(network: Differentiable, image: Floats, label: int, settings: CamSettings) -> Attribution:
        """Weigh the maps for one image (H, W, C) and enlarge what comes out to its size: (H, W), ≥ 0.

        Raises:
            SpecError: the network has no maps, or no such layer.
        """
        features, gradients = network.features(image, label, resolve(network, settings.layer, about.title))
        coarse = weigh(features[None], gradients[None])[0]
        size = (int(coarse.shape[0]), int(coarse.shape[1]))
        return Attribution(enlarge(coarse, *image.shape[:2]), False, "units of the score", coarse=size)


_register("grad-cam", GRAD_CAM, grad_cam, order=10)
_register("grad-cam-plus", GRAD_CAM_PLUS, grad_cam_plus, order=20)


def resolve(network: Differentiable, wanted: str, title: str) -> str:
    """Name of the layer to explain with: the wanted one, or the last convolution where none is named.

    Raises:
        SpecError: the network has no such layer, or no maps at all.
    """
    known = network.map_layers
    name = wanted or network.last_convolution
    if name is None:
        raise SpecError(
            f"{title} weighs the maps of a convolution, and this network has none. "
            "Use saliency, integrated gradients or occlusion."
        )
    if name not in known:
        raise SpecError(
            f"This network has no layer '{name}' that answers with maps.{did_you_mean(name, known)} "
            f"It has: {', '.join(known)}."
        )
    return name


def enlarge(values: NDArray[np.floating], height: int, width: int) -> NDArray[np.float32]:
    """Interpolate linearly in both directions, as the papers on class activation maps do it.

    A value stands for the middle of its cell, so that nothing is shifted; beyond the outermost middles
    the outermost values go on.

    Args:
        values: float, shape (h, w).
    Returns:
        float32, shape (height, width).
    """
    rows = _weights(values.shape[0], height)
    columns = _weights(values.shape[1], width)
    return np.asarray(rows @ values.astype(np.float64) @ columns.T, np.float32)


def _weights(before: int, after: int) -> NDArray[np.float64]:
    """Share of each of `before` values in each of `after` ones: (after, before), rows sum to 1."""
    middles = np.clip((np.arange(after) + 0.5) * before / after - 0.5, 0, before - 1)
    return np.maximum(0, 1 - np.abs(middles[:, None] - np.arange(before)))
