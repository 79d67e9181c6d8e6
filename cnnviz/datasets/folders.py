"""Own images: a folder of class folders in the data folder, known as `folder:<name>`.

Either `<name>/train/<class>/*.png` with `<name>/test/<class>/*.png` (or without: then a fifth of
each class is held back for testing, by a fixed seed), or `<name>/<class>/*.png` with the same
split. png, jpg, jpeg and webp. Each image is turned upright, its middle square is cut out and
scaled to `DatasetSpec.size` (32 by default), in colour.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from cnnviz.datasets import store
from cnnviz.datasets.dataset_entry import DatasetEntry
from cnnviz.datasets.pictures import SUFFIXES, read_all
from cnnviz.datasets.split import quotas, stratified
from cnnviz.errors import DataError, UnknownNameError
from cnnviz.paths import data_dir
from cnnviz.registry import did_you_mean
from cnnviz.specs import DatasetSpec

PREFIX = "folder:"
DEFAULT_SIZE = 32
#: Offered in the app; `DatasetSpec.size` may be any other.
SIZES = (DEFAULT_SIZE, 24, 48, 64, 96, 128, 160, 224)
#: Held back of each class where there is no folder `test`.
TEST_SHARE = 0.2
_SPLIT_SEED = 0


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
        files = listing(folder)
    except DataError as error:
        nothing = np.zeros(0, np.int64)
        files, problem = Listing((), (), nothing, (), nothing), str(error)
    return DatasetEntry(
        name=name,
        title=folder.name,
        description=f"Your own images in {folder}: the middle square of each, scaled to the chosen size.",
        source=str(folder),
        class_names=files.class_names,
        shape=(DEFAULT_SIZE, DEFAULT_SIZE, 3),
        n_train=len(files.train),
        n_test=len(files.test),
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
    listed = listing(folder)
    files = listed.train + listed.test
    mark = store.fingerprint(folder.name, size, *(path.relative_to(folder) for path in files), files=files)

    def write(target: Path) -> None:
        for half, paths, labels in (
            ("train", listed.train, listed.train_labels),
            ("test", listed.test, listed.test_labels),
        ):
            np.save(target / f"{half}_labels.npy", labels)
            read_all(paths, size, target / f"{half}_images.npy")
        store.finish(target, str(folder))

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


@dataclass(frozen=True)
class Listing:
    """Files and labels of both halves, in the order in which they are stored."""

    class_names: tuple[str, ...]
    train: tuple[Path, ...]
    train_labels: np.ndarray
    test: tuple[Path, ...]
    test_labels: np.ndarray


def listing(folder: Path) -> Listing:
    """Find classes and files. "First n" is meaningful: the order mixes the classes, by a fixed seed.

    Raises:
        DataError: what is missing, and where to put it.
    """
    return _listing(folder, folder_stamp(folder))


def folder_stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    """Changes whenever an image or a class is added, renamed or removed."""
    bases = (folder, folder / "train", folder / "test")
    below = [path for base in bases for path in [base, *subfolders(base)]]
    return tuple((str(path), path.stat().st_mtime_ns) for path in below if path.is_dir())


@lru_cache(maxsize=32)
def _listing(folder: Path, _seen: tuple[tuple[str, int], ...]) -> Listing:
    train = folder / "train"
    files = _by_class(train if train.is_dir() else folder)
    class_names = tuple(files)
    if len(class_names) < 2:
        there = "only one class folder" if class_names else "no class folders"
        raise DataError(
            f"{folder} has {there}. Place at least two, one a class, "
            f"with {', '.join(SUFFIXES)} images in each."
        )
    paths = [path for members in files.values() for path in members]
    labels = np.repeat(np.arange(len(class_names)), [len(members) for members in files.values()])
    rng = np.random.default_rng(_SPLIT_SEED)
    if train.is_dir() and (folder / "test").is_dir():
        return _mixed(class_names, (paths, labels), _test_half(folder / "test", class_names), rng)
    if few := [name for name, members in files.items() if len(members) < 2]:
        raise DataError(
            f"Class '{few[0]}' in {folder} has one image, so none could be held back for testing. "
            "Add images, or place a folder 'test' beside 'train'."
        )
    counts = np.bincount(labels)
    take = np.clip(quotas(counts, round(len(labels) * TEST_SHARE)), 1, counts - 1)
    test = stratified(labels, take, rng)
    rest = np.setdiff1d(np.arange(len(labels)), test)
    train_half, test_half = (([paths[i] for i in part], labels[part]) for part in (rest, test))
    return _mixed(class_names, train_half, test_half, rng)


#: Files and labels.
Half = tuple[list[Path], np.ndarray]


def _mixed(class_names: tuple[str, ...], train: Half, test: Half, rng: np.random.Generator) -> Listing:
    mixed: list[tuple[tuple[Path, ...], np.ndarray]] = []
    for paths, labels in (train, test):
        order = rng.permutation(len(paths))
        mixed.append((tuple(paths[i] for i in order), labels[order].astype(np.int64)))
    return Listing(class_names, *mixed[0], *mixed[1])


def _test_half(folder: Path, class_names: tuple[str, ...]) -> Half:
    files = _by_class(folder)
    if unknown := [name for name in files if name not in class_names]:
        raise DataError(
            f"{folder / unknown[0]} is a class that {folder.parent / 'train'} does not have."
            f"{did_you_mean(unknown[0], class_names)} Name the class folders alike in both."
        )
    pairs = [(path, class_names.index(name)) for name, members in files.items() for path in members]
    if not pairs:
        raise DataError(f"{folder} holds no images. Fill it, or remove it: a fifth is then held back.")
    return [path for path, _ in pairs], np.array([label for _, label in pairs])


def _by_class(folder: Path) -> dict[str, list[Path]]:
    """Images of every class folder, all sorted by name.

    Raises:
        DataError: a class folder is empty or not readable.
    """
    by_class: dict[str, list[Path]] = {}
    for path in subfolders(folder):
        files = [item for item in _scan(path) if item.suffix.lower() in SUFFIXES]
        if not files:
            raise DataError(
                f"The class folder {path} holds no images ({', '.join(SUFFIXES)}). Fill it or remove it."
            )
        by_class[path.name] = files
    return by_class


def _scan(folder: Path) -> list[Path]:
    try:
        items = sorted(os.scandir(folder), key=lambda item: item.name)
    except OSError as error:
        raise DataError(f"{folder} can't be read ({error.strerror}). Change its permissions.") from error
    return [Path(item.path) for item in items if not item.name.startswith((".", "__"))]


def subfolders(folder: Path) -> list[Path]:
    """Folders in `folder` by name, without hidden ones; none where it does not exist."""
    return [path for path in _scan(folder) if path.is_dir()] if folder.is_dir() else []


def looks_usable(folder: Path) -> bool:
    """Whether the folder holds a class folder with an image in it, as far as can be read."""
    if not os.access(folder, os.R_OK | os.X_OK):
        return False
    root = folder / "train" if (folder / "train").is_dir() else folder
    return any(_has_image(path) for path in subfolders(root) if os.access(path, os.R_OK | os.X_OK))


def _has_image(folder: Path) -> bool:
    with os.scandir(folder) as items:
        return any(Path(item.name).suffix.lower() in SUFFIXES for item in items)
