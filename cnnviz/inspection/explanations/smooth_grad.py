"""SmoothGrad: saliency averaged over noisy copies of the image (Smilkov et al. 2017)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz.inspection.explanations.method import About, Attribution, Differentiable, Floats, Paper, method
from cnnviz.inspection.explanations.saliency import UNIT, strongest
from cnnviz.specs.base import Seed, Spec


class SmoothGradSettings(Spec):
    """Settings of SmoothGrad."""

    samples: int = Field(
        24, ge=1, le=200, title="Samples", description="Noisy copies of the image. More: smoother, slower."
    )
    noise: float = Field(
        0.15,
        ge=0,
        le=1,
        title="Noise",
        description="Standard deviation of the noise, as a share of the image's range of brightness. "
        "0: plain saliency. The paper finds 0.1 to 0.2 best.",
        json_schema_extra={"step": 0.05},
    )
    average: Literal["gradients", "magnitudes"] = Field(
        "gradients",
        title="Average of",
        description="gradients: those of opposite sign cancel, as in the paper. magnitudes: they don't.",
    )
    seed: Seed = Field(0, title="Seed", description="Another seed draws another noise.")


ABOUT = About(
    title="SmoothGrad",
    paper=Paper("Smilkov et al.", 2017, "SmoothGrad: removing noise by adding noise", "1706.03825"),
    idea="The mean gradient over many noisy copies of the image, so that its flicker averages out.",
    limits="Smoother is not truer: it explains images around this one too, and costs many passes.",
    settings=SmoothGradSettings,
)


def noisy(image: NDArray[np.floating], samples: int, noise: float, seed: int) -> NDArray[np.float32]:
    """Copies (samples, H, W, C) of an image with Gaussian noise of `noise` times its range, not cut off."""
    scale = noise * float(image.max() - image.min())
    drawn = np.random.default_rng(seed).standard_normal((samples, *image.shape), np.float32)
    return np.asarray(image + scale * drawn, np.float32)


@method("smooth-grad", ABOUT, order=40)
def explain(network: Differentiable, image: Floats, label: int, settings: SmoothGradSettings) -> Attribution:
    """SmoothGrad of one image (H, W, C): values (H, W), ≥ 0.

    Source: Smilkov et al. 2017, arXiv:1706.03825, section 2.
    """
    copies = noisy(image, settings.samples, settings.noise, settings.seed)
    _, gradients = network.gradients(copies, label)
    if settings.average == "magnitudes":
        gradients = np.abs(gradients)
    return Attribution(strongest(gradients.mean(axis=0)).astype(np.float32), False, UNIT)
