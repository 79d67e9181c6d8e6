"""Weights and biases of several runs over each other, layer by layer: what a penalty did to them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from cnnviz.figures.theme import run_colour, run_dash
from cnnviz.figures.weights import Distribution, reach

_ROW, _MARGIN = 130, 150
_LEAST_BINS = 5
_WORDS = {"kernel": "weights", "bias": "biases"}


class RunWeights(NamedTuple):
    """One run's distributions, with its label and its place in `run_colour`."""

    label: str
    distributions: Sequence[Distribution]
    colour: int = 0


def overlay_figure(runs: Sequence[RunWeights], *, root: bool = False) -> go.Figure:
    """One row a layer, weights left and biases right, one line a run; each column shares its axis.

    Heights are densities (share of the layer's values per unit), since the runs' bins differ in width.
    A layer that only some runs have shows only those.

    Args:
        root: heights are roots of the densities, so that a flat curve shows beside a sharp peak.
    """
    layers = list(dict.fromkeys(one.layer for run in runs for one in run.distributions))
    figure = make_subplots(
        rows=len(layers),
        cols=2,
        shared_xaxes="columns",
        column_titles=["weights", "biases"],
        row_titles=layers,
        vertical_spacing=min(0.04, 0.3 / max(len(layers), 1)),
        horizontal_spacing=0.08,
    )
    for run in runs:
        for place, one in enumerate(run.distributions):
            row, column = layers.index(one.layer) + 1, 1 + (one.kind == "bias")
            figure.add_trace(_outline(run, one, show=place == 0, root=root), row=row, col=column)
    figure.update_layout(
        title="Weights and biases by layer",
        height=_MARGIN + _ROW * len(layers),
        margin={"t": 124, "r": 36},
        legend={"x": 0, "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top", "orientation": "h"},
    )
    figure.update_layout(legend={"y": 1 - 44 / (_MARGIN + _ROW * len(layers))})
    for column, kind in enumerate(_WORDS, 1):
        end = max((reach(run.distributions, kind) for run in runs), default=1.0)
        figure.update_xaxes(range=[-1.05 * end, 1.05 * end], col=column)
    figure.update_yaxes(showticklabels=False, rangemode="tozero")
    figure.update_xaxes(title_text="value", row=len(layers))
    return figure


def coarser(
    counts: NDArray[np.int64], edges: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Join bins two by two until there are at most about as many as the root of the values' number.

    Args:
        counts: shape (bins,); edges: shape (bins + 1,).
    """
    while len(counts) % 2 == 0 and len(counts) > max(_LEAST_BINS, 2 * math.sqrt(counts.sum())):
        counts, edges = counts[::2] + counts[1::2], edges[::2]
    return counts, edges


def _outline(run: RunWeights, one: Distribution, *, show: bool, root: bool) -> go.Scatter:
    """The densities at the middles of the bins, down to 0 at both ends."""
    counts, edges = coarser(one.counts, one.edges)
    density = counts / max(one.n, 1) / np.diff(edges)
    density = np.sqrt(density) if root else density
    middles = (edges[:-1] + edges[1:]) / 2
    return go.Scatter(
        x=[edges[0], *middles, edges[-1]],
        y=[0, *density, 0],
        mode="lines",
        name=run.label,
        legendgroup=run.label,
        showlegend=show,
        line={"color": run_colour(run.colour), "dash": run_dash(run.colour), "width": 2},
        hovertemplate=f"{run.label}, {one.layer}: {one.n:,} {_WORDS[one.kind]}, mean {one.mean:.3g}, "
        f"standard deviation {one.deviation:.3g}<br>near %{{x:.3g}}<extra></extra>",
    )
