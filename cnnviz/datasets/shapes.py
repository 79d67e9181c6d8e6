"""Coloured geometric shapes on textured grounds, drawn on the spot: a colour data set without files.

Ten classes, 500 training and 100 test images each, 32×32×3; place, size, angle, colours, texture
and noise are drawn with a fixed seed.
"""

from __future__ import annotations

import numpy as np

from cnnviz.datasets.entry import DATASETS, Arrays, DatasetEntry
from cnnviz.datasets.outlines import OUTLINES

_SIDE = 32
_PER_CLASS = {"train": 500, "test": 100}
_SEED = 20240501
#: Largest tilt to either side, in radians, and least difference of brightness between shape and ground.
_TILT, _GAP = np.pi / 4, 45
_CHUNK = 500


def _make(size: int) -> Arrays:
    rng = np.random.default_rng(_SEED)
    (train, train_labels), (test, test_labels) = (draw(n, rng, size) for n in _PER_CLASS.values())
    return Arrays(train, train_labels, test, test_labels)


def draw(per_class: int, rng: np.random.Generator, side: int = _SIDE) -> tuple[np.ndarray, np.ndarray]:
    """Draw `per_class` images of every class, in random order.

    Returns:
        images uint8 (10·per_class, side, side, 3) and labels int64 (10·per_class,).
    """
    labels = rng.permutation(np.repeat(np.arange(len(OUTLINES)), per_class))
    images = np.empty((len(labels), side, side, 3), np.uint8)
    for start in range(0, len(labels), _CHUNK):
        part = slice(start, start + _CHUNK)
        images[part] = _paint(labels[part], rng, side)
    return images, labels


def _paint(labels: np.ndarray, rng: np.random.Generator, side: int) -> np.ndarray:
    n = len(labels)
    cover = _cover(labels, rng, side)[..., None]  # (n, side, side, 1)
    ground, figure = _colours(n, rng)
    back = ground[:, None, None, :] + _texture(n, rng, side)[..., None] * rng.uniform(10, 40, (n, 1, 1, 1))
    light = _gradient(n, rng, side)[..., None] * rng.uniform(0, 30, (n, 1, 1, 1))
    front = figure[:, None, None, :] + light
    noise = rng.normal(0, 1, (n, side, side, 3)) * rng.uniform(2, 10, (n, 1, 1, 1))
    return np.clip(back + (front - back) * cover + noise, 0, 255).round().astype(np.uint8)


def _cover(labels: np.ndarray, rng: np.random.Generator, side: int) -> np.ndarray:
    """Share of each pixel that the shape covers, (n, side, side), anti-aliased over one pixel."""
    n = len(labels)
    radius = rng.uniform(0.22, 0.38, n) * side
    angle = rng.uniform(-_TILT, _TILT, n)
    centre = side / 2 + rng.uniform(-1, 1, (2, n)) * (side / 2 - 1 - radius)
    grid = np.arange(side) + 0.5
    x = (grid[None, None, :] - centre[0][:, None, None]) / radius[:, None, None]
    y = (grid[None, :, None] - centre[1][:, None, None]) / radius[:, None, None]
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    u, v = cos * x + sin * y, cos * y - sin * x
    distance = np.empty((n, side, side))
    for label, outline in enumerate(OUTLINES.values()):
        own = labels == label
        distance[own] = outline(u[own], v[own])
    return np.clip(0.5 - distance * radius[:, None, None], 0, 1)


def _colours(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two colours an image, float (n, 3): a darker ground and a lighter shape, on average at least 45 apart.

    Were either allowed to be the lighter one, 4,500 images would be too few for a small network.
    """
    ground = rng.uniform(10, 130, (n, 3))
    candidates = rng.uniform(90, 250, (n, 16, 3))
    gap = candidates.mean(axis=2) - ground.mean(axis=1)[:, None]
    first = np.where((gap >= _GAP).any(axis=1), (gap >= _GAP).argmax(axis=1), gap.argmax(axis=1))
    return ground, candidates[np.arange(n), first]


def _texture(n: int, rng: np.random.Generator, side: int) -> np.ndarray:
    """Waves, checks, blotches or a gradient, within about -1 … 1, shape (n, side, side)."""
    kind = rng.integers(0, 4, n)[:, None, None]
    frequency = rng.uniform(0.25, 1.4, (n, 1, 1))
    u = np.sin(frequency * _along(n, rng, side) + rng.uniform(0, 6.28, (n, 1, 1)))
    v = np.sin(frequency * _along(n, rng, side) + rng.uniform(0, 6.28, (n, 1, 1)))
    blotches = rng.uniform(-1, 1, (n, side // 4, side // 4)).repeat(4, axis=1).repeat(4, axis=2)
    return np.select(
        [kind == 0, kind == 1, kind == 2], [u, np.sign(u) * np.sign(v), blotches], u * 0.5 + v * 0.5
    )


def _gradient(n: int, rng: np.random.Generator, side: int) -> np.ndarray:
    return _along(n, rng, side) / (side / 2)


def _along(n: int, rng: np.random.Generator, side: int) -> np.ndarray:
    """Signed distance in pixels along a random direction through the middle, (n, side, side)."""
    angle = rng.uniform(0, 2 * np.pi, (n, 1, 1))
    grid = np.arange(side) - (side - 1) / 2
    return np.cos(angle) * grid[None, None, :] + np.sin(angle) * grid[None, :, None]


DATASETS.add(
    "shapes",
    DatasetEntry(
        name="shapes",
        title="Shapes",
        description="Coloured geometric shapes on textured grounds, drawn by cnnviz with a fixed seed: "
        "10 classes, 5,000 training and 1,000 test images of 32×32 pixels.",
        source="drawn by cnnviz",
        class_names=tuple(OUTLINES),
        shape=(_SIDE, _SIDE, 3),
        n_train=len(OUTLINES) * _PER_CLASS["train"],
        n_test=len(OUTLINES) * _PER_CLASS["test"],
        make=_make,
        version=2,
    ),
)
