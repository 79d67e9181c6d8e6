"""Coloured geometric shapes on textured grounds, drawn on the spot: a colour data set without files.

Ten classes, 500 training and 100 test images each, 32×32×3; place, size, angle, colours, texture
and noise are drawn with a fixed seed.

The outlines are signed distances of about unit radius: negative inside, 0 on the line. Each takes
coordinates u, v of equal shape (…) and returns float (…), in units of the shape's radius; near the outline
it is a distance, which is all that anti-aliasing needs. Source: I. Quilez, "2D distance functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from cnnviz.datasets.dataset_entry import DATASETS, Arrays, DatasetEntry

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
    light = (_along(n, rng, side) / (side / 2))[..., None] * rng.uniform(0, 30, (n, 1, 1, 1))
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


def _along(n: int, rng: np.random.Generator, side: int) -> np.ndarray:
    """Signed distance in pixels along a random direction through the middle, (n, side, side)."""
    angle = rng.uniform(0, 2 * np.pi, (n, 1, 1))
    grid = np.arange(side) - (side - 1) / 2
    return np.cos(angle) * grid[None, None, :] + np.sin(angle) * grid[None, :, None]


Outline = Callable[[np.ndarray, np.ndarray], np.ndarray]


def polygon(corners: Sequence[tuple[float, float]]) -> Outline:
    """The outline through `corners` in order, closed."""
    points = np.array(corners, dtype=float)

    def distance(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        nearest = np.full(u.shape, np.inf)
        inside = np.zeros(u.shape, bool)
        for (ax, ay), (bx, by) in zip(points, np.roll(points, -1, axis=0), strict=True):
            ex, ey, wu, wv = bx - ax, by - ay, u - ax, v - ay
            along = np.clip((wu * ex + wv * ey) / (ex * ex + ey * ey), 0, 1)
            nearest = np.minimum(nearest, np.hypot(wu - ex * along, wv - ey * along))
            crosses = (ay > v) != (by > v)
            inside ^= crosses & (u < ex * wv / (ey if ey else 1.0) + ax)
        return np.where(inside, -nearest, nearest)

    return distance


def _disc(u: np.ndarray, v: np.ndarray, x: float = 0, radius: float = 1) -> np.ndarray:
    return np.asarray(np.hypot(u - x, v) - radius)


def _ring(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(np.hypot(u, v) - 0.78) - 0.24)


def _crescent(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(_disc(u, v), -_disc(u, v, x=0.5, radius=0.85)))


def _heart(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    # A square on its corner with two half discs on its upper sides.
    half = 0.55
    lower = (np.abs(u) + np.abs(v - 0.1)) / np.sqrt(2) - half
    radius, offset = half, half / np.sqrt(2)
    bumps = np.hypot(np.abs(u) - offset, v - 0.1 + offset) - radius
    return np.asarray(np.minimum(lower, bumps))


def _star() -> Outline:
    angle = np.arange(10) * np.pi / 5 - np.pi / 2
    radius = np.where(np.arange(10) % 2 == 0, 1.15, 0.48)
    return polygon(list(zip(radius * np.cos(angle), radius * np.sin(angle), strict=True)))


def _cross() -> Outline:
    corners = [(0.3, -1.0), (0.3, -0.3), (1.0, -0.3)]
    for _ in range(3):  # each time the same, a quarter turned
        corners += [(-v, u) for u, v in corners[-3:]]
    return polygon(corners)


OUTLINES: dict[str, Outline] = {
    "circle": _disc,
    "ring": _ring,
    "square": polygon([(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)]),
    "bar": polygon([(-1.15, -0.28), (1.15, -0.28), (1.15, 0.28), (-1.15, 0.28)]),
    "triangle": polygon([(0, -1.1), (0.95, 0.6), (-0.95, 0.6)]),
    "star": _star(),
    "cross": _cross(),
    "crescent": _crescent,
    "heart": _heart,
    "arrow": polygon(
        [(1.1, 0), (0.15, 0.85), (0.15, 0.3), (-1.05, 0.3), (-1.05, -0.3), (0.15, -0.3), (0.15, -0.85)]
    ),
}


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
    order=20,
)
