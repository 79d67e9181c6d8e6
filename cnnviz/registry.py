"""The doors of cnnviz: named entries that are found, checked and listed without a list kept by hand.

A stranger adds an entry in one file, and nothing else has to be touched:

    # cnnviz/shades/registered/stripes.py
    from cnnviz.shades.entry import SHADES, Shade

    @SHADES.register("stripes", order=30)
    def stripes(side: int) -> np.ndarray: ...

The door itself is made once, beside the type of its entries, and the package imports what lies in it:

    # cnnviz/shades/entry.py
    def _problems(name: str, shade: Shade) -> Iterator[str]:
        if not shade.__doc__:
            yield "it has no docstring, which pages show as its description; write one sentence"

    SHADES: Registry[Shade] = Registry("shade", check=_problems)

    # cnnviz/shades/__init__.py
    discover("cnnviz.shades.registered")

Data sets, architectures, explanations, drawings and pages are such doors. Each has one contract test, which
runs over all entries: `tests/test_contracts.py` and the tests that it names.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from cnnviz.errors import EntryError, UnknownNameError

T = TypeVar("T")
#: The order of entries that name none: after those that do.
LAST = 1000
#: Names stand in links, in file names and behind `--set`.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"`, or an empty string where nothing is near."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f" Did you mean '{by_lower[near[0]]}'?" if near else ""


def discover(package: str) -> tuple[str, ...]:
    """Import every module of a package, so that the entries in it register themselves.

    Modules whose name begins with an underscore are left out: helpers that several entries share.

    Args:
        package: dotted name of a package that holds entries and nothing else.
    Returns:
        Dotted names of the modules, in alphabetical order.
    Raises:
        EntryError: a module holds an entry that breaks its contract; the message names the module.
    """
    path = importlib.import_module(package).__path__
    found = sorted(module.name for module in pkgutil.iter_modules(path) if module.name[0] != "_")
    for name in found:
        try:
            importlib.import_module(f"{package}.{name}")
        except EntryError as error:
            raise EntryError(f"{package}.{name}: {error}") from error
        except Exception as error:
            error.add_note(f"while importing {package}.{name}, to find the entries in it")
            raise
    return tuple(f"{package}.{name}" for name in found)


class Registry(Generic[T]):
    """Named entries of one kind, listed by their `order`, and as they came where it is equal.

    Args:
        kind: what an entry is, in the singular, as error messages say it ("architecture").
        check: gives what is wrong with an entry, a sentence a mistake: what it is, and what to do. It runs
            when the entry is registered, so that it has to be cheap: it is part of every start.
        first_use: likewise for what takes longer (calling a builder); it runs once, at the first `get`.

    >>> def problems(name: str, sides: int) -> Iterator[str]:
    ...     if sides < 3:
    ...         yield f"it has {sides} sides; a polygon needs at least 3"
    >>> POLYGONS: Registry[int] = Registry("polygon", check=problems)
    >>> POLYGONS.add("square", 4, order=2), POLYGONS.add("triangle", 3, order=1)
    (4, 3)
    >>> POLYGONS.names()
    ('triangle', 'square')
    >>> POLYGONS.add("line", 2)
    Traceback (most recent call last):
    cnnviz.errors.EntryError: The polygon 'line' is refused: it has 2 sides; a polygon needs at least 3.
    >>> "square" in POLYGONS, len(POLYGONS)
    (True, 2)
    """

    def __init__(
        self,
        kind: str,
        *,
        check: Callable[[str, T], Iterable[str]] | None = None,
        first_use: Callable[[str, T], Iterable[str]] | None = None,
    ) -> None:
        self.kind = kind
        self._check, self._first_use = check, first_use
        self._entries: dict[str, T] = {}
        self._orders: dict[str, int] = {}
        self._used: set[str] = set()

    def add(self, name: str, entry: T, *, order: int = LAST) -> T:
        """Register `entry` and return it.

        Args:
            name: letters, digits, `_`, `-` and `.`: it stands in links and file names.
            order: its place where entries are listed, small ones first.
        Raises:
            EntryError: the name is taken or can't stand in a link, or the entry breaks its contract.
        """
        if not _NAME.fullmatch(name):
            self._refuse(name, ["a name has at most 64 letters, digits, '_', '-' and '.'; choose such a one"])
        if name in self._entries:
            self._refuse(name, [f"a {self.kind} of that name is registered already; choose another name"])
        if self._check:
            self._refuse(name, self._check(name, entry))
        self._entries[name], self._orders[name] = entry, order
        # Sorting is stable: equal orders stay as they came.
        self._entries = dict(sorted(self._entries.items(), key=lambda item: self._orders[item[0]]))
        return entry

    def register(self, name: str, *, order: int = LAST) -> Callable[[T], T]:
        """Decorate a definition, so that the entry stands beside it; as `add`."""
        return lambda entry: self.add(name, entry, order=order)

    def get(self, name: str) -> T:
        """Return the entry.

        Raises:
            UnknownNameError: no such name; the message suggests the nearest and lists all.
            EntryError: it breaks the part of its contract that is checked at its first use.
        """
        try:
            entry = self._entries[name]
        except KeyError:
            raise UnknownNameError(
                f"There is no {self.kind} '{name}'.{did_you_mean(name, self._entries)} "
                f"Known: {', '.join(self._entries)}."
            ) from None
        if self._first_use and name not in self._used:
            self._refuse(name, self._first_use(name, entry))
            self._used.add(name)
        return entry

    def problems(self, name: str, entry: T) -> list[str]:
        """All that is wrong with an entry, registered or not; empty where it keeps its contract."""
        checks = [check for check in (self._check, self._first_use) if check]
        return [problem for check in checks for problem in check(name, entry)]

    def names(self) -> tuple[str, ...]:
        """All names, in the order in which entries are listed."""
        return tuple(self._entries)

    def values(self) -> tuple[T, ...]:
        """All entries, in the same order; each as `get` gives it."""
        return tuple(self.get(name) for name in self._entries)

    def _refuse(self, name: str, problems: Iterable[str]) -> None:
        sentences = "; ".join(problem.rstrip(".") for problem in problems)
        if sentences:
            raise EntryError(f"The {self.kind} '{name}' is refused: {sentences}.")

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __len__(self) -> int:
        return len(self._entries)
