"""A zip of images becomes an image folder in the data folder, by the same rules as a folder (`layout.py`).

Nothing of the archive is trusted: only images and tables of labels are written, within caps on count and
bytes that are counted while reading. The folder appears whole or not at all.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from cnnviz import paths
from cnnviz.datasets.folders import PREFIX, layouts
from cnnviz.datasets.layout import hidden, is_image
from cnnviz.errors import DataError, StorageError
from cnnviz.paths import data_dir, ensure

MAX_FILES = 20_000
MAX_BYTES = 512 * 2**20  # of all images together, unpacked
MAX_FILE_BYTES = 32 * 2**20
MAX_TOTAL_BYTES = 8 * 2**30  # of all uploads together, unpacked
#: Lies in a folder that was uploaded, with its bytes: such a one can be deleted in the app.
_MARK = ".uploaded"
#: Names of folders in the data folder that mean something else.
_RESERVED = re.compile(
    r"models|mnist|fashion[-_]?mnist|cifar-?100?.*|.*\.(npz|gz|tgz|tar|toml|json)", re.IGNORECASE
)
_LONGEST_NAME = 80
_TABLES = (".csv", ".tsv")
#: What no file system of Windows takes in a name; elsewhere all but the slash and the zero byte is taken.
_REFUSED = '<>:"|?*' if os.name == "nt" else ""


def add_zip(name: str, file: IO[bytes]) -> str:
    """Unpack a zip into the data folder.

    Args:
        name: of the new image folder.
        file: the zip, laid out as `layout.py` reads it. Images that can't be read are kept: the set names
            them.
    Returns:
        The data set's name, `folder:<name>`.
    Raises:
        DataError: a bad name or archive; the message names the member. Nothing is left behind.
        StorageError: the data folder is full or not writable.
    """
    name = unicodedata.normalize("NFC", name.strip())
    final = data_dir() / _checked_name(name)
    if sum(map(_size, data_dir().glob(f"*/{_MARK}"))) > MAX_TOTAL_BYTES - MAX_BYTES:
        raise StorageError(
            f"The uploads in {data_dir()} take {MAX_TOTAL_BYTES / 2**30:.0f} GiB together. Delete one that "
            "is no longer needed, or place the images as a folder."
        )
    if final.exists():
        raise DataError(f"There is a folder '{name}' in {data_dir()} already. Choose another name.")
    try:
        partial = Path(tempfile.mkdtemp(prefix=".upload-", dir=ensure(data_dir())))
        try:
            size = _unpack(file, partial)
            (partial / _MARK).write_text(str(size), "ascii")
            found = layouts(partial, name)
            if all(layout.problem for layout in found):
                raise DataError(found[0].problem)
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


def can_be_deleted(name: str) -> bool:
    """Whether a data set was uploaded; what somebody placed in the data folder is left alone."""
    bare = name.removeprefix(PREFIX)
    folder = paths.within(data_dir(), bare)
    return name.startswith(PREFIX) and folder is not None and (folder / _MARK).is_file()


def delete(name: str) -> None:
    """Delete an uploaded data set for good; its runs stay, and say that their images are gone.

    Raises:
        DataError: it was not uploaded, or is gone.
        StorageError: it can't be deleted.
    """
    if not can_be_deleted(name):
        raise DataError(f"'{name}' was not uploaded here: remove it from {data_dir()} by hand.")
    folder = data_dir() / name.removeprefix(PREFIX)
    doomed = Path(tempfile.mkdtemp(prefix=".deleted-", dir=data_dir()))
    try:
        folder.rename(doomed / folder.name)
    except OSError as error:
        raise StorageError(f"'{name}' can't be deleted ({error.strerror or error}).") from error
    finally:
        shutil.rmtree(doomed, ignore_errors=True)


def _size(mark: Path) -> int:
    try:
        return int(mark.read_text("ascii"))
    except (OSError, ValueError):
        return 0


def _checked_name(name: str) -> str:
    """A name that the folder of a data set may have.

    Raises:
        DataError: says what stands in the way.
    """
    wrong = next((letter for letter in name if letter in "/\\" + _REFUSED or not letter.isprintable()), "")
    if wrong:
        raise DataError(f"{_quoted(name)} can't be a folder's name: {_letter(wrong)} can't stand in it.")
    if name.startswith(".") or name.endswith(".") or not any(letter.isalnum() for letter in name):
        needed = "it needs a letter or digit, and no dot at its ends"
        raise DataError(f"'{name}' can't be a folder's name: {needed}.")
    if _RESERVED.fullmatch(name):
        raise DataError(f"'{name}' is what official files are called. Choose another name.")
    if len(name) > _LONGEST_NAME:
        raise DataError(f"'{name[:20]}…' can't be a folder's name: it has over {_LONGEST_NAME} letters.")
    return name


def _quoted(name: str) -> str:
    return repr(name) if not name.isprintable() else f"'{name}'"


def _letter(letter: str) -> str:
    return f"'{letter}'" if letter.isprintable() else f"the character {ord(letter):#04x}"


def _unpack(file: IO[bytes], target: Path) -> int:
    """Unpack the zip into a folder; return the bytes that it takes."""
    try:
        with zipfile.ZipFile(file) as archive:
            left = MAX_BYTES
            for member, path in _members(archive):
                if member.is_dir():
                    target.joinpath(*path.parts).mkdir(parents=True, exist_ok=True)
                else:
                    left -= _place(archive, member, path, target, left)
            return MAX_BYTES - left
    except (FileExistsError, NotADirectoryError) as error:
        raise DataError(f"The zip holds '{Path(error.filename).name}' as a file and as a folder.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # RuntimeError: encrypted; NotImplementedError: an unknown compression.
        raise DataError(
            f"This is no zip that can be read ({error}). Pack the class folders again."
        ) from error


def _members(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    members = []
    for member in archive.infolist():
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0][1:2]):
            raise DataError(
                f"The zip names a file outside itself ({member.filename[:80]}). It is not unpacked."
            )
        if path.parts and not any(hidden(part) for part in path.parts):
            members.append((member, path))
    images = sum(is_image(path.name) and not member.is_dir() for member, path in members)
    if not images:
        raise DataError("The zip holds no images (.jpg, .png and others). Pack one folder a class.")
    if len(members) > MAX_FILES:
        raise DataError(
            f"The zip holds {len(members):,} files, more than {MAX_FILES:,}. Place them as a folder."
        )
    return members


def _place(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: PurePosixPath, target: Path, left: int
) -> int:
    """Write one file under its own name, in Unicode's composed form; return its bytes.

    What is neither an image nor a table leaves an empty file, so that it is counted among what is left out.
    """
    own = PurePosixPath(*(unicodedata.normalize("NFC", part) for part in path.parts))
    data = b""
    if is_image(path.name) or path.suffix.lower() in _TABLES:
        ceiling = min(MAX_FILE_BYTES, left)
        with archive.open(member) as packed:
            data = packed.read(ceiling + 1)
        if len(data) > ceiling:
            raise DataError(
                f"{path} makes the zip too large: at most {MAX_BYTES // 2**20} MiB of images, "
                f"{MAX_FILE_BYTES // 2**20} MiB each. Scale them down, or place them as a folder."
            )
    for part in own.parts:
        wrong = next((letter for letter in part if letter in _REFUSED + "\0"), "")
        if wrong or len(os.fsencode(part)) > 255:
            why = f"{_letter(wrong)} can't stand in a name" if wrong else "it is longer than 255 bytes"
            raise DataError(f"{_quoted(part[:80])} can't be a file's or class's name here: {why}. Rename it.")
    place = target / own
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))
    if place.exists():
        raise DataError(f"The zip holds {own} twice. Keep one of them.")
    place.write_bytes(data)
    return len(data)
