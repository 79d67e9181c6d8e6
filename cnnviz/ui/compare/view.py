"""Compare page, first part: which runs, their curves, what they reached and what it cost."""

from __future__ import annotations

from typing import cast

import pandas as pd
import streamlit as st

from cnnviz.evaluation import accuracy_interval, contrast, parting_epoch
from cnnviz.figures.comparison import Cost, Score, cost_figure
from cnnviz.figures.curves import Axis, Curve, Metric, curves_figure
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, link_ids, show, words
from cnnviz.ui.run_colours import colours_of
from cnnviz.ui.run_labels import run_lines, titles

RUNS_KEY = "runs"
#: What a report must hold to be compared.
_NEEDED = {"test_accuracy", "n_test", "fit_seconds", "params", "epochs"}
#: More curves than this nobody can tell apart.
MOST_RUNS = 12
_KERNELS = "3×3 beside 5×5"
#: How many of the newest runs are searched for a pair of kernel sizes.
_SEARCHED = 300


def pick() -> list[RunSummary]:
    """Let the visitor choose runs that have a report; the choice stands in the link (`?runs=a,b`)."""
    finished = {
        run.id: run
        for run in cache.run_list()
        if run.report and run.report.keys() >= _NEEDED and not run.fold
    }
    unknown = link_ids.adopt_many(RUNS_KEY, finished)
    if not finished:
        show.header("Compare", "What made the difference?")
        show.empty("No finished run yet.", "Train two networks; they can be compared here.", page="train")
        return []
    kept = [run_id for run_id in st.session_state.get(RUNS_KEY, _suggestion(finished)) if run_id in finished]
    st.session_state[RUNS_KEY] = kept[:MOST_RUNS]
    title, chooser, shortcut = st.columns([1, 2.1, 0.75], vertical_alignment="bottom")
    with title:
        show.header("Compare", "What made the difference?")
    with shortcut:
        st.button(
            _KERNELS, on_click=_choose_kernels, key="compare_kernels", width="stretch",
            help="The newest two runs that differ in nothing but the kernel size, 3 and 5.",
        )  # fmt: skip
    lines = run_lines(finished.values(), results=True)
    with chooser:
        chosen = st.multiselect(
            "Runs", list(finished), key=RUNS_KEY, persist_state="session", max_selections=MOST_RUNS,
            format_func=lines.__getitem__, placeholder="Choose runs to compare",
        )  # fmt: skip
    link_ids.publish(RUNS_KEY, chosen)
    for run_id in unknown:
        st.warning(f"There is no finished run '{run_id}'. It may have been deleted.", icon=":material/info:")
    if st.session_state.pop("compare_no_kernels", False):
        st.info(
            "No two runs differ in the kernel size alone. Train both with the sidebar: kernel size 3, then 5."
        )
    if not chosen:
        show.empty("No run is chosen.", "Choose two or more runs above.")
    return [finished[run_id] for run_id in chosen]


def _suggestion(finished: dict[str, RunSummary]) -> list[str]:
    """The newest two runs on the data set of the newest."""
    runs = list(finished.values())
    return [run.id for run in runs if run.dataset == runs[0].dataset][:2]


def _choose_kernels() -> None:
    """Find the newest pair that differs in nothing but kernel size 3 against 5."""
    seen: dict[tuple[str, ...], dict[int, str]] = {}
    for run in [run for run in cache.run_list() if run.report and not run.fold][:_SEARCHED]:
        experiment = run.experiment
        if experiment is None:
            continue
        parameters = dict(experiment.architecture.parameters)
        size = int(cast(int, parameters.pop("kernel_size", 3)))
        rest = (experiment.dataset.to_json(), experiment.training.to_json(), experiment.architecture.name,
                str(sorted(parameters.items())))  # fmt: skip
        pair = seen.setdefault(rest, {})
        pair.setdefault(size, run.id)
        if 3 in pair and 5 in pair:
            st.session_state[RUNS_KEY] = [pair[3], pair[5]]
            return
    st.session_state["compare_no_kernels"] = True


def pictures(runs: list[RunSummary]) -> None:
    """Curves of all runs on one figure, and accuracy against what it cost."""
    left, right = st.columns([1.45, 1], gap="medium")
    with left:
        one, two = st.columns(2)
        metric = one.segmented_control(
            "Metric", ["accuracy", "loss"], key="metric", default="accuracy", required=True,
            bind="query-params", persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
        by = two.segmented_control(
            "Horizontal axis", ["epoch", "seconds"], key="by", default="epoch", required=True,
            bind="query-params", persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
        _curves(runs, cast(Metric, metric or "accuracy"), cast(Axis, by or "epoch"))
    with right:
        cost = st.segmented_control(
            "Cost", ["seconds", "parameters"], key="cost", default="seconds", required=True,
            bind="query-params", persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
        _cost(runs, cast(Cost, cost or "seconds"))


def _curves(runs: list[RunSummary], metric: Metric, by: Axis) -> None:
    names, colours = titles(runs), colours_of([run.id for run in runs])
    curves = []
    for run in runs:
        epochs = cache.epochs(run)
        parting = parting_epoch([e.get("loss") for e in epochs], [e.get("val_loss") for e in epochs])
        curves.append(Curve(names[run.id], epochs, colours[run.id], parting))
    show.figure(
        curves_figure(curves, metric, by), key="compare_curves",
        alt=f"{metric} by {by} of {', '.join(names.values())}: training dotted, validation solid.",
    )  # fmt: skip


def _cost(runs: list[RunSummary], cost: Cost) -> None:
    best = max(scores(runs), key=lambda score: score.accuracy)
    show.figure(
        cost_figure(scores(runs), cost), key="compare_cost",
        alt=f"Test accuracy against {cost}; the most accurate is {best.label} with "
        f"{words.percent(best.accuracy)}.",
    )  # fmt: skip


def scores(runs: list[RunSummary]) -> list[Score]:
    """What every run reached and cost, from its report: no predictions are read."""
    names, colours = titles(runs), colours_of([run.id for run in runs])
    found = []
    for run in runs:
        report, environment = run.report or {}, run.environment or {}
        n, accuracy = int(report["n_test"]), float(report["test_accuracy"])
        interval = accuracy_interval(round(accuracy * n), n)
        training = run.directory.spec().experiment.training
        found.append(
            Score(
                names[run.id], accuracy, interval.low, interval.high, float(report["fit_seconds"]),
                int(report["params"]), colours[run.id], str(environment.get("device_kind", "")),
                int(report["epochs"]), training.augmentation.active,
            )
        )  # fmt: skip
    return found


def table(runs: list[RunSummary]) -> None:
    """Results of all runs, and those settings in which they differ."""
    rows = scores(runs)
    reports = [run.report or {} for run in runs]
    settings = contrast([run.directory.spec().experiment for run in runs])
    data = {
        "Run": [row.label for row in rows],
        "Test accuracy": [100 * row.accuracy for row in rows],
        "±": [100 * (row.high - row.low) / 2 for row in rows],
        **{name.capitalize(): texts for name, texts in settings.differing.items()},
        "Test loss": [report.get("test_loss") for report in reports],
        "Training time": [words.duration(row.seconds) for row in rows],
        "Images/s": [report.get("images_per_second") for report in reports],
        "Parameters": [row.parameters for row in rows],
        "Device": [row.device for row in rows],
    }
    st.dataframe(
        pd.DataFrame(data),
        hide_index=True, key="compare_table",
        column_config={
            "Test accuracy": st.column_config.ProgressColumn(
                min_value=0, max_value=100, format="%.1f %%", help="Share of the test images it gets right."
            ),
            "±": st.column_config.NumberColumn(
                format="%.1f", help="Half of the 95 % interval, in points: what other images would change."
            ),
            "Test loss": st.column_config.NumberColumn(format="%.3g"),
            "Images/s": st.column_config.NumberColumn(format="%.0f", help="Training images a second."),
            "Parameters": st.column_config.NumberColumn(format="localized"),
        },
    )  # fmt: skip
    shown = (
        "data set",
        "network",
        "kernel size",
        "epochs",
        "batch size",
        "optimizer",
        "augmentation",
        "seed",
    )
    alike = [f"{name} {settings.common[name]}" for name in shown if name in settings.common]
    st.caption(f"Alike in all: {' · '.join(alike) or 'nothing'}. {_caution(runs)}")


def _caution(runs: list[RunSummary]) -> str:
    specs = {run.directory.spec().experiment.dataset.to_json() for run in runs}
    seed = (
        "Each run is one training with one seed: small differences may be chance; only repeats with other "
        "seeds can tell."
    )
    if len(specs) > 1:
        return "These runs saw different images, so compare their accuracies with care. " + seed
    return seed
