"""Images that stand in the training and in the test half: the same, or nearly.

Nearly the same means that the pixels of two images, each channel moved to mean 0, correlate by at least
`LIKENESS`: another brightness or contrast, or the traces of a JPEG, make no other image. Such pairs are known
of published sets, too (Barz and Denzler 2020 found some for 3.3 % of CIFAR-10's test images), and make an
accuracy look better than it is.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.datasets import store

#: From this correlation of their pixels on, two images are nearly the same.
LIKENESS = 0.995
#: The images are compared at so many rows and columns first, and whole only where those correlate as much.
_ROWS, _FIRST_LIKENESS = 8, 0.98
_PART = 1024
#: So many values of images are looked at together: a hundred megabytes, however large an image is.
_VALUES = 8_000_000
#: So many pairs, of images of so many bytes in all, are compared in about a tenth of a second.
_FEW_PAIRS, _FEW_BYTES = 10_000_000, 50_000_000


class Duplicates(NamedTuple):
    """Training images that stand among the test images, too, each with the first or the most alike of those.

    `train`, `test`: indices in the stored order, shape (D,). `exact`: whether all pixels are equal, (D,).
    """

    train: NDArray[np.int64]
    test: NDArray[np.int64]
    exact: NDArray[np.bool_]


NONE = Duplicates(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, bool))


def of_folder(folder: Path) -> Duplicates:
    """Those of a data set's stored arrays: looked for once, in seconds for CIFAR-10, and kept beside them."""
    note = folder / "duplicates.json"
    try:
        table = np.array(json.loads(note.read_text("ascii")), np.int64).reshape(-1, 3)
    except (OSError, ValueError, TypeError):
        arrays = store.open_arrays(folder)
        table = np.stack(find(arrays.train_images, arrays.test_images), axis=1).astype(np.int64)
        store.keep(note, json.dumps(table.tolist()))
    return Duplicates(table[:, 0], table[:, 1], table[:, 2].astype(bool))


def are_known(folder: Path) -> bool:
    """Whether they have been looked for, or can be in a moment."""
    arrays = store.open_arrays(folder)
    pairs = len(arrays.train_labels) * len(arrays.test_labels)
    few = pairs <= _FEW_PAIRS and arrays.train_images.nbytes + arrays.test_images.nbytes <= _FEW_BYTES
    return few or (folder / "duplicates.json").exists()


def find(train: NDArray[np.uint8], test: NDArray[np.uint8]) -> Duplicates:
    """Compare every training image with every test image.

    Args:
        train, test: uint8 (N, H, W, C) and (M, H, W, C).
    """
    first = {_content(test[index]): index for index in reversed(range(len(test)))}
    match = np.array([first.get(_content(image), -1) for image in train], np.int64)
    exact = match >= 0
    best = np.where(exact, 2.0, LIKENESS).astype(np.float32)
    left = np.flatnonzero(~exact)
    small_train, small_test = _directions(train, _ROWS), _directions(test, _ROWS)
    for begin in range(0, len(test), _PART):
        for start in range(0, len(left), 8 * _PART):
            rows = left[start : start + 8 * _PART]
            alike = small_train[rows] @ small_test[begin : begin + _PART].T
            column = alike.argmax(axis=1)
            likely = alike[np.arange(len(rows)), column] >= _FIRST_LIKENESS
            rows, columns = rows[likely], column[likely] + begin
            step = _together(train)
            for part in range(0, len(rows), step):
                some, others = rows[part : part + step], columns[part : part + step]
                pairs = _directions(train[some]), _directions(test[others])
                whole = np.einsum("ij,ij->i", *pairs)
                better = whole >= best[some]
                best[some[better]], match[some[better]] = whole[better], others[better]
    found = np.flatnonzero(match >= 0)
    return Duplicates(found, match[found], exact[found])


def _content(image: NDArray[np.uint8]) -> bytes:
    """Sixteen bytes that stand for all pixels of an image."""
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def _together(images: NDArray[np.uint8]) -> int:
    """How many of these images are looked at together."""
    return max(1, min(_PART, _VALUES // math.prod(images.shape[1:])))


def _directions(images: NDArray[np.uint8], rows: int | None = None) -> NDArray[np.float32]:
    """Images (N, H, W, C) as vectors (N, D), each channel of mean 0, all of length 1, or 0 where flat.

    Args:
        rows: to so many rows and columns they are averaged first; None: not at all.
    """
    parts = []
    values: NDArray[Any]
    step = _together(images)
    for start in range(0, len(images), step):
        values = np.asarray(images[start : start + step], np.float32)
        if rows is not None and rows < values.shape[1]:
            edges = np.linspace(0, values.shape[1], rows, endpoint=False).astype(int)
            sizes = np.diff([*edges, values.shape[1]]).astype(np.float32)
            for axis in (1, 2):
                shape = [1, 1, 1, 1]
                shape[axis] = rows
                values = np.add.reduceat(values, edges, axis=axis) / sizes.reshape(shape)
        values = np.subtract(values, values.mean(axis=(1, 2), keepdims=True), dtype=np.float32)
        flat = values.reshape(len(values), -1)
        length = np.linalg.norm(flat, axis=1, keepdims=True)
        parts.append(np.divide(flat, length, out=np.zeros_like(flat), where=length > 1e-3))
    return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
