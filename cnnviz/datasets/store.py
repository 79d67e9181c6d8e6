"""Decoded data sets as read-only `.npy` files under the cache folder, opened as memory maps.

Layout: `<cache>/datasets/<name>/<fingerprint>/` with the four arrays of `Arrays` and `about.json`.
A folder is complete or absent: it is written beside and renamed. The fingerprint covers the files
that the images were read from and the schema, so that replaced files are read anew.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np

from cnnviz.datasets.dataset_entry import Arrays
from cnnviz.errors import StorageError
from cnnviz.paths import cache_dir, ensure

#: Raised when the layout of a cached folder changes; older folders are then left alone.
SCHEMA = 1


def fingerprint(*parts: object, files: Iterable[Path] = ()) -> str:
    """Twenty hexadecimal digits that change with `parts` and with the files' names, sizes and times."""
    seen = [[path.name, (stat := path.stat()).st_size, stat.st_mtime_ns] for path in files]
    text = json.dumps([SCHEMA, [str(part) for part in parts], seen])
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def cached(name: str, mark: str, write: Callable[[Path], None]) -> Path:
    """Return the folder of `name` with fingerprint `mark`; where there is none, let `write` fill it.

    Raises:
        StorageError: the cache folder is full or not writable.
    """
    final = home(name) / mark
    if _complete(final):
        return final
    ensure(final.parent)
    try:
        partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=final.parent))
        try:
            write(partial)
            if final.exists() and not _complete(final):  # damaged
                shutil.rmtree(final, ignore_errors=True)
            try:
                partial.rename(final)
            except OSError:
                # Another process has put its own, equal folder there in the meantime.
                if not _complete(final):
                    raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise StorageError(
            f"'{name}' could not be kept in {final.parent} ({error.strerror or error}). "
            "Free some space there, or choose another folder with CNNVIZ_CACHE_DIR."
        ) from error
    return final


def latest(name: str) -> Path | None:
    """The newest complete folder of `name`, for when the files it was read from are gone."""
    folders = [path for path in home(name).glob("*") if not path.name.startswith(".") and _complete(path)]
    return max(folders, key=lambda path: path.stat().st_mtime, default=None)


def save(folder: Path, arrays: Arrays, origin: str) -> None:
    """Write whole arrays, and in words where they came from, into a folder that `cached` gave."""
    for field, array in arrays._asdict().items():
        np.save(folder / f"{field}.npy", np.ascontiguousarray(array))
    finish(folder, origin)


def finish(folder: Path, origin: str) -> None:
    """Write `about.json`, the mark of completeness, and take the right to write from the arrays."""
    for path in folder.glob("*.npy"):
        path.chmod(0o444)
    text = json.dumps({"schema": SCHEMA, "origin": origin}, ensure_ascii=False, indent=1)
    (folder / "about.json").write_text(text, encoding="utf-8")


def open_arrays(folder: Path) -> Arrays:
    """Open the four arrays: read-only memory maps of type ndarray, nothing is read yet."""
    paths = (folder / f"{field}.npy" for field in Arrays._fields)
    return Arrays(*(np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray) for path in paths))


def digest(folder: Path) -> str:
    """Twenty hexadecimal digits of the arrays' own bytes (SHA-256), whatever files they were read from.

    Worked out once, half a second for CIFAR-10, and kept beside the arrays where that can be written.
    """
    kept = folder / "digest.txt"
    try:
        return kept.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        pass
    found = hashlib.sha256()
    for array in open_arrays(folder):
        found.update(f"{array.dtype.str} {array.shape}".encode())
        found.update(np.ascontiguousarray(array).data.cast("B"))
    text = found.hexdigest()[:20]
    keep(kept, text)
    return text


def keep(file: Path, text: str) -> None:
    """Keep a note beside a data set's folders, where that can be written; it can be made again."""
    with suppress(OSError, StorageError):
        ensure(file.parent)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, delete=False) as beside:
            beside.write(text)
        Path(beside.name).replace(file)


def origin(folder: Path) -> str:
    """Where the arrays came from, in words."""
    return str(_about(folder).get("origin", ""))


def _about(folder: Path) -> dict[str, object]:
    about: dict[str, object] = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    return about


def _complete(folder: Path) -> bool:
    """Whether the folder can be opened; a half-deleted or truncated one can't."""
    try:
        files = sorted(folder.iterdir())
        stamp = tuple((file.name, (stat := file.stat()).st_size, stat.st_mtime_ns) for file in files)
    except OSError:
        return False
    return _opens(folder, stamp)


@lru_cache(maxsize=64)
def _opens(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> bool:
    """As long as its files are the same (`stamp`), opening them once tells enough."""
    del stamp
    try:
        if _about(folder).get("schema") != SCHEMA:
            return False
        arrays = open_arrays(folder)
    except (OSError, ValueError, EOFError):
        return False
    pairs = ((arrays.train_images, arrays.train_labels), (arrays.test_images, arrays.test_labels))
    return all(len(images) == len(labels) for images, labels in pairs)


def home(name: str) -> Path:
    """The cache folder of a data set."""
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)
    if safe != name:  # two folders' names must not meet in one
        safe = f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return cache_dir() / "datasets" / safe
