"""Whether somebody still waits for the answer that is being worked on; asked in the inspection processes.

The asking process leaves a sign, an empty file, when nobody does. Long work looks for it between two
batches and ends, so that the next question does not wait for an answer that nobody wants.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_signs: list[Path] = []  # of the work that is being done, the innermost last


class UnwantedError(Exception):
    """The work has ended early: nobody waits for it any more."""


@contextmanager
def unless(sign: Path) -> Iterator[None]:
    """What is done in the block ends at its next `check_wanted` once the sign is there."""
    _signs.append(sign)
    try:
        check_wanted()
        yield
    finally:
        _signs.pop()


def check_wanted() -> None:
    """Go on, or end here.

    Raises:
        UnwantedError: nobody waits for the answer.
    """
    if any(sign.exists() for sign in _signs):
        raise UnwantedError
