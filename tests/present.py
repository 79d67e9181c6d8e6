"""What a function may not have to give, where a test relies on it."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def present(value: T | None) -> T:
    """The value; a failure that says so where it is None."""
    assert value is not None, "there is none"
    return value
