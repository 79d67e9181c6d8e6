"""Tail: a journal that grows, read by its new lines only. For what looks every second, for hours."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cnnviz.runs import journal


class Tail:
    """One journal, from its beginning; `look` reads what has been appended since the last look.

    `origin` names the file that was read: a resumed run puts a shorter file in its place, which begins
    anew under another origin. Not safe to be used by two threads at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.origin = 0  # the file's inode; 0: there is none yet
        self.lines: list[dict[str, Any]] = []
        self._read = 0  # bytes

    def look(self) -> None:
        """Read the complete new lines; start again where the file is another one.

        Raises:
            RunError: a complete line is not a JSON object.
        """
        try:
            with self.path.open("rb") as file:
                stat = os.fstat(file.fileno())
                if stat.st_ino != self.origin or stat.st_size < self._read:
                    self.origin, self.lines, self._read = stat.st_ino, [], 0
                if stat.st_size == self._read:
                    return
                file.seek(self._read)
                text = file.read()
        except FileNotFoundError:
            self.origin, self.lines, self._read = 0, [], 0
            return
        complete = text.rfind(b"\n") + 1
        self.lines.extend(journal.records(text[:complete], self.path, after=len(self.lines)))
        self._read += complete
