"""Compare page, second part: conditions (A7), accuracies, classes side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.errors import RunError
from cnnviz.figures.comparison_figures import accuracy_figure, conditions_figure
from cnnviz.figures.report_figures import SCORE_TITLES, ClassScores, ScoreName, per_class_figure
from cnnviz.runs import RunSummary
from cnnviz.ui import show
from cnnviz.ui.compare import pair, weights
from cnnviz.ui.compare.entries import Entry, score_of
from cnnviz.ui.report import view
from cnnviz.ui.run_labels import colours_of, titles

PART_KEY, WEIGHTS = "part", "Weights and biases"


def render(runs: list[RunSummary], entries: list[Entry]) -> None:
    """The parts below the pictures; only the open one is computed, and the link says which (`?part=`)."""
    sections: dict[str, Callable[[], None]] = {
        "Two runs, image by image": lambda: pair.render(runs),
        "Time and accuracy": lambda: _conditions(entries),
        "Accuracy": lambda: _accuracies(entries),
        "Per class": lambda: _classes(runs),
        WEIGHTS: lambda: weights.render(runs),
    }
    tabs = st.tabs(list(sections), key=PART_KEY, on_change="rerun", bind="query-params")
    for tab, section in zip(tabs, sections.values(), strict=True):
        with tab:
            if tab.open:
                with show.guard():
                    section()


def _baseline(entries: list[Entry]) -> float | None:
    """The baseline that all share, if they share one."""
    found = {run.figures.baseline_accuracy for entry in entries for run in entry.runs}
    return found.pop() if len(found) == 1 else None


def _conditions(entries: list[Entry]) -> None:
    found = [score_of(entry) for entry in entries]
    show.figure(
        conditions_figure(found, _baseline(entries)),
        key="compare_conditions",
        alt="Test accuracy and training time by epochs, device and augmentation: "
        + "; ".join(f"{s.label} {words.percent(s.accuracy)} in {words.duration(s.seconds)}" for s in found),
    )
    st.caption(
        "Hatched: trained with augmentation. Dashed: the most frequent class. Bars end in the 95 % interval "
        "from the test images, of repeats in ± the standard deviation over their seeds."
    )


def _accuracies(entries: list[Entry]) -> None:
    found = [score_of(entry) for entry in entries]
    show.figure(
        accuracy_figure(found, _baseline(entries)),
        key="compare_accuracies",
        alt="Test accuracy: " + ", ".join(f"{s.label} {words.percent(s.accuracy)}" for s in found),
    )


def _classes(runs: list[RunSummary]) -> None:
    names, colours = titles(runs), colours_of([run.id for run in runs])
    results = {run.id: view.evaluation(run, "test") for run in runs}
    if len({result.class_names for result in results.values()}) > 1:
        raise RunError("These runs tell different classes apart. Choose runs on one data set.")
    score = st.segmented_control(
        "Score",
        list(SCORE_TITLES),
        key="compare_score",
        default="f1",
        required=True,
        persist_state="session",
        format_func=SCORE_TITLES.__getitem__,
        label_visibility="collapsed",
    )
    entries = [ClassScores(names[run.id], results[run.id].report, colours[run.id]) for run in runs]
    show.figure(
        per_class_figure(entries, cast(ScoreName, score or "f1")),
        key="compare_classes",
        alt=f"{SCORE_TITLES[score or 'f1']} of every class, one symbol a run.",
    )
    rows = [(*entry.report.per_class, entry.report.macro) for entry in entries]
    data: dict[str, list[object]] = {"Class": [row.name for row in rows[0]]}
    for kind, title in SCORE_TITLES.items():
        for entry, scored in zip(entries, rows, strict=True):
            data[f"{title} · {entry.label}"] = [100 * getattr(row, kind) for row in scored]
    formats = {name: st.column_config.NumberColumn(format="%.1f %%") for name in data if name != "Class"}
    with st.expander("Precision, recall and F1 of every run as a table"):
        st.dataframe(pd.DataFrame(data), hide_index=True, column_config=formats, key="compare_class_table")
