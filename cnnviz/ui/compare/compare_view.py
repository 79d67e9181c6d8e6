"""Compare page: which runs, whether repeats stand together, and the parts below the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.errors import RunError
from cnnviz.evaluation import trouble_of
from cnnviz.figures.comparison_figures import accuracy_figure, conditions_figure
from cnnviz.figures.report_figures import SCORE_TITLES, ClassScores, ScoreName, per_class_figure
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, linked, run_labels, show, take_home
from cnnviz.ui.compare import compare_figures, compare_pair
from cnnviz.ui.compare.compare_entries import Entry, entries_of, repeated, score_of
from cnnviz.ui.report import report_view
from cnnviz.ui.run_labels import colours_of, run_lines, titles

RUNS_KEY = "runs"
#: More curves than this nobody can tell apart.
MOST_RUNS = 12
_KERNELS, _TOGETHER = "3×3 beside 5×5", "compare_together"
#: Many runs are listed in two lines that scroll: the figures stay on the first screen.
_STYLE = """<style>
.st-key-runs_several [role="group"]:has(> [data-testid="stMultiSelectTagsContainer"]) { max-height: 4.9rem; }
</style>"""
#: So many letters of a title stand in the list of runs: two or three runs then share a line.
_MOST_LETTERS = 32
#: How many of the newest runs are searched for a pair of kernel sizes.
_SEARCHED = 300
#: Without these of its figures a run can't be compared.
_NEEDED = ("test_accuracy", "n_test", "fit_seconds", "params", "epochs")


def pick() -> list[RunSummary]:
    """Let the visitor choose runs that have a report; the choice stands in the link (`?runs=a,b`)."""
    finished = {
        run.id: run
        for run in cache.run_list()
        if not run.fold and None not in [getattr(run.figures, needed) for needed in _NEEDED]
    }
    unknown = linked.lost(RUNS_KEY, finished)
    if not finished:
        show.header("Compare", "What made the difference?")
        show.empty("No finished run yet.", "Train two networks; they can be compared here.", page="train")
        return []
    title, switch, shortcut = st.columns([1.9, 0.85, 0.75], vertical_alignment="center")
    with title:
        show.header("Compare", "What made the difference?")
    with shortcut:
        st.button(
            _KERNELS,
            on_click=_choose_kernels,
            key="compare_kernels",
            width="stretch",
            help="The newest two runs that differ in nothing but the kernel size, 3 and 5.",
        )
    lines = run_lines(finished.values(), results=True, most=_MOST_LETTERS)
    newest = next(iter(finished.values()))
    st.html(_STYLE)
    chosen = linked.several(
        "Runs",
        list(finished),
        key=RUNS_KEY,
        names=lines.__getitem__,
        default=[run.id for run in finished.values() if run.dataset == newest.dataset][:2],
        most=MOST_RUNS,
        placeholder="Choose runs to compare",
    )
    for run_id in unknown:
        show.problem(f"There is no finished run '{run_id}'. It may have been deleted.")
    if st.session_state.pop("compare_no_kernels", False):
        st.info(
            "No two runs differ in the kernel size alone. Train both with the sidebar: kernel size 3, then 5."
        )
    if not chosen:
        show.empty("No run is chosen.", "Choose two or more runs above.")
    runs = [finished[run_id] for run_id in chosen]
    if repeated(runs):
        switch.toggle(
            "Seeds together",
            value=True,
            key=_TOGETHER,
            persist_state="session",
            help="Runs that differ in nothing but the seed become one: mean and standard deviation.",
        )
    if runs:
        with shortcut:
            take_home.popover(runs)
    return runs


def _choose_kernels() -> None:
    """Find the newest pair that differs in nothing but kernel size 3 against 5."""
    seen: dict[tuple[str, ...], dict[int, str]] = {}
    for run in [run for run in cache.run_list() if run.report and not run.fold][:_SEARCHED]:
        if (experiment := run.experiment) is None:
            continue
        parameters = dict(experiment.architecture.parameters)
        size = int(cast(int, parameters.pop("kernel_size", 3)))
        rest = (
            experiment.dataset.to_json(),
            experiment.training.to_json(),
            experiment.architecture.name,
            str(sorted(parameters.items())),
        )
        pair = seen.setdefault(rest, {})
        pair.setdefault(size, run.id)
        if 3 in pair and 5 in pair:
            linked.put(RUNS_KEY, f"{pair[3]},{pair[5]}")
            return
    st.session_state["compare_no_kernels"] = True


def entries(runs: list[RunSummary]) -> list[Entry]:
    """One entry a run; where seeds are repeated, one for all seeds, unless the visitor wants them apart."""
    return entries_of(runs, together=repeated(runs) and bool(st.session_state.get(_TOGETHER, True)))


def caution(runs: list[RunSummary]) -> None:
    """Say loudly where accuracies must not be compared: other data sets, other test images."""
    for run in runs:
        show.changed_data(run)
        if wrong := trouble_of(run):
            show.problem(wrong.sentence, of=f"{run_labels.run_title(run)}:")
    specs = [run.directory.spec().experiment.dataset for run in runs]
    if len({(spec.name, spec.labels, spec.size) for spec in specs}) > 1:
        titles = dict.fromkeys(run_labels.dataset_title(spec.name) for spec in specs)
        names = show.plain(" · ".join(titles))
        st.warning(
            f"**Different data sets: {names}.** Accuracies on different images "
            "can't be compared: read each run for itself.",
            icon=":material/warning:",
        )
    elif len({(spec.test_size, spec.selection, spec.seed if spec.test_size else 0) for spec in specs}) > 1:
        st.warning(
            "These runs were **tested on different images**: a part of the difference comes from the images.",
            icon=":material/info:",
        )


PART_KEY, WEIGHTS = "part", "Weights and biases"


def render(runs: list[RunSummary], entries: list[Entry]) -> None:
    """The parts below the pictures; only the open one is computed, and the link says which (`?part=`)."""
    sections: dict[str, Callable[[], None]] = {
        "Two runs, image by image": lambda: compare_pair.render(runs),
        "Time and accuracy": lambda: _accuracies(entries, times=True),
        "Accuracy": lambda: _accuracies(entries),
        "Per class": lambda: _classes(runs),
        WEIGHTS: lambda: compare_figures.weights(runs),
    }
    tabs = st.tabs(list(sections), key=PART_KEY, on_change="rerun", bind=linked.BIND)
    for tab, section in zip(tabs, sections.values(), strict=True):
        if tab.open:
            with tab, show.guard():
                section()


def _accuracies(entries: list[Entry], *, times: bool = False) -> None:
    """Of all entries, with the baseline that all share, if they share one; or with their times beside."""
    scores = [score_of(entry) for entry in entries]
    baselines = {run.figures.baseline_accuracy for entry in entries for run in entry.runs}
    baseline = baselines.pop() if len(baselines) == 1 else None
    if not times:
        show.figure(
            accuracy_figure(scores, baseline),
            key="compare_accuracies",
            alt="Test accuracy: " + ", ".join(f"{s.label} {words.percent(s.accuracy)}" for s in scores),
        )
        return
    show.figure(
        conditions_figure(scores, baseline),
        key="compare_conditions",
        alt="Test accuracy and training time by epochs, device and augmentation: "
        + "; ".join(f"{s.label} {words.percent(s.accuracy)} in {words.duration(s.seconds)}" for s in scores),
    )
    st.caption(
        "Hatched: trained with augmentation. Dashed: the most frequent class. Bars end in the 95 % interval "
        "from the test images, of repeats in ± the standard deviation over their seeds."
    )


def _classes(runs: list[RunSummary]) -> None:
    names, colours = titles(runs), colours_of([run.id for run in runs])
    results = {run.id: report_view.evaluation(run, "test") for run in runs}
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
    rows = {entry.label: (*entry.report.per_class, entry.report.macro) for entry in entries}
    data: dict[str, list[object]] = {"Class": [row.name for row in next(iter(rows.values()))]}
    for kind, title in SCORE_TITLES.items():
        for label, scored in rows.items():
            data[f"{title} · {label}"] = [100 * getattr(row, kind) for row in scored]
    formats = {name: st.column_config.NumberColumn(format="%.1f %%") for name in data if name != "Class"}
    with st.expander("Precision, recall and F1 of every run as a table"):
        st.dataframe(pd.DataFrame(data), hide_index=True, column_config=formats, key="compare_class_table")
