"""Histograms of the weights and the biases of every layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from cnnviz.figures.theme import run_colour

_ROW, _MARGIN = 110, 110


class Distribution(NamedTuple):
    """How the values of one kind are distributed in one layer."""

    layer: str
    kind: str  # "kernel" or "bias"
    counts: NDArray[np.int64]  # (bins,)
    edges: NDArray[np.float64]  # (bins + 1,)
    mean: float
    deviation: float
    n: int


def reach(distributions: Sequence[Distribution], kind: str) -> float:
    """The largest magnitude of one kind: what figures to be compared share as the end of their axes."""
    return max((float(np.abs(one.edges).max()) for one in distributions if one.kind == kind), default=1.0)


def weights_figure(
    distributions: Sequence[Distribution], *, colour: int = 0, ends: tuple[float, float] | None = None
) -> go.Figure:
    """One row a layer: weights on the left, biases on the right; each column shares its axis, so that
    layers can be compared. Heights are shares of the layer's own values.

    Args:
        colour: position of the run on the page, which decides its colour.
        ends: ends of the axes of weights and of biases, to either side of 0; None: by their own reach.
    """
    layers = list(dict.fromkeys(one.layer for one in distributions))
    figure = make_subplots(
        rows=len(layers),
        cols=2,
        shared_xaxes="columns",
        column_titles=["weights", "biases"],
        row_titles=layers,
        vertical_spacing=min(0.04, 0.3 / len(layers)),
        horizontal_spacing=0.08,
    )
    for one in distributions:
        figure.add_trace(_bars(one, colour), row=layers.index(one.layer) + 1, col=1 + (one.kind == "bias"))
    figure.update_layout(
        title="Weights and biases by layer",
        showlegend=False,
        bargap=0,
        height=_MARGIN + _ROW * len(layers),
        margin={"t": 84, "r": 36},
    )
    widest = ends or (reach(distributions, "kernel"), reach(distributions, "bias"))
    for column, end in enumerate(widest, 1):
        figure.update_xaxes(range=[-1.05 * end, 1.05 * end], col=column)
    figure.update_yaxes(showticklabels=False, rangemode="tozero")
    figure.update_xaxes(title_text="value", row=len(layers))
    return figure


def _bars(one: Distribution, colour: int) -> go.Bar:
    share = one.counts / max(one.n, 1)
    return go.Bar(
        x=(one.edges[:-1] + one.edges[1:]) / 2,
        y=share,
        width=np.diff(one.edges),
        marker={"color": run_colour(colour), "line": {"width": 0}},
        hovertemplate=f"{one.layer}, {one.n:,} {'biases' if one.kind == 'bias' else 'weights'}, "
        f"mean {one.mean:.3g}, standard deviation {one.deviation:.3g}"
        "<br>near %{x:.3g}: %{y:.1%}<extra></extra>",
    )
