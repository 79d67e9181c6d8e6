"""Where a network's cost lies: parameters and multiply-adds, layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnnviz.architectures import LayerSummary, NetworkSummary
from cnnviz.figures.architecture_kinds import kind_of

_ROW, _FRAME = 27, 110


class CostBar(NamedTuple):
    """One layer's bar: value, its share of the network's total, and the colour of its kind."""

    name: str
    value: int
    share: float
    colour: str


def cost_bars(network: NetworkSummary, what: str) -> tuple[CostBar, ...]:
    """Bars of `params` or `macs`, in the network's order; layers that have neither are left out."""
    read: Callable[[LayerSummary], int] = lambda layer: int(getattr(layer, what))  # noqa: E731
    total = sum(read(layer) for layer in network.layers) or 1
    return tuple(
        CostBar(layer.name, read(layer), read(layer) / total, kind_of(layer).colour)
        for layer in network.layers
        if layer.params or layer.macs
    )


def cost_figure(network: NetworkSummary) -> go.Figure:
    """Two bar charts side by side over the same layers, each bar with its number and share."""
    figure = make_subplots(cols=2, shared_yaxes=True, horizontal_spacing=0.03)
    for column, (what, word) in enumerate((("params", "parameters"), ("macs", "multiply-adds")), start=1):
        bars = cost_bars(network, what)
        longest = max((bar.value for bar in bars), default=1) or 1
        figure.add_bar(
            row=1,
            col=column,
            orientation="h",
            y=[bar.name for bar in bars],
            x=[bar.value for bar in bars],
            marker_color=[bar.colour for bar in bars],
            text=[_text(bar) for bar in bars],
            textposition="outside",
            cliponaxis=False,
            showlegend=False,
            hovertemplate=f"<b>%{{y}}</b><br>%{{x:,}} {word}<extra></extra>",
        )
        figure.update_xaxes(
            title=f"{word} of one image" if what == "macs" else word,
            row=1,
            col=column,
            range=[0, 1.56 * longest],
            nticks=5,
        )
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ")
    height = max(300, _ROW * len(cost_bars(network, "params")) + _FRAME)
    figure.update_layout(
        title="Where the cost lies", height=height, bargap=0.25, margin={"t": 44, "b": 48, "r": 8}
    )
    return figure


def _text(bar: CostBar) -> str:
    if not bar.value:
        return "0"
    share = "< 0.1 %" if bar.share < 0.0005 else f"{100 * bar.share:.1f} %"
    return f"{bar.value:,} · {share}"
