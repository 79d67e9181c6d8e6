"""A drawn digit, placed in its image as the digits of a data set are: size and position as in training.

A network for MNIST has only seen digits of one size in one place. A digit drawn small in a corner is
another picture to it, however well it is written.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnviz.inspection.images import Prepared, prepare

#: The strokes' share of the image's side, by data set. MNIST's digits fit a box of 20 pixels in 28 with
#: their centre of mass in the middle (LeCun et al. 1998); those of `digits` fill the whole height.
SHARES = {"mnist": 20 / 28, "digits": 1.0}
#: Side at which a drawing is cut, before it is made small.
_LARGE = 280
#: A stroke is at least so bright.
_INK = 32


def place(data: bytes, side: int, share: float) -> Prepared:
    """Cut a drawing to its strokes, and put these into the image at the data set's size and place.

    Args:
        data: PNG, JPEG or WebP, bright strokes on a dark ground.
        side: rows and columns of the image that comes out.
        share: longer side of the strokes over the side of the image, above 0, at most 1.
    Returns:
        uint8, shape (side, side, 1), with the centre of mass as near to the middle as the strokes'
        box allows; an empty drawing stays black.
    Raises:
        ImageError: the data are no picture.
    """
    large = prepare(data, (_LARGE, _LARGE, 1)).image[..., 0]
    rows, columns = np.nonzero(large >= _INK)
    image = np.zeros((side, side), np.uint8)
    if not len(rows):
        return Prepared(image[..., None], ("nothing is drawn yet",))
    strokes = large[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    small = _shrunk(strokes, round(share * side))
    top, left = (_start(small.sum(axis=1 - axis), side) for axis in (0, 1))
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    box = f"{round(share * side)} of {side}"
    steps = ("cut to the strokes", f"made {box} pixels large", "centred, as the data set's digits are")
    return Prepared(image[..., None], steps)


def _shrunk(strokes: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    height, width = strokes.shape
    factor = longest / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(Image.fromarray(strokes).resize(size, Image.Resampling.BILINEAR), np.uint8)


def _start(weight: NDArray[np.integer], side: int) -> int:
    """First row (or column) of strokes whose rows have this much ink, so that their middle is the image's."""
    total = float(weight.sum())
    centre = float((weight * np.arange(len(weight))).sum() / total) if total else (len(weight) - 1) / 2
    return int(np.clip(round((side - 1) / 2 - centre), 0, side - len(weight)))
