"""Figures of a data set: images of each class, and how often each grey level occurs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from cnnviz import words
from cnnviz.figures.theme import MUTED, letters, run_colour

#: Colours of channels; told apart by dash and by their names too. Grey images have one.
CHANNELS = {"red": ("#D55E00", "solid"), "green": ("#009E73", "dash"), "blue": ("#0072B2", "dot")}
_PARTS = {"training": "", "validation": "/", "test": "x"}
_MOST_NAMES, _LONGEST = 20, 14
_ABOVE = 64  # title and, below it, the legend: side by side they don't fit in half a page


def counts_figure(counts: Mapping[str, np.ndarray], class_names: Sequence[str]) -> go.Figure:
    """Bars of how many images each class has, in the parts that a run sees, one on another.

    Args:
        counts: for each part ("training", "validation", "test") int, shape (C,).
        class_names: C names.
    """
    figure = go.Figure()
    for index, (part, numbers) in enumerate(counts.items()):
        if not numbers.any():
            continue
        figure.add_bar(
            name=part,
            x=list(range(len(class_names))),
            y=numbers,
            customdata=[letters(name) for name in class_names],
            marker={"color": run_colour(index), "pattern": {"shape": _PARTS.get(part, ""), "size": 5}},
            hovertemplate=f"%{{customdata}}: %{{y:,}} {part}<extra></extra>",
        )
    total = sum(int(numbers.sum()) for numbers in counts.values())
    figure.update_layout(title=f"Images of each class (n = {total:,})", barmode="stack", bargap=0.25)
    figure.update_layout(legend_traceorder="normal", margin_t=_ABOVE)
    if len(class_names) <= _MOST_NAMES:
        figure.update_xaxes(
            title="class",
            tickvals=list(range(len(class_names))),
            # Plotly drops names that have no room below their bars, without a word.
            ticktext=[letters(words.shortened(name, _LONGEST)) for name in class_names],
            tickangle=0 if max(map(len, class_names)) <= 3 else -40,
            showgrid=False,
        )
    else:
        figure.update_xaxes(title="class (hover for its name)", showgrid=False)
    figure.update_yaxes(title="images", tickformat=",", rangemode="tozero")
    return figure


def histogram_figure(counts: np.ndarray) -> go.Figure:
    """Share of pixels at each grey level, one line a channel.

    Args:
        counts: int, shape (1 or 3, 256), as `datasets.statistics.histogram` gives it.
    """
    share = 100 * counts / counts.sum(axis=1, keepdims=True)
    figure = go.Figure()
    styles = CHANNELS if len(counts) == 3 else {"grey": (MUTED, "solid")}
    for values, (name, (colour, dash)) in zip(share, styles.items(), strict=True):
        figure.add_scatter(
            x=np.arange(256),
            y=values,
            name=name,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2},
            hovertemplate=f"level %{{x}}: %{{y:.2f}} % of {name}<extra></extra>",
        )
    # A ground of one colour would press everything else flat: cut there, hover tells the rest.
    usual = np.sort(share.max(axis=0))[-4]
    peak = float(share.max())
    figure.update_layout(title="Brightness of the pixels", showlegend=len(counts) > 1, margin_t=_ABOVE)
    figure.update_xaxes(
        title="level, 0 (dark) to 255 (bright)", range=[-2, 257], tickvals=[0, 64, 128, 192, 255]
    )
    cut = peak > 6 * usual > 0
    figure.update_yaxes(title="share of pixels in %", range=[0, 4 * usual if cut else 1.08 * peak])
    if cut:
        level = int(share.max(axis=0).argmax())
        figure.add_annotation(
            x=level,
            y=1,
            yref="paper",
            yanchor="top",
            showarrow=False,
            xanchor="left" if level < 128 else "right",
            text=f" {peak:.0f} % at level {level}",
            xshift=6 if level < 128 else -6,
        )
    return figure
