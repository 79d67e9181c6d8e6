"""Feature maps as pictures: numbers to one palette PNG, a tile a map, pixel for pixel.

A sprite carries at most 253 colours and a transparent one (the gap), so that it is an 8-bit palette
PNG: 512 maps are one small file and one element of the page. Nothing is smoothed: tiles are enlarged
by whole factors only.

Responses that can't be negative run from 0 (dark) to their maximum (light) in cividis, which is even
in lightness and reads alike with the common colour deficiencies (Nuñez, Anderton and Renslow 2018).
Signed ones take the theme's diverging colours: orange below 0, blue above, 0 itself in the middle.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cnnviz.figures import theme
from cnnviz.figures.sprites import in_grid, png_of

Scale = Literal["map", "layer"]
Floats = NDArray[np.floating]
Bytes = NDArray[np.uint8]

#: Colours in a palette: odd, so that 0 has a colour of its own in the middle of the diverging one.
LEVELS = 253
GAP = 255
_NEGATIVE, _POSITIVE = 25, 227  # palette indices, of the diverging colours

_CIVIDIS = (
    *("#00224e", "#123570", "#3b496c", "#575d6d", "#707173"),
    *("#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"),
)


class Sprite(NamedTuple):
    """A PNG that holds tiles row by row; sizes in pixels of the PNG."""

    png: bytes
    tiles: int
    columns: int
    tile_width: int
    tile_height: int
    gap: int

    def box(self, index: int) -> tuple[int, int, int, int]:
        """Left, top, width and height of a tile."""
        row, column = divmod(index, self.columns)
        left, top = column * (self.tile_width + self.gap), row * (self.tile_height + self.gap)
        return left, top, self.tile_width, self.tile_height


def palette(signed: bool, *, dark: bool = False) -> Bytes:
    """The colours from lowest to highest: uint8, shape (LEVELS, 3)."""
    diverging = theme.DIVERGING_DARK if dark else theme.DIVERGING
    scale = tuple(enumerate([colour for _, colour in diverging] if signed else _CIVIDIS))
    return theme.colours_at(scale, np.linspace(0, len(scale) - 1, LEVELS)).round().astype(np.uint8)


def colour_limits(values: Floats, *, scale: Scale) -> Floats:
    """The magnitude at the upper end of the colour scale of every map.

    Args:
        values: shape (H, W, K) or (K,).
        scale: "map": each map's own largest magnitude; "layer": the largest of all, for all.
    Returns:
        float, shape (K,); 0 for a map that is zero everywhere.
    """
    finite = np.where(np.isfinite(values), np.abs(values), 0)
    largest = finite if finite.ndim == 1 else finite.max(axis=(0, 1))
    return np.full_like(largest, largest.max()) if scale == "layer" else largest


def levels(values: Floats, high: Floats, *, signed: bool) -> Bytes:
    """Palette indices of values between −high (0, if not signed) and high; what is not finite is a gap.

    Args:
        values: shape (..., K).
        high: shape (K,), from `colour_limits`.
    """
    share = np.divide(values, high, out=np.zeros(values.shape, np.float64), where=high > 0)
    position = (np.clip(share, -1, 1) + 1) / 2 if signed else np.clip(share, 0, 1)
    with np.errstate(invalid="ignore"):
        index = np.rint(position * (LEVELS - 1)).astype(np.uint8)
    return np.where(np.isfinite(values), index, np.uint8(GAP))


def maps_sprite(
    values: Floats,
    *,
    signed: bool,
    scale: Scale = "map",
    columns: int | None = None,
    zoom: int = 1,
    gap: int = 1,
    limit: float | None = None,
    dark: bool = False,
) -> Sprite:
    """Draw maps (H, W, K) as K tiles, each value a square of `zoom` pixels.

    Args:
        columns: tiles in a row; None: nearly as many as rows.
        gap: transparent pixels between tiles.
        limit: the upper end of the colours for all maps, so that two layers can share a scale.
    """
    high = colour_limits(values, scale=scale) if limit is None else np.full(values.shape[-1], limit)
    tiles = np.moveaxis(levels(values, high, signed=signed), -1, 0)
    tiles = tiles.repeat(zoom, axis=1).repeat(zoom, axis=2)
    columns = columns or math.ceil(math.sqrt(len(tiles)))
    return _sprite(tiles, columns, gap, palette(signed, dark=dark))


def bars_sprite(
    values: Floats,
    *,
    signed: bool,
    width: int,
    height: int,
    columns: int | None = None,
    gap: int = 1,
    limit: float | None = None,
    dark: bool = False,
) -> Sprite:
    """Draw a vector (K,) as K tiles, each a bar from the common zero line: blue above it, orange below.

    Bars take one colour a sign, since the ends of cividis would vanish in a light or a dark page. A
    value of exactly 0 is an empty tile; any other shows at least one pixel.
    """
    high = colour_limits(values, scale="layer") if limit is None else np.full(len(values), limit)
    defined = (high > 0) & np.isfinite(values)
    share = np.divide(values, high, out=np.zeros(values.shape, np.float64), where=defined)
    up = height // 2 if signed else height
    room = np.where(share > 0, up, height - up)
    length = np.ceil(np.abs(np.clip(share, -1, 1)) * room)[:, None]
    row = up - 1 - np.arange(height)[None, :]  # 0: just above the zero line, -1: just below
    above = (share[:, None] > 0) & (row >= 0) & (row < length)
    below = (share[:, None] < 0) & (row < 0) & (row >= -length)
    tiles = np.full((len(values), height), GAP, np.uint8)
    tiles[above], tiles[below] = _POSITIVE, _NEGATIVE
    tiles = tiles[:, :, None].repeat(width, axis=2)
    return _sprite(tiles, columns or len(values), gap, palette(True, dark=dark))


def colour_kernels(kernels: Floats, *, scale: Scale = "map") -> Bytes:
    """Kernels over red, green and blue as small pictures: mid-grey is 0, symmetric around it.

    Args:
        kernels: shape (m, m, 3, K), of a layer that looks at the image itself; deeper kernels have no
            colours, and giving them some would be a lie.
        scale: "map": each kernel's largest magnitude is full brightness; "layer": the largest of all.
    Returns:
        uint8, shape (K, m, m, 3).
    """
    size, depth = kernels.shape[0], kernels.shape[3]
    high = colour_limits(kernels.reshape(size, -1, depth), scale=scale)
    share = np.divide(kernels, high, out=np.zeros(kernels.shape, np.float64), where=high > 0)
    return np.moveaxis(np.rint(127.5 + 127.5 * np.clip(share, -1, 1)).astype(np.uint8), -1, 0)


def _sprite(tiles: Bytes, columns: int, gap: int, colours: Bytes) -> Sprite:
    """Lay tiles (K, h, w) of palette indices out in a grid, with see-through gaps."""
    count, height, width = tiles.shape
    columns = min(columns, count)
    picture = Image.fromarray(in_grid(tiles, columns, gap, empty=GAP))
    whole = np.zeros((256, 3), np.uint8)
    whole[:LEVELS] = colours
    picture.putpalette(whole.tobytes())
    picture.info["transparency"] = GAP
    return Sprite(png_of(picture), count, columns, width, height, gap)


#: A light line between two dark ones is seen on any image.
_DARK, _FRAME = (0, 0, 0), (255, 178, 84)


def marked_png(image: NDArray[np.uint8], box: tuple[int, int, int, int] | None, factor: int) -> bytes:
    """Draw an image with a frame around some of its pixels.

    Args:
        image: uint8, shape (H, W, C), C = 1 or 3.
        box: top, bottom, left and right in pixels, the ends not included; None: no frame.
        factor: whole factor of enlargement.
    Returns:
        A PNG file.
    """
    large = image.repeat(factor, axis=0).repeat(factor, axis=1)
    picture = Image.fromarray(large[..., 0] if image.shape[2] == 1 else large).convert("RGB")
    if box:
        top, bottom, left, right = (side * factor for side in box)
        pen = ImageDraw.Draw(picture)
        for inset, colour in ((0, _DARK), (1, _FRAME), (2, _DARK)):
            if right - left > 2 * inset and bottom - top > 2 * inset:
                corners = left + inset, top + inset, right - 1 - inset, bottom - 1 - inset
                pen.rectangle(corners, outline=colour)
    return png_of(picture)
