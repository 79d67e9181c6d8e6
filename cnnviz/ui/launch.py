"""What the experiment will cost, and the button that trains it, or opens what it gave already."""

from __future__ import annotations

import secrets

import streamlit as st

from cnnviz import datasets, words
from cnnviz.architectures.layer_training import frozen_layers
from cnnviz.engine import engine, estimate
from cnnviz.evaluation import find_finished
from cnnviz.specs import ExperimentSpec
from cnnviz.ui import cache, linked, navigation, queue_view, show
from cnnviz.ui.state import Draft


def render(draft: Draft) -> None:
    """One line of consequences, Train and the queue; an identical finished run is offered instead."""
    name = st.text_input(
        "Name of the run", key="run_name", max_chars=120, placeholder="optional", persist_state="session"
    )
    experiment = draft.experiment
    with st.container(key="launch"):
        if draft.summary:
            with st.container(key="consequences"):
                st.caption(consequences(draft))
        if draft.error:
            show.problem(draft.error)
        elif datasets.is_decoded(draft.dataset.name):  # no page waits for that in the sidebar
            with show.guard():
                if said := cache.traps_of(draft.dataset):
                    noted = words.plural(len(said), "thing") + " to know about these images"
                    st.caption(f":material/warning: {noted}", help="\n\n".join(map(show.plain, said)))
        finished = find_finished(experiment) if experiment else None
        if finished:
            accuracy = words.percent(finished.figures.test_accuracy)
            st.caption(f"Trained already: {accuracy} of the test images right.")
        with st.container(horizontal=True, gap="xsmall"):
            if finished and st.button(
                "Its report", type="primary", icon=":material/grading:", width="stretch", key="open_finished"
            ):
                go("report", run=finished.id)
            clicked = st.button(
                "Train again" if finished else "Train",
                type="secondary" if finished else "primary",
                icon=":material/play_arrow:",
                width="stretch",
                disabled=experiment is None,
                key="train",
            )
        if clicked and experiment:
            submit(experiment, name or "")
        queue_view.sidebar()


def consequences(draft: Draft) -> str:
    """`1,250,858 parameters, 896 of them frozen · 41.2 M multiply-adds an image · about 4 min here`."""
    if not draft.summary:
        return ""
    names = frozen_layers(draft.architecture, draft.training) if draft.architecture else ()
    frozen = sum(layer.params for layer in draft.summary.layers if layer.name in names)
    parts = [
        f"{words.count(draft.summary.total_params)} parameters"
        + (f", {words.count(frozen)} of them frozen" if frozen else ""),
        f"{words.short(draft.summary.macs)} multiply-adds an image",
    ]
    if draft.experiment and (guess := estimate.training_seconds(draft.experiment)):
        parts.append(guess.said())
    return " · ".join(parts)


def submit(experiment: ExperimentSpec, name: str = "") -> None:
    """Queue the experiment and show it on the page Train; a problem is shown in place."""
    # The queue is fair to all who ask: one name a browser session.
    visitor = st.session_state.setdefault("visitor", secrets.token_hex(4))
    with show.guard():
        go("train", run=engine().submit(experiment, name=name.strip(), user=visitor))


def go(page: str, *, run: str, **link: str) -> None:
    """Switch to a page with a run chosen there, and what else its link shall say."""
    linked.put("run", run)
    st.switch_page(navigation.page(page), query_params={"run": run, **link})
