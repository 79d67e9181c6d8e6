"""Weights and biases of several runs over each other, layer by layer: what a penalty did to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnnviz.figures.theme import run_colour, run_dash
from cnnviz.figures.weights import Distribution, reach

_ROW, _MARGIN = 130, 150
_WORDS = {"kernel": "weights", "bias": "biases"}


class RunWeights(NamedTuple):
    """One run's distributions, with its label and its place in `run_colour`."""

    label: str
    distributions: Sequence[Distribution]
    colour: int = 0


def overlay_figure(runs: Sequence[RunWeights]) -> go.Figure:
    """One row a layer, weights left and biases right, one line a run; each column shares its axis.

    Heights are densities (share of the layer's values per unit), since the runs' bins differ in width.
    A layer that only some runs have shows only those.
    """
    layers = list(dict.fromkeys(one.layer for run in runs for one in run.distributions))
    figure = make_subplots(
        rows=len(layers), cols=2, shared_xaxes="columns", column_titles=["weights", "biases"],
        row_titles=layers, vertical_spacing=min(0.04, 0.3 / max(len(layers), 1)), horizontal_spacing=0.08,
    )  # fmt: skip
    for run in runs:
        for place, one in enumerate(run.distributions):
            row, column = layers.index(one.layer) + 1, 1 + (one.kind == "bias")
            figure.add_trace(_steps(run, one, show=place == 0), row=row, col=column)
    figure.update_layout(
        title="Weights and biases by layer", height=_MARGIN + _ROW * len(layers),
        margin={"t": 124, "r": 36}, legend={"x": 0, "xanchor": "left", "y": 1, "yref": "container",
                                            "yanchor": "top", "orientation": "h"},
    )  # fmt: skip
    figure.update_layout(legend={"y": 1 - 44 / (_MARGIN + _ROW * len(layers))})
    for column, kind in enumerate(_WORDS, 1):
        end = max((reach(run.distributions, kind) for run in runs), default=1.0)
        figure.update_xaxes(range=[-1.05 * end, 1.05 * end], col=column)
    figure.update_yaxes(showticklabels=False, rangemode="tozero")
    figure.update_xaxes(title_text="value", row=len(layers))
    return figure


def _steps(run: RunWeights, one: Distribution, *, show: bool) -> go.Scatter:
    """The outline of a histogram, down to 0 at both ends."""
    density = one.counts / max(one.n, 1) / np.diff(one.edges)
    return go.Scatter(
        x=one.edges, y=[*density, 0], mode="lines", name=run.label, legendgroup=run.label, showlegend=show,
        line={"color": run_colour(run.colour), "dash": run_dash(run.colour), "width": 2, "shape": "hv"},
        hovertemplate=f"{run.label}, {one.layer}: {one.n:,} {_WORDS[one.kind]}, mean {one.mean:.3g}, "
        f"standard deviation {one.deviation:.3g}<br>near %{{x:.3g}}<extra></extra>",
    )  # fmt: skip
