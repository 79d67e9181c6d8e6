"""What the experiment will cost, and the button that trains it, or opens what it gave already."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz import runs, words
from cnnviz.architectures.layer_training import frozen_layers
from cnnviz.engine import engine, estimate
from cnnviz.errors import CnnvizError
from cnnviz.specs import ExperimentSpec
from cnnviz.ui import linked, navigation, queue_view
from cnnviz.ui.state import Draft


def render(draft: Draft) -> None:
    """One line of consequences, Train and the queue; an identical finished run is offered instead."""
    name = st.text_input(
        "Name of the run", key="run_name", max_chars=120, placeholder="optional", persist_state="session"
    )
    with st.container(key="launch"):
        if draft.summary:
            with st.container(key="consequences"):
                st.caption(consequences(draft))
        if draft.error:
            st.warning(draft.error, icon=":material/info:")
        _train(draft.experiment, name or "")
        queue_view.sidebar()


def consequences(draft: Draft) -> str:
    """`1,250,858 parameters · 41.2 M multiply-adds an image · about 4 min here`."""
    if not draft.summary:
        return ""
    parts = [
        f"{words.count(draft.summary.total_params)} parameters{_frozen(draft)}",
        f"{words.short(draft.summary.macs)} multiply-adds an image",
    ]
    if draft.experiment:
        guess = estimate.training_seconds(draft.experiment)
        if guess:
            parts.append(f"about {words.duration(guess.seconds)} here ({guess.basis})")
    return " · ".join(parts)


def _frozen(draft: Draft) -> str:
    """`, 896 of them frozen`, where layers keep the weights that they start with."""
    if not draft.architecture or not draft.summary:
        return ""
    names = frozen_layers(draft.architecture, draft.training)
    frozen = sum(layer.params for layer in draft.summary.layers if layer.name in names)
    return f", {words.count(frozen)} of them frozen" if frozen else ""


def _train(experiment: ExperimentSpec | None, name: str) -> None:
    finished = runs.find_finished(experiment) if experiment else None
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
        submit(experiment, name)


def submit(experiment: ExperimentSpec, name: str = "") -> None:
    """Queue the experiment and show it on the page Train; a problem is shown in place."""
    try:
        run_id = engine().submit(experiment, name=name.strip(), user=visitor())
    except CnnvizError as error:
        st.warning(str(error), icon=":material/info:")
        return
    go("train", run=run_id)


def go(page: str, **query: Any) -> None:
    """Switch to a page with a run (or another key) chosen there."""
    for key, value in query.items():
        linked.put(key, str(value))
    st.switch_page(navigation.page(page), query_params={key: str(value) for key, value in query.items()})


def visitor() -> str:
    """Who asks, as far as the queue has to be fair: one name a browser session."""
    if "visitor" not in st.session_state:
        import secrets

        st.session_state["visitor"] = secrets.token_hex(4)
    return str(st.session_state["visitor"])
