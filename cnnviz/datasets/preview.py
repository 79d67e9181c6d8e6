"""What augmentation does to a few images, in numpy alone: for the page, which has no Keras.

The same transform, in the same order, as the layer that trains (`cnnviz.training.augmentation`):
flip, zoom and rotate about the centre, shift, sampled once bilinearly; what moves in from outside
repeats the edge; then brightness.
"""

from __future__ import annotations

import numpy as np

from cnnviz.specs import AugmentationSpec

#: Uniform numbers that one image takes: angle, two shifts, zoom, two flips, brightness.
_DRAWS = 7


def augment(images: np.ndarray, spec: AugmentationSpec, seed: int) -> np.ndarray:
    """Change each image at random.

    Args:
        images: uint8, shape (N, H, W, C).
    Returns:
        uint8, same shape; the same for the same seed.
    """
    _, height, width, channels = images.shape
    draws = np.random.default_rng(seed).uniform(-1, 1, (len(images), _DRAWS + channels))
    values = resample(images, matrices(draws, spec, height, width))
    light = draws[:, 6:7] * spec.brightness + draws[:, _DRAWS:] * spec.channel_shift
    values = np.clip(values + 255 * light[:, None, None, :], 0, 255)
    return values.round().astype(np.uint8)


def matrices(draws: np.ndarray, spec: AugmentationSpec, height: int, width: int) -> np.ndarray:
    """Affine maps from output to input pixels.

    Args:
        draws: float, shape (N, 7 or more), uniform within -1 … 1.
    Returns:
        float, shape (N, 2, 3): (x, y) in the input = matrix · (x, y, 1) in the output.
    """
    angle = draws[:, 0] * np.deg2rad(spec.rotation)
    scale = 1 + draws[:, 3] * spec.zoom
    flip_x = np.where(draws[:, 4] < 0, -1.0, 1.0) if spec.horizontal_flip else np.ones(len(draws))
    flip_y = np.where(draws[:, 5] < 0, -1.0, 1.0) if spec.vertical_flip else np.ones(len(draws))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    linear = np.stack([[cos * flip_x, -sin * flip_x], [sin * flip_y, cos * flip_y]]).transpose(2, 0, 1)
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    shift = draws[:, 1:3] * np.array([spec.width_shift * width, spec.height_shift * height])
    offset = middle - np.einsum("nij,nj->ni", linear, middle + shift)
    return np.concatenate([linear, offset[:, :, None]], axis=2)


def resample(images: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Sample images bilinearly where `maps` lead; outside, the nearest edge pixel counts.

    Args:
        images: any number type, shape (N, H, W, C).
        maps: float, shape (N, 2, 3), as `matrices` gives them.
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
