"""Report page, first part: which run, in what state it is, and the headline."""

from __future__ import annotations

import html
from typing import cast

import numpy as np
import streamlit as st

from cnnviz.evaluation import Evaluation, evaluate
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, linked, navigation, show
from cnnviz.ui.report import epochs
from cnnviz.ui.run_labels import run_lines, run_title

RUN_KEY, SPLIT_KEY = "run", "split"
SPLIT_NAMES = {"test": "Test", "train": "Training"}
_STATES = {
    "queued": "waits for its turn",
    "running": "is being trained",
    "paused": "is paused",
    "stopping": "is stopping",
    "stopped": "was stopped before its evaluation",
    "failed": "failed",
    "interrupted": "was interrupted",
    "done": "has no report",
}


def pick() -> tuple[RunSummary | None, str]:
    """Let the visitor choose a run and a split; both stand in the link."""
    runs = {run.id: run for run in cache.run_list()}
    readable = {run_id: run for run_id, run in runs.items() if not run.damaged}
    unknown = linked.adopt(RUN_KEY, readable)
    linked.adopt(SPLIT_KEY, SPLIT_NAMES)
    if st.session_state.get(RUN_KEY) not in readable:
        st.session_state[RUN_KEY] = next((run.id for run in readable.values() if run.report), None)
    title, left, right = st.columns([1.5, 1.85, 0.85], vertical_alignment="bottom")
    with title:
        show.header("Report", "Where does it go wrong?")
    lines = run_lines(readable.values())
    with left:
        chosen = st.selectbox(
            "Run",
            list(readable),
            index=0 if readable else None,
            key=RUN_KEY,
            persist_state="session",
            format_func=lines.__getitem__,
            placeholder="No run yet",
            label_visibility="collapsed",
        )
    with right:
        split = st.segmented_control(
            "Images",
            list(SPLIT_NAMES),
            key=SPLIT_KEY,
            default="test",
            required=True,
            persist_state="session",
            format_func=SPLIT_NAMES.__getitem__,
            label_visibility="collapsed",
            disabled=not chosen or not readable[chosen].report or epochs.is_past(readable[chosen]),
        )
    if unknown:
        damaged = runs[unknown].damaged if unknown in runs else None
        show_message(
            f"Run {unknown} can't be read. {damaged}"
            if damaged
            else f"There is no run '{unknown}'. It may have been deleted; choose another one."
        )
        return None, "test"
    if chosen is None:
        show.empty("No run yet.", "Train a network; its report appears here.", page="train")
        return None, "test"
    linked.publish(RUN_KEY, chosen)
    linked.publish(SPLIT_KEY, split or "test")
    return readable[chosen], split or "test"


def show_message(text: str) -> None:
    """A calm message about something the visitor can mend."""
    st.warning(text, icon=":material/info:")


def ready(run: RunSummary) -> bool:
    """Whether the run has a report; where not, say why and lead on."""
    if run.report and (run.path / "predictions.npz").exists():
        return True
    if run.status and run.status.active:
        _wait(run.id)
        return False
    title = html.escape(run_title(run))
    reason = run.reason or "It has no saved predictions."
    show_message(f"**{title}** {_STATES.get(run.state, run.state)}. {reason}")
    _link_to_training(run)
    return False


@st.fragment(run_every=3)
def _wait(run_id: str) -> None:
    """Follow a run that is not finished; run the whole page again when it is."""
    run = cache.run(run_id)
    if run is None or run.status is None or not run.status.active:
        st.rerun()
    progress = f", epoch {run.status.epoch} of {run.status.epochs}" if run.status.epochs else ""
    st.info(
        f"**{run_title(run)}** {_STATES[run.state]}{progress}. Its report appears here after its evaluation.",
        icon=":material/hourglass_empty:",
    )
    _link_to_training(run)


def _link_to_training(run: RunSummary) -> None:
    st.page_link(
        navigation.page("train"),
        label="Open it on the Train page",
        icon=":material/arrow_forward:",
        query_params={"run": run.id},
    )


@st.cache_resource(max_entries=32, show_spinner="Evaluating …")
def _evaluation(
    _predictions: dict[str, np.ndarray], key: tuple[str, int], split: str, names: tuple[str, ...]
) -> Evaluation:
    return evaluate(_predictions, names, split)


def evaluation(run: RunSummary, split: str) -> Evaluation:
    """Evaluate a run's saved predictions; kept in memory.

    Raises:
        CnnvizError: the predictions or the data set's facts can't be had.
    """
    experiment = run.directory.spec().experiment
    names = tuple(cache.facts(experiment.dataset).class_names)
    file = run.path / "predictions.npz"
    stamp = file.stat().st_mtime_ns if file.exists() else 0
    predictions = cast("dict[str, np.ndarray]", cache.predictions(run))
    return _evaluation(predictions, (str(run.path), stamp), split, names)
