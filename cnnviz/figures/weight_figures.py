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

from cnnviz.figures.theme import MUTED, letters, run_colour, run_dash

_COLUMNS = {"kernel": "weights", "bias": "biases"}
_BINS = 61  # of a strip over the epochs
_LEAST_BINS = 5
Floats = NDArray[np.float64]
#: Largest magnitude of a layer's values of one kind, over all epochs.
Ends = dict[tuple[str, str], float]


class Distribution(NamedTuple):
    """How the values of one kind are distributed in one layer."""

    layer: str
    kind: str  # "kernel" or "bias"
    counts: NDArray[np.int64]  # (bins,)
    edges: NDArray[np.float64]  # (bins + 1,)
    mean: float
    deviation: float
    n: int

    @property
    def words(self) -> str:
        """`90 weights, mean 0.01, standard deviation 0.2`."""
        moments = f"mean {self.mean:.3g}, standard deviation {self.deviation:.3g}"
        return f"{self.n:,} {_COLUMNS[self.kind]}, {moments}"


class RunWeights(NamedTuple):
    """One run's distributions, with its label and its place in `run_colour`."""

    label: str
    distributions: Sequence[Distribution]
    colour: int = 0


class Epoch(NamedTuple):
    """All layers' distributions after an epoch; 0: before training."""

    epoch: int
    distributions: Sequence[Distribution]


def reach(distributions: Sequence[Distribution], kind: str) -> float:
    """The largest magnitude of one kind: the end of the axes of all layers."""
    return max(
        (float(np.abs(histogram.edges).max()) for histogram in distributions if histogram.kind == kind),
        default=1.0,
    )


def ends_of(epochs: Sequence[Epoch]) -> Ends:
    """The reach of each layer and kind: what figures to be compared share as the ends of their axes."""
    ends: Ends = {}
    for histogram in (histogram for epoch in epochs for histogram in epoch.distributions):
        place = (histogram.layer, histogram.kind)
        ends[place] = max(ends.get(place, 0.0), float(np.abs(histogram.edges).max()))
    return ends


def weights_figure(distributions: Sequence[Distribution], *, colour: int = 0) -> go.Figure:
    """One row a layer: weights on the left, biases on the right; each column shares its axis, so that
    layers can be compared. Heights are shares of the layer's own values.

    Args:
        colour: position of the run on the page, which decides its colour.
    """
    figure, layers = _grid(distributions, "Weights and biases by layer", "columns", 0.08)
    for histogram in distributions:
        figure.add_bar(
            x=(histogram.edges[:-1] + histogram.edges[1:]) / 2,
            y=histogram.counts / max(histogram.n, 1),
            width=np.diff(histogram.edges),
            marker={"color": run_colour(colour), "line": {"width": 0}},
            hovertemplate=f"{histogram.layer}, {histogram.words}<br>"
            "near %{x:.3g}: %{y:.1%}<extra></extra>",
            row=layers.index(histogram.layer) + 1,
            col=1 + (histogram.kind == "bias"),
        )
    figure.update_layout(
        showlegend=False, bargap=0, height=110 + 110 * len(layers), margin={"t": 84, "r": 36}
    )
    _share_axes(figure, distributions, len(layers))
    return figure


def overlay_figure(runs: Sequence[RunWeights], *, root: bool = False) -> go.Figure:
    """One row a layer, weights left and biases right, one line a run; each column shares its axis.

    Heights are densities (share of the layer's values per unit), since the runs' bins differ in width.
    A layer that only some runs have shows only those.

    Args:
        root: heights are roots of the densities, so that a flat curve shows beside a sharp peak.
    """
    every = [histogram for run in runs for histogram in run.distributions]
    figure, layers = _grid(every, "Weights and biases by layer", "columns", 0.08)
    for run in runs:
        for place, histogram in enumerate(run.distributions):
            counts, edges = coarser(histogram.counts, histogram.edges)
            density = counts / max(histogram.n, 1) / np.diff(edges)
            density = np.sqrt(density) if root else density
            figure.add_scatter(
                # Down to 0 at both ends.
                x=[edges[0], *(edges[:-1] + edges[1:]) / 2, edges[-1]],
                y=[0, *density, 0],
                mode="lines",
                name=letters(run.label),
                legendgroup=run.label,
                showlegend=place == 0,
                line={"color": run_colour(run.colour), "dash": run_dash(run.colour), "width": 2},
                hovertemplate=f"{letters(run.label)}, {histogram.layer}: {histogram.words}<br>"
                "near %{x:.3g}<extra></extra>",
                row=layers.index(histogram.layer) + 1,
                col=1 + (histogram.kind == "bias"),
            )
    height = 150 + 130 * len(layers)
    figure.update_layout(
        height=height,
        margin={"t": 124, "r": 36},
        legend={"x": 0, "xanchor": "left", "y": 1 - 44 / height, "yref": "container", "yanchor": "top"},
        legend_orientation="h",
    )
    _share_axes(figure, every, len(layers))
    return figure


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
    figure, layers = _grid(
        [histogram for epoch in epochs for histogram in epoch.distributions], title, "all", 0.12
    )
    for row, layer in enumerate(layers, 1):
        for column, kind in enumerate(_COLUMNS, 1):
            strip = [
                (epoch.epoch, histogram)
                for epoch in epochs
                for histogram in epoch.distributions
                if (histogram.layer, histogram.kind) == (layer, kind)
            ]
            if strip:
                _strip(figure, strip, ends[layer, kind], row, column)
    figure.update_layout(showlegend=False, height=110 + 110 * len(layers), margin={"t": 84, "r": 36})
    figure.update_xaxes(title_text="epoch", row=len(layers))
    return figure


def _grid(
    distributions: Sequence[Distribution], title: str, shared: str, between: float
) -> tuple[go.Figure, list[str]]:
    """A row for each layer and its two columns; and the layers in their order."""
    layers = list(dict.fromkeys(histogram.layer for histogram in distributions))
    figure = make_subplots(
        rows=len(layers),
        cols=2,
        shared_xaxes=shared,
        column_titles=list(_COLUMNS.values()),
        row_titles=layers,
        vertical_spacing=min(0.04, 0.3 / max(len(layers), 1)),
        horizontal_spacing=between,
    )
    return figure.update_layout(title=title), layers


def _share_axes(figure: go.Figure, distributions: Sequence[Distribution], rows: int) -> None:
    """Values to the right, around 0 and to the same end in all rows of a column; heights need no numbers."""
    for column, kind in enumerate(_COLUMNS, 1):
        end = reach(distributions, kind)
        figure.update_xaxes(range=[-1.05 * end, 1.05 * end], col=column)
    figure.update_yaxes(showticklabels=False, rangemode="tozero")
    figure.update_xaxes(title_text="value", row=rows)


def _strip(
    figure: go.Figure, strip: Sequence[tuple[int, Distribution]], end: float, row: int, column: int
) -> None:
    """One layer's values of one kind by epoch."""
    edges = np.linspace(-end, end, _BINS + 1)
    shares = np.stack(
        [rebinned(histogram.counts, histogram.edges, edges) / max(histogram.n, 1) for _, histogram in strip],
        axis=1,
    )
    numbers, last = [epoch for epoch, _ in strip], strip[-1][1]
    figure.add_heatmap(
        x=numbers,
        y=(edges[:-1] + edges[1:]) / 2,
        z=np.sqrt(shares),
        customdata=shares,
        autocolorscale=True,
        showscale=False,
        zmin=0,
        hovertemplate="epoch %{x}, near %{y:.3g}: %{customdata:.1%} of "
        f"{last.n:,} {_COLUMNS[last.kind]}<extra>{last.layer}</extra>",
        row=row,
        col=column,
    )
    for sign, word in ((-1, "minus"), (1, "plus")):
        figure.add_scatter(
            x=numbers,
            y=[histogram.mean + sign * histogram.deviation for _, histogram in strip],
            mode="lines",
            line={"color": MUTED, "width": 1.5, "dash": "dot"},
            hovertemplate=f"epoch %{{x}}: mean {word} standard deviation %{{y:.3g}}<extra></extra>",
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
    return np.diff(np.interp(onto, edges, np.append(0, np.cumsum(counts))))


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
