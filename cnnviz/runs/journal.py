"""Append-only JSON lines: one writer, many readers, an unfinished last line is ignored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cnnviz.errors import RunError
from cnnviz.runs.atomic import finite, storage_errors


def append(path: Path, record: dict[str, Any]) -> None:
    """Append one record in one write; what is not finite becomes null.

    Raises:
        StorageError: the disk took none or only a part of it.
    """
    line = json.dumps(finite(record), separators=(",", ":")) + "\n"
    with storage_errors(path), path.open("ab") as file:
        file.write(line.encode())


def read(path: Path) -> list[dict[str, Any]]:
    """All complete records, oldest first; an absent file holds none.

    Raises:
        RunError: a complete line is not a JSON object.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return []
    return records(text[: text.rfind(b"\n") + 1], path)


def records(text: bytes, path: Path, after: int = 0) -> list[dict[str, Any]]:
    """The records of complete lines; `path` and the number of lines `after` which they stand name an error.

    Raises:
        RunError: a line is not a JSON object.
    """
    lines = enumerate(text.splitlines(), after + 1)
    return [_record(line, number, path) for number, line in lines if line.strip()]


def _record(line: bytes, number: int, path: Path) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise RunError(f"{path.name} is damaged in line {number}: {error}.") from error
    if not isinstance(record, dict):
        raise RunError(f"{path.name} is damaged in line {number}: it is not an object.")
    return record


def cut(path: Path, keep: int) -> None:
    """Keep the first `keep` records: a resumed run goes on from its checkpoint, not from its last line."""
    from cnnviz.runs.atomic import write_text

    records = read(path)[:keep]
    write_text(path, "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records))
