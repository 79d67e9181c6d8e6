"""Small matrices beside each other: images, kernels and what comes out, with numbers and windows marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnnviz import words
from cnnviz.figures.theme import DIVERGING, MUTED, run_colour

_PIXELS = 320  # height of a row of panels
_MOST_NUMBERED = 12


class Mark(NamedTuple):
    """A rectangle around cells: top row, left column, height and width; `colour` as runs are coloured."""

    top: int
    left: int
    height: int
    width: int
    colour: int = 1


class Panel(NamedTuple):
    """One matrix (H, W). Signed ones take orange and blue around 0, others grey from dark to bright.

    `high`: the value at the end of the colours, where several panels share it; None: the matrix's own.
    """

    title: str
    values: np.ndarray
    signed: bool = False
    marks: tuple[Mark, ...] = ()
    high: float | None = None


def panels_figure(panels: Sequence[Panel], title: str, columns: int = 3) -> go.Figure:
    """Matrices in a grid, squares for cells; small ones show their numbers.

    Args:
        panels: shown row by row; a vector (1, W) is a row of squares.
        columns: panels in a row.
    """
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    # Heights as shares of a square panel's: a single row of numbers needs little.
    heights = [min(1.0, max(0.25, panel.values.shape[0] / panel.values.shape[1])) for panel in panels]
    heights = [max(heights[row * columns :][:columns]) for row in range(rows)]
    figure = make_subplots(
        rows,
        columns,
        row_heights=heights,
        subplot_titles=[panel.title for panel in panels],
        horizontal_spacing=0.06,
        vertical_spacing=0.16 / rows,
    )
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        _draw(figure, panel, row + 1, column + 1)
    height = round(100 + 16 * rows + _PIXELS * sum(heights))
    margin = {"t": 96, "b": 20, "l": 16, "r": 16}
    figure.update_layout(title=title, height=height, margin=margin, showlegend=False)
    figure.update_xaxes(showticklabels=False, showgrid=False, constrain="domain")
    figure.update_yaxes(showticklabels=False, showgrid=False, autorange="reversed", constrain="domain")
    return figure


def _draw(figure: go.Figure, panel: Panel, row: int, column: int) -> None:
    values = np.asarray(panel.values, np.float64)
    if panel.signed:
        high = panel.high or float(np.abs(values).max(initial=0)) or 1.0
        low, scale = -high, [list(stop) for stop in DIVERGING]
    else:
        high = panel.high or float(values.max(initial=0)) or 1.0
        low, scale = min(0.0, float(values.min(initial=0))), [[0, "#1C2127"], [0.5, MUTED], [1, "#FFFFFF"]]
    figure.add_heatmap(
        z=values,
        showscale=False,
        hovertemplate="row %{y}, column %{x}: %{z:.4~g}<extra></extra>",
        colorscale=scale,
        zmin=low,
        zmax=high,
        row=row,
        col=column,
    )
    if max(values.shape) <= _MOST_NUMBERED:
        texts = [[_number(value) for value in line] for line in values]
        size = 15 if values.shape[1] <= 8 else 12
        figure.data[-1].update(xgap=1, ygap=1, text=texts, texttemplate="%{text}", textfont_size=size)
    axes = figure.get_subplot(row, column)
    axes.yaxis.update(scaleanchor=axes.xaxis.plotly_name.replace("axis", ""))
    for mark in panel.marks:
        figure.add_shape(
            type="rect",
            x0=mark.left - 0.5,
            x1=mark.left + mark.width - 0.5,
            y0=mark.top - 0.5,
            y1=mark.top + mark.height - 0.5,
            line={"color": run_colour(mark.colour), "width": 3},
            row=row,
            col=column,
        )


def _number(value: float) -> str:
    """Numbers that end after two places whole, others with two digits: `4`, `1.75`, `0.33`."""
    if value == round(value):
        return words.count(value)
    return words.significant(value, 3 if value == round(value, 2) else 2)
