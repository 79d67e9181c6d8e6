"""Figures of several runs: accuracy and time side by side, accuracy against cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnnviz.figures.theme import MUTED, run_colour, run_symbol

Cost = Literal["seconds", "parameters"]
_COSTS = {
    "seconds": "training time (s)",
    "parameters": "parameters",
}


class Score(NamedTuple):
    """What one run reached and what it cost; shares in 0–1, time in seconds."""

    label: str
    accuracy: float
    low: float  # of the accuracy's 95 % interval
    high: float
    seconds: float
    parameters: int
    colour: int = 0  # the run's place in `run_colour`
    device: str = ""
    epochs: int = 0
    augmented: bool = False


def conditions_figure(scores: Sequence[Score], baseline: float | None = None) -> go.Figure:
    """Time and accuracy by epochs, device and augmentation (A7): one row a run, hatched where augmented.

    Args:
        scores: one a run; rows are ordered by epochs, device and augmentation.
        baseline: accuracy of always saying the most frequent class: a dashed line.
    """
    rows = sorted(scores, key=lambda s: (s.epochs, s.device, s.augmented, s.label))
    names = [f"{s.label}<br>{_condition(s)}" for s in rows]
    figure = make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.08, column_widths=[0.55, 0.45])
    style: dict[str, Any] = {
        "color": [run_colour(s.colour) for s in rows],
        "pattern": {"shape": ["/" if s.augmented else "" for s in rows], "fgcolor": "white"},
    }  # fmt: skip
    figure.add_trace(_accuracies(rows, names, style), 1, 1)
    figure.add_trace(
        go.Bar(
            y=names, x=[s.seconds for s in rows], orientation="h", marker=style, showlegend=False,
            text=[_seconds(s.seconds) for s in rows], textposition="auto",
            hovertemplate="%{y}<br>%{x:.3~g} s<extra></extra>",
        ), 1, 2,
    )  # fmt: skip
    if baseline is not None:
        figure.add_vline(x=baseline, line={"color": MUTED, "dash": "dash", "width": 2}, row=1, col=1)
    figure.update_layout(
        title="Accuracy and time by epochs, device and augmentation", height=130 + 46 * len(rows), bargap=0.3
    )
    figure.update_xaxes(title="test accuracy", tickformat=".0%", range=[0, 1], row=1, col=1)
    figure.update_xaxes(title="training time (s)", rangemode="tozero", row=1, col=2)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ")
    return figure


def accuracy_figure(scores: Sequence[Score], baseline: float | None = None) -> go.Figure:
    """Bars of test accuracy with their 95 % intervals (A12, A14), in the given order."""
    names = [s.label for s in scores]
    style: dict[str, Any] = {"color": [run_colour(s.colour) for s in scores]}
    figure = go.Figure(_accuracies(scores, names, style))
    if baseline is not None:
        figure.add_vline(x=baseline, line={"color": MUTED, "dash": "dash", "width": 2})
        figure.add_annotation(
            x=baseline, y=1, yref="paper", yanchor="bottom", text="most frequent class", showarrow=False,
            font={"size": 13, "color": MUTED},
        )  # fmt: skip
    figure.update_layout(title="Test accuracy", height=130 + 40 * len(scores), bargap=0.3)
    figure.update_xaxes(title="test accuracy (bar ends: 95 % interval)", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ")
    return figure


def cost_figure(scores: Sequence[Score], cost: Cost) -> go.Figure:
    """Accuracy against training time or parameters: up and to the left is better."""
    figure = go.Figure()
    direct = len(scores) <= 6
    for score in scores:
        figure.add_scatter(
            x=[getattr(score, cost)], y=[score.accuracy], name=score.label, showlegend=not direct,
            mode="markers+text" if direct else "markers", textposition="middle right",
            text=["  " + _shorten(score.label)],
            cliponaxis=False,
            marker={"size": 13, "color": run_colour(score.colour), "symbol": run_symbol(score.colour)},
            error_y={"type": "data", "symmetric": False, "array": [score.high - score.accuracy],
                     "arrayminus": [score.accuracy - score.low], "thickness": 1.5, "width": 5},
            hovertemplate=f"{score.label}<br>%{{y:.1%}} right<br>{_COSTS[cost]}: %{{x:,.4~g}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        title=f"Accuracy against {'time' if cost == 'seconds' else 'parameters'}", height=380
    )
    figure.update_xaxes(title=_COSTS[cost], **_span([float(getattr(s, cost)) for s in scores]))
    figure.update_yaxes(title="test accuracy", tickformat=".0%")
    return figure


def _accuracies(scores: Sequence[Score], names: list[str], style: dict[str, Any]) -> go.Bar:
    return go.Bar(
        y=names, x=[s.accuracy for s in scores],
        orientation="h", marker=style, showlegend=False,
        text=[f"{100 * s.accuracy:.1f} %" for s in scores],
        textposition="inside", insidetextanchor="middle",
        error_x={"type": "data", "symmetric": False, "array": [s.high - s.accuracy for s in scores],
                 "arrayminus": [s.accuracy - s.low for s in scores], "thickness": 2, "width": 5,
                 "color": MUTED},
        hovertemplate="%{y}<br>test accuracy %{x:.1%}<extra></extra>",
    )  # fmt: skip


def _condition(score: Score) -> str:
    augmentation = "augmented" if score.augmented else "not augmented"
    epochs = f"{score.epochs} epoch{'' if score.epochs == 1 else 's'}"
    return " · ".join(part for part in (epochs, score.device, augmentation) if part)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:,.0f} s"


def _shorten(label: str) -> str:
    return label if len(label) <= 26 else label[:25].rstrip() + "…"


def _span(values: Sequence[float]) -> dict[str, Any]:
    """A log axis where the costs differ tenfold, else a linear one from 0."""
    positive = [value for value in values if value > 0]
    if len(positive) == len(values) and positive and max(positive) >= 10 * min(positive):
        return {"type": "log"}
    return {"range": [0, 1.2 * max([*values, 1e-9])]}
