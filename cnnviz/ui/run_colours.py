"""Which colour a run has: the same on every page of a visit, and no two alike among six compared."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnnviz.figures.theme import CATEGORICAL

_KEY = "run_colours"


def colour_of(run_id: str) -> int:
    """The run's place in `theme.run_colour`; given at its first appearance in this visit."""
    return colours_of([run_id])[run_id]


def colours_of(run_ids: Sequence[str]) -> dict[str, int]:
    """Places in `theme.run_colour` for runs shown together.

    A run keeps what it has; new ones get what is least used among those shown, then over the visit.
    Only where two shown together share a colour (more than six runs were looked at) the later changes.
    """
    given: dict[str, int] = st.session_state.setdefault(_KEY, {})
    return assign(run_ids, given, len(CATEGORICAL))


def assign(run_ids: Sequence[str], given: dict[str, int], colours: int) -> dict[str, int]:
    """The rule of `colours_of`; `given` is what runs have so far, and is brought up to date."""
    shown: dict[str, int] = {}
    for run_id in run_ids:
        taken = set(shown.values())
        mine = given.get(run_id)
        if mine is None or (mine in taken and len(taken) < colours):
            others = [given[other] for other in run_ids if other in given and other != run_id]
            everywhere = list(given.values())
            mine = min(range(colours), key=lambda c: (c in taken, others.count(c), everywhere.count(c), c))
        shown[run_id] = given[run_id] = mine
    return shown
