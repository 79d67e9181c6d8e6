"""Figures of a search: how it went, what mattered, and which settings go with which accuracy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, Literal, NamedTuple

import plotly.graph_objects as go

from cnnviz import words
from cnnviz.figures.curves import whole_step
from cnnviz.figures.theme import MUTED, SILENT, run_colour, titled

_BEST, _DONE = run_colour(1), run_colour(0)


class Judged(NamedTuple):
    """What candidates are judged by; `share`: 0–1, written in percent; `less`: whether less is better."""

    noun: str = "accuracy"
    share: bool = True
    less: bool = False

    @property
    def heading(self) -> str:
        """The noun as it begins a title."""
        return self.noun[:1].upper() + self.noun[1:]

    def text(self, score: float | None, spread: float | None = None) -> str:
        """A score for people: `85.0 % ± 7.1`, `0.3 ± 0.071`."""
        if self.share or score is None:
            return words.percent_spread(score, spread)
        return words.significant_spread(score, spread)

    def plus_minus(self, spread: float | None) -> str:
        """A spread alone: ` ± 7.1` points of a share; "" where there is none."""
        if spread is None:
            return ""
        return f" ± {100 * spread:.1f}" if self.share else f" ± {words.significant(spread, 2)}"

    def gain(self, trial: Trial) -> float:
        """A trial's score, its sign so that more is better."""
        return -trial.score if self.less else trial.score


_ACCURACY = Judged()


class Trial(NamedTuple):
    """One candidate. `score`: mean over the folds of what is judged; `settings` says it in one line."""

    number: int
    settings: str
    score: float
    spread: float | None = None  # standard deviation over the folds
    state: Literal["done", "pruned", "running"] = "done"


def history_figure(trials: Sequence[Trial], folds: int, judged: Judged = _ACCURACY) -> go.Figure:
    """Score of every candidate in the order of trying, with its spread, and the best one so far.

    The best is orange and a star, those given up early are open and grey; bars are ± one standard
    deviation over the folds.
    """
    figure = go.Figure()
    done = sorted((trial for trial in trials if trial.state == "done"), key=lambda trial: trial.number)
    best = best_of(done, judged)
    last = max((trial.number for trial in trials), default=1)
    if done:
        _best_so_far(figure, done, last + 0.6, judged)
    others = [trial for trial in done if trial is not best]
    _points(figure, judged, others, "trained to the end", {"color": _DONE, "size": 10, "symbol": "circle"})
    grey = {"color": MUTED, "size": 10, "symbol": "circle-open", "line": {"width": 2}}
    given_up = [trial for trial in trials if trial.state == "pruned"]
    _points(figure, judged, given_up, "given up early", grey)
    if best:
        star = {"color": _BEST, "size": 17, "symbol": "star"}
        _points(figure, judged, [best], "best", star, legend=False)
    figure.update_layout(title=f"{judged.heading} of every candidate", height=320)
    figure.update_xaxes(
        title="candidate", range=[0.4, last + 0.6], dtick=whole_step(last, 16), showgrid=False
    )
    form = ".2~%" if judged.share else None
    figure.update_yaxes(title=f"{judged.noun} (mean of {folds} folds)", tickformat=form)
    return figure


def best_of(trials: Sequence[Trial], judged: Judged = _ACCURACY) -> Trial | None:
    """The best one that was trained to its end; of equals the first."""
    done = (trial for trial in trials if trial.state == "done")
    return max(done, key=lambda trial: (judged.gain(trial), -trial.number), default=None)


def _best_so_far(figure: go.Figure, done: Sequence[Trial], edge: float, judged: Judged) -> None:
    """A line of steps to the right edge of the figure, named there."""
    heights = list(accumulate((trial.score for trial in done), min if judged.less else max))
    figure.add_scatter(
        x=[*(trial.number for trial in done), edge],
        y=[*heights, heights[-1]],
        mode="lines",
        name="best so far",
        line={"color": _BEST, "width": 2, "shape": "hv", "dash": "dot"},
        **SILENT,
    )
    figure.add_annotation(
        x=edge,
        y=heights[-1],
        text="best so far",
        xanchor="right",
        yanchor="bottom",
        showarrow=False,
        font={"size": 13, "color": _BEST},
    )


def _points(
    figure: go.Figure,
    judged: Judged,
    trials: Sequence[Trial],
    name: str,
    marker: dict[str, object],
    *,
    legend: bool = True,
) -> None:
    if not trials:
        return
    deviations = [trial.spread or 0.0 for trial in trials]
    form = ".1%" if judged.share else ".3~g"
    figure.add_scatter(
        x=[trial.number for trial in trials],
        y=[trial.score for trial in trials],
        name=name,
        mode="markers",
        marker=marker,
        showlegend=legend,
        error_y={"array": deviations, "thickness": 1.5, "width": 4, "visible": any(deviations)},
        customdata=[[trial.settings, judged.plus_minus(trial.spread)] for trial in trials],
        hovertemplate=f"candidate %{{x}}: %{{customdata[0]}}<br>%{{y:{form}}}%{{customdata[1]}}"
        "<extra></extra>",
    )


def importance_figure(shares: Mapping[str, float], candidates: int | None = None) -> go.Figure:
    """Share of the differences in accuracy that each setting explains, largest on top.

    Args:
        shares: setting in words → share in 0–1.
        candidates: from how many the shares were estimated; of few they are drawn pale, as a hint.
    """
    ordered = dict(sorted(shares.items(), key=lambda item: item[1]))
    hint = candidates is not None and candidates < hint_below(len(shares))
    # A hint is no number to two digits.
    texts = [
        f"about {100 * round(share, 1):.0f} %" if hint else f"{100 * share:.0f} %"
        for share in ordered.values()
    ]
    figure = go.Figure(
        go.Bar(
            y=list(ordered),
            x=list(ordered.values()),
            orientation="h",
            marker={"color": _DONE, "opacity": 0.55 if hint else 1, "pattern_shape": "/" if hint else ""},
            text=texts,
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text} of the differences<extra></extra>",
        )
    )
    note = "" if candidates is None else f"from {candidates} candidates"
    figure.update_layout(
        title=titled(
            "What may have mattered" if hint else "What mattered",
            note + (": a hint, no finding" if hint else ""),
        ),
        height=320,
        bargap=0.35,
        margin={"t": 72},
    )
    figure.update_xaxes(title="share of the differences", tickformat=".2~%", range=[0, 1.2], dtick=0.25)
    figure.update_yaxes(type="category", showgrid=False, ticksuffix="  ")
    return figure


def hint_below(settings: int) -> int:
    """From so many candidates on, ten a setting, the shares are more than a hint: a rule of thumb."""
    return 10 * settings


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


def parallel_figure(trials: Sequence[Trial], axes: Sequence[Axis], judged: Judged = _ACCURACY) -> go.Figure:
    """Every candidate from its first setting to its score, on the right, the better the higher.

    The best is orange and thick, the best third blue, the others grey; given up ones dotted. Lines are
    interrupted where the labels stand.
    """
    figure = go.Figure()
    gains = [judged.gain(trial) for trial in trials]
    low, high = min(gains, default=0.0), max(gains, default=1.0)
    ends, places = [0.5] * len(trials), [(0.5, low)]
    if high > low:
        ends = [(gain - low) / (high - low) for gain in gains]
        places = [(0.0, low), (1.0, high)]
    ticks = tuple((height, judged.text(-gain if judged.less else gain)) for height, gain in places)
    heights = [_fanned(axis, gains) for axis in axes] + [ends]
    gap = min(0.38, _LABELS * len(axes))
    for name, group, style in _groups(trials, judged):
        if group:
            _lines(figure, judged, name, trials, group, heights, style, gap)
    for place, axis in enumerate((*axes, Axis(judged.noun, ticks, ()))):
        figure.add_annotation(
            x=place, y=1.06, yref="paper", yanchor="bottom", text=f"<b>{axis.name}</b>", showarrow=False
        )
        for height, label in axis.ticks:
            figure.add_annotation(x=place, y=height, text=label, showarrow=False, font={"size": 14})
    figure.update_layout(
        title=f"Which settings go with which {judged.noun}",
        height=340,
        margin={"l": 24, "r": 24, "t": 92, "b": 24},
        legend={"y": 1.3, "yanchor": "top"},
    )
    figure.update_xaxes(visible=False, range=[-gap, len(axes) + gap])
    inside = [height for each in heights for height in each]
    figure.update_yaxes(visible=False, range=[min([-0.09, *inside]) - 0.05, max([1.09, *inside]) + 0.05])
    return figure


def _fanned(axis: Axis, gains: Sequence[float]) -> list[float]:
    """Heights on one axis; lines of one choice lie side by side, the better above."""
    if not axis.choices:
        return list(axis.places)
    together: dict[float, list[int]] = defaultdict(list)
    for index in sorted(range(len(gains)), key=gains.__getitem__):
        together[axis.places[index]].append(index)
    room = _FAN / max(1, len(axis.ticks) - 1)
    heights = list(axis.places)
    for indices in together.values():
        for place, index in enumerate(indices):
            heights[index] += room * ((place + 1) / (len(indices) + 1) - 0.5)
    return heights


def _groups(trials: Sequence[Trial], judged: Judged) -> list[tuple[str, list[int], dict[str, Any]]]:
    """By how well they did, worst first: a name, the indices of the trials, the style of their lines."""
    best = best_of(trials, judged)
    done = [index for index, trial in enumerate(trials) if trial.state == "done" and trial is not best]
    done.sort(key=lambda index: -judged.gain(trials[index]))
    upper = max(0, round((len(done) + 1) / 3) - 1)
    given_up = [index for index, trial in enumerate(trials) if trial.state == "pruned"]
    champion = [index for index, trial in enumerate(trials) if trial is best]
    return [
        ("given up early", given_up, {"color": MUTED, "width": 1.2, "dash": "dot"}),
        ("the others", done[upper:], {"color": MUTED, "width": 1.6, "dash": "solid"}),
        ("best third", done[:upper], {"color": _DONE, "width": 2.4, "dash": "solid"}),
        ("best", champion, {"color": _BEST, "width": 4, "dash": "solid"}),
    ]


def _lines(
    figure: go.Figure,
    judged: Judged,
    name: str,
    trials: Sequence[Trial],
    group: Sequence[int],
    heights: Sequence[Sequence[float]],
    style: dict[str, Any],
    gap: float,
) -> None:
    """One line a trial of the group, interrupted at each axis; heights by axis, then by trial."""
    x: list[float | None] = []
    y: list[float | None] = []
    hover: list[str | None] = []
    for index in group:
        trial = trials[index]
        text = f"candidate {trial.number}: {trial.settings}<br>{judged.text(trial.score)}"
        for axis, (here, there) in enumerate(pairwise(heights)):
            x += [axis + gap, axis + 1 - gap, None]
            y += [here[index], there[index], None]
            hover += [text, text, None]
    figure.add_scatter(
        x=x,
        y=y,
        text=hover,
        mode="lines+markers",
        name=name,
        hovertemplate="%{text}<extra></extra>",
        line=style,
        marker={"size": 4 + style["width"], "color": style["color"]},
    )
