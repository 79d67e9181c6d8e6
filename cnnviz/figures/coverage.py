"""Which experiments of the reports have been run here: one square an experiment, one row a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from cnnviz.figures.theme import CATEGORICAL, MUTED, SEQUENTIAL, SEQUENTIAL_DARK

#: How far an experiment has come, from nothing to the whole of it.
STATES = ("", "incomplete", "smoke", "lecture", "full")
_GREY = {"": "rgba(138,145,153,0.14)", "incomplete": "rgba(138,145,153,0.45)"}
#: Further from the page's own colour: a larger scale.
_FILL = {
    False: {**_GREY, "smoke": SEQUENTIAL[1][1], "lecture": SEQUENTIAL[2][1], "full": SEQUENTIAL[3][1]},
    True: {
        **_GREY,
        "smoke": SEQUENTIAL_DARK[1][1],
        "lecture": SEQUENTIAL_DARK[4][1],
        "full": SEQUENTIAL[1][1],
    },
}
_DARK_TEXT, _LIGHT_TEXT = "#1C2127", "#FFFFFF"
_TEXT = {
    False: {"smoke": _DARK_TEXT, "lecture": _DARK_TEXT, "full": _LIGHT_TEXT},
    True: {"smoke": _LIGHT_TEXT, "lecture": _LIGHT_TEXT, "full": _DARK_TEXT},
}
_NAMES = {
    "": "not run", "incomplete": "begun", "smoke": "smoke", "lecture": "lecture", "full": "as published",
}  # fmt: skip
_SIZE = 25


def coverage_figure(
    ids: Sequence[str],
    states: Mapping[str, str],
    titles: Mapping[str, str],
    chosen: str,
    *,
    dark: bool = False,
) -> go.Figure:
    """Squares to click; stronger ones were run at a larger scale; the chosen one is outlined.

    Args:
        ids: like "A7", in the order of the reports.
        dark: for the dark theme, whose empty squares are dark.
        states: one of STATES for each id; the largest scale that was run to its end.
    """
    reports = sorted({name[0] for name in ids})
    figure = go.Figure()
    for state in STATES:
        mine = [name for name in ids if states.get(name, "") == state]
        figure.add_scatter(
            x=[int(name[1:]) for name in mine], y=[name[0] for name in mine], name=_NAMES[state],
            mode="markers+text", text=[name[1:] for name in mine], customdata=[[name] for name in mine],
            marker={
                "symbol": "square", "size": _SIZE, "color": _FILL[dark][state], "opacity": 1,
                "line": {"width": 0},
            },
            textfont={"size": 12, "color": _TEXT[dark].get(state, MUTED)},
            hovertext=[f"{name} {titles[name]}: {_NAMES[state]}" for name in mine], hoverinfo="text",
            showlegend=bool(mine), selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
        )  # fmt: skip
    half = _SIZE / 2 + 1
    figure.add_shape(
        type="rect", xsizemode="pixel", ysizemode="pixel", xanchor=int(chosen[1:]), yanchor=chosen[0],
        x0=-half, x1=half, y0=-half, y1=half, line={"color": CATEGORICAL[1], "width": 3},
    )  # fmt: skip
    figure.update_layout(
        margin={"l": 28, "r": 8, "t": 40, "b": 8}, height=44 + 38 * len(reports), clickmode="event+select",
        dragmode=False,
    )  # fmt: skip
    figure.update_xaxes(visible=False, range=[0.4, max(int(name[1:]) for name in ids) + 0.6], fixedrange=True)
    figure.update_yaxes(categoryorder="array", categoryarray=reports[::-1], showgrid=False, fixedrange=True)
    return figure
