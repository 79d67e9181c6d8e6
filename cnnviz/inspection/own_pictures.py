"""A person's own picture or drawing → what a network's input expects, with a report of all that was done.

A picture is cut and resized by the very function that reads image folders for training. A drawn digit is
placed in its image as the digits of a data set are: a network for MNIST has only seen digits of one size in
one place, and one drawn small in a corner is another picture to it, however well it is written.
"""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnviz.datasets import pictures
from cnnviz.errors import DataError, ImageError

_ADVICE = "Use another one: PNG, JPEG and WebP are always read."
_CUT_SHORT = f"The picture is damaged or cut short. Save or copy it again. {_ADVICE}"
_ORIENTATION = 0x0112  # EXIF's tag
#: From this share of a picture's border on that is brighter than mid-grey, its ground is bright.
_BRIGHT = 0.5
#: The strokes' share of the image's side, by data set. MNIST's digits fit a box of 20 pixels in 28 with
#: their centre of mass in the middle (LeCun et al. 1998); those of `digits` fill the whole height.
SHARES = {"mnist": 20 / 28, "digits": 1.0}
#: Side at which a drawing is cut, before it is made small.
_LARGE = 280
#: A stroke is at least so bright.
_INK = 32


class Prepared(NamedTuple):
    """An image as the network takes it, and the steps that led there, in words."""

    image: NDArray[np.uint8]  # (H, W, C)
    steps: tuple[str, ...]


def prepare(data: bytes, input_shape: tuple[int, int, int], *, invert: bool = False) -> Prepared:
    """Decode, turn upright, cut to the middle square, resize, and match the channels.

    Args:
        data: the file's content.
        input_shape: (side, side, C) with C 1 (grey) or 3 (RGB).
        invert: exchange dark and bright, for dark writing on a bright ground.
    Raises:
        ImageError: not a picture, cut short, or too many pixels; says what to do.
    """
    side, channels = input_shape[0], input_shape[2]
    steps = _look(data)
    try:
        image = pictures.read_square(io.BytesIO(data), side, "The picture")
    except DataError as error:
        raise ImageError(_CUT_SHORT) from error
    steps.append(f"resized to {side} × {side} (bilinear, as image folders are for training)")
    if channels == 1:
        steps.append("made grey")
        image = np.asarray(Image.fromarray(image).convert("L"), np.uint8)[..., None]
    if invert:
        steps.append("dark and bright exchanged")
        image = 255 - image
    return Prepared(np.ascontiguousarray(image), tuple(steps))


def bright_ground(image: NDArray[np.uint8]) -> bool:
    """Whether a picture's border is mostly bright: writing on paper, not MNIST's white on black.

    Args:
        image: uint8, shape (H, W, C).
    """
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    return bool((border.mean(axis=-1) > 127).mean() > _BRIGHT)


def _look(data: bytes) -> list[str]:
    """Check the header before a pixel is decoded; return what is going to happen to the picture.

    Raises:
        ImageError: not a picture, or too many pixels.
    """
    try:
        with pictures.opened(io.BytesIO(data)) as picture:
            width, height = picture.size
            turned = picture.getexif().get(_ORIENTATION, 1) in range(
                2, 9
            )  # PNG may keep it behind the pixels
            bits = pictures.depth(picture)
            several = getattr(picture, "n_frames", 1) > 1
            steps = [f"read {width:,} × {height:,} pixels ({picture.format})"]
            steps += ["turned upright, as the camera noted"] if turned else []
            steps += ["took the first of several frames"] if several else []
            steps += [f"kept the upper 8 of the {bits} bits in use"] if bits > 8 else []
            steps += ["laid its transparent parts on white"] if picture.has_transparency_data else []
    except pictures.UnreadableError as why:
        raise ImageError(f"The picture can't be read: {why}. {_ADVICE}") from why
    except pictures.DAMAGE as error:
        raise ImageError(_CUT_SHORT) from error
    middle = min(width, height)
    return steps + ([f"cut to the middle {middle:,} × {middle:,}"] if width != height else [])


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
