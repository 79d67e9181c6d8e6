"""The time-lapse's pictures: kernels and maps of all epochs as tiles, and moving pictures of them.

On one scale over all epochs a kernel that grows is seen to grow; on a scale of its own each epoch shows
its pattern, however faint.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from cnnviz.figures import maps, theme
from cnnviz.figures.sprites import in_grid, png_of

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
        return png_of(picture)


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
    share = values / _colour_limits(values, (1, 2, 3, 4), span)
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
    return _indexed(values / _colour_limits(values, (2, 3), span), signed=signed, dark=dark)


def _colour_limits(values: Floats, axes: tuple[int, ...], span: Span) -> Floats:
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


Kind = Literal["gif", "png"]
#: What browsers and slides call them.
MIME: dict[Kind, str] = {"gif": "image/gif", "png": "image/png"}
_TEXT_SIZE, _PAD = 18, 10
_PAPER, _INK = (255, 255, 255), (28, 33, 39)
#: The last frame stays so many times as long, so that one sees how it ended.
_LAST = 4


def animation(frames: Sequence[Bytes], captions: Sequence[str], kind: Kind, *, milliseconds: int) -> bytes:
    """A moving picture that repeats for ever; the last frame stays longer.

    Args:
        frames: uint8 (H, W, 3) each, all of one size; at least one.
        captions: one a frame, written above it.
        kind: "gif" (256 colours a frame), or "png": animated PNG, exact.
        milliseconds: how long a frame stays.
    Raises:
        ValueError: no frames, of several sizes, or another number of captions.
    """
    if not frames or len({frame.shape for frame in frames}) > 1 or len(captions) != len(frames):
        raise ValueError(f"{len(frames)} frames of one size and as many captions, please")
    pages = [_page(frame, caption) for frame, caption in zip(frames, captions, strict=True)]
    times = [milliseconds] * (len(pages) - 1) + [_LAST * milliseconds]
    out = io.BytesIO()
    if kind == "gif":
        pages = [page.quantize(256, dither=Image.Dither.NONE) for page in pages]
        pages[0].save(out, "GIF", save_all=True, append_images=pages[1:], duration=times, loop=0, disposal=2)
    else:
        pages[0].save(out, "PNG", save_all=True, append_images=pages[1:], duration=times, loop=0)
    return out.getvalue()


def _page(frame: Bytes, caption: str) -> Image.Image:
    height, width = frame.shape[:2]
    font = ImageFont.load_default(_TEXT_SIZE)
    wide = max(width, int(font.getlength(caption)) + 1)
    page = Image.new("RGB", (wide + 2 * _PAD, height + _TEXT_SIZE + 3 * _PAD), _PAPER)
    ImageDraw.Draw(page).text((_PAD, _PAD), caption, fill=_INK, font=font)
    page.paste(Image.fromarray(frame), (_PAD, _TEXT_SIZE + 2 * _PAD))
    return page


def tiled(tiles: Bytes, *, width: int, gap: int = 2) -> Bytes:
    """Small pictures in a nearly square grid, enlarged by the largest whole factor that keeps to a width.

    Args:
        tiles: uint8 (N, h, w, 3), N ≥ 1.
        width: pixels that the grid is to fill.
        gap: white pixels between two tiles.
    """
    columns = int(np.ceil(np.sqrt(len(tiles))))
    factor = max(1, (width // columns - gap) // tiles.shape[2])
    return in_grid(tiles.repeat(factor, axis=1).repeat(factor, axis=2), columns, gap, empty=255)


def matrix_picture(shares: NDArray[np.floating], class_names: Sequence[str], *, side: int = 460) -> Bytes:
    """A confusion matrix as a picture: whole percents and names up to 12 classes, colours alone above.

    Args:
        shares: (C, C), rows true, from 0 to 1.
    Returns:
        uint8 (H, W, 3).
    """
    classes = len(shares)
    cell = max(1, side // classes)
    cells = theme.colours_at(theme.SEQUENTIAL, np.sqrt(np.clip(shares, 0, 1))).round().astype(np.uint8)
    cells = cells.repeat(cell, axis=0).repeat(cell, axis=1)
    if classes > 12:
        return cells
    font = ImageFont.load_default(13)
    left = int(max(font.getlength(name) for name in class_names)) + 8
    page = Image.new("RGB", (left + cells.shape[1], cells.shape[0] + 22), _PAPER)
    page.paste(Image.fromarray(cells), (left, 0))
    pen = ImageDraw.Draw(page)
    for row, name in enumerate(class_names):
        pen.text((left - 6, (row + 0.5) * cell), name, fill=_INK, font=font, anchor="rm")
        for column, share in enumerate(shares[row]):
            if share >= 0.005:
                ink = _PAPER if share > 0.3 else _INK
                middle = (left + (column + 0.5) * cell, (row + 0.5) * cell)
                pen.text(middle, f"{100 * share:.0f}", fill=ink, font=font, anchor="mm")
    pen.text((left, cells.shape[0] + 4), "rows: true class, in percent", fill=_INK, font=font)
    return np.asarray(page)
