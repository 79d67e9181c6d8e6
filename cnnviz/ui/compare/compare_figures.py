"""Compare page: curves of all entries on one figure, accuracy against its cost, weights over each other."""

from __future__ import annotations

import math
from typing import cast

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.errors import RunError
from cnnviz.evaluation import parting_epoch
from cnnviz.evaluation.settings import loss_words
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
            metric = cast(Metric, linked.segments("Metric", ["accuracy", "loss"], key="metric"))
            by = cast(Axis, linked.segments("Horizontal axis", ["epoch", "seconds"], key="by"))
        show.figure(
            curves_figure([_curve(entry) for entry in entries], metric, by),
            key="compare_curves",
            alt=f"{metric} by {by} of {', '.join(entry.label for entry in entries)}: training dotted, "
            "validation solid.",
        )
        losses = dict.fromkeys(map(_loss, entries))
        if metric == "loss" and len(losses) > 1:
            st.caption(
                f"These losses are not the same quantity: {words.listed(list(losses))}. Compare accuracies, "
                "or the test cross-entropy in the table, which holds no penalty."
            )
    with right:
        cost = cast(Cost, linked.segments("Cost", ["seconds", "parameters"], key="cost"))
        scores = [score_of(entry) for entry in entries]
        best = max(scores, key=lambda score: score.accuracy)
        show.figure(
            cost_figure(scores, cost),
            key="compare_cost",
            alt=f"Test accuracy against {cost}; the most accurate is {best.label} with "
            f"{words.percent(best.accuracy)}.",
        )


def _curve(entry: Entry) -> Curve:
    """The journal of a run; of repeats the mean, epoch by epoch."""
    if len(entry.runs) > 1:
        epochs = mean_epochs([cache.epochs(run) for run in entry.runs])
        return Curve(entry.short, epochs, entry.colour, loss=_loss(entry))
    epochs = cache.epochs(entry.runs[0])
    parting = parting_epoch([e.loss for e in epochs], [e.val_loss for e in epochs])
    return Curve(entry.short, epochs, entry.colour, parting, loss=_loss(entry))


def _loss(entry: Entry) -> str:
    return loss_words(entry.runs[0].experiment)


_KINDS = {"kernel": "weights", "bias": "biases"}


def weights(runs: list[RunSummary]) -> None:
    """One row a layer, one line a run; below it how far from 0 the values lie, in numbers.

    Raises:
        RunError: a run has no finished network.
    """
    names, colours = titles(runs), colours_of([run.id for run in runs])
    shown = []
    for run in runs:
        if not run.directory.model_path.exists():
            raise RunError(
                f"Run {run.id} has no finished network, so it has no weights to show. Train it again."
            )
        histograms = ask(GetWeightHistograms(Weights.of(run.path)), "Reading the weights …")
        distributions = [Distribution(*histogram) for histogram in histograms]
        shown.append(RunWeights(names[run.id], distributions, colours[run.id]))
    show.figure(
        overlay_figure(shown),
        key="compare_weights",
        alt=f"Histograms of the weights and biases of every layer of {', '.join(names.values())}.",
    )
    st.caption(
        "Heights are densities, so that layers of different size can be compared; every column shares its "
        "axis. Layers are matched by their names."
    )
    distances: dict[tuple[str, str], dict[str, str]] = {}
    for run_weights in shown:
        for distribution in run_weights.distributions:
            row = distances.setdefault(
                (distribution.layer, distribution.kind),
                {"Layer": distribution.layer, "Values": _KINDS[distribution.kind]},
            )
            row[run_weights.label] = words.significant(math.hypot(distribution.mean, distribution.deviation))
    with st.expander("How far from 0 they lie, as a table"):
        table = pd.DataFrame(distances.values()).fillna(words.NONE)
        st.dataframe(table, hide_index=True, key="compare_weights_table")
        st.caption(
            "Root mean square: the typical distance of a weight from 0. A penalty (L1, L2) draws weights "
            "towards 0."
        )
