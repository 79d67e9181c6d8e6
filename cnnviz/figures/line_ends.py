"""What names lines: words at their ends, pushed apart where they would overlap, or a legend beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

#: Height of figures of curves in pixels.
HEIGHT = 360
_LONGEST = 28
_LEGEND_LINE = 21  # pixels

#: Where a line ends (x, y), its label and its colour.
End = tuple[float, float, str, str]


def shorten(label: str) -> str:
    """Cut a label to the length that fits beside lines."""
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1].rstrip() + "…"


def label_ends(figure: go.Figure, ends: Sequence[End], logarithmic: bool = False) -> None:
    """Write the labels right of the lines, pushed apart where they would overlap.

    The words have the theme's text colour, because not every run's colour is legible as text; a dot
    before them has the run's.
    """
    if not ends:
        return
    # Plotly places annotations and ends of a logarithmic axis by the logarithm.
    place = math.log10 if logarithmic else float
    values = [place(y) for trace in figure.data for y in trace.y if y is not None and math.isfinite(y)]
    ends = [(x, place(y), label, colour) for x, y, label, colour in ends]
    low, high = min(values), max(values)
    pad = 0.06 * (high - low) or 0.05
    low, high = low - pad, high + pad
    figure.update_yaxes(range=[low, high])
    apart = (high - low) * 20 / (HEIGHT - 130)
    ordered = sorted(ends, key=lambda end: end[1])
    for (_, _, label, colour), placed in zip(ordered, apart_within(ordered, apart, high), strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            y=placed,
            text=f'<span style="color:{colour}">●</span> {label}',
            showarrow=False,
            xanchor="left",
            xshift=8,
            font={"size": 14},
        )
    figure.update_layout(margin={"r": 38 + 7 * max(len(end[2]) for end in ends)})


def apart_within(ordered: Sequence[End], apart: float, high: float) -> list[float]:
    """Heights of labels: at their lines' ends, at least `apart` from each other, none above `high`.

    Args:
        ordered: ends of lines, lowest first; the height stands second.
    """
    heights: list[float] = []
    for end in ordered:
        heights.append(max(end[1], heights[-1] + apart) if heights else end[1])
    ceiling = high
    for place in reversed(range(len(heights))):
        heights[place] = min(heights[place], ceiling)
        ceiling = heights[place] - apart
    return heights


def list_right(figure: go.Figure, labels: Sequence[str]) -> None:
    """A legend beside the lines: below them it would take the height that they need."""
    longest = max(len(shorten(label)) for label in labels)
    figure.update_layout(
        legend={
            "orientation": "v",
            "x": 1.02,
            "xanchor": "left",
            "y": 1,
            "yanchor": "top",
            "tracegroupgap": 0,
        },
        margin={"r": 64 + 7 * longest},
        height=HEIGHT + _LEGEND_LINE * max(0, len(labels) - 10),
    )
