"""Tables of the documents that follow from what is registered: `make docs` writes them, a test compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from cnnviz.inspection.explanations import METHODS, About
from cnnviz.inspection.explanations.maximisation import ABOUT as MAXIMISATION

FOLDER = Path(__file__).resolve().parent


def methods_table(abouts: Iterable[About]) -> str:
    """A row a method: what it does, what it can't do, its paper."""
    rows = [
        f"| {about.title} | {about.idea} | {about.limits} | "
        f"[{about.paper.authors} {about.paper.year}]({about.paper.url}) |"
        for about in abouts
    ]
    return "\n".join(["| method | what it does | what it can't do | paper |", "|---|---|---|---|", *rows])


#: By document and the name that stands in the marks around the table.
TABLES: dict[tuple[str, str], Callable[[], str]] = {
    ("explanations.md", "explanations"): lambda: methods_table(m.about for m in METHODS.values()),
    ("explanations.md", "maximisation"): lambda: methods_table([MAXIMISATION]),
}


def written(document: str, text: str) -> str:
    """A document's text with its tables as they should be.

    Raises:
        ValueError: the marks of a table are missing.
    """
    for (name, table), make in TABLES.items():
        if name == document:
            begin, end = f"<!-- {table}: written by make docs -->\n", "\n<!-- end -->"
            before, mark, rest = text.partition(begin)
            _, other_mark, after = rest.partition(end)
            if not mark or not other_mark:
                raise ValueError(f"{document} has no marks around the table '{table}': {begin!r} … {end!r}")
            text = before + begin + make() + end + after
    return text


def main() -> None:
    """Write all tables."""
    for document in sorted({name for name, _ in TABLES}):
        file = FOLDER / document
        file.write_text(written(document, file.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
