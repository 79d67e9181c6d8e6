"""Architecture page, third view: parameters and multiply-adds of each layer as bars."""

from __future__ import annotations

import streamlit as st

from cnnviz.architectures import reasons
from cnnviz.figures.architecture_cost import cost_figure
from cnnviz.ui import show, words
from cnnviz.ui.architecture_view import Subject


def render(subject: Subject) -> None:
    """Draw the bars, and say where most parameters and most work are."""
    summary = subject.summary
    busiest = max(summary.layers, key=lambda layer: layer.macs)
    show.figure(
        cost_figure(summary), key="cost",
        alt=f"Bars by layer: {reasons.largest_layer(summary).name} has most parameters, "
            f"{busiest.name} most multiply-adds.",
    )  # fmt: skip
    st.caption(
        f"{reasons.largest_sentence(summary)} Most of the work is done by {busiest.name}: "
        f"{words.count(busiest.macs)} of {words.count(summary.macs)} multiply-adds an image "
        f"({words.percent(busiest.macs / max(1, summary.macs))})."
    )
    columns = st.columns(4)
    figures = (
        ("Parameters", words.count(summary.total_params), "Kept statistics of batch normalization included."),
        ("Trained", words.count(summary.trainable_params), "Parameters that training changes by gradients."),
        ("Weights in memory", words.size(summary.parameter_bytes),
         "As 32-bit numbers. Training with Adam holds four times as much."),
        ("Maps of one image", words.size(summary.activation_bytes),
         "Outputs of all layers as 32-bit numbers. Training keeps them for every image of a batch."),
    )  # fmt: skip
    for column, (label, value, text) in zip(columns, figures, strict=True):
        column.metric(label, value, help=text)
