"""The time-lapse's pictures: kernels and maps of all epochs as tiles, on one scale or on one an epoch.

On one scale over all epochs a kernel that grows is seen to grow; on a scale of its own each epoch shows
its pattern, however faint.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnviz.figures import maps

Floats = NDArray[np.floating]
Bytes = NDArray[np.uint8]
Span = Literal["all", "each"]
#: Larger maps lose rows and columns, so that all epochs together stay one small picture.
MOST_SIDE = 64
#: Pixels of all epochs together; with more, channels are left out.
MOST_PIXELS = 6_000_000


class Reel(NamedTuple):
    """K tiles in each of E epochs."""

    pixels: Bytes  # (E, K, h, w) palette indices, or (E, K, h, w, 3) colours
    palette: Bytes | None  # (256, 3); None: the pixels are colours

    @property
    def tiles(self) -> int:
        """Tiles an epoch."""
        return int(self.pixels.shape[1])

    def colours(self, epoch: int) -> Bytes:
        """The tiles of the epoch at this position as colours, uint8 (K, h, w, 3)."""
        tiles = self.pixels[epoch]
        return tiles if self.palette is None else self.palette[tiles]

    def png(self) -> bytes:
        """All tiles in one picture: a row an epoch."""
        epochs, count, height, width = self.pixels.shape[:4]
        rows = np.moveaxis(self.pixels, 1, 2).reshape(epochs * height, count * width, *self.pixels.shape[4:])
        picture = Image.fromarray(rows)
        if self.palette is not None:
            picture.putpalette(self.palette.tobytes())
        out = io.BytesIO()
        picture.save(out, "PNG", compress_level=6)
        return out.getvalue()


def kernel_reel(kernels: Sequence[Floats], *, span: Span, dark: bool = False) -> Reel | None:
    """First-layer kernels: in colours where they look at red, green and blue (mid-grey is 0), else blue
    above 0 and orange below. All kernels of the layer share a scale. None where neither is possible.

    Args:
        kernels: (k, k, C, F), one an epoch.
    """
    values = np.stack(kernels).astype(np.float64)  # (E, k, k, C, F)
    if values.shape[3] not in (1, 3):
        return None
    values = np.moveaxis(values, -1, 1)  # (E, F, k, k, C)
    share = values / _ends(values, (1, 2, 3, 4), span)
    if values.shape[-1] == 3:
        return Reel(np.rint(127.5 + 127.5 * share).astype(np.uint8), None)
    return _indexed(share[..., 0], signed=True, dark=dark)


def map_reel(layers: Sequence[Floats], *, signed: bool, span: Span, dark: bool = False) -> Reel:
    """Feature maps, each on its own scale: over all epochs, or in each.

    Args:
        layers: (h, w, K), one an epoch.
    """
    values = np.moveaxis(np.stack(layers), -1, 1)  # (E, K, h, w)
    step = -(-max(values.shape[2:]) // MOST_SIDE)
    values = values[:, :, ::step, ::step]
    room = max(1, MOST_PIXELS // (values[:, 0].size or 1))
    values = values[:, :room].astype(np.float64)
    return _indexed(values / _ends(values, (2, 3), span), signed=signed, dark=dark)


def _ends(values: Floats, axes: tuple[int, ...], span: Span) -> Floats:
    """The magnitude at the end of the scale, in a shape to divide by; 1 where all is 0."""
    finite = np.where(np.isfinite(values), np.abs(values), 0)
    high = finite.max(axis=axes if span == "each" else (0, *axes), keepdims=True)
    return np.where(high > 0, high, 1.0)


def _indexed(share: Floats, *, signed: bool, dark: bool) -> Reel:
    """Shares of the scale's end, from −1 (0, if not signed) to 1, as palette indices."""
    colours = np.zeros((256, 3), np.uint8)
    colours[: maps.LEVELS] = maps.palette(signed, dark=dark)
    index = maps.levels(share, np.ones(share.shape[-1]), signed=signed)
    return Reel(index, colours)


def shares(confusion: NDArray[np.integer]) -> Floats:
    """Each row of a confusion matrix (C, C) as shares of its true class; a class without images: 0."""
    return confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
