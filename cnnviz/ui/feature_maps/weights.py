"""Feature maps page: how the weights and biases of every layer are distributed, of one run or two."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnnviz import words
from cnnviz.figures.weights import Distribution, weights_figure
from cnnviz.figures.weights_overlay import RunWeights, overlay_figure
from cnnviz.inspection.results import WeightHistogram
from cnnviz.ui import show
from cnnviz.ui.asking import ask
from cnnviz.ui.feature_maps import weights_epochs
from cnnviz.ui.feature_maps.view import Subject
from cnnviz.ui.linked import segments
from cnnviz.ui.run_colours import colours_of

_BINS = 60
_NOW, _EPOCHS, _SILENT = "layers", "epochs", "silent"
_VIEWS = {_NOW: "By layer", _EPOCHS: "Over the epochs", _SILENT: "Silent units"}


def render(subjects: Sequence[Subject]) -> None:
    """Histograms as they are now, two networks on the same axes; over the epochs; and silent units."""
    view = segments("Weights", _VIEWS, key="weights")
    runs = list({subject.run.id: subject.run for subject in subjects}.values())
    if view == _EPOCHS:
        weights_epochs.over_epochs(runs)
    elif view == _SILENT:
        weights_epochs.silent(runs)
    else:
        _by_layer(subjects)


def _by_layer(subjects: Sequence[Subject]) -> None:
    given = colours_of([subject.run.id for subject in subjects])
    found = []
    for place, subject in enumerate(subjects):
        histograms = _histograms(str(subject.run.path), subject.stamp, subject.untrained)
        # A run beside itself untrained has one colour for both: the second takes the next one.
        colour = given[subject.run.id] + (place if len(given) < len(subjects) else 0)
        found.append(RunWeights(subject.title, [Distribution(*one) for one in histograms], colour))
    first = found[0]
    figure = (
        overlay_figure(found, root=True)
        if len(found) > 1
        else weights_figure(first.distributions, colour=first.colour)
    )
    show.figure(figure, key="maps_histograms", alt=" ".join(_told(one) for one in found))
    if len(found) > 1:
        st.caption("Heights: the root of the share of values there, so that flat curves show beside peaks.")


def _told(run: RunWeights) -> str:
    widest = max(run.distributions, key=lambda distribution: distribution.deviation)
    return (
        f"Histograms of the weights and biases of each layer of {run.label}; the widest: {widest.layer}, "
        f"standard deviation {words.significant(widest.deviation)}."
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _histograms(path: str, stamp: tuple[int, int], untrained: bool) -> tuple[WeightHistogram, ...]:
    found: tuple[WeightHistogram, ...] = ask("weight_histograms", run=path, bins=_BINS, untrained=untrained)
    return found
