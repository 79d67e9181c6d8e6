"""Report page, second part at an earlier epoch: the matrix of the validation images, and one cell's history.

Of single images nothing was kept; the page says so and leads to the end, where there are some.
"""

from __future__ import annotations

import streamlit as st

from cnnviz import words
from cnnviz.evaluation import EpochEvaluation, cell_by_epoch
from cnnviz.figures.report_figures import cell_history_figure
from cnnviz.runs import RunSummary
from cnnviz.ui import navigation, show
from cnnviz.ui.report import choice, epochs
from cnnviz.ui.report.epochs import Kept


def render(run: RunSummary, result: EpochEvaluation, kept: Kept) -> None:
    """Matrix on the left; on the right how the chosen cell came about."""
    choice.suggest(run, result)
    left, right = st.columns([1.2, 1], gap="medium")
    with right, st.container(gap="xsmall"):
        cell = choice.boxes(result)
        choice.headline(result, cell)
        _history(run, result, kept, *cell)
        _advice(run, result)
    with left:
        choice.matrix(run, result, cell, f"epoch{result.epoch}")


def _history(run: RunSummary, result: EpochEvaluation, kept: Kept, true: int, predicted: int) -> None:
    recognised = cell_by_epoch(kept.matrices, true, true)
    taken = cell_by_epoch(kept.matrices, true, predicted) if true != predicted else None
    names = result.class_names[true], result.class_names[predicted]
    key = f"report_history_{run.id}_{true}_{predicted}_{result.epoch}"

    def clicked() -> None:
        points = st.session_state[key]["selection"]["points"]
        stop = str(int(points[0]["x"])) if points else ""
        if stop == str(kept.last):
            epochs.choose(epochs.END)
        elif stop in kept.stops:
            epochs.choose(stop)

    ends = [words.percent(cells[-1].share) for cells in (recognised, taken or recognised)]
    show.figure(
        cell_history_figure(recognised, taken, names, result.epoch),
        key=key,
        on_select=clicked,
        alt=f"Share of {names[0]} recognised by epoch, at last {ends[0]}"
        + (f"; taken for {names[1]}, at last {ends[1]}." if taken else "."),
    )


def _advice(run: RunSummary, result: EpochEvaluation) -> None:
    st.caption(
        f"These are {result.images} images. Of each epoch only their counts were kept: single images, with "
        "their probabilities, are there at the end."
    )
    with st.container(horizontal=True):
        st.button(
            "To the end, with images",
            icon=":material/last_page:",
            key="report_to_end",
            on_click=epochs.choose,
            args=(epochs.END,),
        )
        st.page_link(
            navigation.page("feature_maps"),
            label="Play the time-lapse",
            icon=":material/movie:",
            query_params={"run": run.id, "look": "time"},
        )
