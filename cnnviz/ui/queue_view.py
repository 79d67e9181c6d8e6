"""The queue in the sidebar of every page: what is trained now, how far it is, what waits.

A component that looks beside the page (`ui/train/route.py`) every few seconds; the script behind the page
runs again only when the queue has run empty, so that every page shows what has finished.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from cnnviz.ui import linked, navigation
from cnnviz.ui.train import queue_lines, route

_component = st.components.v2.component(
    "cnnviz_queue",
    css=Path(__file__).with_name("queue_view.css").read_text("utf-8"),
    js=Path(__file__).with_name("queue_view.js").read_text("utf-8"),
)


def sidebar() -> None:
    """The queue's first lines; nothing while it is empty. A click opens a line's run on the page Train."""
    lines = queue_lines.lines(fresh=True)
    if not lines:
        return
    picked = _component(
        key="queue",
        data={"base": route.base(), "lines": lines},
        on_open_change=_run_again,
        on_empty_change=_run_again,
    )
    if picked.open:
        linked.put("run", picked.open)
        st.switch_page(navigation.page("train"), query_params={"run": picked.open})


def _run_again() -> None:
    """Nothing to do: the page runs again because the component asked for it."""
