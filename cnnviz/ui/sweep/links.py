"""The page Sweep: where to go on from the results: Compare, every run's report, the table as a file."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz import words
from cnnviz.studies.sweep.export import csv_text
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.ui import navigation
from cnnviz.ui.compare.view import MOST_RUNS


def links(study: SweepJob, found: dict[str, Any]) -> None:
    """Into Compare with all runs, or with one a setting where they are too many; and all runs as CSV."""
    rows = [row["runs"] for row in found["rows"] if row["runs"]]
    every = [run for of in rows for run in of.values()]
    whole = len(every) <= MOST_RUNS
    seed, *_ = rows[0]
    runs = every if whole or len(rows) == 1 else [next(iter(of.values())) for of in rows]
    with st.container(horizontal=True, vertical_alignment="center", key="sweep_links"):
        st.page_link(
            navigation.page("compare"),
            icon=":material/compare_arrows:",
            width="content",
            label="Open in Compare" + ("" if whole or len(rows) == 1 else f" (seed {seed} of each)"),
            query_params={"runs": ",".join(runs[:MOST_RUNS])},
        )
        st.download_button(
            "CSV",
            data=lambda: csv_text(found),
            file_name=f"{study.id}.csv",
            mime="text/csv",
            icon=":material/download:",
            key="sweep_csv",
            on_click="ignore",
            help="One line a run: settings, seed, accuracy, seconds, parameters.",
        )


def reports(found: dict[str, Any]) -> None:
    """A link to the report of every run, folded."""
    rows = [(row["label"], row["runs"]) for row in found["rows"] if row["runs"]]
    number = sum(len(of) for _, of in rows)
    with st.expander(f"Reports of the {words.plural(number, 'run')}", icon=":material/grading:"):
        for label, of in rows:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(label, width="content")
                for seed, run in of.items():
                    st.page_link(
                        navigation.page("report"),
                        label=f"seed {seed}",
                        query_params={"run": run},
                        help=f"Report of {label}, seed {seed}",
                    )
