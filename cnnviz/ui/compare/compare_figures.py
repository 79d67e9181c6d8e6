"""Compare page: curves of all entries on one figure, accuracy against its cost, weights over each other."""

from __future__ import annotations

import math
from typing import cast

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.errors import RunError
from cnnviz.evaluation import parting_epoch
from cnnviz.figures.comparison_figures import Cost, cost_figure
from cnnviz.figures.curves import Axis, Curve, Metric, curves_figure
from cnnviz.figures.weight_figures import Distribution, RunWeights, overlay_figure
from cnnviz.inspection.questions import GetWeightHistograms
from cnnviz.inspection.weights import Weights
from cnnviz.runs import RunSummary
from cnnviz.studies.sweep.sweep_shown import mean_epochs
from cnnviz.ui import cache, linked, show
from cnnviz.ui.asking import ask
from cnnviz.ui.compare.compare_entries import Entry, score_of
from cnnviz.ui.run_labels import colours_of, titles


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
                **linked.IN_LINK,
                label_visibility="collapsed",
            )
            by = st.segmented_control(
                "Horizontal axis",
                ["epoch", "seconds"],
                key="by",
                default="epoch",
                required=True,
                **linked.IN_LINK,
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
            **linked.IN_LINK,
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
        columns[label] = [words.significant(values.get(row)) for row in rows]
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
