"""The pages, in the order of the menu: title, icon, file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import streamlit as st

_FOLDER = Path(__file__).resolve().parents[2] / "pages"


class _Entry(NamedTuple):
    title: str
    icon: str


_PAGES = {
    "home": _Entry("Home", ":material/home:"),
    "data": _Entry("Data", ":material/photo_library:"),
    "architecture": _Entry("Architecture", ":material/account_tree:"),
    "train": _Entry("Train", ":material/play_circle:"),
    "report": _Entry("Report", ":material/grading:"),
    "feature_maps": _Entry("Feature maps", ":material/grid_view:"),
    "convolution_lab": _Entry("Convolution lab", ":material/science:"),
    "compare": _Entry("Compare", ":material/compare_arrows:"),
    "transfer": _Entry("Transfer", ":material/swap_horiz:"),
    "sweep": _Entry("Sweep", ":material/stacked_line_chart:"),
    "search": _Entry("Search", ":material/manage_search:"),
    "reproduce": _Entry("Reproduce", ":material/fact_check:"),
}
#: What is not part of the way from data to comparison stands in a menu of its own.
_FURTHER = ("sweep", "transfer", "search", "reproduce")


def page(name: str) -> st.Page:
    """The page of that name, for links and switches."""
    entry = _PAGES[name]
    return st.Page(
        _FOLDER / f"{name}.py",
        title=entry.title,
        icon=entry.icon,
        url_path=name.replace("_", "-"),
        default=name == "home",
    )


def title(name: str) -> str:
    """The page's title, as the menu shows it."""
    return _PAGES[name].title


def menu() -> dict[str, list[st.Page]]:
    """All pages by group, as `st.navigation` takes them."""
    main = [page(name) for name in _PAGES if name not in _FURTHER]
    return {"": main, "Further": [page(name) for name in _FURTHER]}
