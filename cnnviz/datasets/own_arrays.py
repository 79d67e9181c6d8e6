"""Own images as arrays: `mine.npz` in the data folder, known as `npz:mine`.

It holds what Keras's data sets hold: `x_train`, `y_train`, `x_test`, `y_test`, and perhaps `x_val` and
`y_val` for validation, and `class_names`. Images are uint8 of shape (N, side, side), (N, side, side, 1) or
(N, side, side, 3); labels whole numbers from 0. Pickled objects are not read.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnviz.datasets import store
from cnnviz.datasets.dataset_entry import Arrays, DatasetEntry
from cnnviz.errors import DataError, UnknownNameError
from cnnviz.paths import data_dir
from cnnviz.registry import did_you_mean

PREFIX = "npz:"
_HALVES = {"train": "training", "val": "validation", "test": "test"}
#: What is the official file of a registered data set, and none of somebody's own.
_OFFICIAL = ("mnist", "fashion-mnist", "fashion_mnist", "cifar10", "cifar100", "cifar-10", "cifar-100")
_BROKEN = (OSError, ValueError, EOFError, KeyError, TypeError, zipfile.BadZipFile, zlib.error)


def names() -> tuple[str, ...]:
    """`npz:<name>` of every own npz file in the data folder."""
    try:
        files = sorted(data_dir().glob("*.npz"))
    except OSError:
        return ()
    return tuple(
        f"{PREFIX}{path.stem}"
        for path in files
        if path.name[0] != "." and path.stem.lower() not in _OFFICIAL and path.is_file()
    )


def entry(name: str) -> DatasetEntry:
    """Read shapes, labels and names, no image; the entry's `problem` says what the file lacks.

    Raises:
        UnknownNameError: there is no such file.
    """
    path = _path(name)
    stat = path.stat()
    return _entry(name, path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=32)
def _entry(name: str, path: Path, _size: int, _time: int) -> DatasetEntry:
    sizes, problem = dict.fromkeys(_HALVES, 0), ""
    names: tuple[str, ...] = ("0", "1")
    shape = (32, 32, 3)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            shape, sizes, names = _facts(arrays)
    except DataError as error:
        problem = f"{path.name} can't be used: {error}"
    except _BROKEN as error:
        problem = f"{path.name} can't be used: it is damaged, or holds Python objects ({error})."
    return DatasetEntry(
        name=name,
        title=path.stem,
        description=f"Your own arrays in {path}.",
        source=str(path),
        class_names=names,
        shape=shape,
        n_train=0 if problem else sizes["train"],
        n_validation=0 if problem else sizes["val"],
        n_test=0 if problem else sizes["test"],
        problem=problem,
    )


def stamp(name: str) -> str:
    """Changes when the file is replaced.

    Raises:
        UnknownNameError: there is no such file.
    """
    return store.fingerprint(name, files=[_path(name)])


def stored(name: str) -> Path:
    """Keep the arrays as all data sets are kept; return their folder. Training images come before validation.

    Raises:
        UnknownNameError, DataError, StorageError: there is no such file, it can't be used, or not be kept.
    """
    path = _path(name)

    def write(target: Path) -> None:
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                parts = {
                    half: (_images(arrays, half), np.asarray(arrays[f"y_{half}"], np.int64).reshape(-1))
                    for half in _HALVES
                    if f"x_{half}" in arrays
                }
        except _BROKEN as error:
            raise DataError(f"{path.name} can't be read: it is damaged ({error}). Replace it.") from error
        train = [parts[half] for half in ("train", "val") if half in parts]
        images, labels = (np.concatenate(arrays) for arrays in zip(*train, strict=True))
        store.save(target, Arrays(images, labels, *parts["test"]), str(path))

    return store.cached(name, stamp(name), write)


def _path(name: str) -> Path:
    bare = name.removeprefix(PREFIX)
    if name not in (known := names()):
        raise UnknownNameError(
            f"There is no file '{bare}.npz' in {data_dir()}.{did_you_mean(name, known)} Place it there, with "
            f"x_train, y_train, x_test and y_test. Found: {', '.join(known) or 'none'}."
        )
    return data_dir() / f"{bare}.npz"


def _facts(
    arrays: Mapping[str, NDArray[np.generic]],
) -> tuple[tuple[int, int, int], dict[str, int], tuple[str, ...]]:
    """Shape of an image, images of each half, names of the classes.

    Raises:
        DataError: what is missing or wrong.
    """
    there = ", ".join(arrays) or "nothing"
    for key in ("x_train", "y_train", "x_test", "y_test"):
        if key not in arrays:
            raise DataError(f"it lacks the array {key}; it holds {there}. Name them as Keras does.")
    shapes, sizes, highest = set(), dict.fromkeys(_HALVES, 0), 0
    for half, word in _HALVES.items():
        if f"x_{half}" not in arrays:
            continue
        images, labels = _images(arrays, half), np.asarray(arrays[f"y_{half}"])
        if labels.dtype.kind not in "iu" or labels.size != len(labels):
            raise DataError(
                f"y_{half} is {labels.dtype} of shape {labels.shape}. Its labels must be whole numbers, (N,)."
            )
        if len(images) != len(labels) or not len(images):
            raise DataError(f"it has {len(images):,} {word} images, but {len(labels):,} labels of them.")
        if labels.min() < 0:
            raise DataError(f"y_{half} holds the label {labels.min()}. Labels count from 0.")
        shapes.add(images.shape[1:])
        sizes[half], highest = len(images), max(highest, int(labels.max()))
    if len(shapes) > 1:
        raise DataError("its halves hold images of different shapes. Make them alike.")
    names = tuple(str(name) for name in arrays["class_names"]) if "class_names" in arrays else ()
    names = names or tuple(map(str, range(max(highest + 1, 2))))
    if len(names) <= highest or len(set(names)) < len(names):
        raise DataError(
            f"class_names holds {len(set(names))} different names, but labels run from 0 to {highest}. "
            "Give one name for each label."
        )
    side, _, channels = shapes.pop()
    return (side, side, channels), sizes, names


def _images(arrays: Mapping[str, NDArray[np.generic]], half: str) -> NDArray[np.uint8]:
    """Images (N, side, side, C) of a half.

    Raises:
        DataError: they are none.
    """
    images = np.asarray(arrays[f"x_{half}"])
    grey = images[..., None] if images.ndim == 3 else images
    square = grey.ndim == 4 and grey.shape[1] == grey.shape[2] and 8 <= grey.shape[1] <= 512
    if grey.dtype != np.uint8 or not square or grey.shape[3] not in (1, 3):
        raise DataError(
            f"x_{half} is {images.dtype} of shape {images.shape}. Images must be uint8, squares of 8 to 512 "
            "pixels: (N, side, side), (N, side, side, 1) or (N, side, side, 3)."
        )
    return grey
