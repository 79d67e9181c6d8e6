"""Figures of several runs: accuracy and time side by side, accuracy against cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnnviz import words
from cnnviz.figures.curves import apart_within
from cnnviz.figures.theme import MUTED, REMARK, SILENT, letters, run_colour, run_symbol, spread, titled

Cost = Literal["seconds", "parameters"]
#: More points than this are numbered, not named.
MOST_NAMED = 6
_COST_HEIGHT, _LONGEST = 360, 22
#: Where numbers stand beside their points, in turn, so that those of near points differ.
_AROUND = ("middle right", "top center", "middle left", "bottom center")
_COSTS = {"seconds": "training time (s)", "parameters": "parameters"}


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
    seeds: int = 1  # with several all numbers are means, and the ends mean ± standard deviation
    short: str = ""  # the label as it fits beside a point


def conditions_figure(scores: Sequence[Score], baseline: float | None = None) -> go.Figure:
    """Time and accuracy by epochs, device and augmentation (A7): one row a run, hatched where augmented.

    Args:
        scores: one a run; rows are ordered by epochs, device and augmentation.
        baseline: accuracy of always saying the most frequent class: a dashed line.
    """
    rows = sorted(scores, key=lambda s: (s.epochs, s.device, s.augmented, s.label))
    names = [f"{letters(s.label)}  <br>{_condition(s)}" for s in rows]
    figure = make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.08, column_widths=[0.55, 0.45])
    style: dict[str, Any] = {
        "color": [run_colour(s.colour) for s in rows],
        "pattern": {"shape": ["/" if s.augmented else "" for s in rows], "fgcolor": "white"},
    }
    figure.add_traces(_accuracies(rows, names, style), 1, 1)
    figure.add_bar(
        y=names,
        x=[s.seconds for s in rows],
        orientation="h",
        marker=style,
        showlegend=False,
        text=[words.duration(s.seconds) for s in rows],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}<br>%{x:.3~g} s<extra></extra>",
        row=1,
        col=2,
    )
    if baseline is not None:
        figure.add_vline(x=baseline, line={"color": MUTED, "dash": "dash", "width": 2}, row=1, col=1)
    figure.update_layout(
        title="Accuracy and time by epochs, device and augmentation", height=130 + 46 * len(rows), bargap=0.3
    )
    figure.update_xaxes(title="test accuracy", tickformat=".2~%", range=[0, 1.05], row=1, col=1)
    longest = max((s.seconds for s in rows), default=1)
    figure.update_xaxes(title="training time (s)", range=[0, 1.2 * longest], row=1, col=2)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, ticksuffix="  ")
    return figure


def accuracy_figure(scores: Sequence[Score], baseline: float | None = None) -> go.Figure:
    """Bars of test accuracy with their 95 % intervals (A12, A14), in the given order."""
    names = [letters(s.label) for s in scores]
    style: dict[str, Any] = {"color": [run_colour(s.colour) for s in scores]}
    figure = go.Figure(_accuracies(scores, names, style))
    mark_baseline(figure, baseline)
    ends = "95 % interval"
    if any(s.seeds > 1 for s in scores):
        ends = "± standard deviation over the seeds;<br>of one seed: 95 % interval"
    figure.update_layout(title="Test accuracy", height=130 + 40 * len(scores), bargap=0.3)
    figure.update_xaxes(title=f"test accuracy (bar ends: {ends})", tickformat=".2~%", range=[0, 1.05])
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, ticksuffix="  ")
    return figure


def cost_figure(scores: Sequence[Score], cost: Cost) -> go.Figure:
    """Accuracy against training time or parameters: up and to the left is better.

    Up to six points are named; more carry their number in the given order, as a table beside them does.
    """
    figure = go.Figure()
    costs = [float(getattr(score, cost)) for score in scores]
    axis, late = _span(costs)
    named = len(scores) <= MOST_NAMED
    for number, (score, value) in enumerate(zip(scores, costs, strict=True), start=1):
        figure.add_scatter(
            x=[value],
            y=[score.accuracy],
            name=letters(score.label),
            showlegend=False,
            cliponaxis=False,
            mode="markers" if named else "markers+text",
            text=[f"  {number}  "],
            textposition=_AROUND[number % len(_AROUND)],
            marker={"size": 13, "color": run_colour(score.colour), "symbol": run_symbol(score.colour)},
            error_y=spread([score.accuracy], [score.low], [score.high]) | {"thickness": 1.5},
            hovertemplate=f"{letters(score.label)}<br>%{{y:.1%}} right, {_ends_words(score)}<br>"
            f"{_COSTS[cost]}: %{{x:,.3~g}}<extra></extra>",
        )
    subject = "time" if cost == "seconds" else "parameters"
    title = titled(f"Accuracy against {subject}", "" if named else "numbers: rows of the table")
    figure.update_layout(title=title, height=_COST_HEIGHT, margin={"t": 52 if named else 72})
    figure.update_xaxes(title=_COSTS[cost], **axis)
    figure.update_yaxes(title="test accuracy", tickformat=".2~%")
    if named:
        _name_points(figure, scores, costs, late, logarithmic=axis.get("type") == "log")
    return figure


def _name_points(
    figure: go.Figure, scores: Sequence[Score], costs: Sequence[float], late: float, *, logarithmic: bool
) -> None:
    """Labels beside the points, left of late ones, pushed apart where they would overlap."""
    if not scores:
        return
    ends = [end for score in scores for end in (score.low, score.high)]
    pad = 0.12 * (max(ends) - min(ends)) or 0.02
    low, high = min(ends) - pad, max(ends) + pad
    apart = (high - low) * 20 / (_COST_HEIGHT - 110)
    figure.update_yaxes(range=[low, high])
    place = math.log10 if logarithmic else float
    points = [
        (score.accuracy, place(value), letters(words.shortened(score.short or score.label, _LONGEST)))
        for score, value in zip(scores, costs, strict=True)
    ]
    points.sort(key=lambda point: point[0])
    for side, direction in (("left", 1), ("right", -1)):
        beside = [point for point in points if (point[1] > place(late)) is (side == "right")]
        heights = apart_within([accuracy for accuracy, _, _ in beside], apart, high)
        for (_, x, label), y in zip(beside, heights, strict=True):
            figure.add_annotation(
                x=x, y=y, text=label, showarrow=False, xanchor=side, xshift=14 * direction, font={"size": 14}
            )


def mark_baseline(figure: go.Figure, baseline: float | None) -> None:
    """A dashed line at the accuracy of always saying the most frequent class, where it is known."""
    if baseline is not None:
        figure.add_vline(x=baseline, line={"color": MUTED, "dash": "dash", "width": 2})
        figure.add_annotation(
            x=baseline, y=1, yref="paper", yanchor="bottom", text="most frequent class", **REMARK
        )


def _ends_words(score: Score) -> str:
    if score.seeds > 1:
        return f"± {50 * (score.high - score.low):.1f} points over {score.seeds} seeds"
    return f"95 % interval {words.percent_range(score.low, score.high)}"


def _accuracies(
    scores: Sequence[Score], names: Sequence[str], marker: dict[str, Any]
) -> list[go.Bar | go.Scatter]:
    accuracies, lows, highs = ([getattr(s, end) for s in scores] for end in ("accuracy", "low", "high"))
    bars, numbers = spread_bars(names, accuracies, lows, highs, marker)
    bars.update(
        customdata=[_ends_words(s) for s in scores],
        hovertemplate="%{y}<br>test accuracy %{x:.1%}, %{customdata}<extra></extra>",
    )
    return [bars, numbers]


def spread_bars(
    rows: Sequence[str] | Sequence[int],
    values: Sequence[float],
    lows: Sequence[float],
    highs: Sequence[float],
    marker: dict[str, Any],
) -> tuple[go.Bar, go.Scatter]:
    """Level bars of shares with lines from `lows` to `highs`, and the numbers right of the lines: there
    they are readable beside hatched bars too.
    """
    bars = go.Bar(
        y=rows,
        x=values,
        orientation="h",
        marker=marker,
        showlegend=False,
        error_x=spread(values, lows, highs) | {"color": MUTED},
    )
    numbers = go.Scatter(
        y=rows,
        x=highs,
        mode="text",
        text=[f"  {words.percent(value)}" for value in values],
        textposition="middle right",
        cliponaxis=False,
        **SILENT,
    )
    return bars, numbers


def _condition(score: Score) -> str:
    augmentation = "augmented" if score.augmented else "not augmented"
    seeds = words.plural(score.seeds, "seed") if score.seeds > 1 else ""
    parts = words.plural(score.epochs, "epoch"), score.device, augmentation, seeds
    return " · ".join(filter(None, parts)) + "  "


def _span(values: Sequence[float]) -> tuple[dict[str, Any], float]:
    """The cost axis, and the value from which on a label stands left of its point.

    Logarithmic where the costs differ tenfold, else linear from 0.
    """
    low, high = min(values, default=1), max(values, default=1)
    if low <= 0 or high < 10 * low:
        reach = 1.15 * max(high, 1e-9)
        return {"range": [0, reach]}, 0.55 * reach
    first, last = math.log10(low) - 0.15, math.log10(high) + 0.15
    decades = range(math.floor(first), math.ceil(last) + 1)
    steps = (1,) if last - first > 3 else (1, 3)
    ticks = [step * 10.0**power for power in decades for step in steps]
    return (
        {"type": "log", "range": [first, last], "tickvals": ticks, "ticktext": [f"{t:,.4g}" for t in ticks]},
        10 ** ((first + last) / 2),
    )
