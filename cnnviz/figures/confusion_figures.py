"""Confusion matrices as heat maps: 10 classes with numbers, 100 by colour; counts, or a difference of two.

Plotly's heat maps report no click, so an unseen marker lies on every cell that holds images; the
order of these markers is `clickable_cells`, by which a click's `point_index` becomes a cell again. Numbers
are black or white, whichever is told better from their cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from cnnviz import words
from cnnviz.evaluation import row_shares
from cnnviz.figures.theme import (
    DIVERGING,
    DIVERGING_DARK,
    MUTED,
    SEQUENTIAL,
    SEQUENTIAL_DARK,
    SILENT,
    WRONG,
    Scale,
    colours_at,
    ink,
    letters,
)

#: What the cells say: images, or shares of their row, or of their column.
Cells = Literal["counts", "true", "predicted"]
#: Up to so many classes every cell shows its number.
MOST_NUMBERED = 20
#: Pixels from the top to the title of a figure with a scale, before Plotly lifts it.
_LIFTED = 32
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
    cells: Cells = "counts",
    title: str = "Confusion matrix",
    height: int = 520,
    dark: bool | None = None,
) -> go.Figure:
    """Counts or percentages a cell, coloured by their share, on a root scale so that rare mistakes show.

    Args:
        matrix: int, shape (C, C), rows true.
        class_names: C names.
        chosen: (true, predicted) of the outlined cell.
        cells: "counts": images, coloured by their share of the true class; "true": per cent of the true
            class, so that the diagonal is recall; "predicted": of the predicted one, where it is precision.
        title: short.
        height: pixels, in all.
        dark: the theme, so that every number is black or white, whichever is read better on its cell;
            None where it is not known: Plotly then writes them in white or dark grey.
    """
    shares = row_shares(matrix.T).T if cells == "predicted" else row_shares(matrix)
    kind = "predicted" if cells == "predicted" else "true"

    def write(cell: tuple[int, int]) -> str:
        if cells == "counts":
            return words.count(int(matrix[cell]))
        percent = round(100 * float(shares[cell]))
        return str(percent) if percent else "<1"

    figure = _heat_map(
        matrix,
        np.sqrt(shares),
        (0, 1),
        write,
        None if dark is None else SEQUENTIAL_DARK if dark else SEQUENTIAL,
        _bar(np.sqrt(_TICKS), [*(f"{100 * t:g} %" for t in _TICKS[:-1]), f"100 % of {kind} class"]),
        [
            _hover(matrix, class_names, cell, f"{words.percent(shares[cell])} of the {kind} class")
            for cell in clickable_cells(matrix)
        ],
    )
    return _framed(figure, class_names, title, height, chosen)


def difference_figure(
    difference: np.ndarray,
    class_names: Sequence[str],
    *,
    chosen: tuple[int, int] | None = None,
    title: str = "Confusion matrix, B − A",
    height: int = 520,
    dark: bool | None = None,
) -> go.Figure:
    """Images that B puts into a cell more (blue) or less (orange) than A; on the diagonal more is better.

    Args:
        difference: int, shape (C, C): matrix of B minus matrix of A.
        class_names, chosen, title, height, dark: as of `confusion_figure`.
    """
    reach = max(int(np.abs(difference).max(initial=0)), 1)
    figure = _heat_map(
        difference,
        difference,
        (-reach, reach),
        lambda cell: words.signed(int(difference[cell])),
        None if dark is None else DIVERGING_DARK if dark else DIVERGING,
        _bar([-reach, 0, reach], [f"−{reach}", "0", f"+{reach} images"]),
        [_hover(difference, class_names, cell, "B − A") for cell in clickable_cells(difference)],
    )
    return _framed(figure, class_names, title, height, chosen)


def _hover(matrix: np.ndarray, class_names: Sequence[str], cell: tuple[int, int], note: str) -> str:
    true, predicted = (letters(class_names[place]) for place in cell)
    return f"true: {true}<br>predicted: {predicted}<br><b>{matrix[cell]:,}</b> images, {note}"


def _heat_map(
    matrix: np.ndarray,
    z: np.ndarray,
    ends: tuple[float, float],
    write: Callable[[tuple[int, int]], str],
    scale: Scale | None,
    bar: dict[str, Any],
    hovers: Sequence[str],
) -> go.Figure:
    """Colours, above them the unseen markers that carry the hover texts, above them the numbers.

    Args:
        matrix: int, shape (C, C): where it is 0, nothing is written.
        z: float, shape (C, C): what is coloured, between `ends`.
        write: what stands in a cell.
        scale: the theme's, so that each number is written in black or in white (the heat map itself knows
            one colour for all); None where the theme is not known.
        hovers: one a clickable cell.
    """
    low, high = ends
    cells = clickable_cells(matrix)
    many = len(matrix) > MOST_NUMBERED
    heat = go.Heatmap(
        z=z, zmin=low, zmax=high, autocolorscale=True, hoverinfo="skip", showscale=many, colorbar=bar
    )
    rows, columns = [row for row, _ in cells], [column for _, column in cells]
    figure = go.Figure(heat)
    figure.add_scatter(
        x=columns,
        y=rows,
        mode="markers",
        text=hovers,
        marker={"size": 1, "opacity": 0, "color": MUTED},
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )
    if many:
        return figure
    widest = max((len(write(cell)) for cell in cells), default=1)
    size = 11 if len(matrix) > 12 else 15 if widest <= 4 else 13  # pixels
    if scale:
        colours = [ink(colour) for colour in colours_at(scale, (z[rows, columns] - low) / (high - low))]
        figure.add_scatter(
            x=columns,
            y=rows,
            mode="text",
            text=[write(cell) for cell in cells],
            textfont={"size": size, "color": colours},
            selected={"textfont": {}},
            unselected={"textfont": {}},
            **SILENT,
        )
    else:
        texts = [["" for _ in row] for row in matrix]
        for row, column in cells:
            texts[row][column] = write((row, column))
        figure.update_traces(text=texts, texttemplate="%{text}", textfont_size=size, selector=0)
    return figure


def _bar(values: Any, texts: Sequence[str]) -> dict[str, Any]:
    """A scale above the matrix, named by its last mark."""
    return {
        "tickvals": list(values),
        "ticktext": list(texts),
        "thickness": 10,
        "outlinewidth": 0,
        "orientation": "h",
        "lenmode": "pixels",
        "len": 300,
        "x": 0,
        "xanchor": "left",
        "xpad": 0,
        "y": 1,
        "yanchor": "bottom",
        "ypad": 4,
        "tickfont": {"size": 13},
    }


def _framed(
    figure: go.Figure, class_names: Sequence[str], title: str, height: int, chosen: tuple[int, int] | None
) -> go.Figure:
    """The same figure with its title and axes, and a frame around the chosen cell."""
    classes = len(class_names)
    many = classes > MOST_NUMBERED
    axis: dict[str, Any] = {"showgrid": False, "constrain": "domain"}
    if classes > 12:
        axis["tickfont"] = {"size": 12}
    row, column = chosen or (None, None)
    long = max(map(len, class_names)) * min(classes, 20) > 40
    figure.update_xaxes(
        **axis,
        **_ticks(class_names, column),
        title="predicted class",
        range=[-0.5, classes - 0.5],
        constraintoward="left",
        tickangle=-45 if long else 0,
    )
    figure.update_yaxes(
        **axis,
        **_ticks(class_names, row),
        title="true class",
        range=[classes - 0.5, -0.5],
        scaleanchor="x",
        constraintoward="top",
    )
    figure.update_layout(
        # A scale above the matrix leaves it the width of its column; Plotly lifts the title for it.
        title={"text": title, "y": 1 - _LIFTED / height} if many else title,
        height=height,
        hoverdistance=-1,
        dragmode=False,
        margin={"t": 82 if many else 48, "r": 8},
    )
    if chosen:
        _mark(figure, *chosen, classes)
    return figure


def _ticks(class_names: Sequence[str], chosen: int | None) -> dict[str, Any]:
    """Every class, or of many about twenty; the chosen one always, in bold, with room around it."""
    classes = len(class_names)
    if classes <= MOST_NUMBERED:
        return {"tickvals": list(range(classes)), "ticktext": [letters(name) for name in class_names]}
    step = -(-classes // 20)
    places = [i for i in range(0, classes, step) if chosen is None or abs(i - chosen) >= 0.8 * step]
    texts = [letters(class_names[i]) for i in places]
    if chosen is not None:
        places.append(chosen)
        texts.append(f"<b>{letters(class_names[chosen])}</b>")
    return {"tickvals": places, "ticktext": texts}


def _mark(figure: go.Figure, row: int, column: int, classes: int) -> None:
    """Frame the chosen cell; among many classes around it, so that it stays seen, with lines to its names."""
    many = classes > MOST_NUMBERED
    reach = 0.5 + (0.012 * classes if many else 0)
    line = {"color": WRONG, "width": 2 if many else 3}
    figure.add_shape(
        type="rect", x0=column - reach, x1=column + reach, y0=row - reach, y1=row + reach, line=line
    )
    if not many:
        return
    guide = {"color": WRONG, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=-0.5, x1=column - reach, y0=row, y1=row, line=guide)
    figure.add_shape(type="line", x0=column, x1=column, y0=row + reach, y1=classes - 0.5, line=guide)
