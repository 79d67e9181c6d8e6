"""Published beside measured: bars of two kinds, and points with a fitted line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import plotly.graph_objects as go

from cnnviz import words
from cnnviz.figures.theme import MUTED, SILENT, letters, run_colour, run_symbol

Unit = Literal["accuracy", "seconds"]
SUBJECTS: dict[Unit, str] = {"accuracy": "Test accuracy", "seconds": "Training time"}
_HALF = 0.19  # of a bar's thickness; a variant has 1


class Pair(NamedTuple):
    """One variant: the report's number and ours; None where there is none."""

    label: str
    published: float | None
    measured: float | None
    deviation: float | None = None  # over seeds
    report_says: str = ""  # what the published number belongs to, where the label says another: "10 epochs"


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


def pairs_figure(pairs: Sequence[Pair], unit: Unit, scale: str) -> go.Figure:
    """Bars of what was measured (coloured, with its spread over seeds) and of what was published (grey).

    Args:
        pairs: one a variant, in the given order.
        unit: shares are shown in percent, times in seconds.
        scale: the scale of the measured numbers; it is part of their name in the legend.
    """
    figure = go.Figure()
    kinds = (
        (f"measured here, scale {scale}", [pair.measured for pair in pairs], run_colour(0), -_HALF),
        ("published", [pair.published for pair in pairs], MUTED, _HALF),
    )
    known = [kind for kind in kinds if any(value is not None for value in kind[1])]
    for name, values, colour, side in known:
        here, offset = side < 0, side if len(known) > 1 else 0
        spreads = [pair.deviation if here else None for pair in pairs]
        texts = [_text(value, unit, published=not here) for value in values]
        places = [place + offset for place in range(len(pairs))]
        lines = {"type": "data", "array": spreads, "thickness": 2, "width": 5, "color": MUTED}
        figure.add_bar(
            y=places,
            x=values,
            name=name,
            orientation="h",
            marker={"color": colour},
            width=2 * _HALF - 0.03,
            error_x=lines if any(spreads) else None,
            text=texts,
            textposition="none",
            customdata=[letters(pair.label) for pair in pairs],
            hovertemplate=f"%{{customdata}}<br>{name}: %{{text}}<extra></extra>",
        )
        # The numbers stand right of the bars and of the lines of their spread.
        for place, value, beyond, text in zip(places, values, spreads, texts, strict=True):
            if value is not None:
                x = value + (beyond or 0)
                figure.add_annotation(
                    x=x, y=place, text=text, showarrow=False, xanchor="left", xshift=4, font={"size": 13}
                )
    note = ": published beside measured" if len(known) > 1 else ""
    if [kind[0] for kind in known] == ["published"]:
        note = ", as published"
    figure.update_layout(
        title=SUBJECTS[unit] + note,
        showlegend=True,
        barmode="overlay",
        height=150 + 56 * len(pairs),
        margin={"t": 84, "r": 72},
        legend={"x": 0, "xanchor": "left"},
    )
    figure.update_xaxes(rangemode="tozero")
    if unit == "accuracy":
        figure.update_xaxes(title="test accuracy", tickformat=".2~%")
        # Numbers behind long bars widen the axis; there is no accuracy above 100 %.
        highest = max(
            (value for _, values, _, _ in known for value in values if value is not None), default=1
        )
        step = 0.1 if highest <= 0.5 else 0.2
        ticks = [place * step for place in range(round(1 / step) + 1) if place * step < highest + step]
        figure.update_xaxes(tickvals=ticks)
    else:
        figure.update_xaxes(title="training time (s)", tickformat=",")
    # Below a label what the published number belongs to, where that is something else.
    says = "<br><span style='font-size:12px'>published: {}</span>"
    figure.update_yaxes(
        tickvals=list(range(len(pairs))),
        ticktext=[
            letters(pair.label)
            + (says.format(pair.report_says) if pair.report_says and pair.published is not None else "")
            for pair in pairs
        ],
        showgrid=False,
        range=[len(pairs) - 0.5, -0.5],
        ticklabelstandoff=8,
    )
    return figure


class Series(NamedTuple):
    """Points of one origin: x images, y seconds or a share; `spread` over seeds where known."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    spread: Sequence[float | None] = ()
    published: bool = False


def sizes_figure(series: Sequence[Series], unit: Unit) -> go.Figure:
    """Time or accuracy against the number of training images; times with a fitted line and its R²."""
    figure = go.Figure()
    timed = unit == "seconds"
    for place, points in enumerate(series):
        colour = MUTED if points.published else run_colour(place)
        line = fit_line(points.x, points.y) if timed else None
        fit = f"<br>{1000 * line.slope:.3g} s per 1,000 images, R² = {line.r2:.3f}" if line else ""
        figure.add_scatter(
            x=list(points.x),
            y=list(points.y),
            name=letters(points.name) + fit,
            cliponaxis=False,
            mode="markers" if timed else "lines+markers",
            line={"width": 1.5, "color": colour},
            legendgroup=points.name,
            marker={"size": 12, "color": colour, "symbol": run_symbol(place)},
            error_y={"type": "data", "array": list(points.spread), "width": 5}
            if any(points.spread)
            else None,
            hovertemplate=f"{letters(points.name)}<br>"
            f"%{{x:,}} images: {'%{y:.4~g} s' if timed else '%{y:.1%}'}"
            "<extra></extra>",
        )
        if line:
            ends = [0, max(points.x)]
            figure.add_scatter(
                x=ends,
                y=[line.slope * x + line.start for x in ends],
                mode="lines",
                line={"color": colour, "width": 2, "dash": "dash"},
                legendgroup=points.name,
                name=letters(points.name) + fit,
                **SILENT,
            )
    figure.update_layout(
        title=f"{SUBJECTS[unit]} against training images",
        height=440 if timed else 420,
        margin={"t": 136 if timed else 104},
        legend={"x": 0, "xanchor": "left", "orientation": "v"},
    )
    figure.update_xaxes(title="training images", tickformat=",", rangemode="tozero")
    if timed:
        figure.update_yaxes(title="training time (s)", rangemode="tozero")
    else:
        figure.update_yaxes(title="test accuracy", tickformat=".2~%", rangemode="normal")
    return figure


def _text(value: float | None, unit: str, *, published: bool) -> str:
    """A published share with the digits that it was given with, a measured one with one decimal."""
    if value is None:
        return ""
    if unit == "accuracy":
        return words.given_percent(value) if published else words.percent(value)
    return words.duration(value)
