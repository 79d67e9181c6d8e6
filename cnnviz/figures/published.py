"""Published beside measured: bars of two kinds, and points with a fitted line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import plotly.graph_objects as go

from cnnviz.figures.theme import MUTED, run_colour, run_symbol


class Pair(NamedTuple):
    """One variant: the report's number and ours; None where there is none."""

    label: str
    published: float | None
    measured: float | None
    deviation: float | None = None  # over seeds


class Fit(NamedTuple):
    """A straight line by least squares, y = slope · x + start, and the share of variance it explains."""

    slope: float
    start: float
    r2: float


def fit_line(x: Sequence[float], y: Sequence[float]) -> Fit | None:
    """Fit a line; None for fewer than two different x. R² is nan where all y are equal.

    Args:
        x, y: n numbers each.
    """
    if len(set(x)) < 2:
        return None
    slope, start = np.polyfit(x, y, 1)
    left = np.asarray(y) - (slope * np.asarray(x) + start)
    spread = float(((np.asarray(y) - np.mean(y)) ** 2).sum())
    return Fit(float(slope), float(start), 1 - float((left**2).sum()) / spread if spread else float("nan"))


def pairs_figure(pairs: Sequence[Pair], unit: Literal["accuracy", "seconds"], scale: str) -> go.Figure:
    """Bars of what was measured (coloured, with its spread over seeds) and of what was published (grey).

    Args:
        pairs: one a variant, in the given order.
        unit: shares are shown in percent, times in seconds.
        scale: the scale of the measured numbers; it is part of their name in the legend.
    """
    names = [pair.label for pair in pairs]
    figure = go.Figure()
    measured, deviations = [pair.measured for pair in pairs], [pair.deviation for pair in pairs]
    kinds: tuple[tuple[str, list[float | None], list[float | None], str], ...] = (
        (f"measured here, scale {scale}", measured, deviations, run_colour(0)),
        ("published", [pair.published for pair in pairs], [], MUTED),
    )
    for name, values, spreads, colour in kinds:
        if all(value is None for value in values):
            continue
        spread = {"type": "data", "array": spreads, "thickness": 2, "width": 5, "color": MUTED}
        figure.add_bar(
            y=names, x=values, name=name, orientation="h", marker={"color": colour},
            error_x=spread if any(spreads) else None,
            text=[_text(value, unit, 3 if name != "published" else 6) for value in values],
            textposition="auto", insidetextanchor="start", cliponaxis=False,
            hovertemplate=f"%{{y}}<br>{name}: %{{text}}<extra></extra>",
        )  # fmt: skip
    word = "Test accuracy" if unit == "accuracy" else "Training time"
    title = f"{word}: published beside measured" if len(figure.data) > 1 else word
    figure.update_layout(
        title=title, showlegend=True, barmode="group", bargap=0.25, bargroupgap=0.06,
        height=150 + 56 * len(pairs), margin={"t": 84}, legend={"x": 0, "xanchor": "left"},
    )  # fmt: skip
    if unit == "accuracy":
        figure.update_xaxes(title="test accuracy (line: ± standard deviation over seeds)", tickformat=".0%",
                            range=[0, 1.0])  # fmt: skip
    else:
        figure.update_xaxes(title="training time (s), on different hardware", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ")
    return figure


class Series(NamedTuple):
    """Points of one origin: x images, y seconds or a share; `spread` over seeds where known."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    spread: Sequence[float | None] = ()
    published: bool = False


def sizes_figure(series: Sequence[Series], unit: Literal["accuracy", "seconds"]) -> go.Figure:
    """Time or accuracy against the number of training images; times with a fitted line and its R²."""
    figure = go.Figure()
    for place, one in enumerate(series):
        colour = MUTED if one.published else run_colour(place)
        figure.add_scatter(
            x=list(one.x), y=list(one.y), name=one.name, mode="markers", cliponaxis=False,
            marker={"size": 12, "color": colour, "symbol": run_symbol(place)},
            error_y={"type": "data", "array": list(one.spread), "width": 5} if any(one.spread) else None,
            hovertemplate=f"{one.name}<br>%{{x:,}} images: %{{y:{'.1%' if unit == 'accuracy' else '.4~g'}}}"
            "<extra></extra>",
        )  # fmt: skip
        line = fit_line(one.x, one.y) if unit == "seconds" else None
        if line:
            ends = [0, max(one.x)]
            figure.add_scatter(
                x=ends, y=[line.slope * x + line.start for x in ends], mode="lines", hoverinfo="skip",
                line={"color": colour, "width": 2, "dash": "dash"},
                name=f"{1000 * line.slope:.3g} s per 1,000 images, R² = {line.r2:.3f}",
            )  # fmt: skip
    subject = "Test accuracy" if unit == "accuracy" else "Training time"
    figure.update_layout(title=f"{subject} against training images", height=420, margin={"t": 104},
                         legend={"x": 0, "xanchor": "left"})  # fmt: skip
    figure.update_xaxes(title="training images", tickformat=",", rangemode="tozero")
    figure.update_yaxes(
        title="test accuracy" if unit == "accuracy" else "training time (s)",
        tickformat=".0%" if unit == "accuracy" else None,
        rangemode="normal" if unit == "accuracy" else "tozero",
    )
    return figure


def _text(value: float | None, unit: str, digits: int) -> str:
    """A published number with the digits that it was given with, a measured one with three."""
    if value is None:
        return ""
    if unit == "accuracy":
        return f"{100 * value:.{digits}g} %"
    return f"{value:.1f} s" if value < 10 else f"{value:,.0f} s"
