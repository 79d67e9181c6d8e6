"""Official files: where they may lie, how they are fetched, and what is said about damaged ones.

They are sought in the data folder first, then in Keras's own cache (which is read, never written). A fetched
file is downloaded beside, checked and put in place whole; where there is no network, the message says which
file to place where.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import numpy as np

from cnnviz.datasets.dataset_entry import DATASETS, Arrays, DatasetEntry, Download, Source
from cnnviz.datasets.walk import walked
from cnnviz.errors import DataError, DataMissingError, StorageError
from cnnviz.paths import data_dir, ensure

#: Called with a sentence and the share done, 0 … 1, or None where it is not known.
Progress = Callable[[str, float | None], None]
#: From this share of equal letters on, a name may be meant for another.
_ALIKE = 0.85
_POLL = 0.25  # seconds between two looks at the growing file


def keras_dir() -> Path:
    """The folder in which `keras.datasets` keeps its files; it may not exist."""
    home = os.environ.get("KERAS_HOME", "").strip()
    return (Path(home) if home else Path("~/.keras")).expanduser() / "datasets"


#: How many folders deep official files are sought, and how many files a folder with some of them has at most.
_DEEPEST, _WIDEST = 3, 200
#: What a browser adds to the name of a file that is there already, and a file manager to a copy.
_COPY = re.compile(r"\s*\(\d+\)(?=\.|$)|(?:\s+-)?\s+copy(?=\.|$)")
_DASHES = re.compile(r"[\s._-]+")


def plain_name(name: str) -> str:
    """A file's name without what browsers and mirrors change: `T10k.idx3 (1).gz` is `t10k-idx3-gz`."""
    return _DASHES.sub("-", _COPY.sub("", name.lower()))


def seek(
    title: str,
    root: Path,
    names: Sequence[tuple[str, ...]],
    read: Callable[[tuple[Path, ...]], Arrays],
    lies_in: Callable[[str], bool] = lambda folders: True,
) -> list[Source]:
    """The official files below a root, however deep, copied or renamed: one source, if any of them is there.

    Args:
        names: of each file, the official one first; compared as `plain_name` gives them.
        lies_in: whether the folders between root and file, as `plain_name` gives their path, may hold it.
    """
    found: list[list[Path]] = [[] for _ in names]
    plain = [{plain_name(name) for name in group} for group in names]
    for path in walked(root, _DEEPEST, _WIDEST).files:
        own = plain_name(path.name)
        for place, group in enumerate(plain):
            if own in group and lies_in(plain_name(str(path.parent))):
                found[place].append(root / path)
    parents = Counter(path.parent for paths in found for path in paths)
    if not parents:
        return []
    home = max(parents, key=lambda folder: (parents[folder], -len(folder.parts)))
    files = (
        min(paths, key=lambda path: (path.parent != home, len(path.parts)), default=home / group[0])
        for paths, group in zip(found, names, strict=True)
    )
    return [Source(f"{title} in {home}", tuple(files), read)]


def near_misses(entry: DatasetEntry) -> str:
    """In a sentence which files in the data folder may be meant for official ones; "" where none may."""
    said = []
    for download in entry.downloads:
        official = Path(download.file).name
        begin = plain_name(official.partition(".")[0])
        for path in walked(data_dir(), _DEEPEST, _WIDEST).files:
            own = plain_name(path.name)
            alike = difflib.SequenceMatcher(None, own, plain_name(official)).ratio() > _ALIKE
            if own.startswith(begin) or (alike and path.name != official):
                said.append(f"There is {data_dir() / path}; if it is that, rename it to {official}.")
    return " ".join(said[:2])


def find_source(entry: DatasetEntry, partial: Literal["refuse", "ignore"] = "refuse") -> Source | None:
    """The first source all of whose files are there, or None where there is no file at all.

    Raises:
        DataError: only a part of the files is there (unless such sources are to be ignored).
    """
    if entry.candidates is None:
        return None
    sources = entry.candidates([data_dir(), keras_dir()])
    lacking: list[Path] = []  # of the first source that has some of its files
    for source in sources:
        missing = [path for path in source.files if not path.is_file()]
        if not missing:
            return source
        if len(missing) < len(source.files):
            lacking = lacking or missing
    if lacking and partial == "refuse":
        named = ", ".join(path.name for path in lacking[:4]) + (" …" if len(lacking) > 4 else "")
        raise DataError(
            f"{entry.title} is incomplete in {lacking[0].parent}: {named} missing. "
            f"Place the missing files there, or remove the others and fetch '{entry.name}' again."
        )
    return None


def _silent(text: str, share: float | None) -> None:
    """Progress that nobody watches."""


def fetch(name: str, progress: Progress = _silent) -> Path:
    """Bring the official files of `name` into the data folder; nothing is done where they are there.

    Files are downloaded beside, checked, and put in place whole; a file that is there is never
    replaced.

    Returns:
        The folder that holds the files.
    Raises:
        UnknownNameError: no such data set.
        DataError: nothing to fetch (embedded), or an image folder.
        DataMissingError: no network; the message names the files to place and where.
        StorageError: the data folder is full or not writable.
    """
    if name.startswith(("folder:", "npz:")):
        raise DataError(f"'{name}' are your own images: there is nothing to fetch.")
    return fetch_entry(DATASETS.get(name), progress)


def fetch_entry(entry: DatasetEntry, progress: Progress = _silent) -> Path:
    """`fetch` for an entry, registered or not."""
    if entry.offline:
        progress(f"{entry.title} is part of cnnviz.", 1.0)
        return data_dir()
    source = find_source(entry, partial="ignore")
    if source is not None:
        progress(f"{entry.title} is there: {source.title}.", 1.0)
        return source.files[0].parent
    _check_space(entry)
    done = 0
    for download in entry.downloads:
        target = data_dir() / download.file
        if not target.exists():
            _bring(entry, download, target, done, progress)
        done += download.size
    progress(f"{entry.title} is there.", 1.0)
    return (data_dir() / entry.downloads[0].file).parent


def missing_message(entry: DatasetEntry, reason: str = "") -> str:
    """What to do where the files are not on this machine: fetch, or place which file where."""
    files = ", ".join(download.file for download in entry.downloads)
    size = f"{entry.download_size / 1e6:,.0f} MB"
    urls = " and ".join(sorted({download.url.rsplit("/", 1)[0] + "/" for download in entry.downloads}))
    lead = reason or f"{entry.title} is not on this machine. Fetch it ({size}: `cnnviz fetch {entry.name}`),"
    near = near_misses(entry)
    return f"{lead} or place {files} (from {urls}) in {data_dir()} and try again." + (
        f" {near}" if near else ""
    )


def _bring(entry: DatasetEntry, download: Download, target: Path, done: int, progress: Progress) -> None:
    text = f"Downloading {entry.title} ({entry.download_size / 1e6:,.0f} MB)"

    def tell(size: int) -> None:
        progress(text, min((done + size) / entry.download_size, 0.999) if done + size else None)

    if reason := bring_file(download.url, download.sha256, target, tell):
        lead = f"{target.name} could not be downloaded ({reason}). Check the network,"
        raise DataMissingError(missing_message(entry, lead))


def bring_file(url: str, checksum: str, target: Path, tell: Callable[[int], None]) -> str:
    """Download a file into the data folder, in a process of its own, and put it at its place there whole.

    Args:
        checksum: MD5 or SHA-256; "": not checked.
        tell: called with the bytes so far, several times a second; what it raises ends the download.
    Returns:
        Why it could not be downloaded; "" where it is there.
    Raises:
        StorageError: the data folder can't be written.
    """
    try:
        partial = Path(tempfile.mkdtemp(prefix=".download-", dir=data_dir()))
    except OSError as error:
        raise StorageError(
            f"The data folder {data_dir()} can't be written ({error.strerror}). "
            "Choose another one with CNNVIZ_DATA_DIR."
        ) from error
    try:
        reason = _download(url, checksum, partial / target.name, tell)
        if not reason:
            ensure(target.parent)
            os.replace(partial / target.name, target)
        return reason
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _download(url: str, checksum: str, path: Path, tell: Callable[[int], None]) -> str:
    command = [sys.executable, "-m", "cnnviz.datasets.download", url, str(path.parent), path.name, checksum]
    with (path.parent / "log.txt").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                tell(path.stat().st_size if path.exists() else 0)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_POLL)
        finally:
            process.kill()  # of no effect on a finished one; the user has gone otherwise
            process.wait()
        log.seek(0)
        lines = log.read().strip().splitlines()
    if process.returncode == 0 and path.is_file():
        return ""
    return lines[-1] if lines else f"exit code {process.returncode}"


def _check_space(entry: DatasetEntry) -> None:
    free = shutil.disk_usage(ensure(data_dir())).free
    if free < entry.download_size * 1.1:
        raise StorageError(
            f"{entry.title} needs {entry.download_size / 1e6:,.0f} MB in {data_dir()}, but only "
            f"{free / 1e6:,.0f} MB are free. Free some space, or choose another folder with CNNVIZ_DATA_DIR."
        )


_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
#: What numpy raises for a file that is no npz, or only a part of one.
_BROKEN = (OSError, ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile, zlib.error)


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
            if lacking := [key for key in _ARRAYS if key not in archive.files]:
                there = ", ".join(archive.files[:8]) or "none"
                raise damaged(path, f"it lacks the array {lacking[0]}; there are: {there}", expected)
            arrays = [archive[key] for key in _ARRAYS]
    except _BROKEN as error:
        raise damaged(path, f"it is no complete npz file ({error})", expected) from error
    images = [_images(path, array, shape, expected) for array in (arrays[0], arrays[2])]
    labels = [_labels(path, array, classes, expected) for array in (arrays[1], arrays[3])]
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


def damaged(path: Path, found: str, expected: str) -> DataError:
    """A file that is not what its name says: what was found, what was expected, what to do."""
    return DataError(
        f"{path} can't be used: {found}. Expected: {expected}. "
        "Remove or replace this file, or fetch the data set again."
    )
