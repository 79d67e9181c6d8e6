"""The live part of the page Train: state, curves and times, with what can be wished.

All that changes each second is one component, which fetches its figures beside the page
(`ui/train/live_feed.py`). The fragment around it runs again only when buttons, messages or links change.
"""

from __future__ import annotations

import streamlit as st

from cnnviz import runs
from cnnviz.engine import engine
from cnnviz.figures import theme
from cnnviz.runs import RunSummary, load_summary
from cnnviz.ui import cache, linked, navigation, show, state, take_home
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
    was_active, run = run.active, load_summary(run.path)
    if run.damaged or (was_active and not run.active):
        st.rerun()  # the whole page: it was deleted, or has ended, and report and feature maps open
    first = live_feed.feed(run.path).first()
    if run.reason and run.state != "stopped":
        show.problem(run.reason)
    show.failed_training(run)
    if first["problem"]:
        show.problem(first["problem"])
    with st.container(key="train_live", gap=None):
        with st.container(
            key="train_wishes",
            horizontal=True,
            horizontal_alignment="right",
            vertical_alignment="center",
            gap="xsmall",
        ):
            _wishes(run)
        data = {
            "run": run.id,
            "base": base(),
            "poll": run.active,
            "sign": first["sign"],
            "colour": theme.run_colour(colour_of(run.id)),
            "first": first,
        }
        # Nothing to do: the fragment runs again because the component asks for it.
        _component(key="live", data=data, on_changed_change=lambda: None)
    if run.reason and run.state == "stopped":
        st.caption(show.plain(run.reason))
    _queue(run)


def _wishes(run: RunSummary) -> None:
    wishes = (
        ("Pause", ":material/pause:", engine().pause, ("running",)),
        ("Resume", ":material/play_arrow:", engine().resume, ("paused", "stopped", "interrupted", "failed")),
        ("Stop", ":material/stop:", engine().stop, ("queued", "running", "paused")),
    )
    for label, icon, act, states in wishes:
        if run.state in states and st.button(label, icon=icon, key=f"wish_{label.lower()}"):
            with show.guard():
                act(run.id)
                st.rerun()
    if run.report:
        for page in ("report", "feature_maps"):
            navigation.link(page, query={"run": run.id})
        take_home.popover([run])


def _queue(shown: RunSummary) -> None:
    """Whatever else runs or waits, in the order in which it will start."""
    queue = cache.queue()
    if all(run.id == shown.id for run in queue):
        return
    waiting = sum(run.state == "queued" for run in queue)
    st.caption(f"Queue: {len(queue) - waiting} running, {waiting} waiting")
    for run in queue:
        label = f"{show.plain(run_title(run))} · {'waiting' if run.state == 'queued' else run.state}"
        navigation.link("train", label, {"run": run.id}, icon=_QUEUE_ICONS[run.state])


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
    with st.expander("Settings", icon=":material/tune:"):
        if (experiment := run.experiment) is None:
            return
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
                with st.popover("Delete the run", icon=":material/delete:"):
                    st.markdown(f"**{show.plain(run_title(run))}** and all its files are deleted for good.")
                    if st.button("Delete it", key="delete_run", type="primary"):
                        with show.guard():
                            runs.delete(run.id)
                            linked.forget("run")
                            st.rerun()
        data, training = experiment.dataset.model_dump(), experiment.training.model_dump()
        left, right = st.columns(2)
        left.json({"dataset": data, "network": experiment.architecture.label()})
        right.json({"training": training})
