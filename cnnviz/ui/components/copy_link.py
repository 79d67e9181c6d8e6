"""A button that copies the address of the view, with all that was chosen in it."""

from __future__ import annotations

from cnnviz.ui.component import component

_copy = component("copy_link", __file__, "copy_link.css", "copy_link.js")


def copy_link(key: str = "copy_link") -> None:
    """Show the button; on a page served without https, too."""
    words = {"label": "Copy the link", "done": "Copied", "help": "The address of this view, with all choices"}
    _copy(key=key, data=words)
