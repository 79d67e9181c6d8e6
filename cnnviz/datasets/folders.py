"""Own images: a folder of class folders in the data folder, known as `folder:<name>`.

Either `<name>/train/<class>/*.png` with `<name>/test/<class>/*.png` (or without: then a fifth of
each class is held back for testing, by a fixed seed), or `<name>/<class>/*.png` with the same
split. png, jpg, jpeg and webp. Each image is turned upright, its middle square is cut out and
scaled to `DatasetSpec.size` (32 by default), in colour.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cnnviz.datasets import store
from cnnviz.datasets.entry import DatasetEntry
from cnnviz.datasets.folder_listing import Listing, folder_stamp, listing, looks_usable, subfolders
from cnnviz.datasets.pictures import read_all
from cnnviz.errors import DataError, UnknownNameError
from cnnviz.paths import data_dir
from cnnviz.registry import did_you_mean
from cnnviz.specs import DatasetSpec

PREFIX = "folder:"
DEFAULT_SIZE = 32
#: Offered in the app; `DatasetSpec.size` may be any other.
SIZES = (DEFAULT_SIZE, 24, 48, 64, 96, 128, 160, 224)


def names() -> tuple[str, ...]:
    """`folder:<name>` of every folder in the data folder that holds class folders with images."""
    return tuple(f"{PREFIX}{path.name}" for path in subfolders(data_dir()) if looks_usable(path))


def side(size: int | None) -> int:
    """Side of the images in pixels."""
    return DEFAULT_SIZE if size is None else size


def entry(name: str) -> DatasetEntry:
    """Count an image folder, without reading an image; the entry's `problem` says what it lacks.

    Raises:
        UnknownNameError: there is no such folder.
    """
    folder, problem = _path(name), ""
    try:
        found = listing(folder)
    except DataError as error:
        nothing = np.zeros(0, np.int64)
        found, problem = Listing((), (), nothing, (), nothing), str(error)
    return DatasetEntry(
        name=name,
        title=folder.name,
        description=f"Your own images in {folder}: the middle square of each, scaled to the chosen size.",
        source=str(folder),
        class_names=found.class_names,
        shape=(DEFAULT_SIZE, DEFAULT_SIZE, 3),
        n_train=len(found.train),
        n_test=len(found.test),
        sizes=SIZES,
        problem=problem,
    )


def stamp(name: str) -> str:
    """Changes whenever an image or a class is added, renamed or removed.

    Raises:
        UnknownNameError: there is no such folder.
    """
    return store.fingerprint(folder_stamp(_path(name)))


def stored(spec: DatasetSpec) -> Path:
    """Decode the images of a folder once for each size; return the folder of their arrays.

    Raises:
        UnknownNameError, DataError, StorageError: as `entry`, or an image that can't be read.
    """
    folder, size = _path(spec.name), side(spec.size)
    found = listing(folder)
    files = found.train + found.test
    mark = store.fingerprint(folder.name, size, *(path.relative_to(folder) for path in files), files=files)

    def write(target: Path) -> None:
        for half, paths, labels in (
            ("train", found.train, found.train_labels),
            ("test", found.test, found.test_labels),
        ):
            np.save(target / f"{half}_labels.npy", labels)
            read_all(paths, size, target / f"{half}_images.npy")
        store.finish(target, {"origin": str(folder), "class_names": found.class_names})

    return store.cached(spec.name, mark, write)


def _path(name: str) -> Path:
    bare = name.removeprefix(PREFIX)
    path = data_dir() / bare
    if not bare or bare.startswith(".") or Path(bare).name != bare or not path.is_dir():
        known = names()
        raise UnknownNameError(
            f"There is no image folder '{bare}' in {data_dir()}.{did_you_mean(name, known)} "
            f"Place it there with one folder a class. Found: {', '.join(known) or 'none'}."
        )
    return path
