"""Numbers written on colours: black or white, whichever is read better."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

BLACK, WHITE = "#000000", "#FFFFFF"
#: Relative luminance at which black and white are read equally well, with a contrast of 4.58 each.
_EQUAL = 0.179

Scale = Sequence[tuple[float, str]]
Colour = tuple[float, float, float]


def colour_at(scale: Scale, place: float) -> Colour:
    """Colour of a scale at a place in 0–1, as Plotly mixes it: red, green, blue in 0–255."""
    place = min(max(place, scale[0][0]), scale[-1][0])
    for (low, first), (high, second) in pairwise(scale):
        if place <= high:
            share = (place - low) / (high - low)
            mixed = [a + share * (b - a) for a, b in zip(_channels(first), _channels(second), strict=True)]
            return mixed[0], mixed[1], mixed[2]
    return _channels(scale[-1][1])


def ink(colour: Colour) -> str:
    """Black or white, whichever contrasts more; never below 4.58 : 1."""
    return BLACK if luminance(colour) > _EQUAL else WHITE


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 (black) to 1 (white). Source: WCAG 2.2, "relative luminance"."""
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(first: Colour, second: Colour) -> float:
    """Contrast ratio, 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _channels(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
