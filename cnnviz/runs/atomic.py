"""Whole files are complete or absent: written beside, synced, then moved into place.

Every failure of the disk becomes a StorageError, and what stood there before still stands.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cnnviz.errors import StorageError


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an OSError of the block into a StorageError that says what to do.

    Raises:
        StorageError: the disk is full, the folder is read-only, or anything else went wrong there.
    """
    try:
        yield
    except OSError as error:
        raise StorageError(_explain(path, error)) from error


def _explain(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return (
            f"{path.name} could not be written: no space left in {path.parent}. "
            "Delete runs that are no longer needed, or choose another disk with CNNVIZ_RUNS_DIR."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{path.name} could not be written: {path.parent} is not writable. "
            "Make it writable, or choose another folder with CNNVIZ_RUNS_DIR."
        )
    return f"{path.name} could not be written in {path.parent}: {error.strerror or error}. Check the disk."


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; on success it takes `path`'s place in one step.

    The path given keeps the suffix, because writers such as Keras choose the format by it.

    Raises:
        StorageError: it could not be written; whatever stood at `path` is untouched.
    """
    beside = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    try:
        with storage_errors(path):
            yield beside
            sync(beside)
            os.replace(beside, path)
            sync(path.parent)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder beside `path`, where none stands yet; on success it takes its place, whole.

    Raises:
        StorageError: it could not be written.
    """
    beside = path.with_name(f".new.{path.name}")
    with storage_errors(path):
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        try:
            yield beside
            for file in beside.iterdir():
                sync(file)
            os.replace(beside, path)
            sync(path.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def whole(folder: Path, pattern: str) -> list[Path]:
    """What `folder` holds of that pattern, by name, without what is just being written or deleted there.

    `Path.glob` matches hidden names too: a file beside the one it will replace would be taken for another.
    """

    def hidden(path: Path) -> bool:
        return any(part[0] == "." for part in path.relative_to(folder).parts)

    return sorted(path for path in folder.glob(pattern) if not hidden(path))


#: Seconds after which nobody writes or deletes it any more.
_FORGOTTEN = 24 * 3600
_BESIDE = re.compile(r"\.[0-9a-f]{8}\.")


def clear_aside(folder: Path, *prefixes: str) -> None:
    """Remove what killed processes have left there, once it is a day old.

    Args:
        prefixes: how names of folders begin that are written beside or moved aside; files that `replacing`
            gives are known by themselves.
    """
    before = time.time() - _FORGOTTEN
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            whole = entry.is_dir(follow_symlinks=False)
            if not (entry.name.startswith(prefixes) if whole else _BESIDE.match(entry.name)):
                continue
            with suppress(OSError):
                if entry.stat(follow_symlinks=False).st_mtime < before:
                    shutil.rmtree(entry.path, ignore_errors=True) if whole else Path(entry.path).unlink()


def sync(path: Path) -> None:
    """Make a file's content, or a folder's list of names, survive a power cut."""
    if path.is_dir() and os.name == "nt":
        return  # Windows can't open folders for syncing
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_bytes(path: Path, data: bytes) -> None:
    """Replace a file by `data`, whole."""
    with replacing(path) as beside:
        beside.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Replace a file by `text` in UTF-8, whole."""
    write_bytes(path, text.encode())


def write_json(path: Path, data: Any) -> None:
    """Replace a file by JSON, whole; numbers that are not finite become null."""
    write_text(path, json.dumps(finite(data), indent=1) + "\n")


def finite(data: Any) -> Any:
    """Copy plain data with every infinite or undefined number replaced by None."""
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, dict):
        return {key: finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [finite(value) for value in data]
    return data
