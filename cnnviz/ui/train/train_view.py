"""The live part of the page Train: state, curves and times, with what can be wished.

All that changes each second is one component, which fetches its figures beside the page
(`ui/train/live_feed.py`). The fragment around it runs again only when buttons, messages or links change.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz import runs
from cnnviz.engine import engine
from cnnviz.figures import theme
from cnnviz.runs import RunSummary, load_summary
from cnnviz.ui import cache, linked, navigation, show, state
from cnnviz.ui.component import component
from cnnviz.ui.queue_view import base
from cnnviz.ui.run_labels import colour_of, run_title
from cnnviz.ui.train import live_feed

_QUEUE_ICONS = {
    "queued": ":material/schedule:",
    "running": ":material/play_circle:",
    "paused": ":material/pause_circle:",
    "stopping": ":material/stop_circle:",
}


_component = component("live", __file__, "live.html", "live.css", "live.js", "chart.js")


def pick() -> RunSummary | None:
    """Choose a run; without a choice the one being trained, else the newest."""
    if not linked.value("run") and (queue := engine().queue()):
        linked.put("run", queue[0].id)
    return show.run_picker("Run", finished=False)


@st.fragment
def live(run: RunSummary) -> None:
    """Everything that changes while it trains."""
    was_active, run = _active(run), load_summary(run.path)
    if run.damaged or (was_active and not _active(run)):
        st.rerun()  # the whole page: it was deleted, or has ended, and report and feature maps open
    first = live_feed.feed(run.path).first()
    if run.reason and run.state != "stopped":
        st.warning(run.reason, icon=":material/info:")
    if first["problem"]:
        st.warning(first["problem"], icon=":material/info:")
    with st.container(key="train_live", gap=None):
        with st.container(
            key="train_wishes",
            horizontal=True,
            horizontal_alignment="right",
            vertical_alignment="center",
            gap="xsmall",
        ):
            _wishes(run)
        _curves(run, first)
    if run.reason and run.state == "stopped":
        st.caption(run.reason)
    _queue(run)


def _active(run: RunSummary) -> bool:
    return bool(run.status and run.status.active)


def _curves(run: RunSummary, first: dict[str, Any]) -> None:
    data = {
        "run": run.id,
        "base": base(),
        "poll": _active(run),
        "sign": first["sign"],
        "colour": theme.run_colour(colour_of(run.id)),
        "first": first,
    }
    _component(key="live", data=data, on_changed_change=_run_again)


def _run_again() -> None:
    """Nothing to do: the fragment runs again because the component asked for it."""


def _wishes(run: RunSummary) -> None:
    if run.state == "running":
        _wish("Pause", ":material/pause:", engine().pause, run)
    if run.state in ("paused", "stopped", "interrupted", "failed"):
        _wish("Resume", ":material/play_arrow:", engine().resume, run)
    if run.state in ("queued", "running", "paused"):
        _wish("Stop", ":material/stop:", engine().stop, run)
    if run.report:
        for page in ("report", "feature_maps"):
            st.page_link(
                navigation.page(page),
                label=navigation.title(page),
                query_params={"run": run.id},
                icon=":material/arrow_forward:",
            )


def _wish(label: str, icon: str, act: Any, run: RunSummary) -> None:
    if st.button(label, icon=icon, key=f"wish_{label.lower()}"):
        with show.guard():
            act(run.id)
            st.rerun()


def _queue(shown: RunSummary) -> None:
    """Whatever else runs or waits, in the order in which it will start."""
    queue = cache.queue()
    if all(run.id == shown.id for run in queue):
        return
    waiting = sum(run.state == "queued" for run in queue)
    st.caption(f"Queue: {len(queue) - waiting} running, {waiting} waiting")
    for run in queue:
        st.page_link(
            navigation.page("train"),
            label=f"{run_title(run)} · {'waiting' if run.state == 'queued' else run.state}",
            query_params={"run": run.id},
            icon=_QUEUE_ICONS[run.state],
        )


_LOG_TAIL = 20_000


def log(run: RunSummary) -> None:
    """What the worker printed, on demand: read only when the fold is opened."""
    fold = st.expander("Log", icon=":material/article:", on_change="rerun", key="fold_log")
    if fold.open:
        with fold:
            path = run.directory.log_path
            text = path.read_text("utf-8", errors="replace")[-_LOG_TAIL:] if path.exists() else ""
            st.code(text or "Nothing has been printed yet.", language=None, height=300)


def settings(run: RunSummary) -> None:
    """All settings of the run, as its spec holds them; to be used again, or deleted with the run."""
    experiment = run.experiment
    with st.expander("Settings", icon=":material/tune:"):
        if experiment:
            with st.container(horizontal=True):
                st.button(
                    "Use these settings",
                    icon=":material/content_copy:",
                    key="adopt",
                    on_click=state.into_sidebar,
                    args=(experiment,),
                    help="Puts this run's experiment into the sidebar, to be changed.",
                )
                if run.status and run.status.finished:
                    _delete(run)
            data, training = experiment.dataset.model_dump(), experiment.training.model_dump()
            left, right = st.columns(2)
            left.json({"dataset": data, "network": experiment.architecture.label()})
            right.json({"training": training})


def _delete(run: RunSummary) -> None:
    with st.popover("Delete the run", icon=":material/delete:"):
        st.markdown(f"**{run_title(run)}** and all its files are deleted for good.")
        if st.button("Delete it", key="delete_run", type="primary"):
            with show.guard():
                runs.delete(run.id)
                linked.forget("run")
                st.rerun()


def others() -> list[RunSummary]:
    """Runs that can't be read."""
    return [run for run in cache.run_list() if run.damaged]
