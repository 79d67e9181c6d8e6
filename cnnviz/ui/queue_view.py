"""The queue: in two lines in the sidebar, as a table on the page Train."""

from __future__ import annotations

import streamlit as st

from cnnviz.engine import engine
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, navigation

_SECONDS = 3.0


def sidebar() -> None:
    """The queue's state; refreshed by itself only while something is in it."""
    busy = bool(engine().queue())
    st.fragment(_sidebar, run_every=_SECONDS if busy else None)(busy)


def _sidebar(was_busy: bool) -> None:
    queue = cache.queue()
    if was_busy and not queue:
        st.rerun()  # the timer ends, and every page shows what has finished
    for run in queue[:3]:
        st.page_link(
            navigation.page("train"), label=f"{run.title} · {progress(run)}", icon=":material/circle:",
            query_params={"run": run.id},
        )  # fmt: skip
    if len(queue) > 3:
        st.caption(f"and {len(queue) - 3} more waiting")


def progress(run: RunSummary) -> str:
    """`epoch 3 of 10`, or what it waits for."""
    status = run.status
    if status is None or run.state == "queued":
        return "waiting"
    if run.state != "running":
        return run.state
    if status.epoch == 0:
        return status.phase
    return f"epoch {status.epoch} of {status.epochs}"
