"""Parallel coordinates of a search: one line a candidate, through its value of every setting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from cnnviz.figures.search import Trial, best_of
from cnnviz.figures.theme import MUTED, run_colour

#: Half of the room that the labels of an axis take, as a share of the figure's width.
_LABELS = 0.075
#: How far lines through the same choice are spread, as a share of the distance between two choices.
_FAN = 0.5


class Axis(NamedTuple):
    """One setting: its name, its labelled places in 0–1 from below, and every candidate's place.

    `choices`: whether many candidates share a place, so that their lines are fanned out.
    """

    name: str
    ticks: tuple[tuple[float, str], ...]
    places: tuple[float, ...]  # in the order of the trials
    choices: bool = False


def parallel_figure(trials: Sequence[Trial], axes: Sequence[Axis]) -> go.Figure:
    """Every candidate from its first setting to its accuracy, on the right.

    The best is orange and thick, the best third blue, the others grey; given up ones dotted. Lines are
    interrupted where the labels stand.
    """
    figure = go.Figure()
    accuracies = [one.accuracy for one in trials]
    low, high = min(accuracies, default=0.0), max(accuracies, default=1.0)
    reach = (high - low) or 1.0
    ends = [(accuracy - low) / reach if high > low else 0.5 for accuracy in accuracies]
    heights = [_fanned(axis, accuracies) for axis in axes] + [ends]
    gap = min(0.38, _LABELS * len(axes))
    for group, style in _groups(trials):
        if group:
            _lines(figure, trials, heights, group, style, gap)
    middle = ((0.0, f"{low:.1%}"), (1.0, f"{high:.1%}")) if high > low else ((0.5, f"{low:.1%}"),)
    _labels(figure, [*((axis.name, axis.ticks) for axis in axes), ("accuracy", middle)])
    figure.update_layout(
        title="Which settings go with which accuracy",
        height=340,
        margin={"l": 24, "r": 24, "t": 92, "b": 24},
        legend={"y": 1.3, "yanchor": "top"},
    )
    figure.update_xaxes(visible=False, range=[-gap, len(axes) + gap])
    inside = [height for each in heights for height in each]
    figure.update_yaxes(visible=False, range=[min([-0.09, *inside]) - 0.05, max([1.09, *inside]) + 0.05])
    return figure


def _fanned(axis: Axis, accuracies: Sequence[float]) -> list[float]:
    """Heights on one axis; lines of one choice lie side by side, the more accurate above."""
    if not axis.choices:
        return list(axis.places)
    together: dict[float, list[int]] = defaultdict(list)
    for index in sorted(range(len(accuracies)), key=lambda index: accuracies[index]):
        together[axis.places[index]].append(index)
    room = _FAN / max(1, len(axis.ticks) - 1)
    heights = list(axis.places)
    for indices in together.values():
        for place, index in enumerate(indices):
            heights[index] += room * ((place + 1) / (len(indices) + 1) - 0.5)
    return heights


def _groups(trials: Sequence[Trial]) -> list[tuple[list[int], dict[str, Any]]]:
    """Indices of the trials by how well they did, with the style of each group, worst first."""
    best = best_of(trials)
    done = [index for index, one in enumerate(trials) if one.state == "done" and one is not best]
    done.sort(key=lambda index: -trials[index].accuracy)
    upper = done[: max(0, round((len(done) + 1) / 3) - 1)]
    given_up = [index for index, one in enumerate(trials) if one.state == "pruned"]
    champion = [index for index, one in enumerate(trials) if one is best]
    return [
        (given_up, {"name": "given up early", "color": MUTED, "width": 1.2, "dash": "dot"}),
        (done[len(upper) :], {"name": "the others", "color": MUTED, "width": 1.6, "dash": "solid"}),
        (upper, {"name": "best third", "color": run_colour(0), "width": 2.4, "dash": "solid"}),
        (champion, {"name": "best", "color": run_colour(1), "width": 4, "dash": "solid"}),
    ]


def _lines(
    figure: go.Figure,
    trials: Sequence[Trial],
    heights: Sequence[Sequence[float]],
    group: Sequence[int],
    style: dict[str, Any],
    gap: float,
) -> None:
    x: list[float | None] = []
    y: list[float | None] = []
    hover: list[str | None] = []
    for index in group:
        one = trials[index]
        text = f"candidate {one.number}: {one.settings}<br>{one.accuracy:.1%}"
        for axis in range(len(heights) - 1):
            x += [axis + gap, axis + 1 - gap, None]
            y += [heights[axis][index], heights[axis + 1][index], None]
            hover += [text, text, None]
    figure.add_scatter(
        x=x,
        y=y,
        text=hover,
        mode="lines+markers",
        name=style["name"],
        hovertemplate="%{text}<extra></extra>",
        line={"color": style["color"], "width": style["width"], "dash": style["dash"]},
        marker={"size": 4 + style["width"], "color": style["color"]},
    )


def _labels(figure: go.Figure, axes: Sequence[tuple[str, Sequence[tuple[float, str]]]]) -> None:
    for place, (name, ticks) in enumerate(axes):
        figure.add_annotation(
            x=place, y=1.06, yref="paper", yanchor="bottom", text=f"<b>{name}</b>", showarrow=False
        )
        for height, label in ticks:
            figure.add_annotation(x=place, y=height, text=label, showarrow=False, font={"size": 14})
