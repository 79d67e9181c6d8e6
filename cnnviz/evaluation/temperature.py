"""Temperature scaling: one number, fitted on validation images, that makes a network as sure as it is right.

Saved probabilities are float16: their logarithm is the logits up to a constant of each image, which softmax
does not see. What was rounded to 0 counts as 2⁻²⁴, the smallest number above 0 of that type.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: Smallest float16 above 0: smaller probabilities were saved as 0.
SMALLEST = 2.0**-24
#: Temperatures that are looked through.
LOWEST, HIGHEST = 0.05, 20.0


class Temperature(NamedTuple):
    """The temperature, and on how many images it was fitted."""

    value: float
    images: int
    at_bound: bool  # the best one lies beyond LOWEST … HIGHEST


def _logits(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probabilities.astype(np.float64), SMALLEST))


def scaled(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Softmax of the logits divided by the temperature: above 1 less sure, the answers as they were.

    Args:
        probabilities: float, shape (N, C).
    Returns:
        float64, shape (N, C), rows summing to 1.
    """
    logits = _logits(probabilities) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    softmax: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return softmax


def negative_log_likelihood(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean over images of −log p of the label, in nats; probabilities (N, C) saved as 0 count as 2⁻²⁴."""
    return float(-_logits(probabilities)[np.arange(len(labels)), labels].mean())


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> Temperature:
    """Find the temperature with the smallest negative log-likelihood.

    It is convex in 1 / T with the derivative mean(Σ_c p_c z_c − z_label), whose zero is found by bisection.

    Args:
        labels: int, shape (N,), N ≥ 1: of validation images.
        probabilities: float, shape (N, C).
    Raises:
        ValueError: no image.
    Source: Guo et al. 2017, arXiv:1706.04599, section 4.2.
    """
    if not len(labels):
        raise ValueError("A temperature needs at least one image.")
    logits = _logits(probabilities)
    own = logits[np.arange(len(labels)), labels]

    def slope(inverse: float) -> float:
        return float(((scaled(probabilities, 1 / inverse) * logits).sum(axis=1) - own).mean())

    low, high = 1 / HIGHEST, 1 / LOWEST
    if slope(low) >= 0:
        return Temperature(HIGHEST, len(labels), at_bound=True)
    if slope(high) <= 0:
        return Temperature(LOWEST, len(labels), at_bound=True)
    for _ in range(40):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return Temperature(1 / (low * high) ** 0.5, len(labels), at_bound=False)
