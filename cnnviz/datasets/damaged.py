"""The sentences about damaged files, in one place, so that all readers say the same."""

from __future__ import annotations

from pathlib import Path

from cnnviz.errors import DataError


def damaged(path: Path, found: str, expected: str) -> DataError:
    """A file that is not what its name says: what was found, what was expected, what to do."""
    return DataError(
        f"{path} can't be used: {found}. Expected: {expected}. "
        "Remove or replace this file, or fetch the data set again."
    )
