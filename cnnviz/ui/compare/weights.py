"""Compare page: weights and biases of all chosen runs over each other, layer by layer."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from cnnviz.errors import RunError
from cnnviz.figures.weight_figures import Distribution, RunWeights, overlay_figure
from cnnviz.inspection.questions import GetWeightHistograms
from cnnviz.inspection.weights import Weights
from cnnviz.runs import RunSummary
from cnnviz.ui import show
from cnnviz.ui.asking import ask
from cnnviz.ui.run_labels import colours_of, titles

_KINDS = {"kernel": "weights", "bias": "biases"}
_HELP = (
    "Root mean square: the typical distance of a weight from 0. A penalty (L1, L2) draws weights towards 0."
)


def render(runs: list[RunSummary]) -> None:
    """One row a layer, one line a run; below it how far from 0 the values lie, in numbers."""
    names, colours = titles(runs), colours_of([run.id for run in runs])
    found = [RunWeights(names[run.id], _distributions(run), colours[run.id]) for run in runs]
    show.figure(
        overlay_figure(found),
        key="compare_weights",
        alt=f"Histograms of the weights and biases of every layer of {', '.join(names.values())}.",
    )
    st.caption(
        "Heights are densities, so that layers of different size can be compared; every column shares its "
        "axis. Layers are matched by their names."
    )
    with st.expander("How far from 0 they lie, as a table"):
        st.dataframe(_table(found), hide_index=True, key="compare_weights_table")
        st.caption(_HELP)


def _table(found: list[RunWeights]) -> pd.DataFrame:
    """Root mean square by layer and kind, one column a run."""
    spread = {
        run.label: {(one.layer, one.kind): math.hypot(one.mean, one.deviation) for one in run.distributions}
        for run in found
    }
    rows = dict.fromkeys((one.layer, one.kind) for run in found for one in run.distributions)
    columns: dict[str, list[object]] = {
        "Layer": [layer for layer, _ in rows],
        "Values": [_KINDS[kind] for _, kind in rows],
    }
    for label, values in spread.items():
        columns[label] = [f"{values[row]:.3g}" if row in values else "–" for row in rows]
    return pd.DataFrame(columns)


def _distributions(run: RunSummary) -> list[Distribution]:
    """How the values of each layer of a run's finished network are distributed.

    Raises:
        RunError: the run has no finished network.
    """
    if not run.directory.model_path.exists():
        raise RunError(f"Run {run.id} has no finished network, so it has no weights to show. Train it again.")
    histograms = ask(GetWeightHistograms(Weights.of(run.path)), "Reading the weights …")
    return [Distribution(*histogram) for histogram in histograms]
