"""Feature maps page: how the weights and biases of every layer are distributed, of one run or two."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnnviz.figures.weights import Distribution, reach, weights_figure
from cnnviz.inspection.results import WeightHistogram
from cnnviz.inspection.service import inspector
from cnnviz.ui import show, words
from cnnviz.ui.feature_maps.view import Subject

_BINS = 60


def render(subjects: Sequence[Subject]) -> None:
    """Histograms of each network, on axes of the same range."""
    found = [
        [Distribution(*one) for one in _histograms(str(each.run.path), each.stamp, each.untrained)]
        for each in subjects
    ]
    ends = max(reach(each, "kernel") for each in found), max(reach(each, "bias") for each in found)
    places = st.columns(len(subjects), gap="large")
    for colour, (place, subject, each) in enumerate(zip(places, subjects, found, strict=True)):
        widest = max(each, key=lambda distribution: distribution.deviation)
        with place:
            st.markdown(f"**{subject.title}**")
            show.figure(
                weights_figure(each, colour=colour, ends=ends),
                key=f"maps_histograms_{'ab'[colour]}",
                alt=f"Histograms of the weights and biases of each layer of {subject.title}; the widest: "
                f"{widest.layer}, standard deviation {words.significant(widest.deviation)}.",
            )  # fmt: skip


@st.cache_resource(max_entries=32, show_spinner=False)
def _histograms(path: str, stamp: tuple[int, int], untrained: bool) -> tuple[WeightHistogram, ...]:
    found: tuple[WeightHistogram, ...] = inspector().answer(
        "weight_histograms", run=path, bins=_BINS, untrained=untrained
    )
    return found
