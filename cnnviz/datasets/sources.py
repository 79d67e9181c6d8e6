"""Where official files may lie: the data folder first, then Keras's own cache (read, never written)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from cnnviz.datasets.entry import DatasetEntry, Source
from cnnviz.errors import DataError
from cnnviz.paths import data_dir


def keras_dir() -> Path:
    """The folder in which `keras.datasets` keeps its files; it may not exist."""
    home = os.environ.get("KERAS_HOME", "").strip()
    return (Path(home) if home else Path("~/.keras")).expanduser() / "datasets"


def find_source(entry: DatasetEntry, partial: Literal["refuse", "ignore"] = "refuse") -> Source | None:
    """The first source all of whose files are there, or None where there is no file at all.

    Raises:
        DataError: only a part of the files is there (unless such sources are to be ignored).
    """
    if entry.candidates is None:
        return None
    sources = entry.candidates([data_dir(), keras_dir()])
    started: tuple[Source, list[Path]] | None = None
    for source in sources:
        missing = [path for path in source.files if not path.is_file()]
        if not missing:
            return source
        if len(missing) < len(source.files) and started is None:
            started = source, missing
    if started is not None and partial == "refuse":
        raise DataError(_incomplete(entry, *started))
    return None


def _incomplete(entry: DatasetEntry, source: Source, missing: list[Path]) -> str:
    named = ", ".join(path.name for path in missing[:4]) + (" …" if len(missing) > 4 else "")
    return (
        f"{entry.title} is incomplete in {missing[0].parent}: {named} missing. "
        f"Place the missing files there, or remove the others and fetch '{entry.name}' again."
    )
