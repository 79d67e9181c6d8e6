"""Many small images as one PNG: enlarged by whole factors, never smoothed, see-through between."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
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
    _check(images, scale, labels)
    n, height, width = images.shape[:3]
    columns = max(1, min(columns or int(np.ceil(np.sqrt(max(n, 1)))), max(n, 1)))
    rows = max(1, -(-n // columns))
    below = _LABEL_PIXELS + 5 if labels is not None else 0
    step_y, step_x = height * scale + below + gap, width * scale + gap
    canvas = np.zeros((rows * step_y - gap, columns * step_x - gap, 4), np.uint8)
    for position, image in enumerate(images):
        y, x = (position // columns) * step_y, (position % columns) * step_x
        tile = image.repeat(scale, axis=0).repeat(scale, axis=1)
        canvas[y : y + height * scale, x : x + width * scale, :3] = tile  # grey fills all three
        canvas[y : y + height * scale, x : x + width * scale, 3] = 255
    picture = Image.fromarray(canvas)
    if labels is not None:
        _write(picture, labels, columns, step_x, step_y, height * scale, width * scale)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=6)
    return out.getvalue()


def _write(
    picture: Image.Image, labels: Sequence[str], columns: int, step_x: int, step_y: int, top: int, width: int
) -> None:
    font = ImageFont.load_default(_LABEL_PIXELS)
    pen = ImageDraw.Draw(picture)
    for position, label in enumerate(labels):
        text = _fit(label, font, width)
        x = (position % columns) * step_x + width / 2
        pen.text((x, (position // columns) * step_y + top + 2), text, fill=_INK, font=font, anchor="ma")


def _fit(label: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """Cut the label with an ellipsis where it is wider than its tile."""
    if font.getlength(label) <= width:
        return label
    while label and font.getlength(label + "…") > width:
        label = label[:-1]
    return label + "…"


def _check(images: np.ndarray, scale: int, labels: Sequence[str] | None) -> None:
    if images.ndim != 4 or images.dtype != np.uint8 or images.shape[3] not in (1, 3):
        raise ValueError(
            f"images must be uint8 of shape (N, H, W, 1 or 3); received {images.dtype} {images.shape}"
        )
    if scale < 1:
        raise ValueError(f"scale must be a whole factor of at least 1; received {scale}")
    if labels is not None and len(labels) != len(images):
        raise ValueError(f"labels must be {len(images)} texts; received {len(labels)}")
