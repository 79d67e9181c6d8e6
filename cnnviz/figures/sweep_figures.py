"""Figures of a sweep: what every setting reached, each seed a dot, the mean with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import plotly.graph_objects as go

from cnnviz import words
from cnnviz.figures.theme import MUTED, SILENT, letters, run_colour, run_symbol, spread, titled

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
    places_x = [setting.place for setting in places]
    width = max(places_x, default=1) - min(places_x, default=0)
    alone = len(groups) == 1
    for number, group in enumerate(groups):
        shift = 0.0 if alone else (number - (len(groups) - 1) / 2) * _APART * (width or 1)
        means = [
            (setting.place + shift, setting.mean) for setting in group.settings if setting.mean is not None
        ]
        if len(means) > 1:
            figure.add_scatter(
                x=[x for x, _ in means],
                y=[mean for _, mean in means],
                mode="lines",
                line={"color": MUTED if alone else run_colour(number), "width": 2, "dash": "dot"},
                **SILENT,
            )
        for place, setting in enumerate(group.settings):
            _draw(figure, setting, shift, place if alone else number, unit, group.name)
    if not alone:
        # A legend: groups cross, so that names at their ends would often lie on each other.
        for number, group in enumerate(groups):
            figure.add_scatter(
                x=[None],
                y=[None],
                mode="markers+lines",
                name=letters(group.name),
                line={"dash": "dot"},
                marker={"size": 9, "color": run_colour(number), "symbol": run_symbol(number)},
            )
        figure.update_layout(legend_title={"text": f"{by}  ", "font": {"size": 14}})
    settings = [setting for group in groups for setting in group.settings]
    reach = _range(settings, unit)
    title = title or _TITLES[unit]
    figure.update_layout(
        title=titled(title, _note(settings, reach)),
        height=HEIGHT if alone else HEIGHT + 40,
        margin={"t": 72},
        legend={"x": 0, "xanchor": "left", "y": -0.28, "yanchor": "top"},
    )
    pad = 0.09 * width or 0.5
    figure.update_xaxes(
        title=what,
        tickmode="array",
        tickvals=places_x,
        ticktext=[letters(setting.text) for setting in places],
        range=[min(places_x, default=0) - pad, max(places_x, default=1) + pad],
    )
    figure.update_yaxes(
        title=(title[:1].lower() + title[1:]) + (" (s)" if unit == "seconds" else ""),
        tickformat=".2~%" if unit == "accuracy" else None,
        range=reach,
    )
    return figure


def _draw(figure: go.Figure, setting: Setting, shift: float, colour: int, unit: Unit, group: str) -> None:
    """A setting's seeds, and their mean with its interval where there are several."""
    if not setting.values:
        return
    x, name = setting.place + shift, letters(" · ".join(filter(None, (setting.text, group))))
    value, mean, low, high = _HOVER[unit], setting.mean, setting.low, setting.high
    figure.add_scatter(
        x=[x] * len(setting.values),
        y=list(setting.values),
        mode="markers",
        showlegend=False,
        cliponaxis=False,
        marker={"size": 9, "color": run_colour(colour), "symbol": run_symbol(colour), "opacity": 0.7},
        customdata=list(setting.seeds),
        hovertemplate=f"{name}<br>seed %{{customdata}}: {value}<extra></extra>",
    )
    if mean is not None and len(setting.values) > 1:
        figure.add_scatter(
            x=[x],
            y=[mean],
            mode="markers",
            showlegend=False,
            marker={"size": 15, "color": run_colour(colour), "symbol": "line-ew-open", "line": {"width": 3}},
            error_y=None if low is None or high is None else spread([mean], [low], [high]) | {"width": 8},
            hovertemplate=f"{name}<br>mean {value}{_interval(setting, unit)}<extra></extra>",
        )


def _interval(setting: Setting, unit: Unit) -> str:
    if setting.low is None or setting.high is None:
        return ""
    if unit == "accuracy":
        return f"<br>95 %: {words.percent_range(setting.low, setting.high)}"
    ends = f"<br>95 %: {words.significant(setting.low)} … {words.significant(setting.high)}"
    return ends + (" s" if unit == "seconds" else "")


def _note(settings: Sequence[Setting], reach: Sequence[float] | None) -> str:
    if not any(len(setting.values) > 1 for setting in settings):
        return "one seed: no interval"
    note = "dot: one seed · bar: mean with its 95 % interval"
    ends = [
        (setting.low, setting.high)
        for setting in settings
        if setting.low is not None and setting.high is not None
    ]
    cut = reach and any(low < reach[0] or high > reach[1] for low, high in ends)
    return note + (", cut at the edge" if cut else "")


def _range(settings: Sequence[Setting], unit: Unit) -> list[float] | None:
    """All dots with some air; intervals too, unless they would squeeze the dots together."""
    dots = [value for setting in settings for value in setting.values]
    if not dots:
        return None
    low, high = min(dots), max(dots)
    span = max(high - low, _LEAST if unit == "accuracy" else 0.5 * abs(high)) or 1.0
    ends = [end for setting in settings for end in (setting.low, setting.high) if end is not None]
    lowest = max(min([low, *ends]), low - _STRETCH * span) - 0.1 * span
    highest = min(max([high, *ends]), high + _STRETCH * span) + 0.1 * span
    if unit == "accuracy":
        return [max(0.0, lowest), min(1.02, highest)]
    return [0.0 if low >= 0 else lowest, highest]
