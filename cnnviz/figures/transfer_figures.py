"""Figures of transfer: scores beside those of trained networks, and which features were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from cnnviz import words
from cnnviz.figures.comparison_figures import mark_baseline, spread_bars
from cnnviz.figures.theme import CATEGORICAL, MUTED, letters, run_colour

Kind = Literal["network", "cross-validation", "train-test"]
#: No run's colour is taken by features before the fourth run of a page.
FEATURES = CATEGORICAL[3]


class Bar(NamedTuple):
    """One score in 0–1 with the ends of its line: an interval, or a standard deviation to either side."""

    label: str
    kind: Kind
    score: float
    low: float
    high: float
    hover: str = ""
    colour: int = 0  # a network's place in `run_colour`
    chosen: bool = False  # the result that the page is about


def scores_figure(bars: Sequence[Bar], baseline: float | None = None) -> go.Figure:
    """Bars of all models (A14), in the given order: networks plain, cross-validated features hatched.

    Args:
        baseline: accuracy of always saying the most frequent class: a dashed line.
    """
    # Texts of one's own take no suffix: without the blanks they would touch the bars.
    labels = [letters(bar.label) for bar in bars]
    names = [
        (f"<b>{label}</b>" if bar.chosen else label) + "  " for label, bar in zip(labels, bars, strict=True)
    ]
    rows = list(range(len(bars)))  # places, not names: two bars of one name stay two
    hatched = ["/" if bar.kind == "cross-validation" else "" for bar in bars]
    marker: dict[str, Any] = {
        "color": [run_colour(bar.colour) if bar.kind == "network" else FEATURES for bar in bars],
        "pattern": {"shape": hatched, "fgcolor": "white", "size": 7},
    }
    scores, lows, highs = ([getattr(bar, end) for bar in bars] for end in ("score", "low", "high"))
    drawn, numbers = spread_bars(rows, scores, lows, highs, marker)
    drawn.hovertext = [f"{letters(bar.label)}<br>{words.percent(bar.score)} {bar.hover}" for bar in bars]
    drawn.hovertemplate = "%{hovertext}<extra></extra>"
    figure = go.Figure([drawn, numbers])
    mark_baseline(figure, baseline)
    figure.update_layout(
        title="Trained networks beside features", height=130 + 44 * len(bars), bargap=0.35, margin={"r": 70}
    )
    figure.update_xaxes(title="accuracy on test images", tickformat=".2~%", range=[0, 1.02])
    figure.update_yaxes(tickmode="array", tickvals=rows, ticktext=names, autorange="reversed", showgrid=False)
    return figure


def selection_figure(scores: NDArray[np.float64], chosen: NDArray[np.int64]) -> go.Figure:
    """Chi-square of every feature, the largest first; the chosen ones coloured, the others grey.

    Args:
        scores: shape (F,), ≥ 0.
        chosen: shape (k,), indices counted from 0.
    """
    order = np.argsort(-scores, kind="stable")
    kept = np.isin(order, chosen)
    ranks = np.arange(1, len(order) + 1)
    figure = go.Figure()
    for name, mask, colour in (("chosen", kept, FEATURES), ("left out", ~kept, MUTED)):
        if mask.any():
            figure.add_bar(
                x=ranks[mask],
                y=scores[order][mask],
                name=f"{name} ({int(mask.sum())})",
                width=1,
                marker={"color": colour, "line": {"width": 0}},
                customdata=order[mask] + 1,
                hovertemplate="feature %{customdata}<br>rank %{x}<br>chi-square %{y:.4~g}<extra></extra>",
            )
    positive = scores[scores > 0]
    wide = len(positive) > 1 and positive.max() > 100 * np.median(positive)
    figure.update_layout(
        title="Chi-square of each feature",
        bargap=0,
        barmode="overlay",
        height=330,
        legend={"orientation": "v", "x": 1, "xanchor": "right", "y": 1, "yanchor": "top"},
    )
    figure.update_xaxes(title="features, the largest first", range=[0.5, len(order) + 0.5])
    figure.update_yaxes(
        title="chi-square" + (" (logarithmic)" if wide else ""), type="log" if wide else "linear"
    )
    return figure
