"""Home, third part: the newest runs with their results; each is a link.

Links and plain text in place of a data grid: the first page must not wait for one.
"""

from __future__ import annotations

import html
import re

import streamlit as st

from cnnviz import words
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, navigation, show
from cnnviz.ui.titles import dataset_title, network_title, run_title

_LAST = 8
_TITLE = '<h2 class="cnnviz-part">Last runs</h2>'
_HEAD = ("Test accuracy", "Training time", "Data set", "Network", "Begun")


def last_runs() -> None:
    """The newest runs; a run leads to its report, or to its training while it lasts."""
    newest = [run for run in cache.run_list() if not run.damaged and not run.fold][:_LAST]
    if not newest:
        st.html(_TITLE)
        show.empty("No run yet.", "The first one takes a few seconds: press “Train your first network”.")
        return
    with st.container(key="home_runs", gap=None):
        st.html(f'<div class="cnnviz-run head">{_TITLE}{_cells(_HEAD)}</div>')
        for run in newest:
            st.page_link(
                navigation.page("report" if run.report else "train"),
                label=_plain(run_title(run)),
                query_params={"run": run.id},
            )
            st.html(f'<div class="cnnviz-run">{_cells(facts(run))}</div>')


def facts(run: RunSummary) -> tuple[str, ...]:
    """What stands beside the title: test accuracy (or the state without one), time, and what was trained."""
    report = run.report or {}
    accuracy = report.get("test_accuracy")
    return (
        run.state if accuracy is None else words.percent(accuracy),
        words.duration(report.get("fit_seconds")),
        dataset_title(run.dataset),
        network_title(run.architecture),
        words.ago(run.created),
    )


def _cells(texts: tuple[str, ...]) -> str:
    safe = [html.escape(text, quote=True) for text in texts]
    return "".join(f'<span title="{text}">{text}</span>' for text in safe)


def _plain(text: str) -> str:
    """Text as a label that shows it letter by letter: names are no Markdown."""
    return re.sub(r"([\\`*_\[\]$:~<>])", r"\\\1", text)
