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
from PIL import Image, ImageFilter

from cnnviz.datasets import pictures
from cnnviz.datasets.pictures import Window
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


def prepare(
    data: bytes, input_shape: tuple[int, int, int], *, invert: bool = False, window: Window | None = None
) -> Prepared:
    """Decode, turn upright, cut to a square, resize, and match the channels.

    Args:
        data: the file's content.
        input_shape: (side, side, C) with C 1 (grey) or 3 (RGB).
        invert: exchange dark and bright, for dark writing on a bright ground.
        window: the square; None: the largest in the middle.
    Raises:
        ImageError: not a picture, cut short, or too many pixels; says what to do.
    """
    side, channels = input_shape[0], input_shape[2]
    steps = _look(data, window)
    try:
        image = pictures.read_square(io.BytesIO(data), side, "The picture", window=window)
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


def _look(data: bytes, window: Window | None) -> list[str]:
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
    if window is not None:
        return [*steps, f"cut to the chosen square of {max(1, round(window.side * middle)):,} pixels"]
    return steps + ([f"cut to the middle {middle:,} × {middle:,}"] if width != height else [])


#: The ground is looked for in a picture of this side, in windows wider than any stroke.
_GROUND_SIDE, _WIDER_THAN_STROKES = 70, 19


def level(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Make the ground of a photographed drawing black, however it was lit, and its strokes white.

    The ground is what a grey opening leaves: the darkest value near a pixel, and of these the brightest, so
    that no stroke is in it and a shadow is. What stands out from it is cut at half of Otsu's threshold, below
    which lies the paper's grain, and stretched until the brighter strokes are white.

    Args:
        image: uint8, (H, W), bright strokes on a dark ground.
    Returns:
        uint8, (H, W).
    Source: Otsu 1979, doi:10.1109/TSMC.1979.4310076.
    """
    height, width = image.shape
    small = Image.fromarray(image).resize((_GROUND_SIDE, _GROUND_SIDE), Image.Resampling.BOX)
    darkest = small.filter(ImageFilter.MinFilter(_WIDER_THAN_STROKES))
    opened = darkest.filter(ImageFilter.MaxFilter(_WIDER_THAN_STROKES))
    ground = np.asarray(opened.resize((width, height), Image.Resampling.BILINEAR), np.float64)
    above = np.clip(image - ground, 0, 255)
    threshold = otsu(above.astype(np.uint8))
    strokes = above[above > threshold]
    if not strokes.size:
        return np.zeros_like(image)
    black, white = threshold / 2, float(np.percentile(strokes, 75))
    return np.clip(255 * (above - black) / (white - black), 0, 255).round().astype(np.uint8)


def otsu(image: NDArray[np.uint8]) -> int:
    """The threshold that parts an image's pixels into two groups whose means lie furthest apart.

    Returns:
        The largest value of the darker group; where all pixels are alike, their value.
    Source: Otsu 1979, doi:10.1109/TSMC.1979.4310076: the largest variance between the groups.
    """
    counts = np.bincount(image.ravel(), minlength=256).astype(np.float64)
    dark = counts.cumsum()
    bright = dark[-1] - dark
    sums = (counts * np.arange(256)).cumsum()
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = sums / dark - (sums[-1] - sums) / bright
    between = np.nan_to_num(dark * bright * apart**2)
    return int(between.argmax()) if between.any() else int(image.max(initial=0))


def place(
    data: bytes,
    side: int,
    share: float,
    *,
    photo: bool = False,
    invert: bool = False,
    window: Window | None = None,
) -> Prepared:
    """Cut a drawing to its strokes, and put these into the image at the data set's size and place.

    Args:
        data: PNG, JPEG or WebP, bright strokes on a dark ground.
        side: rows and columns of the image that comes out.
        share: longer side of the strokes over the side of the image, above 0, at most 1.
        photo: it is a photograph: its ground is levelled first.
        invert: dark strokes on a bright ground.
        window: the square of it that is used; None: the largest in the middle.
    Returns:
        uint8, shape (side, side, 1), with the centre of mass as near to the middle as the strokes'
        box allows; an empty drawing stays black.
    Raises:
        ImageError: the data are no picture.
    """
    whole = prepare(data, (_LARGE, _LARGE, 1), invert=invert, window=window)
    large, first = whole.image[..., 0], list[str]()
    if photo:
        large = level(large)
        first = [*(step for step in whole.steps if not step.startswith("resized")), "ground levelled"]
    rows, columns = np.nonzero(large >= _INK)
    image = np.zeros((side, side), np.uint8)
    if not len(rows):
        return Prepared(
            image[..., None], (*first, "no strokes were found" if photo else "nothing is drawn yet")
        )
    strokes = large[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    small = _shrunk(strokes, round(share * side))
    top, left = (_start(small.sum(axis=1 - axis), side) for axis in (0, 1))
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    box = f"{round(share * side)} of {side}"
    steps = ("cut to the strokes", f"made {box} pixels large", "centred, as the data set's digits are")
    return Prepared(image[..., None], (*first, *steps))


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
