"""Confusion matrices as heat maps: 10 classes with numbers, 100 by colour; counts, or a difference of two.

Plotly's heat maps report no click, so an unseen marker lies on every cell that holds images; the
order of these markers is `clickable_cells`, by which a click's `point_index` becomes a cell again. Numbers
are black or white, whichever is told better from their cell (WCAG 2.1 relative luminance).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnnviz import words
from cnnviz.figures.theme import DIVERGING, DIVERGING_DARK, MUTED, SEQUENTIAL, SEQUENTIAL_DARK, WRONG

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
    title: str = "Confusion matrix",
    height: int = 520,
    dark: bool | None = None,
) -> go.Figure:
    """Counts a cell, coloured by the share of the true class, on a root scale so that rare mistakes show.

    Args:
        matrix: int, shape (C, C), rows true.
        class_names: C names.
        chosen: (true, predicted) of the outlined cell.
        title: short.
        height: pixels, in all.
        dark: the theme, so that every number is black or white, whichever is read better on its cell;
            None where it is not known: Plotly then writes them in white or dark grey.
    """
    support = np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    shares = matrix / support
    figure = go.Figure(
        go.Heatmap(
            z=np.sqrt(shares),
            zmin=0,
            zmax=1,
            autocolorscale=True,
            hoverinfo="skip",
            **({} if dark is not None else _numbers(matrix, _count)),
            colorbar=_bar(np.sqrt(_TICKS), [*(f"{100 * t:g} %" for t in _TICKS[:-1]), "100 % of true class"]),
            showscale=len(matrix) > MOST_NUMBERED,
        )
    )
    _cover(figure, matrix, class_names, [f"{words.percent(s)} of its class" for s in shares[matrix != 0]])
    if dark is not None:
        _write(figure, matrix, _count, np.sqrt(shares), SEQUENTIAL_DARK if dark else SEQUENTIAL)
    _frame(figure, class_names, title, height, chosen)
    return figure


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
        class_names: C names.
        chosen: (true, predicted) of the outlined cell.
        title: short.
        height: pixels, in all.
        dark: the theme, so that every number is black or white, whichever is read better on its cell;
            None where it is not known: Plotly then writes them in white or dark grey.
    """
    reach = max(int(np.abs(difference).max(initial=0)), 1)
    figure = go.Figure(
        go.Heatmap(
            z=difference,
            zmin=-reach,
            zmax=reach,
            autocolorscale=True,
            hoverinfo="skip",
            **({} if dark is not None else _numbers(difference, _change)),
            showscale=len(difference) > MOST_NUMBERED,
            colorbar=_bar([-reach, 0, reach], [f"−{reach}", "0", f"+{reach} images"]),
        )
    )
    _cover(figure, difference, class_names, ["B − A"] * int((difference != 0).sum()))
    if dark is not None:
        places = (difference / reach + 1) / 2
        _write(figure, difference, _change, places, DIVERGING_DARK if dark else DIVERGING)
    _frame(figure, class_names, title, height, chosen)
    return figure


def _count(n: int) -> str:
    return f"{n:,}" if n else ""


def _change(n: int) -> str:
    return f"{n:+,d}".replace("-", "−") if n else ""


def _numbers(matrix: np.ndarray, write: Callable[[int], str]) -> dict[str, Any]:
    """Numbers as part of the heat map, for a theme that is not known."""
    if len(matrix) > MOST_NUMBERED:
        return {}
    text = [[write(int(n)) for n in row] for row in matrix]
    return {"text": text, "texttemplate": "%{text}", "textfont": {"size": _size(matrix)}}


def _write(
    figure: go.Figure, matrix: np.ndarray, write: Callable[[int], str], places: np.ndarray, scale: Scale
) -> None:
    """Numbers over the heat map, each in black or white; the heat map itself knows one colour for all.

    Args:
        places: float, shape (C, C): where each cell's colour lies on the scale, 0–1.
    """
    if len(matrix) > MOST_NUMBERED:
        return
    cells = clickable_cells(matrix)
    figure.add_scatter(
        x=[column for _, column in cells],
        y=[row for row, _ in cells],
        mode="text",
        text=[write(int(matrix[cell])) for cell in cells],
        hoverinfo="skip",
        showlegend=False,
        textfont={"size": _size(matrix), "color": [ink(colour_at(scale, places[cell])) for cell in cells]},
        selected={"textfont": {}},
        unselected={"textfont": {}},
    )


def _size(matrix: np.ndarray) -> int:
    """Letters' height in pixels."""
    widest = len(f"{int(np.abs(matrix).max(initial=0)):,}")
    return 11 if len(matrix) > 12 else 15 if widest <= 4 else 13


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


def _cover(figure: go.Figure, matrix: np.ndarray, class_names: Sequence[str], notes: Sequence[str]) -> None:
    """Lay the unseen markers that make cells clickable and carry the hover text."""
    cells = clickable_cells(matrix)
    texts = [
        f"true: {class_names[row]}<br>predicted: {class_names[column]}<br>"
        f"<b>{matrix[row, column]:,}</b> images, {note}"
        for (row, column), note in zip(cells, notes, strict=True)
    ]
    figure.add_scatter(
        x=[column for _, column in cells],
        y=[row for row, _ in cells],
        mode="markers",
        text=texts,
        marker={"size": 1, "opacity": 0, "color": MUTED},
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )


def _frame(
    figure: go.Figure, class_names: Sequence[str], title: str, height: int, chosen: tuple[int, int] | None
) -> None:
    classes = len(class_names)
    axis: dict[str, Any] = {"showgrid": False, "constrain": "domain"}
    if classes > 12:
        axis["tickfont"] = {"size": 12}
    row, column = chosen or (None, None)
    across, down = _ticks(class_names, column), _ticks(class_names, row)
    long = max(map(len, class_names)) * min(classes, 20) > 40
    figure.update_xaxes(
        **axis,
        **across,
        title="predicted class",
        range=[-0.5, classes - 0.5],
        constraintoward="left",
        tickangle=-45 if long else 0,
    )
    figure.update_yaxes(
        **axis,
        **down,
        title="true class",
        range=[classes - 0.5, -0.5],
        scaleanchor="x",
        constraintoward="top",
    )
    many = classes > MOST_NUMBERED
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


def _ticks(class_names: Sequence[str], chosen: int | None) -> dict[str, Any]:
    """Every class, or of many about twenty; the chosen one always, in bold, with room around it."""
    classes = len(class_names)
    if classes <= MOST_NUMBERED:
        return {"tickvals": list(range(classes)), "ticktext": list(class_names)}
    step = -(-classes // 20)
    places = [i for i in range(0, classes, step) if chosen is None or abs(i - chosen) >= 0.8 * step]
    texts = [class_names[i] for i in places]
    if chosen is not None:
        places.append(chosen)
        texts.append(f"<b>{class_names[chosen]}</b>")
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


BLACK, WHITE = "#000000", "#FFFFFF"
#: Relative luminance at which black and white are read equally well, with a contrast of 4.58 each.
_EQUAL = 0.179

Scale = Sequence[tuple[float, str]]
Colour = tuple[float, float, float]


def colour_at(scale: Scale, place: float) -> Colour:
    """Colour of a scale at a place in 0–1, as Plotly mixes it: red, green, blue in 0–255."""
    place = min(max(place, scale[0][0]), scale[-1][0])
    for (low, first), (high, second) in pairwise(scale):
        if place <= high:
            share = (place - low) / (high - low)
            mixed = [a + share * (b - a) for a, b in zip(_channels(first), _channels(second), strict=True)]
            return mixed[0], mixed[1], mixed[2]
    return _channels(scale[-1][1])


def ink(colour: Colour) -> str:
    """Black or white, whichever contrasts more; never below 4.58 : 1."""
    return BLACK if luminance(colour) > _EQUAL else WHITE


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 (black) to 1 (white). Source: WCAG 2.2, "relative luminance"."""
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(first: Colour, second: Colour) -> float:
    """Contrast ratio, 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _channels(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
