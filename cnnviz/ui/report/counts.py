"""Report page: what follows from the matrix alone: scores class by class, the pairs most confused."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.evaluation import EpochEvaluation, most_confused, most_confused_pairs
from cnnviz.runs import RunSummary
from cnnviz.ui.report.choice import Result, choose_cell


def _share(label: str, help_text: str) -> Any:
    return st.column_config.ProgressColumn(
        label, help=help_text, min_value=0, max_value=100, format="%.1f %%", color="primary"
    )


def classes(run: RunSummary, result: Result) -> None:
    """Precision, recall and F1 of every class, and their two means."""
    rows = (*result.report.per_class, result.report.macro, result.report.weighted)
    table = pd.DataFrame(
        {
            "class": [row.name for row in rows],
            "precision": [100 * row.precision for row in rows],
            "recall": [100 * row.recall for row in rows],
            "f1": [100 * row.f1 for row in rows],
            "images": [row.support for row in rows],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        key="report_classes",
        height=38 * min(len(rows) + 1, 21),
        column_config={
            "class": st.column_config.TextColumn(
                "Class", help="The macro mean counts every class alike, the weighted mean every image alike."
            ),
            "precision": _share("Precision", "Of the images taken for this class, how many belong to it."),
            "recall": _share("Recall", "Of the images of this class, how many were recognised."),
            "f1": _share("F1", "Harmonic mean of precision and recall."),
            "images": st.column_config.NumberColumn("Images", format="localized"),
        },
    )


def pairs(run: RunSummary, result: Result) -> None:
    """The most frequent mistakes; a row opens its cell."""
    found = most_confused(result.matrix, result.class_names, k=20)
    if not found:
        st.success("No image is taken for another class.", icon=":material/check:")
        return
    both = most_confused_pairs(result.matrix, result.class_names, k=3)
    named = " · ".join(
        f"**{p.names[0]}–{p.names[1]}** {p.images:,} ({words.percent(p.share)} of the two)" for p in both
    )
    st.markdown(f"Both ways together: {named}")
    table = pd.DataFrame(
        {
            "true": [p.true_name for p in found],
            "predicted": [p.predicted_name for p in found],
            "images": [p.images for p in found],
            "share": [100 * p.share for p in found],
        }
    )
    what = f"epoch{result.epoch}" if isinstance(result, EpochEvaluation) else result.split
    key = f"report_pairs_{run.id}_{what}"

    def picked() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows:
            one = found[rows[0]]
            choose_cell(result.class_names, one.true, one.predicted)

    st.dataframe(
        table,
        hide_index=True,
        key=key,
        on_select=picked,
        selection_mode="single-row",
        height=38 * min(len(found) + 1, 11),
        column_config={
            "true": "True class",
            "predicted": "Taken for",
            "images": st.column_config.NumberColumn("Images", format="localized"),
            "share": _share("Share of the true class", "Of the images of the true class, how many."),
        },
    )
    st.caption("Select a row to open its cell above.")
