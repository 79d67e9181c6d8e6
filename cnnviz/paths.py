"""The folders that cnnviz reads and writes, each with an environment variable of its own.

| variable           | holds                                                     |
|--------------------|-----------------------------------------------------------|
| CNNVIZ_DATA_DIR    | official data files and image folders, placed or downloaded |
| CNNVIZ_RUNS_DIR    | one folder a run                                          |
| CNNVIZ_CACHE_DIR   | what can be made again: decoded data sets                 |
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from cnnviz.errors import StorageError


def _folder(variable: str, default: Path) -> Path:
    value = os.environ.get(variable, "").strip()
    return Path(value).expanduser().absolute() if value else default


def data_dir() -> Path:
    """Official data files and image folders."""
    return _folder("CNNVIZ_DATA_DIR", platformdirs.user_data_path("cnnviz") / "data")


def runs_dir() -> Path:
    """One folder a run."""
    return _folder("CNNVIZ_RUNS_DIR", platformdirs.user_data_path("cnnviz") / "runs")


def cache_dir() -> Path:
    """Decoded data sets and whatever else can be made again."""
    return _folder("CNNVIZ_CACHE_DIR", platformdirs.user_cache_path("cnnviz"))


def within(root: Path, name: str) -> Path | None:
    """The folder of that name directly in `root`; None where there is none, whatever the name is.

    Names come from links and command lines: only a plain one may lead to a folder, and what no file system
    takes (too long, a null byte) is not there.
    """
    path = root / name
    try:
        found = bool(name) and name[0] != "." and path.name == name and path.is_dir()
    except (OSError, ValueError):
        return None
    return path if found else None


def ensure(folder: Path) -> Path:
    """Make the folder and return it.

    Raises:
        StorageError: it can't be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {folder} can't be made ({error.strerror}). "
            "Choose another one with CNNVIZ_DATA_DIR, CNNVIZ_RUNS_DIR or CNNVIZ_CACHE_DIR."
        ) from error
    return folder
