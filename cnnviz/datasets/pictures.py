"""From image files to squares of one size: bounded, upright, in colour."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageOps

from cnnviz.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
#: More pixels than any camera's picture has; decoding more would only cost memory.
MAX_PIXELS = 120_000_000
_THREADS = 4


def read_square(file: Path | IO[bytes], size: int, name: str = "") -> np.ndarray:
    """Read one image: middle square, `size`×`size`, uint8 (size, size, 3); see-through parts white.

    Raises:
        DataError: no png, jpg or webp image, damaged, or enormous; the message names the file.
    """
    name = name or str(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the cap below is stricter
            image = Image.open(file, formats=("PNG", "JPEG", "WEBP"))
        with image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise DataError(
                    f"{name} has {width:,}×{height:,} pixels, more than the {MAX_PIXELS // 10**6} million "
                    "that cnnviz reads. Scale it down."
                )
            image.draft("RGB", (2 * size, 2 * size))  # lets JPEG decode at a fraction of its size
            return _square(image, size)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, MemoryError) as error:
        raise DataError(
            f"{name} is no image that can be read ({error}). Replace or remove it; "
            "png, jpg and webp are read."
        ) from error


def read_all(paths: Sequence[Path], size: int, target: Path) -> None:
    """Read many images into one `.npy` file of shape (N, size, size, 3), without holding them in memory.

    Raises:
        DataError: as `read_square`.
    """
    shape = (len(paths), size, size, 3)
    array = np.lib.format.open_memmap(target, mode="w+", dtype=np.uint8, shape=shape)
    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(paths), 256):
            part = paths[start : start + 256]
            for offset, image in enumerate(pool.map(partial(read_square, size=size), part)):
                array[start + offset] = image
    array.flush()


def _square(image: Image.Image, size: int) -> np.ndarray:
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16") or upright.mode == "I":
        # 16-bit grey: keep the upper byte, which convert() would clip instead.
        upright = Image.fromarray((np.asarray(upright, np.uint32) >> 8).clip(0, 255).astype(np.uint8))
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        layer = upright.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        upright = Image.alpha_composite(ground, layer)
    square = ImageOps.fit(upright.convert("RGB"), (size, size), Image.Resampling.BILINEAR)
    return np.asarray(square, np.uint8)
