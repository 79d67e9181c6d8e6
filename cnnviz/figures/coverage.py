"""Which experiments of the reports have been run here: one square an experiment, one row a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from cnnviz.figures.theme import CATEGORICAL, MUTED, SEQUENTIAL

#: How far an experiment has come, from nothing to the whole of it.
STATES = ("", "incomplete", "smoke", "lecture", "full")
_FILL = {
    "": "rgba(138,145,153,0.14)", "incomplete": "rgba(138,145,153,0.45)",
    "smoke": SEQUENTIAL[1][1], "lecture": SEQUENTIAL[2][1], "full": SEQUENTIAL[3][1],
}  # fmt: skip
_NAMES = {
    "": "not run", "incomplete": "begun", "smoke": "smoke", "lecture": "lecture", "full": "as published",
}  # fmt: skip
_SIZE = 25


def coverage_figure(
    ids: Sequence[str], states: Mapping[str, str], titles: Mapping[str, str], chosen: str
) -> go.Figure:
    """Squares to click; darker ones were run at a larger scale; the chosen one is outlined.

    Args:
        ids: like "A7", in the order of the reports.
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
                "symbol": "square", "size": _SIZE, "color": _FILL[state], "opacity": 1, "line": {"width": 0},
            },
            textfont={"size": 12, "color": "#1C2127" if state in ("smoke", "lecture") else
                      "#FFFFFF" if state == "full" else MUTED},
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
