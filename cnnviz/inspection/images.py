"""A person's own picture → what a network's input expects, with a report of all that was done to it.

The picture is cut and resized by the very function that reads image folders for training.
"""

from __future__ import annotations

import io
import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnviz.datasets.pictures import read_square
from cnnviz.errors import DataError, ImageError

MAX_PIXELS = 25_000_000
_ADVICE = "Use a PNG, JPEG or WebP picture."
_CUT_SHORT = f"The picture is damaged or cut short. Save or copy it again. {_ADVICE}"
#: What Pillow reports damage with, and what it can't recognise.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError)
_ORIENTATION = 0x0112  # EXIF's tag
#: From this share of a picture's border on that is brighter than mid-grey, its ground is bright.
_BRIGHT = 0.5


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
        ImageError: not a picture, cut short, or more than 25 million pixels; says what to do.
    """
    side, channels = input_shape[0], input_shape[2]
    steps = _look(data)
    try:
        image = read_square(io.BytesIO(data), side, "The picture")
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
    """Whether a picture's border is mostly bright: writing on paper, not MNIST's white on black."""
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    return bool((border.mean(axis=-1) > 127).mean() > _BRIGHT)


def _look(data: bytes) -> list[str]:
    """Check the header before a pixel is decoded; return what is going to happen to the picture.

    Raises:
        ImageError: not a picture, or too many pixels.
    """
    if not data:
        raise ImageError(f"The file is empty. {_ADVICE}")
    try:
        with warnings.catch_warnings():
            # Pillow warns above a limit of its own; ours is stricter.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
    except Image.DecompressionBombError as error:
        raise ImageError(f"The picture is enormous. {_limit()}") from error
    except _DAMAGE as error:
        raise ImageError(f"This file is not a picture that can be read. {_ADVICE}") from error
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise ImageError(f"The picture has {width:,} × {height:,} pixels. {_limit()}")
    try:
        turned = picture.getexif().get(_ORIENTATION, 1) in range(2, 9)  # PNG may keep it behind the pixels
    except _DAMAGE as error:
        raise ImageError(_CUT_SHORT) from error
    steps = [f"read {width:,} × {height:,} pixels ({picture.format})"]
    steps += ["turned upright, as the camera noted"] if turned else []
    steps += ["took the first of several frames"] if getattr(picture, "n_frames", 1) > 1 else []
    steps += ["laid its transparent parts on white"] if picture.has_transparency_data else []
    middle = min(width, height)
    return steps + ([f"cut to the middle {middle:,} × {middle:,}"] if width != height else [])


def _limit() -> str:
    return (
        f"At most {MAX_PIXELS // 10**6} million are read; make it smaller: a few hundred a side are plenty."
    )
