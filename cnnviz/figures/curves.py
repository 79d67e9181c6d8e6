"""Learning curves: loss and accuracy by epoch or by seconds, of one run or of several.

Training is dotted and validation solid everywhere; one colour a run; a ring marks the best value. A run at
work is drawn in the browser (`ui/train/curves.js`): `epoch_points` and `batch_points` are its numbers. Few
lines are named at their ends, pushed apart where they would overlap, more in a list on the right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeVar

import plotly.graph_objects as go

from cnnviz import words
from cnnviz.figures.theme import MUTED, REMARK, letters, run_colour, run_symbol, titled
from cnnviz.runs import BatchRecord, EpochRecord

Metric = Literal["accuracy", "loss"]
Axis = Literal["epoch", "seconds"]
#: From so many runs on, a legend replaces the labels at the line ends.
MOST_LABELLED = 6
#: A loss that spans more powers of ten is drawn on a logarithmic axis: a huge penalty hides all others.
_MOST_DECADES = 1.7


class Curve(NamedTuple):
    """One run's curves: its journal, `colour` its place in `run_colour`."""

    label: str
    epochs: Sequence[EpochRecord]
    colour: int = 0
    parting: int | None = None  # the epoch after which overfitting begins, if known
    apart: int | None = None  # the first epoch from which on validation stays worse, if known
    loss: str = "cross-entropy"  # what the loss is: with a penalty it is not the same quantity


class Line(NamedTuple):
    """One polyline: x in epochs or seconds, y in the metric's unit (None: a gap)."""

    x: list[float]
    y: list[float | None]


def line_of(epochs: Sequence[EpochRecord], key: str, by: Axis) -> Line:
    """One column of the journal; an epoch without it stays as a gap. Nothing where all lack it."""
    y: list[float | None] = [getattr(epoch, key) for epoch in epochs]
    if all(value is None for value in y):
        return Line([], [])
    return Line([float(epoch.epoch if by == "epoch" else epoch.elapsed) for epoch in epochs], y)


def best_of(line: Line, metric: Metric) -> tuple[float, float] | None:
    """The point with the highest accuracy or the lowest loss; the first of equals."""
    points = [(x, y) for x, y in zip(line.x, line.y, strict=True) if y is not None and math.isfinite(y)]
    if not points:
        return None
    return max(points, key=lambda p: p[1]) if metric == "accuracy" else min(points, key=lambda p: p[1])


def curves_figure(curves: Sequence[Curve], metric: Metric, by: Axis = "epoch") -> go.Figure:
    """Training (dotted) and validation (solid); one colour a run, the best epoch ringed.

    At most six runs are labelled at the ends of their lines; more get a legend. A run without
    validation shows its training curve alone. One run alone also shows where the two part and
    where overfitting begins.
    """
    figure = go.Figure()
    ends: list[End] = []
    direct = len(curves) <= MOST_LABELLED
    ring = {"size": 14, "symbol": "circle-open", "line": {"width": 2}}
    for curve in curves:
        lines = {
            kind: line_of(curve.epochs, key, by)
            for kind, key in (("training", metric), ("validation", f"val_{metric}"))
        }
        for kind, line in lines.items():
            if line.x:
                show = not direct and (kind == "validation" or not lines["validation"].x)
                figure.add_trace(_trace(curve, kind, line, metric, show))
        chosen = lines["validation"] if lines["validation"].x else lines["training"]
        if best := best_of(chosen, metric):
            figure.add_scatter(
                x=[best[0]],
                y=[best[1]],
                mode="markers",
                showlegend=False,
                legendgroup=str(curve.colour),
                marker=ring | {"color": run_colour(curve.colour)},
                hovertemplate=_hover(f"{letters(curve.label)} · best", metric),
                meta={"best": by},
            )
        ends += _ends(curve, lines, alone=len(curves) == 1)
    _set_axes(figure, metric, by, loss_title(curve.loss for curve in curves))
    measured = any(getattr(epoch, f"val_{metric}") is not None for curve in curves for epoch in curve.epochs)
    note = " · solid: validation" if measured else " (no validation images were set aside)"
    figure.update_layout(
        title=titled(metric.capitalize(), f"dotted: training{note} · ring: best"),
        height=HEIGHT,
        margin={"t": 72},
    )
    wide = metric == "loss" and _decades(figure) > _MOST_DECADES
    if wide:
        figure.update_yaxes(type="log", dtick=1, title="loss (nats, each line ten times the last)")
    if direct:
        label_ends(figure, ends, wide)
    else:
        list_right(figure, [curve.label for curve in curves])
    if len(curves) == 1 and by == "epoch":
        [curve] = curves
        if curve.apart:
            _mark(figure, curve.apart, f"apart from epoch {curve.apart}", 0.9)
        if curve.parting:
            _mark(figure, curve.parting, f"overfitting from epoch {curve.parting + 1}", 1)
    return figure


def _decades(figure: go.Figure) -> float:
    """How many powers of ten lie between the lowest and the highest value; 0 where one is not positive."""
    values = [float(y) for trace in figure.data for y in trace.y if y is not None and math.isfinite(y)]
    return math.log10(max(values) / min(values)) if values and min(values) > 0 else 0.0


def _hover(label: str, metric: Metric) -> str:
    value = "%{y:.1%}" if metric == "accuracy" else "%{y:.3g}"
    return f"{label}<br>{metric} {value}<br>%{{xaxis.title.text}} %{{x:.4~g}}<extra></extra>"


def _trace(curve: Curve, kind: str, line: Line, metric: Metric, show_legend: bool) -> go.Scatter:
    solid = kind == "validation"
    return go.Scatter(
        x=line.x,
        y=line.y,
        name=letters(words.shortened(curve.label, _LONGEST)) or kind,
        showlegend=show_legend,
        legendgroup=str(curve.colour),
        mode="lines+markers" if len(line.x) <= 30 else "lines",
        line={"color": run_colour(curve.colour), "width": 2.5, "dash": "solid" if solid else "dot"},
        marker={"size": 6 if solid else 4, "symbol": run_symbol(curve.colour)},
        hovertemplate=_hover(f"{letters(curve.label)} · {kind}" if curve.label else kind, metric),
    )


def _ends(curve: Curve, lines: dict[str, Line], alone: bool) -> list[End]:
    """Where labels go: both lines of a single run, else one label a run, at its validation line."""
    ends: list[End] = []
    for kind in ("validation", "training"):
        points = [(x, y) for x, y in zip(*lines[kind], strict=True) if y is not None]
        if points and (alone or not ends):
            label = kind if alone else letters(words.shortened(curve.label, _LONGEST))
            ends.append((points[-1][0], float(points[-1][1]), label, run_colour(curve.colour)))
    return ends


def loss_title(losses: Iterable[str]) -> str:
    """What an axis of losses is called: `loss (cross-entropy with penalty, nats)`.

    Of runs whose losses are not the same quantity it says so.
    """
    kinds = list(dict.fromkeys(losses)) or ["cross-entropy"]
    return f"loss ({kinds[0]}, nats)" if len(kinds) == 1 else "loss (not the same of all, nats)"


def _set_axes(figure: go.Figure, metric: Metric, by: Axis, loss: str) -> None:
    figure.update_xaxes(title="epoch" if by == "epoch" else "training time (s)", rangemode="tozero")
    if by == "epoch":
        last = max((float(x) for trace in figure.data for x in trace.x), default=1)
        figure.update_xaxes(tickformat="d", dtick=whole_step(last), tick0=0)
    if metric == "accuracy":
        figure.update_yaxes(title="accuracy (share right)", tickformat=".2~%")
    else:
        figure.update_yaxes(title=loss)


def whole_step(last: float, most: int = 10) -> int:
    """A round number of steps between ticks from 0 to `last`, which leaves at most about `most` ticks."""
    steps = (step * power for power in (1, 10, 100, 1000) for step in (1, 2, 5))
    return next((step for step in steps if last <= most * step), 10_000)


def _mark(figure: go.Figure, epoch: int, text: str, height: float) -> None:
    """A dashed upright line at an epoch, and what it means at a share of the figure's height."""
    figure.add_vline(x=epoch, line={"color": MUTED, "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        x=epoch, y=height, yref="paper", yanchor="top", xanchor="left", xshift=4, text=text, **REMARK
    )


#: More points than this are not seen on any screen, and cost time on the way there.
MOST_POINTS = 400
R = TypeVar("R")
Point = list[float | None]


def epoch_points(epochs: Sequence[EpochRecord]) -> list[Point]:
    """Epochs as number, accuracy, validation's accuracy, loss, validation's loss.

    Returns:
        Shares are in percent; what was not measured, or was no finite number, is None.
    """
    return [
        [e.epoch, _percent(e.accuracy), _percent(e.val_accuracy), _loss(e.loss), _loss(e.val_loss)]
        for e in epochs
    ]


def batch_points(batches: Sequence[BatchRecord]) -> list[Point]:
    """Live figures as place (2.5: half of the third epoch), accuracy in percent, loss."""
    return [
        [round(b.epoch - 1 + b.batch / max(b.batches, 1), 4), _percent(b.accuracy), _loss(b.loss)]
        for b in batches
    ]


def thin(records: Sequence[R], most: int = MOST_POINTS) -> list[R]:
    """At most `most` of the records, evenly spread, the last one always among them."""
    if len(records) <= most:
        return list(records)
    step = -(-len(records) // most)
    return list(records[-1::-step])[::-1]


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def _loss(value: float | None) -> float | None:
    return None if value is None else round(value, 5)


#: Height of figures of curves in pixels.
HEIGHT = 360
_LONGEST = 28
_LEGEND_LINE = 21  # pixels

#: Where a line ends (x, y), its label and its colour.
End = tuple[float, float, str, str]


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
    heights = apart_within([y for _, y, _, _ in ordered], apart, high)
    for (_, _, label, colour), height in zip(ordered, heights, strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            y=height,
            text=f'<span style="color:{colour}">●</span> {label}',
            showarrow=False,
            xanchor="left",
            xshift=8,
            font={"size": 14},
        )
    figure.update_layout(margin={"r": 38 + 7 * max(len(end[2]) for end in ends)})


def apart_within(wished: Sequence[float], apart: float, high: float) -> list[float]:
    """Heights of labels: as wished, but at least `apart` from each other, and none above `high`.

    Args:
        wished: heights of the ends of lines, lowest first.
    """
    heights: list[float] = []
    for height in wished:
        heights.append(max(height, heights[-1] + apart) if heights else height)
    ceiling = high
    for place in reversed(range(len(heights))):
        heights[place] = min(heights[place], ceiling)
        ceiling = heights[place] - apart
    return heights


def list_right(figure: go.Figure, labels: Sequence[str]) -> None:
    """A legend beside the lines: below them it would take the height that they need."""
    longest = min(_LONGEST, max(map(len, labels)))
    figure.update_layout(
        legend={"orientation": "v", "x": 1.02, "xanchor": "left", "y": 1, "yanchor": "top"},
        legend_tracegroupgap=0,
        margin={"r": 64 + 7 * longest},
        height=HEIGHT + _LEGEND_LINE * max(0, len(labels) - 10),
    )
