"""Signed distances to ten outlines of about unit radius: negative inside, 0 on the line.

Each function takes coordinates u, v of equal shape (…) and returns float (…), in units of the
shape's radius; near the outline it is a distance, which is all that anti-aliasing needs.
Source of the formulas: I. Quilez, "2D distance functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

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
    a, b = 0.3, 1.0
    quarter = [(a, -b), (a, -a), (b, -a)]
    corners = [point for turn in range(4) for point in _turned(quarter, turn)]
    return polygon(corners)


def _turned(points: Sequence[tuple[float, float]], quarters: int) -> list[tuple[float, float]]:
    for _ in range(quarters):
        points = [(-v, u) for u, v in points]
    return list(points)


def _arrow() -> Outline:
    return polygon(
        [(1.1, 0), (0.15, 0.85), (0.15, 0.3), (-1.05, 0.3), (-1.05, -0.3), (0.15, -0.3), (0.15, -0.85)]
    )


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
    "arrow": _arrow(),
}
