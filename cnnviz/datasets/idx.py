"""MNIST's idx files, plain or gzipped.

Layout: two zero bytes, one byte type (8: unsigned byte), one byte rank, then the sizes as
big-endian 32-bit integers, then the values. Source: http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np

from cnnviz.datasets.damaged import damaged


def read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read unsigned bytes of exactly this shape.

    Raises:
        DataError: truncated, not an idx file, or of another shape.
    """
    header = 4 + 4 * len(shape)
    length = header + int(np.prod(shape))
    expected = f"an idx file of {' × '.join(f'{n:,}' for n in shape)} unsigned bytes"
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(length + 1)  # one more than needed, so that a longer file is noticed
    except (OSError, EOFError, zlib.error) as error:
        raise damaged(path, f"it can't be read ({error})", expected) from error
    if data[:4] != bytes([0, 0, 8, len(shape)]):
        raise damaged(path, f"it begins with {data[:4].hex(' ') or 'nothing'}", expected)
    if len(data) < header:
        raise damaged(path, "it is cut short", expected)
    found = tuple(int(n) for n in np.frombuffer(data[4:header], ">u4"))
    if found != shape:
        raise damaged(path, f"it holds {' × '.join(f'{n:,}' for n in found)} values", expected)
    if len(data) != length:
        raise damaged(path, "it is cut short" if len(data) < length else "it is too long", expected)
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)
