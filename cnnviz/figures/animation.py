"""Frames to moving pictures: GIF and animated PNG, with a line of text in each frame."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Bytes = NDArray[np.uint8]
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
    count, h, w = tiles.shape[:3]
    columns = int(np.ceil(np.sqrt(count)))
    factor = max(1, (width // columns - gap) // w)
    rows, step_y, step_x = -(-count // columns), h * factor + gap, w * factor + gap
    grid = np.full((rows * step_y - gap, columns * step_x - gap, 3), 255, np.uint8)
    for place, tile in enumerate(tiles.repeat(factor, axis=1).repeat(factor, axis=2)):
        y, x = place // columns * step_y, place % columns * step_x
        grid[y : y + h * factor, x : x + w * factor] = tile
    return grid


def matrix_picture(shares: NDArray[np.floating], class_names: Sequence[str], *, side: int = 460) -> Bytes:
    """A confusion matrix as a picture: whole percents and names up to 12 classes, colours alone above.

    Args:
        shares: (C, C), rows true, from 0 to 1.
    Returns:
        uint8 (H, W, 3).
    """
    from cnnviz.figures import theme

    classes = len(shares)
    cell = max(1, side // classes)
    anchors = np.array([list(bytes.fromhex(code[1:])) for _, code in theme.SEQUENTIAL], float)
    at = np.sqrt(np.clip(shares, 0, 1)) * (len(anchors) - 1)
    colours = [np.interp(at, np.arange(len(anchors)), anchors[:, channel]) for channel in range(3)]
    cells = np.stack(colours, axis=-1).round().astype(np.uint8)
    cells = cells.repeat(cell, axis=0).repeat(cell, axis=1)
    if classes > 12:
        return cells
    return _labelled(cells, shares, class_names, cell)


def _labelled(cells: Bytes, shares: NDArray[np.floating], names: Sequence[str], cell: int) -> Bytes:
    font = ImageFont.load_default(13)
    left = int(max(font.getlength(name) for name in names)) + 8
    page = Image.new("RGB", (left + cells.shape[1], cells.shape[0] + 22), _PAPER)
    page.paste(Image.fromarray(cells), (left, 0))
    pen = ImageDraw.Draw(page)
    for row, name in enumerate(names):
        pen.text((left - 6, (row + 0.5) * cell), name, fill=_INK, font=font, anchor="rm")
        for column, share in enumerate(shares[row]):
            if share >= 0.005:
                ink = _PAPER if share > 0.3 else _INK
                middle = (left + (column + 0.5) * cell, (row + 0.5) * cell)
                pen.text(middle, f"{100 * share:.0f}", fill=ink, font=font, anchor="mm")
    pen.text((left, cells.shape[0] + 4), "rows: true class, in percent", fill=_INK, font=font)
    return np.asarray(page)
