"""One small registry: names to entries, refusing duplicates and suggesting near names."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from cnnviz.errors import UnknownNameError

T = TypeVar("T")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"`, or an empty string where nothing is near."""
    near = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""


class Registry(Generic[T]):
    """Named entries of one kind, in the order of their registration.

    Args:
        kind: what an entry is, in the singular, as error messages say it ("architecture").
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}

    def add(self, name: str, entry: T) -> T:
        """Register `entry`; a name taken already is a defect, never an overwriting."""
        if name in self._entries:
            raise ValueError(f"The {self.kind} '{name}' is registered already.")
        self._entries[name] = entry
        return entry

    def register(self, name: str) -> Callable[[T], T]:
        """Decorate a definition, so that the entry stands beside it."""
        return lambda entry: self.add(name, entry)

    def get(self, name: str) -> T:
        """Return the entry.

        Raises:
            UnknownNameError: no such name; the message suggests the nearest and lists all.
        """
        try:
            return self._entries[name]
        except KeyError:
            raise UnknownNameError(
                f"There is no {self.kind} '{name}'.{did_you_mean(name, self._entries)} "
                f"Known: {', '.join(self._entries)}."
            ) from None

    def names(self) -> tuple[str, ...]:
        """All names, in the order of registration."""
        return tuple(self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __len__(self) -> int:
        return len(self._entries)
