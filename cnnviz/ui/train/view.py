"""The live part of the page Train: state, curves, wishes, times, log."""

from __future__ import annotations

import time
from typing import Any, get_args

import streamlit as st

from cnnviz.engine import engine
from cnnviz.errors import CnnvizError
from cnnviz.figures import theme
from cnnviz.figures.live import Metric
from cnnviz.runs import RunSummary, Status, load_summary
from cnnviz.ui import cache, linked, navigation, queue_view, show, words
from cnnviz.ui.run_colours import colour_of

_SECONDS = 1.0
_ICONS = {
    "queued": ":material/schedule:", "running": ":material/play_circle:",
    "paused": ":material/pause_circle:", "stopping": ":material/stop_circle:",
    "done": ":material/check_circle:", "stopped": ":material/stop_circle:",
    "failed": ":material/error:", "interrupted": ":material/warning:",
}  # fmt: skip


def pick() -> RunSummary | None:
    """Choose a run; without a choice the one being trained, else the newest."""
    if "run" not in st.session_state and "run" not in st.query_params and (queue := engine().queue()):
        linked.put("run", queue[0].id)
    return show.run_picker("Run", finished=False)


def live(run: RunSummary) -> None:
    """Everything that changes while it trains; refreshed each second until it has ended."""
    st.fragment(_live, run_every=_SECONDS if _active(run) else None)(run, _active(run))


def _active(run: RunSummary) -> bool:
    return bool(run.status and run.status.active)


def _live(run: RunSummary, was_active: bool) -> None:
    run = load_summary(run.path)
    if was_active and not _active(run):
        st.rerun()  # the whole page: the timer ends, report and feature maps open
    _headline(run)
    try:
        epochs, _ = cache.epochs(run), cache.batches(run)
    except CnnvizError as error:
        show.problem(error)
        return
    total = run.status.epochs if run.status else 1
    colour = theme.run_colour(colour_of(run.id))
    for column, metric in zip(st.columns(2, gap="medium"), get_args(Metric), strict=True):
        with column:
            st.echarts_chart(
                cache.live(run, metric, total, colour), height=330, key=f"live_{metric}",
                alt=f"{metric.capitalize()} of training and validation by epoch",
            )  # fmt: skip
    st.caption(times(run, epochs))
    _queue(run)


def _headline(run: RunSummary) -> None:
    status = run.status
    assert status is not None  # damaged runs are not offered
    words_column, buttons = st.columns([2.1, 1], vertical_alignment="center")
    with words_column, st.container(key="train_headline", gap="xsmall"):
        st.markdown(f"{_ICONS[run.state]} **{run.state}** {_progress(run)}")
        st.progress(1.0 if run.state == "done" else min(1.0, _epochs_done(status) / max(status.epochs, 1)))
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        _wishes(run)
    if run.reason and run.state == "stopped":
        st.caption(run.reason)
    elif run.reason:
        st.warning(run.reason, icon=":material/info:")


def _epochs_done(status: Status) -> float:
    """Finished epochs and the share of the one at work (`status.epoch` counts it, from 1)."""
    return max(0, status.epoch - 1) + (status.batch / status.batches if status.batches else 0)


def _progress(run: RunSummary) -> str:
    status = run.status
    assert status is not None
    if run.state == "queued":
        return "· waiting for its turn"
    if run.report:
        return (
            f"· **{words.percent(run.report['test_accuracy'])}** of the test images right · "
            f"trained in {words.duration(run.report['fit_seconds'])}"
        )
    parts = [f"epoch {status.epoch} of {status.epochs}"] if status.epoch else []
    parts += [status.phase] if status.phase not in ("", "training") else []
    if status.images_per_second:
        parts.append(f"{words.significant(status.images_per_second)} images/s")
    if run.state == "running" and (left := seconds_left(run)) is not None:
        parts.append(f"{words.duration(left)} left")
    return "· " + " · ".join(parts) if parts else ""


def seconds_left(run: RunSummary) -> float | None:
    """Time until the last epoch ends, by the speed of the epochs so far; None before it can be told."""
    status = run.status
    if status is None or not status.batches:
        return None
    lines = cache.epochs(run)
    done = _epochs_done(status)
    if lines:
        per_epoch = lines[-1]["elapsed"] / lines[-1]["epoch"]
    else:
        batches = cache.batches(run)
        if not batches or not done:
            return None
        per_epoch = batches[-1]["elapsed"] / done
    return max(0.0, (status.epochs - done) * per_epoch)


def _wishes(run: RunSummary) -> None:
    if run.state == "running":
        _wish("Pause", ":material/pause:", engine().pause, run)
    if run.state in ("paused", "stopped", "interrupted", "failed"):
        _wish("Resume", ":material/play_arrow:", engine().resume, run)
    if run.state in ("queued", "running", "paused"):
        _wish("Stop", ":material/stop:", engine().stop, run)
    if run.report:
        for page in ("report", "feature_maps"):
            st.page_link(navigation.page(page), label=navigation.title(page), query_params={"run": run.id},
                         icon=":material/arrow_forward:")  # fmt: skip


def _wish(label: str, icon: str, act: Any, run: RunSummary) -> None:
    if st.button(label, icon=icon, key=f"wish_{label.lower()}"):
        with show.guard():
            act(run.id)
            st.rerun()


def times(run: RunSummary, epochs: list[dict[str, Any]]) -> str:
    """`time: load 0.4 s · build 1.1 s · first step 2.9 s · training 3 min 12 s`, as far as they are known."""
    environment = run.directory.read_json("environment.json") or {}
    phases = dict(environment.get("phases") or {})
    if "training" not in phases and epochs:
        phases["training"] = epochs[-1]["elapsed"]
    shown = [f"{name.replace('_', ' ')} {words.duration(seconds)}" for name, seconds in phases.items()]
    status = run.status
    device = f" on {status.device}" if status and status.device else ""
    if not shown and status and status.started:
        return f"Started {words.duration(max(0.0, time.time() - status.started))} ago{device}"
    return f"Time{device}: {' · '.join(shown)}" if shown else ""


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
            label=f"{run.title} · {queue_view.progress(run)}",
            query_params={"run": run.id},
            icon=_ICONS[run.state],
        )
