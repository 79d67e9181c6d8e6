"""What augmentation does to a few images, in numpy alone: for the page, which has no Keras.

The same `transforms` as in the layer that trains (`cnnviz.training.augmentation`), sampled once bilinearly;
what moves in from outside repeats the edge; then brightness.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cnnviz.specs import AugmentationSpec

#: Uniform numbers that one image takes: angle, two shifts, zoom, two flips, brightness.
DRAWS = 7


def augment(images: np.ndarray, spec: AugmentationSpec, seed: int) -> np.ndarray:
    """Change each image at random.

    Args:
        images: uint8, shape (N, H, W, C).
    Returns:
        uint8, same shape; the same for the same seed.
    """
    _, height, width, channels = images.shape
    draws = np.random.default_rng(seed).uniform(-1, 1, (len(images), DRAWS + channels))
    values = resample(images, transforms(draws, spec, height, width)[:, :6].reshape(-1, 2, 3))
    light = draws[:, 6:7] * spec.brightness + draws[:, DRAWS:] * spec.channel_shift
    values = np.clip(values + 255 * light[:, None, None, :], 0, 255)
    return values.round().astype(np.uint8)


def transforms(draws: Any, spec: AugmentationSpec, height: int, width: int, ops: Any = np) -> Any:
    """Turn uniform numbers into projective transforms that lead from output to input pixels.

    The image is flipped, zoomed and rotated about its centre, then shifted; zoom 0.2 scales it by
    1 / (0.8 … 1.2).

    Args:
        draws: float, shape (B, 7 or more), uniform in [-1, 1).
        ops: the library that computes: numpy, or `keras.ops` in a training.
    Returns:
        float, shape (B, 8): a0 a1 a2 b0 b1 b2 0 0, with x_in = a0·x + a1·y + a2 and
        y_in = b0·x + b1·y + b2, as `keras.ops.image.affine_transform` takes them.
    """
    angle = draws[:, 0] * (spec.rotation * math.pi / 180)
    right, down = draws[:, 1] * (spec.width_shift * width), draws[:, 2] * (spec.height_shift * height)
    scale = 1 + draws[:, 3] * spec.zoom
    ones = ops.ones_like(scale)
    flip_x = ops.where(draws[:, 4] < 0, -ones, ones) if spec.horizontal_flip else ones
    flip_y = ops.where(draws[:, 5] < 0, -ones, ones) if spec.vertical_flip else ones
    cos, sin = ops.cos(angle) * scale, ops.sin(angle) * scale
    a0, a1, b0, b1 = cos * flip_x, -sin * flip_x, sin * flip_y, cos * flip_y
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    x, y = middle_x + right, middle_y + down  # the output pixel that shows the input's centre
    a2, b2 = middle_x - a0 * x - a1 * y, middle_y - b0 * x - b1 * y
    zero = ops.zeros_like(scale)
    return ops.stack([a0, a1, a2, b0, b1, b2, zero, zero], axis=1)


def resample(images: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Sample images bilinearly where `maps` lead; outside, the nearest edge pixel counts.

    Args:
        images: any number type, shape (N, H, W, C).
        maps: float, shape (N, 2, 3): (x, y) in the input = map · (x, y, 1) in the output.
    Returns:
        float64, shape (N, H, W, C).
    """
    n, height, width, _ = images.shape
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)  # (H, W, 2): x, y
    points = np.einsum("nij,hwj->nhwi", maps[:, :, :2], grid) + maps[:, None, None, :, 2]
    x = np.clip(points[..., 0], 0, width - 1)
    y = np.clip(points[..., 1], 0, height - 1)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = (x - left)[..., None], (y - top)[..., None]
    own = np.arange(n)[:, None, None]
    upper = images[own, top, left] * (1 - across) + images[own, top, right] * across
    lower = images[own, bottom, left] * (1 - across) + images[own, bottom, right] * across
    return np.asarray(upper * (1 - down) + lower * down)
