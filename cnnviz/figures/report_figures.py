"""Figures of one run's report: probabilities of an image, calibration, scores by class, a cell by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import plotly.graph_objects as go

from cnnviz import words
from cnnviz.evaluation import Calibration, CellEpoch, Report
from cnnviz.figures.theme import CORRECT, MUTED, REMARK, SILENT, WRONG, letters, run_colour, run_symbol

ScoreName = Literal["precision", "recall", "f1"]
#: Up to so many classes all probabilities are shown; of more, the highest.
MOST_BARS = 12
SCORE_TITLES = {"precision": "Precision", "recall": "Recall", "f1": "F1"}


class ClassScores(NamedTuple):
    """One run's report, with its label and its place in `run_colour`."""

    label: str
    report: Report
    colour: int = 0


def shown_classes(probabilities: np.ndarray, true: int | None, most: int = MOST_BARS) -> list[int]:
    """Those of C probabilities (C,) whose bars are shown: all, or the highest and the true class's."""
    classes = len(probabilities)
    if classes <= most:
        return list(range(classes))
    highest = [int(i) for i in np.argsort(-probabilities, kind="stable")[:most]]
    if true is not None and true not in highest:
        highest[-1] = true
    return highest


def probability_figure(
    probabilities: np.ndarray, class_names: Sequence[str], true: int | None = None, height: int | None = None
) -> go.Figure:
    """Bars of what the network says about one image; the true and the predicted class are named.

    Args:
        probabilities: float, shape (C,).
        class_names: C names.
        true: the true class; None for an image of one's own.
        height: pixels; None: by the number of bars.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    predicted = int(values.argmax())
    order = shown_classes(values, true)
    answer = letters(class_names[predicted])
    if true is None:
        names, colours = {predicted: f"<b>{answer}</b>"}, {predicted: run_colour(0)}
    elif true == predicted:
        names, colours = {true: f"<b>{answer} ✓</b>"}, {true: CORRECT}
    else:
        names = {true: f"<b>{letters(class_names[true])} (true)</b>", predicted: f"<b>{answer} (said)</b>"}
        colours = {true: CORRECT, predicted: WRONG}
    figure = go.Figure(
        go.Bar(
            y=[names.get(i, letters(class_names[i])) for i in order],
            x=values[order],
            orientation="h",
            marker={"color": [colours.get(i, MUTED) for i in order]},
            text=[words.percent(values[i]) for i in order],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.2%}<extra></extra>",
        )
    )
    some = f": {len(order)} of {len(values)} classes" if len(order) < len(values) else ""
    figure.update_layout(
        title=f"Probabilities{some}",
        height=height or 44 + 20 * len(order),
        bargap=0.2,
        margin={"t": 34, "b": 8, "r": 60},
    )
    # Every bar carries its number: an axis below would say nothing more.
    figure.update_xaxes(range=[0, 1], tickvals=[0, 0.5, 1], showticklabels=False)
    # "category": classes named "0" … "9" are names, not places on a scale.
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, ticksuffix=" ")
    return figure


def calibration_figure(calibration: Calibration, colour: int = 0, height: int = 380) -> go.Figure:
    """Share right against confidence, bin by bin; dashed: where a network is as sure as it is right."""
    bins = [bin for bin in calibration.bins if bin.images]
    figure = go.Figure()
    figure.add_bar(
        x=[(bin.low + bin.high) / 2 for bin in bins],
        y=[bin.accuracy for bin in bins],
        width=[(bin.high - bin.low) * 0.92 for bin in bins],
        marker={"color": run_colour(colour)},
        customdata=[[bin.confidence, bin.images] for bin in bins],
        showlegend=False,
        hovertemplate="mean confidence %{customdata[0]:.1%}<br>right %{y:.1%}<br>%{customdata[1]:,} images"
        "<extra></extra>",
    )
    dashed = {"color": MUTED, "dash": "dash", "width": 2}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=dashed, **SILENT)
    figure.add_annotation(x=0.03, y=0.97, text="dashed: as sure as right", xanchor="left", **REMARK)
    figure.update_layout(title="Is it as right as it is sure?", height=height)
    figure.update_xaxes(title="confidence (highest probability)", tickformat=".2~%", range=[0, 1])
    figure.update_yaxes(title="share right", tickformat=".2~%", range=[0, 1.02])
    return figure


def per_class_figure(runs: Sequence[ClassScores], score: ScoreName) -> go.Figure:
    """One score of every class, one symbol and colour a run, in the fixed order of the classes."""
    names = [letters(row.name) for row in runs[0].report.per_class] if runs else []
    figure = go.Figure()
    for run in runs:
        values = [getattr(row, score) for row in run.report.per_class]
        figure.add_scatter(
            x=values,
            y=list(range(len(values))),
            mode="markers",
            name=letters(run.label),
            marker={"size": 12, "color": run_colour(run.colour), "symbol": run_symbol(run.colour)},
            customdata=[[name] for name in names],
            hovertemplate=f"%{{customdata[0]}}: %{{x:.1%}}<extra>{letters(run.label)}</extra>",
        )
    for place in range(len(names)):
        ends = [getattr(run.report.per_class[place], score) for run in runs]
        figure.add_shape(
            type="line",
            x0=min(ends),
            x1=max(ends),
            y0=place,
            y1=place,
            layer="below",
            line={"color": MUTED, "width": 2},
        )
    height = 130 + (26 if len(names) <= 20 else 16) * len(names)
    figure.update_layout(
        # From the top in pixels: in a tall figure shares of its height would lie far apart.
        title={"text": f"{SCORE_TITLES[score]} by class", "y": 1 - 10 / height},
        height=height,
        margin={"t": 76},
        showlegend=len(runs) > 1,
        legend={"x": 0, "xanchor": "left", "yref": "container", "y": 1 - 40 / height, "yanchor": "top"},
    )
    figure.update_xaxes(title=SCORE_TITLES[score], tickformat=".2~%", range=[-0.02, 1.02])
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.5, -0.5], title="class"
    )
    return figure


#: Of a cell through the epochs, in pixels.
HEIGHT = 300


def cell_history_figure(
    recognised: Sequence[CellEpoch], taken: Sequence[CellEpoch] | None, names: tuple[str, str], epoch: int
) -> go.Figure:
    """How large a share of a class was recognised, and taken for another one, epoch by epoch.

    Args:
        recognised: the cell on the diagonal, by epoch.
        taken: the cell of the mistake, by the same epochs; None where the diagonal itself is chosen.
        names: the true class, and what it is taken for.
        epoch: the epoch that is looked at: marked by a line.
    """
    true, other = map(letters, names)
    figure = go.Figure()
    lines = [(recognised, f"{true}, recognised", CORRECT, "solid")]
    if taken is not None:
        lines.append((taken, f"taken for {other}", WRONG, "dash"))
    for cells, name, colour, dash in lines:
        figure.add_scatter(
            x=[cell.epoch for cell in cells],
            y=[cell.share for cell in cells],
            name=name,
            mode="lines+markers",
            cliponaxis=False,
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"size": 8, "color": colour},
            customdata=[[cell.images, cell.support] for cell in cells],
            hovertemplate="epoch %{x}: %{y:.1%}<br>%{customdata[0]:,} of %{customdata[1]:,} images"
            f"<extra>{name}</extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    figure.add_vline(x=epoch, line={"color": MUTED, "width": 2, "dash": "dot"})
    figure.update_layout(
        title=f"{true}, epoch by epoch",
        height=HEIGHT,
        margin={"t": 76},
        clickmode="event+select",
        legend={"x": 0, "xanchor": "left"},
        showlegend=True,
    )
    last = max((record.epoch for record in recognised), default=1)
    figure.update_xaxes(
        title="epoch (0: untrained)",
        range=[-0.02 * last, 1.02 * last],
        dtick=1 if last <= 12 else None,
        tickformat="d",
    )
    figure.update_yaxes(title=f"share of {true}", tickformat=".2~%", range=[-0.02, 1.02])
    return figure
