"""An image with a part of it framed: enlarged by a whole factor, never smoothed."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

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
                pen.rectangle(
                    (left + inset, top + inset, right - 1 - inset, bottom - 1 - inset), outline=colour
                )
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
