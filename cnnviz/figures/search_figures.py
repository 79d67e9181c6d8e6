"""Figures of a search: how it went, what mattered, and which settings go with which accuracy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import plotly.graph_objects as go

from cnnviz import words
from cnnviz.figures.theme import MUTED, run_colour

_BEST, _DONE = run_colour(1), run_colour(0)


class Trial(NamedTuple):
    """One candidate. Accuracies are means over the folds, in 0–1; `settings` says it in one line."""

    number: int
    settings: str
    accuracy: float
    spread: float | None = None  # standard deviation over the folds
    state: Literal["done", "pruned", "running"] = "done"


def history_figure(trials: Sequence[Trial], folds: int) -> go.Figure:
    """Accuracy of every candidate in the order of trying, with its spread, and the best one so far.

    The best is orange and a star, those given up early are open and grey; bars are ± one standard
    deviation over the folds.
    """
    figure = go.Figure()
    done = sorted((one for one in trials if one.state == "done"), key=lambda one: one.number)
    best = best_of(done)
    last = max((one.number for one in trials), default=1)
    _best_so_far(figure, done, last + 0.6)
    others = [one for one in done if one is not best]
    _points(figure, others, "trained to the end", {"color": _DONE, "size": 10, "symbol": "circle"})
    open_ones = [one for one in trials if one.state == "pruned"]
    grey = {"color": MUTED, "size": 10, "symbol": "circle-open", "line": {"width": 2}}
    _points(figure, open_ones, "given up early", grey)
    if best:
        _points(figure, [best], "best", {"color": _BEST, "size": 17, "symbol": "star"}, legend=False)
    figure.update_layout(title="Accuracy of every candidate", height=320)
    figure.update_xaxes(title="candidate", range=[0.4, last + 0.6], dtick=_step(last), showgrid=False)
    figure.update_yaxes(title=f"accuracy (mean of {folds} folds)", tickformat=".2~%")
    return figure


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The most accurate one that was trained to its end; of equals the first."""
    done = [one for one in trials if one.state == "done"]
    return max(done, key=lambda one: (one.accuracy, -one.number), default=None)


def _best_so_far(figure: go.Figure, done: Sequence[Trial], edge: float) -> None:
    """A line of steps to the right edge of the figure, named there."""
    if not done:
        return
    heights: list[float] = []
    for one in done:
        heights.append(max([one.accuracy, *heights[-1:]]))
    places = [*(one.number for one in done), edge]
    figure.add_scatter(
        x=places,
        y=[*heights, *heights[-1:]],
        mode="lines",
        name="best so far",
        showlegend=False,
        line={"color": _BEST, "width": 2, "shape": "hv", "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_annotation(
        x=edge,
        y=heights[-1],
        text="best so far",
        showarrow=False,
        xanchor="right",
        yanchor="bottom",
        font={"size": 13, "color": _BEST},
    )


def _points(
    figure: go.Figure, trials: Sequence[Trial], name: str, marker: dict[str, object], *, legend: bool = True
) -> None:
    if not trials:
        return
    spreads = [one.spread or 0.0 for one in trials]
    figure.add_scatter(
        x=[one.number for one in trials],
        y=[one.accuracy for one in trials],
        name=name,
        mode="markers",
        marker=marker,
        showlegend=legend,
        error_y={"array": spreads, "thickness": 1.5, "width": 4, "visible": any(spreads)},
        customdata=[[one.settings, _spread(one)] for one in trials],
        hovertemplate="candidate %{x}: %{customdata[0]}<br>%{y:.1%}%{customdata[1]}<extra></extra>",
    )


def _spread(one: Trial) -> str:
    return "" if one.spread is None else f" ± {100 * one.spread:.1f}"


def _step(last: int) -> int:
    return next((step for step in (1, 2, 5, 10, 20, 50) if last / step <= 16), 100)


def importance_figure(shares: Mapping[str, float], candidates: int | None = None) -> go.Figure:
    """Share of the differences in accuracy that each setting explains, largest on top.

    Args:
        shares: setting in words → share in 0–1.
        candidates: from how many the shares were estimated; of few they are drawn pale, as a hint.
    """
    ordered = sorted(shares.items(), key=lambda item: item[1])
    hint = candidates is not None and candidates < hint_below(len(shares))
    figure = go.Figure(
        go.Bar(
            y=[name for name, _ in ordered],
            x=[share for _, share in ordered],
            orientation="h",
            marker={"color": _DONE, "opacity": 0.55 if hint else 1, "pattern_shape": "/" if hint else ""},
            text=[f"{'about ' if hint else ''}{100 * _rounded(share, hint):.0f} %" for _, share in ordered],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text} of the differences<extra></extra>",
        )
    )
    title: dict[str, object] = {"text": "What may have mattered" if hint else "What mattered"}
    if candidates is not None:
        note = f"from {candidates} candidates" + (": a hint, no finding" if hint else "")
        title["subtitle"] = {"text": note, "font": {"size": 13, "color": MUTED}}
    figure.update_layout(title=title, height=320, bargap=0.35, margin={"t": 72})
    figure.update_xaxes(title="share of the differences", tickformat=".2~%", range=[0, 1.2], dtick=0.25)
    figure.update_yaxes(type="category", showgrid=False, ticksuffix="  ")
    return figure


def hint_below(settings: int) -> int:
    """From so many candidates on, ten a setting, the shares are more than a hint: a rule of thumb."""
    return 10 * settings


def _rounded(share: float, hint: bool) -> float:
    """A hint is no number to two digits: to tenths."""
    return round(share, 1) if hint else share


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
    middle = (
        ((0.0, words.percent(low)), (1.0, words.percent(high)))
        if high > low
        else ((0.5, words.percent(low)),)
    )
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
        text = f"candidate {one.number}: {one.settings}<br>{words.percent(one.accuracy)}"
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
