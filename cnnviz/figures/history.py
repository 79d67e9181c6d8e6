"""One cell of a confusion matrix through all epochs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from cnnviz.figures.theme import CORRECT, MUTED, WRONG

if TYPE_CHECKING:
    from cnnviz.evaluation import CellEpoch

HEIGHT = 300


def cell_history_figure(
    recognised: Sequence[CellEpoch], taken: Sequence[CellEpoch] | None, names: tuple[str, str], epoch: int
) -> go.Figure:
    """How large a share of a class was recognised, and taken for another one, epoch by epoch.

    Args:
        recognised: the cell on the diagonal, by epoch.
        taken: the cell of the mistake, by the same epochs; None where the diagonal itself is chosen.
        names: the true class, and what it is taken for.
        epoch: the epoch that is looked at: marked by a line.
    """
    true, other = names
    figure = go.Figure()
    _line(figure, recognised, f"{true}, recognised", CORRECT, "solid")
    if taken is not None:
        _line(figure, taken, f"taken for {other}", WRONG, "dash")
    figure.add_vline(x=epoch, line={"color": MUTED, "width": 2, "dash": "dot"})
    figure.update_layout(
        title=f"{true}, epoch by epoch",
        height=HEIGHT,
        margin={"t": 76},
        clickmode="event+select",
        legend={"x": 0, "xanchor": "left"},
        showlegend=True,
    )
    last = max((one.epoch for one in recognised), default=1)
    figure.update_xaxes(
        title="epoch (0: untrained)",
        range=[-0.02 * last, 1.02 * last],
        dtick=1 if last <= 12 else None,
        tickformat="d",
    )
    figure.update_yaxes(title=f"share of {true}", tickformat=".2~%", range=[-0.02, 1.02])
    return figure


def _line(figure: go.Figure, cells: Sequence[CellEpoch], name: str, colour: str, dash: str) -> None:
    figure.add_scatter(
        x=[one.epoch for one in cells],
        y=[one.share for one in cells],
        name=name,
        mode="lines+markers",
        cliponaxis=False,
        line={"color": colour, "width": 2.5, "dash": dash},
        marker={"size": 8, "color": colour},
        customdata=[[one.images, one.support] for one in cells],
        hovertemplate="epoch %{x}: %{y:.1%}<br>%{customdata[0]:,} of %{customdata[1]:,} images"
        f"<extra>{name}</extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
