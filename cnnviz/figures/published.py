"""Published beside measured: bars of two kinds, and points with a fitted line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import plotly.graph_objects as go

from cnnviz import words
from cnnviz.figures.theme import MUTED, run_colour, run_symbol

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


def pairs_figure(pairs: Sequence[Pair], unit: Literal["accuracy", "seconds"], scale: str) -> go.Figure:
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
        spread = {"type": "data", "array": spreads, "thickness": 2, "width": 5, "color": MUTED}
        figure.add_bar(
            y=places,
            x=values,
            name=name,
            orientation="h",
            marker={"color": colour},
            width=2 * _HALF - 0.03,
            error_x=spread if any(spreads) else None,
            text=texts,
            textposition="none",
            customdata=[pair.label for pair in pairs],
            hovertemplate=f"%{{customdata}}<br>{name}: %{{text}}<extra></extra>",
        )
        for place, value, beyond, text in zip(places, values, spreads, texts, strict=True):
            if value is not None:
                _write_behind(figure, value + (beyond or 0), place, text)
    word = "Test accuracy" if unit == "accuracy" else "Training time"
    title = f"{word}: published beside measured" if len(figure.data) > 1 else word
    if [bars.name for bars in figure.data] == ["published"]:
        title = f"{word}, as published"
    figure.update_layout(
        title=title,
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
        figure.update_xaxes(tickvals=_ticks(pairs))
    else:
        figure.update_xaxes(title="training time (s)", tickformat=",")
    figure.update_yaxes(
        tickvals=list(range(len(pairs))),
        ticktext=[_name(pair) for pair in pairs],
        showgrid=False,
        range=[len(pairs) - 0.5, -0.5],
        ticklabelstandoff=8,
    )
    return figure


def _ticks(pairs: Sequence[Pair]) -> list[float]:
    """Five or six round shares from 0 up to the highest bar."""
    values = [value for pair in pairs for value in (pair.published, pair.measured) if value is not None]
    step = 0.1 if max(values, default=1.0) <= 0.5 else 0.2
    return [
        place * step for place in range(round(1 / step) + 1) if place * step < max(values, default=1.0) + step
    ]


def _write_behind(figure: go.Figure, x: float, y: float, text: str) -> None:
    """A bar's number right of it and of the line of its spread."""
    figure.add_annotation(x=x, y=y, text=text, showarrow=False, xanchor="left", xshift=4, font={"size": 13})


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
        line = fit_line(one.x, one.y) if unit == "seconds" else None
        told = f"<br>{1000 * line.slope:.3g} s per 1,000 images, R² = {line.r2:.3f}" if line else ""
        figure.add_scatter(
            x=list(one.x),
            y=list(one.y),
            name=one.name + told,
            cliponaxis=False,
            mode="markers" if unit == "seconds" else "lines+markers",
            line={"width": 1.5, "color": colour},
            legendgroup=one.name,
            marker={"size": 12, "color": colour, "symbol": run_symbol(place)},
            error_y={"type": "data", "array": list(one.spread), "width": 5} if any(one.spread) else None,
            hovertemplate=f"{one.name}<br>%{{x:,}} images: %{{y:{'.1%' if unit == 'accuracy' else '.4~g'}}}"
            f"{' s' if unit == 'seconds' else ''}<extra></extra>",
        )
        if line:
            ends = [0, max(one.x)]
            figure.add_scatter(
                x=ends,
                y=[line.slope * x + line.start for x in ends],
                mode="lines",
                hoverinfo="skip",
                line={"color": colour, "width": 2, "dash": "dash"},
                legendgroup=one.name,
                showlegend=False,
                name=f"{one.name}{told}",
            )
    subject = "Test accuracy" if unit == "accuracy" else "Training time"
    figure.update_layout(
        title=f"{subject} against training images",
        height=440 if unit == "seconds" else 420,
        margin={"t": 136 if unit == "seconds" else 104},
        legend={"x": 0, "xanchor": "left", "orientation": "v"},
    )
    figure.update_xaxes(title="training images", tickformat=",", rangemode="tozero")
    figure.update_yaxes(
        title="test accuracy" if unit == "accuracy" else "training time (s)",
        tickformat=".2~%" if unit == "accuracy" else None,
        rangemode="normal" if unit == "accuracy" else "tozero",
    )
    return figure


def _text(value: float | None, unit: str, *, published: bool) -> str:
    """A published share with the digits that it was given with, a measured one with one decimal."""
    if value is None:
        return ""
    if unit == "accuracy":
        return words.given_percent(value) if published else words.percent(value)
    return words.duration(value)


def _name(pair: Pair) -> str:
    """The label, and below it what the published number belongs to, where that is something else."""
    says = f"<br><span style='font-size:12px'>published: {pair.report_says}</span>"
    return pair.label + (says if pair.report_says and pair.published is not None else "")
