"""The folds below the live part of the page Train: log, settings, and what can be done with them."""

from __future__ import annotations

import streamlit as st

from cnnviz import runs
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, show, state
from cnnviz.ui.run_labels import run_title

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
                st.session_state.pop("run", None)
                st.query_params.pop("run", None)
                st.rerun()


def others() -> list[RunSummary]:
    """Runs that can't be read."""
    return [run for run in cache.run_list() if run.damaged]
