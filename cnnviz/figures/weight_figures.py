"""Histograms of the weights and biases of every layer: of one run, over its epochs, of several runs together.

Rows are layers, weights on the left and biases on the right. What is compared shares the ends of its axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from cnnviz.figures.theme import MUTED, run_colour, run_dash

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


_BINS = 61
_COLUMNS = {"kernel": "weights", "bias": "biases"}
Floats = NDArray[np.float64]
#: Largest magnitude of a layer's values of one kind, over all epochs.
Ends = dict[tuple[str, str], float]


class Epoch(NamedTuple):
    """All layers' distributions after an epoch; 0: before training."""

    epoch: int
    distributions: Sequence[Distribution]


def ends_of(epochs: Sequence[Epoch]) -> Ends:
    """The reach of each layer and kind: what figures to be compared share as the ends of their axes."""
    ends: Ends = {}
    for one in (one for epoch in epochs for one in epoch.distributions):
        place = (one.layer, one.kind)
        ends[place] = max(ends.get(place, 0.0), float(np.abs(one.edges).max()))
    return ends


def epochs_figure(
    epochs: Sequence[Epoch], *, ends: Ends | None = None, title: str = "Weights and biases over the epochs"
) -> go.Figure:
    """One row a layer, weights left and biases right: epochs to the right, values upwards, stronger
    colour where more values lie; two lines mark the mean plus and minus one standard deviation.

    Args:
        epochs: at least one, oldest first.
        ends: from `ends_of` all that is compared; None: of these epochs.
        title: short.
    """
    ends = ends or ends_of(epochs)
    layers = list(dict.fromkeys(one.layer for epoch in epochs for one in epoch.distributions))
    figure = make_subplots(
        rows=len(layers),
        cols=2,
        shared_xaxes="all",
        column_titles=list(_COLUMNS.values()),
        row_titles=layers,
        vertical_spacing=min(0.04, 0.3 / len(layers)),
        horizontal_spacing=0.12,
    )
    for row, layer in enumerate(layers, 1):
        for column, kind in enumerate(_COLUMNS, 1):
            strip = [
                (epoch.epoch, one)
                for epoch in epochs
                for one in epoch.distributions
                if (one.layer, one.kind) == (layer, kind)
            ]
            if strip:
                _strip(figure, strip, ends[layer, kind], row, column)
    figure.update_layout(
        title=title, showlegend=False, height=_MARGIN + _ROW * len(layers), margin={"t": 84, "r": 36}
    )
    figure.update_xaxes(title_text="epoch", row=len(layers))
    return figure


def _strip(
    figure: go.Figure, strip: Sequence[tuple[int, Distribution]], end: float, row: int, column: int
) -> None:
    edges = np.linspace(-end, end, _BINS + 1)
    shares = np.stack([rebinned(one.counts, one.edges, edges) / max(one.n, 1) for _, one in strip], axis=1)
    number = [epoch for epoch, _ in strip]
    figure.add_trace(
        go.Heatmap(
            x=number,
            y=(edges[:-1] + edges[1:]) / 2,
            z=np.sqrt(shares),
            customdata=shares,
            autocolorscale=True,
            showscale=False,
            zmin=0,
            hovertemplate="epoch %{x}, near %{y:.3g}: %{customdata:.1%} of "
            f"{strip[-1][1].n:,} {_COLUMNS[strip[-1][1].kind]}<extra>{strip[-1][1].layer}</extra>",
        ),
        row=row,
        col=column,
    )
    for sign in (-1, 1):
        figure.add_scatter(
            x=number,
            y=[one.mean + sign * one.deviation for _, one in strip],
            mode="lines",
            line={"color": MUTED, "width": 1.5, "dash": "dot"},
            hovertemplate="epoch %{x}: mean "
            + ("minus" if sign < 0 else "plus")
            + " standard deviation %{y:.3g}<extra></extra>",
            row=row,
            col=column,
        )
    figure.update_yaxes(
        range=[-1.02 * end, 1.02 * end],
        tickvals=[-end, 0, end],
        ticktext=[f"−{end:.2g}", "0", f"{end:.2g}"],
        row=row,
        col=column,
    )


def rebinned(counts: NDArray[np.integer], edges: Floats, onto: Floats) -> Floats:
    """The same values in other bins, as if those of a bin lay evenly in it.

    Args:
        counts: (bins,); edges: (bins + 1,), growing.
        onto: (M + 1,), growing; values outside are left out.
    Returns:
        float64 (M,).
    """
    below = np.interp(onto, edges, np.append(0, np.cumsum(counts)))
    return np.diff(below)


_OVERLAY_ROW, _OVERLAY_MARGIN = 130, 150
_LEAST_BINS = 5


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
        height=_OVERLAY_MARGIN + _OVERLAY_ROW * len(layers),
        margin={"t": 124, "r": 36},
        legend={"x": 0, "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top", "orientation": "h"},
    )
    figure.update_layout(legend={"y": 1 - 44 / (_OVERLAY_MARGIN + _OVERLAY_ROW * len(layers))})
    for column, kind in enumerate(_COLUMNS, 1):
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
        hovertemplate=f"{run.label}, {one.layer}: {one.n:,} {_COLUMNS[one.kind]}, mean {one.mean:.3g}, "
        f"standard deviation {one.deviation:.3g}<br>near %{{x:.3g}}<extra></extra>",
    )
