"""CIFAR's official batches: python version (pickled dicts) and binary version (fixed records).

Both hold an image as 3072 bytes: red, green and blue plane, each 32×32 row by row. A binary record
has one label byte before them (CIFAR-10) or two, coarse and fine (CIFAR-100).
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from cnnviz.datasets.damaged import damaged
from cnnviz.datasets.entry import Arrays
from cnnviz.datasets.pickles import read_pickle

_ROW = 3 * 32 * 32


@dataclass(frozen=True)
class Layout:
    """Files of one version and how many images each holds; `label_key`: the python version's key."""

    folder: str
    train: tuple[tuple[str, int], ...]
    test: tuple[tuple[str, int], ...]
    classes: int
    label_key: bytes | None = None
    label_bytes: int = 1

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The files in their order, in `folder`."""
        return tuple(folder / name for name, _ in self.train + self.test)


def read_files(files: tuple[Path, ...], layout: Layout) -> Arrays:
    """Read the extracted files of a layout.

    Raises:
        DataError: a file is unreadable, truncated, or holds something else.
    """
    content = {}
    for path in files:
        try:
            content[path.name] = (path, path.read_bytes())
        except OSError as error:
            raise damaged(path, f"it can't be read ({error.strerror})", _expected(layout)) from error
    return _assemble(content, layout)


def read_archive(files: tuple[Path, ...], layout: Layout) -> Arrays:
    """Read the same files out of the official `.tar.gz`, nothing is extracted to disk.

    Raises:
        DataError: the archive is truncated, no archive, or lacks a file.
    """
    (path,) = files
    wanted = {name for name, _ in layout.train + layout.test}
    content: dict[str, tuple[Path, bytes]] = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                name = PurePosixPath(member.name).name
                file = archive.extractfile(member) if name in wanted and member.isfile() else None
                if file is not None:
                    content[name] = (path / name, file.read(_ceiling(layout)))
    except (OSError, EOFError, zlib.error, tarfile.TarError, gzip.BadGzipFile) as error:
        size = f"{path.stat().st_size:,} bytes" if path.is_file() else "no file"
        raise damaged(path, f"it is damaged or cut short ({size}; {error})", _expected(layout)) from error
    if missing := sorted(wanted - set(content)):
        raise damaged(path, f"it lacks {', '.join(missing)}", _expected(layout))
    return _assemble(content, layout)


def _assemble(content: dict[str, tuple[Path, bytes]], layout: Layout) -> Arrays:
    halves: list[np.ndarray] = []
    for batches in (layout.train, layout.test):
        total = sum(n for _, n in batches)
        images, labels = np.empty((total, 32, 32, 3), np.uint8), np.empty(total, np.int64)
        start = 0
        for name, n in batches:
            path, data = content[name]
            rows, found = (_python if layout.label_key else _binary)(path, data, n, layout)
            if found.min() < 0 or found.max() >= layout.classes:
                raise damaged(path, f"its labels run from {found.min()} to {found.max()}", _expected(layout))
            images[start : start + n] = rows.reshape(n, 3, 32, 32).transpose(0, 2, 3, 1)
            labels[start : start + n] = found
            start += n
        halves += [images, labels]
    return Arrays(*halves)


def _python(path: Path, data: bytes, n: int, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    batch = read_pickle(data, path)
    key = layout.label_key or b""
    rows, labels = batch.get(b"data"), batch.get(key)
    if not (isinstance(rows, np.ndarray) and rows.dtype == np.uint8 and rows.shape == (n, _ROW)):
        found = f"{rows.dtype} of shape {rows.shape}" if isinstance(rows, np.ndarray) else type(rows).__name__
        raise damaged(path, f"its 'data' is {found}", f"uint8 of shape ({n}, {_ROW})")
    whole = isinstance(labels, list) and len(labels) == n and all(type(label) is int for label in labels)
    if not whole:
        raise damaged(path, f"its '{key.decode()}' is no list of {n:,} integers", _expected(layout))
    return rows, np.array(labels, np.int64)


def _binary(path: Path, data: bytes, n: int, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    record = layout.label_bytes + _ROW
    if len(data) != n * record:
        raise damaged(
            path, f"it has {len(data):,} bytes", f"{n:,} records of {record:,} bytes: {n * record:,}"
        )
    table = np.frombuffer(data, np.uint8).reshape(n, record)
    return table[:, layout.label_bytes :], table[:, layout.label_bytes - 1].astype(np.int64)


def _expected(layout: Layout) -> str:
    return f"the files of {layout.folder}, {layout.train[0][1]:,} images in {layout.train[0][0]}"


def _ceiling(layout: Layout) -> int:
    """More bytes than any proper file of this layout has, so that a bomb is cut off."""
    return max(n for _, n in layout.train + layout.test) * (_ROW + 200) + 2**20
