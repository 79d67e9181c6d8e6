"""Keras's npz files: x_train, y_train, x_test, y_test, read without pickles."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from cnnviz.datasets.damaged import damaged
from cnnviz.datasets.entry import Arrays


def read_npz(path: Path, n_train: int, n_test: int, shape: tuple[int, int, int], classes: int) -> Arrays:
    """Read the four arrays; grey images may lack the channel axis, labels may have one too many.

    Raises:
        DataError: not an npz file, an array is missing, or of another shape or type.
    """
    shown = " × ".join(str(n) for n in shape)
    expected = f"x_train, y_train, x_test, y_test with {n_train:,} and {n_test:,} images of {shown} bytes"
    try:
        # Opened here: np.load leaves the file open where the zip is broken.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            found = [archive[key] for key in ("x_train", "y_train", "x_test", "y_test")]
    except KeyError as error:
        raise damaged(path, f"it lacks an array ({error.args[0]})", expected) from error
    except (
        OSError,
        ValueError,
        EOFError,
        AttributeError,
        TypeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise damaged(path, f"it is no complete npz file ({error})", expected) from error
    images = [_images(path, array, shape, expected) for array in (found[0], found[2])]
    labels = [_labels(path, array, classes, expected) for array in (found[1], found[3])]
    sizes = [len(images[0]), len(labels[0]), len(images[1]), len(labels[1])]
    if sizes != [n_train, n_train, n_test, n_test]:
        raise damaged(path, f"its arrays have {', '.join(f'{n:,}' for n in sizes)} entries", expected)
    return Arrays(images[0], labels[0], images[1], labels[1])


def _images(path: Path, array: np.ndarray, shape: tuple[int, int, int], expected: str) -> np.ndarray:
    if shape[2] == 1 and array.ndim == 3:
        array = array[..., None]
    if array.dtype != np.uint8 or array.shape[1:] != shape:
        raise damaged(path, f"its images are {array.dtype} of shape {array.shape}", expected)
    return array


def _labels(path: Path, array: np.ndarray, classes: int, expected: str) -> np.ndarray:
    if array.dtype.kind not in "iu" or array.size != len(array):
        raise damaged(path, f"its labels are {array.dtype} of shape {array.shape}", expected)
    flat = array.reshape(-1).astype(np.int64)
    if flat.size and not (flat.min() >= 0 and flat.max() < classes):
        raise damaged(path, f"its labels run from {flat.min()} to {flat.max()}", expected)
    return flat
