"""Compare page: the curves of all entries on one figure, and accuracy against what it cost."""

from __future__ import annotations

from typing import cast

import streamlit as st

from cnnviz import words
from cnnviz.evaluation import parting_epoch
from cnnviz.figures.comparison_figures import Cost, cost_figure
from cnnviz.figures.curves import Axis, Curve, Metric, curves_figure
from cnnviz.studies.sweep.sweep_shown import mean_epochs
from cnnviz.ui import cache, show
from cnnviz.ui.compare.entries import Entry, score_of


def pictures(entries: list[Entry]) -> None:
    """Curves on the left, cost on the right."""
    left, right = st.columns([1.45, 1], gap="medium")
    with left:
        with st.container(horizontal=True, gap="large"):
            metric = st.segmented_control(
                "Metric",
                ["accuracy", "loss"],
                key="metric",
                default="accuracy",
                required=True,
                bind="query-params",
                persist_state="session",
                label_visibility="collapsed",
            )
            by = st.segmented_control(
                "Horizontal axis",
                ["epoch", "seconds"],
                key="by",
                default="epoch",
                required=True,
                bind="query-params",
                persist_state="session",
                label_visibility="collapsed",
            )
        _curves(entries, cast(Metric, metric or "accuracy"), cast(Axis, by or "epoch"))
    with right:
        cost = st.segmented_control(
            "Cost",
            ["seconds", "parameters"],
            key="cost",
            default="seconds",
            required=True,
            bind="query-params",
            persist_state="session",
            label_visibility="collapsed",
        )
        _cost(entries, cast(Cost, cost or "seconds"))


def _curves(entries: list[Entry], metric: Metric, by: Axis) -> None:
    show.figure(
        curves_figure([_curve(entry) for entry in entries], metric, by),
        key="compare_curves",
        alt=f"{metric} by {by} of {', '.join(entry.label for entry in entries)}: training dotted, "
        "validation solid.",
    )


def _curve(entry: Entry) -> Curve:
    """The journal of a run; of repeats the mean, epoch by epoch."""
    if len(entry.runs) > 1:
        return Curve(entry.short, mean_epochs([cache.epochs(run) for run in entry.runs]), entry.colour)
    epochs = cache.epochs(entry.runs[0])
    parting = parting_epoch([e.loss for e in epochs], [e.val_loss for e in epochs])
    return Curve(entry.short, epochs, entry.colour, parting)


def _cost(entries: list[Entry], cost: Cost) -> None:
    scores = [score_of(entry) for entry in entries]
    best = max(scores, key=lambda score: score.accuracy)
    show.figure(
        cost_figure(scores, cost),
        key="compare_cost",
        alt=f"Test accuracy against {cost}; the most accurate is {best.label} with "
        f"{words.percent(best.accuracy)}.",
    )
