"""Coverage: which experiments have been run here, and at which scale; a square each, to click or walk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from cnnviz.studies.recipe import SCALES, Recipe, recipes, reports

_KEY = "coverage"
_STATES = {
    "": "not run",
    "incomplete": "begun",
    "smoke": "smoke",
    "lecture": "lecture",
    "full": "as published",
}
_squares = st.components.v2.component(
    "cnnviz_coverage",
    css=Path(__file__).with_name("coverage.css").read_text("utf-8"),
    js=Path(__file__).with_name("coverage.js").read_text("utf-8"),
)


def squares(states: Mapping[str, str], chosen: str, on_pick: Callable[[str], None]) -> None:
    """Show one square an experiment, one row a report.

    Args:
        states: by ID, the largest scale that was run to its end; "incomplete": begun; "": not run.
        on_pick: gets the ID of a clicked one.
    """
    rows = [
        {
            "title": f"Report {report.key}: {report.title}",
            "squares": [_square(recipe.id, recipe.title, states[recipe.id]) for recipe in _of(report.key)],
        }
        for report in reports()
    ]
    found = Counter(states.values())
    legend = [
        {"state": state or "none", "text": f"{found[state]} {words}"}
        for state, words in reversed(_STATES.items())
        if found[state]
    ]
    label = f"Experiments of the five reports. {counted(states)}"
    ran = f"{sum(found[scale] for scale in SCALES)} of {len(states)} run here:"
    _squares(
        key=_KEY,
        data={"rows": rows, "chosen": chosen, "label": label, "legend": legend, "ran": ran},
        on_picked_change=lambda: _picked(on_pick),
    )


def _of(report: str) -> list[Recipe]:
    return [recipes().get(name) for name in recipes() if name.startswith(report)]


def _square(name: str, title: str, state: str) -> dict[str, str]:
    said = f"{name} {title}: {_STATES[state]}"
    return {"id": name, "state": state or "none", "title": said}


def _picked(on_pick: Callable[[str], None]) -> None:
    wanted = st.session_state[_KEY]["picked"]
    if wanted in recipes():
        on_pick(str(wanted))


def counted(states: Mapping[str, str]) -> str:
    """`43 of 60 have been run here: 40 at the scale lecture, 3 at smoke; 1 is begun.`"""
    found = Counter(states.values())
    parts = [f"{found[scale]} at {scale}" for scale in reversed(SCALES) if found[scale]]
    begun = found["incomplete"]
    text = f"{sum(found[scale] for scale in SCALES)} of {len(states)} have been run here"
    text += f": {', '.join(parts)}" if parts else ""
    return text + (f"; {begun} begun but not finished." if begun else ".")
