"""Append-only JSON lines: one writer, many readers, an unfinished last line is ignored.

`read` gives a whole journal. A `Tail` is for what looks every second, for hours: it reads the new lines only.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Generic, TypeVar

from cnnviz.errors import RunError
from cnnviz.runs.atomic import storage_errors, write_bytes
from cnnviz.runs.records import Record

R = TypeVar("R", bound=Record)


def append(path: Path, record: Record) -> None:
    """Append one record in one write; what is not finite becomes null.

    Raises:
        StorageError: the disk took none or only a part of it.
    """
    with storage_errors(path), path.open("ab") as file:
        file.write(record.to_json().encode())


def read(path: Path, kind: type[R]) -> list[R]:
    """All complete records, oldest first; an absent file holds none.

    Raises:
        RunError: it can't be read, or a complete line is no record of that kind.
    """
    return _records(_complete(path), kind, path)


def cut(path: Path, keep: int) -> None:
    """Keep the first `keep` lines: a resumed run goes on from its checkpoint, not from its last line."""
    lines = [line for line in _complete(path).splitlines(keepends=True) if line.strip()]
    write_bytes(path, b"".join(lines[:keep]))


def _complete(path: Path) -> bytes:
    """The file's text up to its last line break; nothing of an absent file."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _unreadable(path, error) from error
    return text[: text.rfind(b"\n") + 1]


def _unreadable(path: Path, error: OSError) -> RunError:
    return RunError(f"{path.name} of run {path.parent.name} can't be read ({error.strerror or error}).")


def _records(text: bytes, kind: type[R], path: Path, before: int = 0) -> list[R]:
    """The records of complete lines; `path` and the number of lines before them name an error."""
    lines = enumerate(text.splitlines(), before + 1)
    name = f"{path.name} of run {path.parent.name}"
    return [kind.from_json(line, f"{name}, line {number},") for number, line in lines if line.strip()]


_PIECE = 2**20


class Tail(Generic[R]):
    """One journal, from its beginning; `look` reads what has been appended since the last look.

    `origin` names what was read: a resumed run puts a shorter file in its place, which begins anew under
    another origin. Not safe to be used by two threads at once.

    Args:
        most: of so many records every other one is left out, under another origin again: for journals that
            are drawn as curves, and grow for days.
    """

    def __init__(self, path: Path, kind: type[R], most: int | None = None) -> None:
        self.path, self.kind, self.most = path, kind, most
        self.origin = 0  # 0: there is no file yet
        self.records: list[R] = []
        self._file = 0  # its inode
        self._read = self._lines = self._thinned = 0  # bytes and lines read, how often records were left out

    def look(self) -> None:
        """Read the complete new lines; start again where the file is another one.

        Raises:
            RunError: a complete line is no record of that kind.
        """
        try:
            with self.path.open("rb") as file:
                stat = os.fstat(file.fileno())
                if stat.st_ino != self._file or stat.st_size < self._read:
                    self._begin(stat.st_ino)
                if stat.st_size == self._read:
                    return
                file.seek(self._read)
                # In pieces: a first look at a journal of days must not hold all of it as text.
                while text := file.read(_PIECE):
                    if not self._take(text):
                        break
                    file.seek(self._read)
        except FileNotFoundError:
            self._begin(0)
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def _begin(self, file: int) -> None:
        self._file, self.records = file, []
        self._read = self._lines = self._thinned = 0
        self.origin = file

    def _take(self, text: bytes) -> bool:
        """Add the complete lines of what comes next; False where there is none."""
        complete = text[: text.rfind(b"\n") + 1]
        if not complete and len(text) == _PIECE:
            name = f"{self.path.name} of run {self.path.parent.name}"
            raise RunError(f"{name} is damaged: line {self._lines + 1} has no end.")
        self.records.extend(_records(complete, self.kind, self.path, before=self._lines))
        self._read, self._lines = self._read + len(complete), self._lines + complete.count(b"\n")
        while self.most and len(self.records) > self.most:
            self.records = self.records[::2]
            self._thinned += 1
            self.origin = self._file << 8 | self._thinned % 256
        return bool(complete)
