"""What lies below a folder: looked through once, and again only where a folder's time has changed."""

from __future__ import annotations

import itertools
import os
import threading
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cnnviz.datasets.layout import hidden, is_image


@dataclass(frozen=True, eq=False)
class Walk:
    """All paths below a folder, relative to it, without hidden ones.

    Attributes:
        closed: folders that may not be read.
        times: of the folders looked into: an added or removed file changes one.
    """

    files: tuple[PurePosixPath, ...]
    folders: tuple[PurePosixPath, ...]
    closed: tuple[PurePosixPath, ...]
    times: tuple[tuple[str, int], ...]

    @property
    def images(self) -> list[PurePosixPath]:
        """The files whose names are images'."""
        return [path for path in self.files if is_image(path.name)]

    @property
    def has_image(self) -> bool:
        """Whether there is such a file."""
        return any(is_image(path.name) for path in self.files)


_known: dict[tuple[Path, int | None, int | None], Walk] = {}
_lock = threading.Lock()


def walked(folder: Path, deepest: int | None = None, widest: int | None = None) -> Walk:
    """Look through a folder, or take the last look where no folder's time has changed since.

    Args:
        deepest: how many folders deep it is looked into; None: all.
        widest: of folders with more entries, as classes of images are, none is taken; None: all are.
    """
    key = (folder, deepest, widest)
    with _lock:
        known = _known.get(key)
    if known and known.times and all(_time(path) == time for path, time in known.times):
        return known
    found = walk(folder, deepest, widest)
    with _lock:
        _known[key] = found
    return found


def _time(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return -1


def walk(folder: Path, deepest: int | None = None, widest: int | None = None) -> Walk:
    """Look through a folder now; arguments as of `walked`."""
    files: list[PurePosixPath] = []
    folders: list[PurePosixPath] = []
    closed: list[PurePosixPath] = []
    times: list[tuple[str, int]] = []

    def look(place: str, path: PurePosixPath, around: frozenset[tuple[int, int]]) -> None:
        try:
            stat = Path(place).stat()
            mark = (stat.st_dev, stat.st_ino)
            if mark in around:
                return  # a link to a folder that it lies in
            with os.scandir(place) as items:
                inside = list(itertools.islice(items, widest and widest + 1))
        except OSError:
            closed.append(path)
            return
        times.append((place, stat.st_mtime_ns))
        if widest and len(inside) > widest:
            return
        for item in sorted(inside, key=lambda item: item.name):
            if hidden(item.name):
                continue
            if not item.is_dir():
                files.append(path / item.name)
            else:
                folders.append(path / item.name)
                if deepest is None or len(path.parts) < deepest:
                    look(item.path, path / item.name, around | {mark})

    look(str(folder), PurePosixPath(), frozenset())
    return Walk(tuple(files), tuple(folders), tuple(closed), tuple(times))
