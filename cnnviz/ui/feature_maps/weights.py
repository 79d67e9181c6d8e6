"""Feature maps page: how the weights and biases of every layer are distributed, of one run or two."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnnviz.figures.weights import Distribution, reach, weights_figure
from cnnviz.inspection.results import WeightHistogram
from cnnviz.inspection.service import inspector
from cnnviz.inspection.weights import weights_file
from cnnviz.runs import RunSummary
from cnnviz.ui import show, words


def render(runs: Sequence[RunSummary]) -> None:
    """Histograms of each run, on axes of the same range."""
    found = [
        [Distribution(*one) for one in _histograms(str(run.path), weights_file(run.path).stamp, run)]
        for run in runs
    ]
    ends = max(reach(each, "kernel") for each in found), max(reach(each, "bias") for each in found)
    places = st.columns(len(runs), gap="large")
    for colour, (place, run, each) in enumerate(zip(places, runs, found, strict=True)):
        widest = max(each, key=lambda distribution: distribution.deviation)
        with place:
            st.markdown(f"**{run.title}**")
            show.figure(
                weights_figure(each, colour=colour, ends=ends),
                key=f"maps_histograms_{'ab'[colour]}",
                alt=f"Histograms of the weights and biases of each layer of {run.title}; the widest: "
                f"{widest.layer}, standard deviation {words.significant(widest.deviation)}.",
            )  # fmt: skip


@st.cache_resource(max_entries=32, show_spinner=False)
def _histograms(path: str, stamp: tuple[int, int], _run: RunSummary) -> tuple[WeightHistogram, ...]:
    return inspector().weight_histograms(_run.path)
