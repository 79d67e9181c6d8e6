"""Coverage: which experiments have been run here, and at which scale; a square each, to click or walk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.reports.library import library
from cnnviz.reports.overview import Line
from cnnviz.reports.recipe import SCALES
from cnnviz.ui.components.tiles import Fill, Tile, squares

#: By the largest scale that was run to its end: in words, and the colour, which a bar repeats.
_STATES = {
    "": ("not run", Fill("light-dark(#EEF0F2, #232A31)", "light-dark(#5B636B, #A7AFB7)")),
    "incomplete": ("begun", Fill("light-dark(#CDD2D7, #4A535C)", "light-dark(#1C2127, #FFFFFF)")),
    "smoke": ("smoke", Fill("light-dark(#BFD9EA, #173A56)", "light-dark(#1C2127, #FFFFFF)", 0.33)),
    "lecture": ("lecture", Fill("light-dark(#7FB2D5, #22679C)", "light-dark(#1C2127, #FFFFFF)", 0.67)),
    "full": ("as published", Fill("light-dark(#1F5F91, #BFD9EA)", "light-dark(#FFFFFF, #1C2127)", 1.0)),
}


def coverage_squares(states: Mapping[str, str], chosen: str, on_pick: Callable[[str], None]) -> None:
    """Show one square an experiment, one row a report.

    Args:
        states: by ID, the largest scale that was run to its end; "incomplete": begun; "": not run.
        on_pick: gets the ID of a clicked one.
    """
    shown = [(recipe, report.heading) for report in library().reports for recipe in report.recipes]
    counts = Counter(states.values())
    squares(
        [
            Tile(recipe.id, hint=f"{recipe.id} {recipe.title}: {_STATES[states[recipe.id]][0]}", group=report)
            for recipe, report in shown
        ],
        [_STATES[states[recipe.id]][1] for recipe, _ in shown],
        key="coverage",
        label=f"Experiments, report by report. {counted(states)}",
        chosen=next((place for place, (recipe, _) in enumerate(shown) if recipe.id == chosen), -1),
        on_pick=lambda place: on_pick(shown[place][0].id),
        legend=(
            f"{sum(counts[scale] for scale in SCALES)} of {len(states)} run here:",
            [
                (f"{counts[key]} {name}", fill)
                for key, (name, fill) in reversed(_STATES.items())
                if counts[key]
            ],
        ),
    )


def counted(states: Mapping[str, str]) -> str:
    """`43 of 60 have been run here: 40 at the scale lecture, 3 at smoke; 1 is begun.`"""
    counts = Counter(states.values())
    parts = [f"{counts[scale]} at {scale}" for scale in reversed(SCALES) if counts[scale]]
    begun = f"; {counts['incomplete']} begun but not finished" if counts["incomplete"] else ""
    text = f"{sum(counts[scale] for scale in SCALES)} of {len(states)} have been run here"
    return text + (f": {', '.join(parts)}" if parts else "") + begun + "."


_TABLE_KEY = "reproduce_all"
_VERDICTS = {"holds": "✓", "does not hold": "✗", "not enough evidence": "?"}
_HEIGHT = 560


def table(lines: Sequence[Line], on_pick: Callable[[str], None]) -> None:
    """One row an experiment; a click on any cell opens it."""

    def row(line: Line) -> dict[str, str]:
        seeds = f", {words.plural(line.seeds, 'seed')}" if line.seeds else ""
        unfinished = " (unfinished)" if line.state == "incomplete" else ""
        verdicts = Counter(line.verdicts)
        return {
            "ID": line.id,
            "Experiment": line.title,
            "Run here": f"{line.scale}{seeds}{unfinished}" if line.state else "not run",
            "Accuracy measured": line.measured,
            "Published": line.published,
            "Claims": "  ".join(
                f"{sign} {verdicts[word]}" for word, sign in _VERDICTS.items() if verdicts[word]
            ),
        }

    def picked() -> None:
        cells = st.session_state[_TABLE_KEY]["selection"]["cells"]
        if cells:
            on_pick(lines[int(cells[0][0])].id)

    st.dataframe(
        pd.DataFrame(map(row, lines)),
        hide_index=True,
        key=_TABLE_KEY,
        height=_HEIGHT,
        on_select=picked,
        selection_mode="single-cell",
        column_config={
            "ID": st.column_config.TextColumn(width=46),
            "Experiment": st.column_config.TextColumn(width=262),
            "Run here": st.column_config.TextColumn(width=128),
            "Accuracy measured": st.column_config.TextColumn(
                width=215,
                help="Of test images, mean ± standard deviation over seeds where there are several.",
            ),
            "Published": st.column_config.TextColumn(width=135),
            "Claims": st.column_config.TextColumn(
                width=76, help="✓ holds, ✗ does not hold, ? not enough evidence; a number where several."
            ),
        },
    )
    st.caption("Click a row to open its experiment. Each scale runs another share of the report's amount.")
