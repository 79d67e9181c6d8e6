"""Confusion matrices as heat maps: 10 classes with numbers, 100 by colour; counts, or a difference of two.

Plotly's heat maps report no click, so an unseen marker lies on every cell that holds images; the
order of these markers is `clickable_cells`, by which a click's `point_index` becomes a cell again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnnviz.figures.theme import MUTED, WRONG

#: Up to so many classes every cell shows its number.
MOST_NUMBERED = 20
#: Shares at which the colour bar is marked.
_TICKS = (0, 0.01, 0.05, 0.2, 0.5, 1)


def clickable_cells(matrix: np.ndarray) -> list[tuple[int, int]]:
    """The cells that report a click: (row, column) of every cell that is not 0, row by row."""
    return [(int(row), int(column)) for row, column in np.argwhere(matrix)]


def clicked_cell(points: Sequence[Mapping[str, Any]], matrix: np.ndarray) -> tuple[int, int] | None:
    """The cell (row, column) of a click, from the selection that the chart reports; None where none is."""
    cells = clickable_cells(matrix)
    place = int(points[0]["point_index"]) if points else len(cells)
    return cells[place] if place < len(cells) else None


def confusion_figure(
    matrix: np.ndarray,
    class_names: Sequence[str],
    *,
    chosen: tuple[int, int] | None = None,
    title: str = "Confusion matrix",
    height: int = 520,
) -> go.Figure:
    """Counts a cell, coloured by the share of the true class, on a root scale so that rare mistakes show.

    Args:
        matrix: int, shape (C, C), rows true.
        class_names: C names.
        chosen: (true, predicted) of the outlined cell.
        title: short.
        height: pixels, in all.
    """
    support = np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    shares = matrix / support
    figure = go.Figure(
        go.Heatmap(
            z=np.sqrt(shares), zmin=0, zmax=1, autocolorscale=True, hoverinfo="skip",
            **_numbers(matrix, lambda n: str(n) if n else ""),
            colorbar=_bar(np.sqrt(_TICKS), [f"{100 * t:g} %" for t in _TICKS], "share of<br>true class"),
            showscale=len(matrix) > MOST_NUMBERED,
        )
    )  # fmt: skip
    _cover(figure, matrix, class_names, [f"{s:.1%} of its class" for s in shares[matrix != 0]])
    _frame(figure, class_names, title, height, chosen)
    return figure


def difference_figure(
    difference: np.ndarray,
    class_names: Sequence[str],
    *,
    chosen: tuple[int, int] | None = None,
    title: str = "Confusion matrix, B − A",
    height: int = 520,
) -> go.Figure:
    """Images that B puts into a cell more (blue) or less (orange) than A; on the diagonal more is better.

    Args:
        difference: int, shape (C, C): matrix of B minus matrix of A.
        class_names: C names.
        chosen: (true, predicted) of the outlined cell.
        title: short.
        height: pixels, in all.
    """
    reach = max(int(np.abs(difference).max(initial=0)), 1)
    figure = go.Figure(
        go.Heatmap(
            z=difference, zmin=-reach, zmax=reach, autocolorscale=True, hoverinfo="skip",
            **_numbers(difference, lambda n: f"{n:+d}".replace("-", "−") if n else ""),
            showscale=len(difference) > MOST_NUMBERED,
            colorbar=_bar([-reach, 0, reach], [f"−{reach}", "0", f"+{reach}"], "images,<br>B − A"),
        )
    )  # fmt: skip
    _cover(figure, difference, class_names, ["B − A"] * int((difference != 0).sum()))
    _frame(figure, class_names, title, height, chosen)
    return figure


def _numbers(matrix: np.ndarray, write: Any) -> dict[str, Any]:
    classes = len(matrix)
    if classes > MOST_NUMBERED:
        return {}
    text = [[write(int(n)) for n in row] for row in matrix]
    return {"text": text, "texttemplate": "%{text}", "textfont": {"size": 15 if classes <= 12 else 11}}


def _bar(values: Any, texts: Sequence[str], title: str) -> dict[str, Any]:
    return {
        "tickvals": list(values), "ticktext": list(texts), "thickness": 12, "len": 0.9, "outlinewidth": 0,
        "title": {"text": title, "font": {"size": 13}}, "tickfont": {"size": 13}, "x": 1.02, "xpad": 0,
    }  # fmt: skip


def _cover(figure: go.Figure, matrix: np.ndarray, class_names: Sequence[str], notes: Sequence[str]) -> None:
    """Lay the unseen markers that make cells clickable and carry the hover text."""
    cells = clickable_cells(matrix)
    texts = [
        f"true: {class_names[row]}<br>predicted: {class_names[column]}<br>"
        f"<b>{matrix[row, column]:,}</b> images, {note}"
        for (row, column), note in zip(cells, notes, strict=True)
    ]
    figure.add_scatter(
        x=[column for _, column in cells], y=[row for row, _ in cells], mode="markers", text=texts,
        marker={"size": 1, "opacity": 0, "color": MUTED}, hovertemplate="%{text}<extra></extra>",
        showlegend=False,
        selected={"marker": {"opacity": 0}}, unselected={"marker": {"opacity": 0}},
    )  # fmt: skip


def _frame(
    figure: go.Figure, class_names: Sequence[str], title: str, height: int, chosen: tuple[int, int] | None
) -> None:
    classes = len(class_names)
    step = 1 if classes <= MOST_NUMBERED else -(-classes // 20)
    ticks = list(range(0, classes, step))
    names = [class_names[i] for i in ticks]
    axis = {"tickvals": ticks, "ticktext": names, "showgrid": False, "constrain": "domain"}
    if classes > 12:
        axis["tickfont"] = {"size": 12}
    long = max(map(len, names)) * classes > 40
    figure.update_xaxes(
        **axis,
        title="predicted class",
        range=[-0.5, classes - 0.5],
        constraintoward="left",
        tickangle=-45 if long else 0,
    )
    figure.update_yaxes(
        **axis, title="true class", range=[classes - 0.5, -0.5], scaleanchor="x", constraintoward="top"
    )
    figure.update_layout(
        title=title, height=height, hoverdistance=-1, dragmode=False, margin={"t": 48, "r": 8}
    )
    if chosen:
        row, column = chosen
        figure.add_shape(
            type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5,
            line={"color": WRONG, "width": 3},
        )  # fmt: skip
