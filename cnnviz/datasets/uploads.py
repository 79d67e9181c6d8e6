"""A zip of class folders becomes an image folder in the data folder.

Nothing of the archive is trusted: only images are written, under names and in folders of our own
making, within caps on count and bytes that are counted while reading, and every image is opened.
The folder appears whole or not at all.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from cnnviz.datasets.folders import PREFIX, listing
from cnnviz.datasets.pictures import SUFFIXES, read_square
from cnnviz.errors import DataError, StorageError
from cnnviz.paths import data_dir, ensure

MAX_FILES = 20_000
MAX_BYTES = 512 * 2**20  # of all images together, unpacked
MAX_FILE_BYTES = 32 * 2**20
_HALVES = ("train", "test")
_NAME = re.compile(r"[\w][\w .()+-]{0,79}", re.UNICODE)


def add_zip(name: str, file: IO[bytes]) -> str:
    """Unpack a zip into the data folder.

    Args:
        name: of the new image folder; letters, digits, blank, `_ - . ( ) +`.
        file: the zip: `<class>/*.png`, or `train/<class>/*.png` and `test/<class>/*.png`, perhaps
            inside one outer folder.
    Returns:
        The data set's name, `folder:<name>`.
    Raises:
        DataError: a bad name or archive; the message names the member. Nothing is left behind.
        StorageError: the data folder is full or not writable.
    """
    name = name.strip()
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise DataError(f"'{name}' can't be a folder's name. Use letters, digits, blanks, _ and -.")
    final = data_dir() / name
    if final.exists():
        raise DataError(f"There is a folder '{name}' in {data_dir()} already. Choose another name.")
    try:
        partial = Path(tempfile.mkdtemp(prefix=".upload-", dir=ensure(data_dir())))
        try:
            _unpack(file, partial)
            try:
                listing(partial)
            except DataError as error:
                raise DataError(str(error).replace(str(partial), name)) from error
            partial.chmod(0o755)
            partial.rename(final)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise StorageError(
            f"The images can't be kept in {data_dir()} ({error.strerror or error}). "
            "Free some space there, or choose another folder with CNNVIZ_DATA_DIR."
        ) from error
    return f"{PREFIX}{name}"


def _unpack(file: IO[bytes], target: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = _images(archive)
            outer = _outer(members)
            left = MAX_BYTES
            for number, (member, path) in enumerate(members):
                left -= _place(archive, member, PurePosixPath(*path.parts[outer:]), target, number, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # RuntimeError: encrypted; NotImplementedError: an unknown compression.
        raise DataError(
            f"This is no zip that can be read ({error}). Pack the class folders again."
        ) from error


def _images(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    images = []
    for member in archive.infolist():
        path = PurePosixPath(member.filename.replace("\\", "/"))
        hidden = any(part.startswith((".", "__")) and part != ".." for part in path.parts)
        if member.is_dir() or hidden or path.suffix.lower() not in SUFFIXES:
            continue
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise DataError(
                f"The zip names a file outside itself ({member.filename[:80]}). It is not unpacked."
            )
        images.append((member, path))
    if not images:
        raise DataError(f"The zip holds no images ({', '.join(SUFFIXES)}). Pack one folder a class.")
    if len(images) > MAX_FILES:
        raise DataError(
            f"The zip holds {len(images):,} images, more than {MAX_FILES:,}. Place them as a folder."
        )
    return images


def _outer(members: list[tuple[zipfile.ZipInfo, PurePosixPath]]) -> int:
    """How many folders stand around the class folders (or around `train` and `test`).

    Raises:
        DataError: images without a class folder, or folders of different depth.
    """
    depths = {len(path.parts) for _, path in members}
    if len(depths) > 1 or min(depths) < 2:
        raise DataError("The images must lie in one folder a class, all at the same depth. Pack them so.")
    depth = depths.pop()
    halves = depth >= 3 and all(path.parts[-3] in _HALVES for _, path in members)
    outer = depth - (3 if halves else 2)
    around = {path.parts[:outer] for _, path in members}
    if len(around) > 1:
        named = " and ".join(sorted("/".join(parts) for parts in around)[:2])
        raise DataError(
            f"The zip has class folders in {named}. Name them 'train' and 'test', or keep one of them."
        )
    return outer


def _place(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    path: PurePosixPath,
    target: Path,
    number: int,
    left: int,
) -> int:
    """Check one image and write it as `<number>.<suffix>`; return its bytes."""
    ceiling = min(MAX_FILE_BYTES, left)
    with archive.open(member) as packed:
        data = packed.read(ceiling + 1)
    if len(data) > ceiling:
        raise DataError(
            f"{path} makes the zip too large: at most {MAX_BYTES // 2**20} MiB of images, "
            f"{MAX_FILE_BYTES // 2**20} MiB each. Scale them down, or place them as a folder."
        )
    read_square(io.BytesIO(data), 8, name=str(path))
    for part in path.parts[:-1]:
        if not _NAME.fullmatch(part):
            raise DataError(f"'{part[:80]}' can't be a class's name. Use letters, digits, blanks, _ and -.")
    folder = target.joinpath(*path.parts[:-1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number:05d}{path.suffix.lower()}").write_bytes(data)
    return len(data)
