"""Architecture page, third view: parameters and multiply-adds of each layer as bars."""

from __future__ import annotations

import streamlit as st

from cnnviz import words
from cnnviz.architectures import NetworkSummary, explained
from cnnviz.figures.architecture_cost import cost_figure
from cnnviz.ui import show
from cnnviz.ui.architecture.view import Subject


def render(subject: Subject) -> None:
    """Draw the bars, and say where most parameters and most work are."""
    summary = subject.summary
    busiest = max(summary.layers, key=lambda layer: layer.macs)
    st.markdown(_totals(summary))
    show.figure(
        cost_figure(summary),
        key="cost",
        alt=f"Bars by layer: {explained.largest_layer(summary).name} has most parameters, "
        f"{busiest.name} most multiply-adds.",
    )
    st.caption(
        f"{explained.largest_sentence(summary)} Most of the work is done by {busiest.name}: "
        f"{words.count(busiest.macs)} of {words.count(summary.macs)} multiply-adds an image "
        f"({words.percent(busiest.macs / max(1, summary.macs))})."
    )


def _totals(summary: NetworkSummary) -> str:
    """One line: what is learned, and what it takes in memory as 32-bit numbers."""
    kept = summary.total_params - summary.trainable_params
    trained = f"{words.count(summary.trainable_params)} trained" if kept else "all trained"
    return (
        f"**{words.count(summary.total_params)}** parameters, {trained} · "
        f"**{words.size(summary.parameter_bytes)}** of weights (× 4 while training with Adam) · "
        f"**{words.size(summary.activation_bytes)}** of maps an image"
    )
