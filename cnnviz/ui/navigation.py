"""The pages: each is one file in `pages/`, which says itself what the menu shows of it.

    # pages/kernels.py
    '''Kernels: what a network has learned to look for.'''

    from cnnviz.ui import show

    ICON, PLACE = ":material/grid_on:", 65

    show.header("Kernels", "What does each kernel look for?")

The title is what stands before the colon of the docstring; the address of the page is its file's name, with
`-` for `_`. PLACE orders the menu; a page with `MENU = "Further"` stands in a menu of that title. Files are
read, not run, when the app starts: a page runs when somebody opens it. `cnnviz.runs.list_runs` gives it the
runs, `cnnviz.datasets.load` the images, `show.empty` says why there is nothing to see, and where to go on.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.material_icon_names import ALL_MATERIAL_ICONS

from cnnviz.errors import EntryError
from cnnviz.registry import Registry, did_you_mean, leave_out

MAIN = Path(__file__).with_name("main.py")
_FOLDER = Path(__file__).resolve().parents[2] / "pages"
_FIRST = "home"
#: What the menu reads of a page.
_READ = ("ICON", "PLACE", "MENU")


class PageEntry(NamedTuple):
    """A page as the menu needs it."""

    file: Path
    title: str
    summary: str  # what the page is for, in a sentence
    icon: str
    place: int
    menu: str = ""  # title of the menu that holds it; "": the one of what leads from data to comparison


def _problems(name: str, entry: PageEntry) -> Iterator[str]:
    if not entry.title or not entry.summary.endswith("."):
        yield 'its docstring must be `"""Title: what it is for, in a sentence."""`'
    icon = re.fullmatch(r":material/([a-z0-9_]+):", entry.icon)
    if not icon:
        yield f"its icon is '{entry.icon}'; write ICON as a Material symbol, such as ':material/home:'"
    elif icon[1] not in ALL_MATERIAL_ICONS:
        near = did_you_mean(icon[1], ALL_MATERIAL_ICONS)
        yield f"there is no Material symbol '{icon[1]}'.{near} fonts.google.com/icons shows all"
    if entry.place <= 0:
        yield "it has no place in the menu; write PLACE as a whole number, such as 65"
    for other_name, other in zip(PAGES, PAGES.values(), strict=True):
        if address(other_name) == address(name):
            yield f"{other.file.name} has the same address, /{address(name)}; give the file another name"
        if other.title == entry.title:
            yield f"{other.file.name} has the same title, '{entry.title}'; give it one of its own"
        if other.place == entry.place:
            yield f"{other.file.name} has the same PLACE, {entry.place}; take a number between two others"


PAGES: Registry[PageEntry] = Registry("page", check=_problems)


def read_page(file: Path) -> PageEntry:
    """Read what a page says of itself, without running it.

    Raises:
        EntryError: it is no Python file, or misspells what the menu reads.
    """
    try:
        tree = ast.parse(file.read_text("utf-8"), filename=file.name)
    except (SyntaxError, ValueError) as error:  # ValueError: it is no text in UTF-8
        raise EntryError(f"The page {file.name} can't be read: {error}. Mend it there.") from error
    title, _, summary = (ast.get_docstring(tree) or "").partition(":")
    constants: dict[str, object] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            constants |= _constants(statement.targets[0], statement.value)
    for name in constants.keys() - _READ:
        if near := difflib.get_close_matches(name, _READ, n=1, cutoff=0.7):
            raise EntryError(f"The page {file.name} says {name}, which nothing reads. Write {near[0]}.")
    icon, menu = (str(constants.get(name, "")) for name in ("ICON", "MENU"))
    place = constants.get("PLACE")
    place = place if isinstance(place, int) else 0
    return PageEntry(file, title.strip(), " ".join(summary.split()), icon, place, menu)


def _constants(target: ast.expr, value: ast.expr) -> dict[str, object]:
    """Names with the constants that a statement gives them: `ICON, PLACE = ":material/home:", 10`."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=False)
        return {name: constant for pair in pairs for name, constant in _constants(*pair).items()}
    if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
        return {target.id: value.value}
    return {}


def address(name: str) -> str:
    """What stands in the link for a page."""
    return name.replace("_", "-").lower()


def add_pages(files: Iterable[Path]) -> None:
    """Read and register pages; a wrong one is left out.

    In the order of their places: of two of one title, the one that comes first in the menu keeps it.
    """
    entries = []
    for file in sorted(files):
        try:
            entries.append(read_page(file))
        except EntryError as error:
            leave_out(EntryError(f"pages/{file.name}: {error}"))
    for entry in sorted(entries, key=lambda entry: entry.place):
        try:
            PAGES.add(entry.file.stem, entry, order=entry.place)
        except EntryError as error:
            leave_out(EntryError(f"pages/{entry.file.name}: {error}"))


add_pages(_FOLDER.glob("*.py"))


def page(name: str) -> st.Page:
    """The page of that name, for links and switches.

    Raises:
        UnknownNameError: there is no such page.
    """
    entry = PAGES.get(name)
    return st.Page(
        entry.file, title=entry.title, icon=entry.icon, url_path=address(name), default=name == _FIRST
    )


def file_of(shown: st.Page) -> str:
    """The file of a page that is shown."""
    return next(
        (str(PAGES.get(name).file) for name in PAGES if address(name) == (shown.url_path or _FIRST)),
        str(MAIN),
    )


def title(name: str) -> str:
    """The page's title, as the menu shows it."""
    return PAGES.get(name).title


def link(
    name: str,
    label: str = "",
    query: Mapping[str, str] | None = None,
    *,
    icon: str | None = ":material/arrow_forward:",
    help: str | None = None,
) -> None:
    """Lead to a page.

    Args:
        label: "": the page's title.
        query: what stands in the link.
    """
    st.page_link(page(name), label=label or title(name), icon=icon, help=help, query_params=query or None)


def menu() -> dict[str, list[st.Page]]:
    """All pages by the title of their menu, as `st.navigation` takes them."""
    menus: dict[str, list[st.Page]] = {}
    for name in PAGES:
        menus.setdefault(PAGES.get(name).menu, []).append(page(name))
    return menus
