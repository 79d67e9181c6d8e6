"""How the weights and biases of every layer spread over the epochs: a strip of histograms, one an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from cnnviz.figures.theme import MUTED
from cnnviz.figures.weights import Distribution

_ROW, _MARGIN, _BINS = 110, 110, 61
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
