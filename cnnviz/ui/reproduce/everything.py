"""All experiments in one table: how far each was run here, its headline beside the published, verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from cnnviz.studies.overview import Line

_KEY = "reproduce_all"
_VERDICTS = {"holds": "✓", "does not hold": "✗", "not enough evidence": "?"}
_HEIGHT = 560


def table(lines: Sequence[Line], on_pick: Callable[[str], None]) -> None:
    """One row an experiment; a click on any cell opens it."""
    frame = pd.DataFrame(
        {
            "ID": [line.id for line in lines],
            "Experiment": [line.title for line in lines],
            "Run here": [_state(line) for line in lines],
            "Accuracy measured": [line.measured for line in lines],
            "Published": [line.published for line in lines],
            "Claims": [_claims(line) for line in lines],
        }
    )

    def picked() -> None:
        cells = st.session_state[_KEY]["selection"]["cells"]
        if cells:
            on_pick(lines[int(cells[0][0])].id)

    st.dataframe(
        frame,
        hide_index=True,
        key=_KEY,
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


def _state(line: Line) -> str:
    if not line.state:
        return "not run"
    seeds = f", {line.seeds} seed{'s' if line.seeds > 1 else ''}" if line.seeds else ""
    return f"{line.scale}{seeds}{' (unfinished)' if line.state == 'incomplete' else ''}"


def _claims(line: Line) -> str:
    found = Counter(line.verdicts)
    return "  ".join(f"{_VERDICTS[word]} {found[word]}" for word in _VERDICTS if found[word])
