"""Figures of a sweep: what every setting reached, each seed a dot, the mean with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import plotly.graph_objects as go

from cnnviz import words
from cnnviz.figures.theme import MUTED, run_colour, run_symbol

#: "accuracy": any share in 0–1; "number": whatever has no unit of its own.
Unit = Literal["accuracy", "seconds", "number"]
_TITLES: dict[Unit, str] = {"accuracy": "Test accuracy", "seconds": "Training time", "number": "Value"}
_HOVER: dict[Unit, str] = {"accuracy": "%{y:.1%}", "seconds": "%{y:.3~g} s", "number": "%{y:.3~g}"}
HEIGHT = 340
#: So far, in ranges of the dots, an interval may stretch the axis; a longer one is cut at the edge.
_STRETCH = 1.0
#: Dots nearer than this fill no axis of accuracy.
_LEAST = 0.04
#: Distance between groups at one place, in shares of the axis.
_APART = 0.035


class Setting(NamedTuple):
    """One setting: where it stands, what its seeds gave, the mean's 95 % interval where there is one.

    Accuracies are shares in 0–1, times seconds; `seeds` and `values` go together.
    """

    place: float
    text: str
    seeds: Sequence[int]
    values: Sequence[float]
    mean: float | None = None
    low: float | None = None
    high: float | None = None


class Group(NamedTuple):
    """Settings that are joined by a line: all of a sweep, or those of one value of the second setting."""

    name: str
    settings: Sequence[Setting]


def sweep_figure(
    groups: Sequence[Group], what: str, unit: Unit, places: Sequence[Setting], by: str = "", title: str = ""
) -> go.Figure:
    """Dots for seeds, a ringed mean with its 95 % interval; a line joins the means.

    Args:
        groups: at most six; one colour each. One group alone has a colour a setting, as its curves have.
        what: title of the horizontal axis.
        places: all settings of the axis, for its ticks.
        by: what tells groups apart, in words.
        title: of what is measured; "": test accuracy or training time, by the unit.
    """
    figure = go.Figure()
    width = max((one.place for one in places), default=1) - min((one.place for one in places), default=0)
    alone, step = len(groups) == 1, _APART * (width or 1)
    for place, group in enumerate(groups):
        shift = 0.0 if alone else (place - (len(groups) - 1) / 2) * step
        _line(figure, group, shift, MUTED if alone else run_colour(place))
        for number, one in enumerate(group.settings):
            _setting(figure, one, shift, number if alone else place, unit, group.name)
    if not alone:
        _names(figure, groups, by)
    _style(figure, what, unit, places, groups, width, title or _TITLES[unit])
    return figure


def _line(figure: go.Figure, group: Group, shift: float, colour: str) -> None:
    known = [one for one in group.settings if one.mean is not None]
    if len(known) > 1:
        figure.add_scatter(
            x=[one.place + shift for one in known],
            y=[one.mean for one in known],
            mode="lines",
            line={"color": colour, "width": 2, "dash": "dot"},
            hoverinfo="skip",
            showlegend=False,
        )


def _setting(figure: go.Figure, one: Setting, shift: float, colour: int, unit: Unit, group: str) -> None:
    if not one.values:
        return
    x, name = one.place + shift, " · ".join(filter(None, (one.text, group)))
    value = _HOVER[unit]
    figure.add_scatter(
        x=[x] * len(one.values),
        y=list(one.values),
        mode="markers",
        showlegend=False,
        cliponaxis=False,
        marker={"size": 9, "color": run_colour(colour), "symbol": run_symbol(colour), "opacity": 0.7},
        customdata=list(one.seeds),
        hovertemplate=f"{name}<br>seed %{{customdata}}: {value}<extra></extra>",
    )
    if one.mean is None or len(one.values) < 2:
        return
    known = one.low is not None and one.high is not None
    figure.add_scatter(
        x=[x],
        y=[one.mean],
        mode="markers",
        showlegend=False,
        marker={"size": 15, "color": run_colour(colour), "symbol": "line-ew-open", "line": {"width": 3}},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [(one.high or 0) - one.mean],
            "arrayminus": [one.mean - (one.low or 0)],
            "thickness": 2,
            "width": 8,
        }
        if known
        else None,
        hovertemplate=f"{name}<br>mean {value}{_interval(one, unit)}<extra></extra>",
    )


def _interval(one: Setting, unit: Unit) -> str:
    if one.low is None or one.high is None:
        return ""
    if unit == "accuracy":
        return f"<br>95 %: {words.percent_range(one.low, one.high)}"
    ends = f"<br>95 %: {words.significant(one.low)} … {words.significant(one.high)}"
    return ends + (" s" if unit == "seconds" else "")


def _names(figure: go.Figure, groups: Sequence[Group], by: str) -> None:
    """A legend: groups cross, so that names at their ends would often lie on each other."""
    for place, group in enumerate(groups):
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers+lines",
            name=group.name,
            line={"dash": "dot"},
            marker={"size": 9, "color": run_colour(place), "symbol": run_symbol(place)},
        )
    figure.update_layout(legend={"title": {"text": f"{by}  ", "font": {"size": 14}}})


def _style(
    figure: go.Figure,
    what: str,
    unit: Unit,
    places: Sequence[Setting],
    groups: Sequence[Group],
    width: float,
    title: str,
) -> None:
    reach = _range(groups, unit)
    note = {"text": _note(groups, reach), "font": {"size": 13, "color": MUTED}}
    figure.update_layout(
        title={"text": title, "subtitle": note},
        height=HEIGHT if len(groups) == 1 else HEIGHT + 40,
        margin={"t": 72},
        legend={"x": 0, "xanchor": "left", "y": -0.28, "yanchor": "top"},
    )
    pad = 0.09 * width or 0.5
    first, last = (end(one.place for one in places) for end in (min, max)) if places else (0, 1)
    figure.update_xaxes(
        title=what,
        tickmode="array",
        tickvals=[one.place for one in places],
        ticktext=[one.text for one in places],
        range=[first - pad, last + pad],
    )
    figure.update_yaxes(
        title=(title[:1].lower() + title[1:]) + (" (s)" if unit == "seconds" else ""),
        tickformat=".2~%" if unit == "accuracy" else None,
        range=reach,
    )


def _note(groups: Sequence[Group], reach: Sequence[float] | None) -> str:
    settings = [one for group in groups for one in group.settings]
    if not any(len(one.values) > 1 for one in settings):
        return "one seed: no interval"
    note = "dot: one seed · bar: mean with its 95 % interval"
    ends = [(one.low, one.high) for one in settings if one.low is not None and one.high is not None]
    cut = reach and any(low < reach[0] or high > reach[1] for low, high in ends)
    return note + (", cut at the edge" if cut else "")


def _range(groups: Sequence[Group], unit: Unit) -> list[float] | None:
    """All dots with some air; intervals too, unless they would squeeze the dots together."""
    settings = [one for group in groups for one in group.settings]
    dots = [value for one in settings for value in one.values]
    if not dots:
        return None
    low, high = min(dots), max(dots)
    span = max(high - low, _LEAST if unit == "accuracy" else 0.5 * abs(high)) or 1.0
    ends = [end for one in settings for end in (one.low, one.high) if end is not None]
    lowest = max(min([low, *ends]), low - _STRETCH * span) - 0.1 * span
    highest = min(max([high, *ends]), high + _STRETCH * span) + 0.1 * span
    if unit == "accuracy":
        return [max(0.0, lowest), min(1.02, highest)]
    return [0.0 if low >= 0 else lowest, highest]
