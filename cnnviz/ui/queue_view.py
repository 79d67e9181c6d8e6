"""The queue in the sidebar of every page: what is trained now, how far it is, what waits.

A component that looks beside the page (`ui/train/live_feed.py`) every few seconds; the script behind the page
runs again only when the queue has run empty, so that every page shows what has finished.
"""

from __future__ import annotations

import time
from pathlib import Path

import streamlit as st

from cnnviz import paths
from cnnviz.engine import engine
from cnnviz.runs import RunSummary
from cnnviz.ui import linked, navigation
from cnnviz.ui.component import component
from cnnviz.ui.run_labels import run_title

_component = component("queue", __file__, "queue_view.css", "queue_view.js")


def sidebar() -> None:
    """The queue's first lines; nothing while it is empty. A click opens a line's run on the page Train."""
    queue = lines(fresh=True)
    if not queue:
        return
    # Nothing to do in the callbacks: the page runs again because the component asks for it.
    data = {"base": base(), "lines": queue}
    sent = _component(key="queue", data=data, on_open_change=lambda: None, on_empty_change=lambda: None)
    if sent.open:
        linked.put("run", sent.open)
        st.switch_page(navigation.page("train"), query_params={"run": sent.open})


def base() -> str:
    """The path that the app is served under, without slashes at its ends; mostly empty."""
    return str(st.get_option("server.baseUrlPath") or "").strip("/")


_MOST, _QUEUE_SECONDS = 3, 1.0
#: The last look at the queue: of which folder, when, and its lines.
_last: tuple[Path | None, float, list[dict[str, str]]] = (None, 0.0, [])


def lines(*, fresh: bool = False) -> list[dict[str, str]]:
    """The first lines of the queue, then how many more wait; at most a second old, or read now."""
    global _last
    root, looked, last = _last
    if not fresh and root == paths.runs_dir() and time.monotonic() - looked <= _QUEUE_SECONDS:
        return last
    root, looked, queue = paths.runs_dir(), time.monotonic(), engine().queue()
    shown = [{"id": run.id, "title": run_title(run), "words": place(run)} for run in queue[:_MOST]]
    if len(queue) > _MOST:
        shown.append({"id": "", "title": f"and {len(queue) - _MOST} more waiting", "words": ""})
    _last = root, looked, shown
    return shown


def sign(line: dict[str, str]) -> str:
    """What a list of the queue without numbers depends on: which run, and whether it waits."""
    return line["id"] + (line["title"] if not line["id"] else str(line["words"] == "waiting"))


def place(run: RunSummary) -> str:
    """`epoch 3 of 10`, or what it waits for: for a line of the queue."""
    status = run.status
    if status is None or run.state == "queued":
        return "waiting"
    if status.silence or run.state != "running":
        return status.silence or run.state
    return f"epoch {status.epoch} of {status.epochs}" if status.epoch else status.phase
