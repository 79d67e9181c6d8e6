"""The doors of cnnviz: named entries that are found, checked and listed without a list kept by hand.

A stranger adds an entry in one file, and nothing else has to be touched:

    # cnnviz/shades/registered/stripes.py
    import numpy as np
    from cnnviz.shades.entry import SHADES

    @SHADES.register("stripes", order=30)
    def stripes(side: int) -> np.ndarray:
        '''Dark and light columns, uint8, shape (side, side).'''
        return np.tile(np.arange(side, dtype=np.uint8) % 2 * 255, (side, 1))

The door itself is made once, beside the type of its entries, and the package imports what lies in it:

    # cnnviz/shades/entry.py
    from collections.abc import Callable, Iterator
    import numpy as np
    from cnnviz.registry import Registry

    Shade = Callable[[int], np.ndarray]

    def _problems(name: str, shade: Shade) -> Iterator[str]:
        if not shade.__doc__:
            yield "it has no docstring, which pages show as its description; write one sentence"

    SHADES: Registry[Shade] = Registry("shade", check=_problems)

    # cnnviz/shades/__init__.py
    from cnnviz.registry import discover

    discover("cnnviz.shades.registered")

Data sets, architectures, explanations, drawings, metrics, pages and kinds of job are such doors. Each has one
contract test, which runs over all entries: `tests/test_contracts.py` and the tests that it names.

A wrong entry is refused with a sentence, and harms no other: its file is left out, and `left_out` says why on
every page of the app. The command line ends with that sentence instead (`refusing`).
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import pkgutil
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from cnnviz.errors import CnnvizError, EntryError, UnknownNameError

T = TypeVar("T")
#: The order of entries that name none: after those that do.
LAST = 1000
#: Names stand in links, in file names and behind `--set`.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """Return `" Did you mean 'x'?"`, or an empty string where nothing is near.

    Args:
        cutoff: how alike they must be, 0 to 1, as `difflib` measures it.
    """
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=cutoff)
    return f" Did you mean '{by_lower[near[0]]}'?" if near else ""


# What is wrong with an entry is said once, where people look -------------------------------------------


_left_out: dict[str, EntryError] = {}
_refusing = False
#: Files that are being read, the innermost last.
_reading: list[str] = []


def left_out() -> tuple[str, ...]:
    """A sentence for each file or entry that was left out so far in this process."""
    return tuple(_left_out)


def leave_out(error: EntryError) -> None:
    """Note that something is wrong with an entry, and go on without it; within `refusing`, raise it.

    Raises:
        EntryError: the same, for the command line.
    """
    if _refusing:
        raise error
    _left_out.setdefault(str(error), error)


@contextmanager
def refusing() -> Iterator[None]:
    """Refuse to go on beside a wrong entry: for commands, which end with one sentence.

    Raises:
        EntryError: one was left out already, or is met within.
    """
    global _refusing
    before, _refusing = _refusing, True
    try:
        if _left_out:
            raise next(iter(_left_out.values()))
        yield
    finally:
        _refusing = before


def raised(error: Exception, file: str) -> str:
    """`KeyError in line 12: 'x'`: what was raised, and by which line of a file, or below it.

    Args:
        file: as its code says it, see `file_of`.
    """
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    text = str(error).rstrip(".")
    if isinstance(error, SyntaxError) and error.filename == file:
        lines, text = [error.lineno], error.msg
    name = type(error).__name__ + (f" in line {lines[-1]}" if lines else "")
    return f"{name}: {text}" if text else name


def _unreadable(error: Exception, file: str) -> str:
    return f"{shown_path(file)} can't be read: {raised(error, file)}. Mend it there."


def _in_file(file: str, error: EntryError) -> EntryError:
    """The same with the file that holds the entry; "": it is not known."""
    return EntryError(f"{file}: {error}") if file else error


@contextmanager
def ends_in_a_sentence() -> Iterator[None]:
    """For what imports cnnviz: where a setting in it is wrong, say which in one sentence, and exit with 2.

    Settings are read while their specs are imported, so that nothing can go on without them. What else is
    raised is no mistake of a setting, and passes.
    """
    try:
        yield
        return
    except CnnvizError as error:
        sentence = str(error)
    except Exception as error:
        files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        if isinstance(error, SyntaxError) and error.filename:
            files.append(error.filename)
        specs = Path(__file__).with_name("specs")
        ours = [file for file in files if Path(file).is_relative_to(specs)]
        if not ours:
            raise
        sentence = _unreadable(error, ours[-1])
    print(f"cnnviz: {sentence}", file=sys.stderr)
    sys.exit(2)


def file_of(function: Callable[..., object]) -> str:
    """The file that a function is written in; "" where that can't be told."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return str(code.co_filename) if code else ""


def shown_path(file: str) -> str:
    """A path as people write it: `cnnviz/metrics/registered/mine.py`; whole where it lies elsewhere."""
    root = Path(__file__).resolve().parents[1]
    path = Path(file).resolve()
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _defined_in() -> str:
    """The file whose module's code registers an entry just now, as people write it; "" outside `load`."""
    frame = sys._getframe(1) if _reading else None
    while frame and (frame.f_code.co_name != "<module>" or frame.f_code.co_filename == __file__):
        frame = frame.f_back
    return shown_path(frame.f_code.co_filename) if frame else _reading[-1] if _reading else ""


# Finding entries --------------------------------------------------------------------------------------


def discover(package: str) -> tuple[str, ...]:
    """Import every module of a package, so that the entries in it register themselves.

    Modules whose name begins with an underscore are left out: helpers that several entries share.

    Args:
        package: dotted name of a package that holds entries and nothing else.
    Returns:
        Dotted names of the modules, in alphabetical order.
    """
    path = importlib.import_module(package).__path__
    found = sorted(module.name for module in pkgutil.iter_modules(path) if module.name[0] != "_")
    return tuple(name for name in (f"{package}.{module}" for module in found) if load(name))


def load(module: str) -> bool:
    """Import a module that holds entries; whether it could be. What is wrong with it is left out.

    Raises:
        EntryError: within `refusing`; the message names the file.
    """
    spec = importlib.util.find_spec(module)
    file = (spec and spec.origin) or module
    _reading.append(shown_path(file))
    try:
        importlib.import_module(module)
    except Exception as error:  # noqa: BLE001  (whatever a stranger's file raises is its mistake)
        text = _unreadable(error, file)
        if isinstance(error, EntryError):
            # One that was met on the way names its own file already.
            text = str(error) if re.match(r"\S+\.py\b", str(error)) else f"{shown_path(file)}: {error}"
        wrong = EntryError(text)
        wrong.__cause__ = error
        leave_out(wrong)
        return False
    finally:
        _reading.pop()
    return True


class Registry(Generic[T]):
    """Named entries of one kind, listed by their `order`, and as they came where it is equal.

    Args:
        kind: what an entry is, in the singular, as error messages say it ("architecture").
        check: gives what is wrong with an entry, a sentence a mistake: what it is, and what to do. It runs
            when the entry is registered, so that it has to be cheap: it is part of every start.
        first_use: likewise for what takes longer (calling a builder); it runs once, when the entry is first
            asked for or listed. One that fails it is left out.

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
        self._files: dict[str, str] = {}
        self._unused: set[str] = set()
        self._lock = threading.RLock()

    def add(self, name: str, entry: T, *, order: int = LAST) -> T:
        """Register `entry` and return it; a wrong one is left out while `load` reads its file, else refused.

        Args:
            name: letters, digits, `_`, `-` and `.`: it stands in links and file names.
            order: its place where entries are listed, small ones first.
        Raises:
            EntryError: the name is taken or can't stand in a link, or the entry breaks its contract.
        """
        file = _defined_in()
        if _reading and order < self._orders.get(name, order):
            # Files are read in the order of their names: who came first need not be who has the name.
            earlier = self._files[name]
            self._forget(name)
            refusal = EntryError(f"The {self.kind} '{name}' is refused: {self._taken(file)}.")
            leave_out(_in_file(earlier, refusal))
        try:
            self._refuse(name, self._wrong(name, entry))
        except EntryError as error:
            if not _reading:
                raise
            leave_out(_in_file(file, error))
            return entry
        with self._lock:
            self._entries[name], self._orders[name] = entry, order
            self._files[name] = file
            # Sorting is stable: equal orders stay as they came.
            self._entries = dict(sorted(self._entries.items(), key=lambda item: self._orders[item[0]]))
            if self._first_use:
                self._unused.add(name)
        return entry

    def _wrong(self, name: str, entry: T) -> list[str]:
        """What speaks against registering an entry under a name."""
        if not _NAME.fullmatch(name):
            return ["a name has at most 64 letters, digits, '_', '-' and '.'; choose such a one"]
        if name in self._entries:
            return [self._taken(self._files.get(name, ""))]
        return _found(self._check, name, entry)

    def _taken(self, file: str) -> str:
        article = "an" if self.kind[0] in "aeiou" else "a"
        place = f" by {file}" if file else ""
        return f"{article} {self.kind} of that name is registered already{place}; choose another name"

    def register(self, name: str, *, order: int = LAST) -> Callable[[T], T]:
        """Decorate a definition, so that the entry stands beside it; as `add`."""
        return lambda entry: self.add(name, entry, order=order)

    def get(self, name: str) -> T:
        """Return the entry.

        Raises:
            UnknownNameError: no such name; the message suggests the nearest and lists all.
            EntryError: it was left out, as it breaks its contract.
        """
        self._settle([name])
        try:
            return self._entries[name]
        except KeyError:
            for sentence, error in _left_out.items():
                if f"The {self.kind} '{name}' is refused" in sentence:
                    raise error from None
            known = f"Known: {', '.join(self._entries)}."
            near = did_you_mean(name, self._entries)
            raise UnknownNameError(
                " ".join([f"There is no {self.kind} '{name}'.{near} {known}", *_left_out])
            ) from None

    def problems(self, name: str, entry: T) -> list[str]:
        """All that is wrong with an entry, registered or not; empty where it keeps its contract."""
        return [*_found(self._check, name, entry), *_found(self._first_use, name, entry)]

    def names(self) -> tuple[str, ...]:
        """All names, in the order in which entries are listed."""
        return tuple(self)

    def values(self) -> tuple[T, ...]:
        """All entries, in the same order."""
        return tuple(self._entries[name] for name in self)

    def _settle(self, names: Iterable[object]) -> None:
        """Check what was not used before, and leave out what fails."""
        if not self._unused:
            return
        with self._lock:
            for name in self._unused.intersection(names):
                self._unused.remove(name)
                try:
                    self._refuse(name, _found(self._first_use, name, self._entries[name]))
                except EntryError as error:
                    self._forget(name)
                    leave_out(_in_file(self._files[name], error))

    def _forget(self, name: str) -> None:
        with self._lock:
            self._entries = {other: self._entries[other] for other in self._entries if other != name}
            self._unused.discard(name)

    def _refuse(self, name: str, problems: Iterable[str]) -> None:
        sentences = "; ".join(problem.rstrip(".") for problem in problems)
        if sentences:
            raise EntryError(f"The {self.kind} '{name}' is refused: {sentences}.")

    def __iter__(self) -> Iterator[str]:
        self._settle(self._entries)
        return iter(tuple(self._entries))

    def __contains__(self, name: object) -> bool:
        self._settle([name])
        return name in self._entries

    def __len__(self) -> int:
        self._settle(self._entries)
        return len(self._entries)


def _found(check: Callable[[str, T], Iterable[str]] | None, name: str, entry: T) -> list[str]:
    """What a check says of an entry; where it stumbles over it, that."""
    try:
        return list(check(name, entry)) if check else []
    except Exception as error:  # noqa: BLE001  (an entry whose fields are of the wrong type)
        line = traceback.extract_tb(error.__traceback__)[-1].line
        where = f" at '{line}'" if line else ""
        problem = f"checking it ends in {type(error).__name__}: {error}{where}"
        return [f"{problem}; give its fields what their types say"]
