"""Many small images as one PNG: enlarged by whole factors, never smoothed, see-through between."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_LABEL_PIXELS = 13
_INK = (118, 118, 118, 255)  # readable on white and on the dark ground alike


def grid_png(
    images: np.ndarray,
    columns: int | None = None,
    scale: int = 2,
    gap: int = 2,
    labels: Sequence[str] | None = None,
) -> bytes:
    """Tile images row by row.

    Args:
        images: uint8, shape (N, H, W, C), C = 1 or 3; N may be 0.
        columns: tiles in a row; None: nearly square.
        scale: whole factor of enlargement, ≥ 1.
        gap: see-through pixels of the PNG between two tiles.
        labels: N short texts, written under the tiles.
    Returns:
        A PNG file.
    Raises:
        ValueError: not uint8 images, a factor below 1, or another number of labels.
    """
    if images.ndim != 4 or images.dtype != np.uint8 or images.shape[3] not in (1, 3):
        raise ValueError(
            f"images must be uint8 of shape (N, H, W, 1 or 3); received {images.dtype} {images.shape}"
        )
    if scale < 1:
        raise ValueError(f"scale must be a whole factor of at least 1; received {scale}")
    if labels is not None and len(labels) != len(images):
        raise ValueError(f"labels must be {len(images)} texts; received {len(labels)}")
    n, height, width = len(images), images.shape[1] * scale, images.shape[2] * scale
    columns = max(1, min(columns or int(np.ceil(np.sqrt(n))), n))
    below = 0 if labels is None else _LABEL_PIXELS + 5
    tiles = np.full((max(n, 1), height, width, 4), 255, np.uint8)
    tiles[:n, ..., :3] = images.repeat(scale, axis=1).repeat(scale, axis=2)  # grey fills all three
    tiles[n:] = 0  # no images at all: one see-through tile
    picture = Image.fromarray(in_grid(tiles, columns, gap, below=below))
    font, pen = ImageFont.load_default(_LABEL_PIXELS), ImageDraw.Draw(picture)
    for position, label in enumerate(labels or ()):
        row, column = divmod(position, columns)
        middle = column * (width + gap) + width / 2, row * (height + below + gap) + height + 2
        pen.text(middle, _fit(label, font, width), fill=_INK, font=font, anchor="ma")
    return png_of(picture)


def in_grid(
    tiles: NDArray[np.uint8], columns: int, gap: int, *, empty: int = 0, below: int = 0
) -> NDArray[np.uint8]:
    """Tiles of one size beside each other, row by row.

    Args:
        tiles: uint8, shape (N, h, w, …), N ≥ 1.
        columns: tiles in a row.
        gap: pixels between two tiles, all of the value `empty`, as are those of places without a tile.
        below: pixels for a label of each tile.
    Returns:
        uint8, shape (H, W, …).
    """
    n, height, width = tiles.shape[:3]
    rows = -(-n // columns)
    shape = rows * columns, height + below + gap, width + gap, *tiles.shape[3:]
    cells = np.full(shape, empty, np.uint8)
    cells[:n, :height, :width] = tiles
    cells = cells.reshape(rows, columns, *shape[1:]).swapaxes(1, 2)
    grid = cells.reshape(rows * shape[1], columns * shape[2], *shape[3:])
    return grid[: grid.shape[0] - gap, : grid.shape[1] - gap]


def png_of(picture: Image.Image) -> bytes:
    """The picture as a PNG file."""
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _fit(label: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """Cut the label with an ellipsis where it is wider than its tile."""
    if font.getlength(label) <= width:
        return label
    while label and font.getlength(label + "…") > width:
        label = label[:-1]
    return label + "…"
