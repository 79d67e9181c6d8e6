"""From image files to squares of one size: bounded, upright, in colour or grey."""

from __future__ import annotations

import math
import struct
import threading
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from cnnviz.datasets.layout import SUFFIXES
from cnnviz.errors import DataError

#: Pillow's names of the formats that are read, whatever a file's ending says.
_FORMATS = ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF"]
with suppress(ImportError):  # the optional extra `heif`: what a telephone of Apple's makes
    import pillow_heif

    pillow_heif.register_heif_opener()
    _FORMATS.append("HEIF")
#: Which formats can be read here.
READERS = ",".join(_FORMATS)
#: Endings of files that can be read here.
ENDINGS = tuple(ending for ending in SUFFIXES if "HEIF" in _FORMATS or ending not in (".heic", ".heif"))
#: More pixels are not decoded: two hundred megabytes with transparency. A JPEG is decoded at a fraction.
MAX_PIXELS = 50_000_000
MAX_JPEG_PIXELS = 120_000_000
_THREADS = 4
#: Images of more pixels are decoded one at a time, or several threads would need gigabytes.
_LARGE = 8_000_000
_one_at_a_time = threading.Lock()
_HEAD = 512
_GIF = b"GIF8"
#: What is often met in an image's place, by its first bytes.
_KINDS = {
    b"\0\0\0": "a HEIC picture: install cnnviz[heif], or export it as JPEG",
    b"%PDF": "a PDF: export its pages as PNG",
    b"PK\x03\x04": "a zip",
    b"\x1f\x8b": "a gzip file",
    b"\x89PNG": "damaged",
    b"\xff\xd8\xff": "damaged",
    b"RIFF": "damaged",
    _GIF: "damaged",
}
#: What Pillow reports damage with, and what it can't recognise.
DAMAGE = (OSError, ValueError, SyntaxError, EOFError, struct.error, MemoryError, Image.DecompressionBombError)


class UnreadableError(Exception):
    """Why a file is no image that can be read; without its name."""


class Window(NamedTuple):
    """A square of an upright picture: its corner as shares of width and height, its side of the shorter."""

    left: float
    top: float
    side: float  # above 0, at most 1


def read_square(
    file: Path | IO[bytes], size: int, name: str = "", *, grey: bool = False, window: Window | None = None
) -> np.ndarray:
    """Read one image: a square of it; see-through parts become white.

    Args:
        name: the file's, for the message; of a path its own.
        grey: one channel in place of three.
        window: the square; None: the largest in the middle.
    Returns:
        uint8 of shape (size, size, 3), or (size, size, 1) where grey.
    Raises:
        DataError: no image, damaged, or enormous; the message names the file and says why.
    """
    try:
        return _square(opened(file), size, grey=grey, window=window)
    except UnreadableError as why:
        raise DataError(f"{name or file} can't be read: {why}. Replace or remove it.") from why


def why_unreadable(path: Path) -> str:
    """Why a file is no image that can be read; "" where it is one. Its whole content is looked at."""
    try:
        image = opened(path)
        if image.format == "GIF" and path.suffix.lower() != ".gif":
            image.close()
            return f"a GIF that is named {path.suffix.lower()}"
        _square(image, 8, grey=False)
    except UnreadableError as why:
        return str(why)
    return ""


def read_all(
    paths: Sequence[Path], size: int, target: Path, *, grey: bool = False, base: Path | None = None
) -> None:
    """Read many images into one `.npy` file of shape (N, size, size, 3 or 1), without holding them in memory.

    Args:
        base: the folder relative to which messages name a file.
    Raises:
        DataError: as `read_square`.
    """

    def read(path: Path) -> np.ndarray:
        return read_square(path, size, str(path.relative_to(base)) if base else "", grey=grey)

    shape = (len(paths), size, size, 1 if grey else 3)
    array = np.lib.format.open_memmap(target, mode="w+", dtype=np.uint8, shape=shape)
    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(paths), 256):
            part = paths[start : start + 256]
            for offset, image in enumerate(pool.map(read, part)):
                array[start + offset] = image
    array.flush()


def opened(file: Path | IO[bytes]) -> Image.Image:
    """Read an image's header, within the limits of pixels.

    Raises:
        UnreadableError: why not.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns above a limit of its own; ours is stricter.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(file, formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise UnreadableError(_too_large(MAX_PIXELS)) from error
    except DAMAGE as error:
        raise UnreadableError(_why_not_opened(file)) from error
    # Only a JPEG can be decoded at a fraction of its size.
    most = MAX_JPEG_PIXELS if image.format == "JPEG" else MAX_PIXELS
    if image.width * image.height > most:
        image.close()
        raise UnreadableError(f"{image.width:,} × {image.height:,} pixels; {_too_large(most)}")
    return image


def decoded(image: Image.Image, size: int) -> Image.Image:
    """Decode an image whole and turn it upright; a JPEG at a fraction that still has twice `size` a side.

    Returns:
        Mode RGB or L; see-through parts are white, and of 16 bits those in use are kept (`depth`).
    Raises:
        UnreadableError: why not.
    """
    try:
        image.draft("RGB", (2 * size, 2 * size))
        upright = ImageOps.exif_transpose(image)
    except DAMAGE as error:
        cut = "truncated" in str(error) or "end of" in str(error).lower()
        raise UnreadableError("cut off" if cut else "damaged") from error
    if bits := depth(upright):
        upright = Image.fromarray(
            (np.asarray(upright, np.uint32) >> (bits - 8)).clip(0, 255).astype(np.uint8)
        )
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        ground = Image.new("RGBA", upright.size, (255, 255, 255, 255))
        ground.alpha_composite(upright if upright.mode == "RGBA" else upright.convert("RGBA"))
        upright = ground
    return upright if upright.mode == "L" else upright.convert("RGB")


def depth(image: Image.Image) -> int:
    """How many bits the values of an image of 16 use: 8, 10, 12, 14 or 16, as cameras have; 0: it has fewer.

    The bits above would be black: a picture of 10 bits is nearly so where it is taken for one of 16.
    """
    if not (image.mode.startswith("I;16") or image.mode == "I"):
        return 0
    highest = int(np.asarray(image).max())
    return next((bits for bits in (8, 10, 12, 14) if highest < 2**bits), 16)


def _square(image: Image.Image, size: int, *, grey: bool, window: Window | None = None) -> np.ndarray:
    needed = size if window is None else math.ceil(size / window.side)
    with image:
        image.draft("RGB", (2 * needed, 2 * needed))
        with _one_at_a_time if image.width * image.height > _LARGE else nullcontext():
            whole = decoded(image, needed)
    if window is not None:
        side = max(1, round(window.side * min(whole.size)))
        left = min(round(window.left * whole.width), whole.width - side)
        top = min(round(window.top * whole.height), whole.height - side)
        whole = whole.crop((left, top, left + side, top + side))
    square = ImageOps.fit(whole.convert("RGB"), (size, size), Image.Resampling.BILINEAR)
    return np.asarray(square.convert("L"), np.uint8)[..., None] if grey else np.asarray(square, np.uint8)


def _too_large(most: int) -> str:
    return f"at most {most // 10**6} million pixels are read"


def _why_not_opened(file: Path | IO[bytes]) -> str:
    """What lies where an image should be, by its first bytes."""
    if not isinstance(file, Path):
        file.seek(0)
        return _kind(file.read(_HEAD))
    if file.is_symlink() and not file.exists():
        return "a link to nothing"
    try:
        with file.open("rb") as opened_file:
            return _kind(opened_file.read(_HEAD))
    except OSError as error:
        return f"not readable ({error.strerror or type(error).__name__})"


def _kind(head: bytes) -> str:
    if not head:
        return "empty"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page"
    if text.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer: bring the images with 'git lfs pull'"
    if text.startswith((b"<?xml", b"<svg")):
        return "a drawing (SVG): export it as PNG"
    return next((kind for begin, kind in _KINDS.items() if head.startswith(begin)), "no image")
