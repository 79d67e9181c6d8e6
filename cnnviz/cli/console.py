"""What commands print: JSON or a table on stdout, everything else as single lines on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from cnnviz.errors import CnnvizError

#: The option that every command takes.
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, for machines.")]


def emit(data: Any) -> None:
    """Print one JSON document on stdout."""
    print(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))


def say(text: str) -> None:
    """Print one line on stderr, whatever line breaks, or signs that a terminal obeys, the text has."""
    line = " ".join(text.split())
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)
    print(shown, file=sys.stderr, flush=True)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table on stdout; numbers to the right. In a pipe it is never cut to a screen's width."""
    from rich.console import Console
    from rich.table import Table

    rows = list(rows)
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for position, heading in enumerate(headings):
        numeric = bool(rows) and all(isinstance(row[position], int | float | None) for row in rows)
        grid.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(cell(value) for value in row))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 400
    console.print(grid)


@dataclass(frozen=True)
class Row:
    """What a list prints of one thing; derive from it and add fields."""


def listing(headings: Sequence[str], rows: Sequence[Row], json: bool) -> None:
    """Print frozen rows: as JSON with all their fields, or as a table with the first of them."""
    plain = [asdict(row) for row in rows]
    if json:
        emit(plain)
    else:
        table(headings, [list(row.values())[: len(headings)] for row in plain])


def confirmed(question: str, unasked: str, *, yes: bool) -> bool:
    """Ask on stderr before something is deleted for good; False where the answer is no, which is said.

    Args:
        unasked: what can't be asked where nobody sits at a terminal.
        yes: it was answered beforehand.
    Raises:
        CnnvizError: nobody can be asked.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise CnnvizError(f"Nobody can be asked here whether to {unasked}. Add --yes.")
    if typer.confirm(question, err=True):
        return True
    say("Nothing was deleted.")
    return False


def cell(value: object) -> str:
    """Format one value for people: `1,250,858`, `0.735`; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}"
    return str(value)
