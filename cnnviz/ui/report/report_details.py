"""Report page, third part, folded into tabs: classes, pairs, calibration, curves, time, downloads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from cnnviz import metrics, words
from cnnviz.evaluation import (
    RULE,
    EpochEvaluation,
    Evaluation,
    most_confused,
    most_confused_pairs,
    parting_epoch,
    report_csv,
    report_json,
)
from cnnviz.figures.curves import Curve, Metric, curves_figure
from cnnviz.figures.report_figures import calibration_figure
from cnnviz.metrics import METRICS
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, show
from cnnviz.ui.report import report_epochs
from cnnviz.ui.report.confusion_cell import Result, choose_cell
from cnnviz.ui.run_labels import colour_of, run_title

_METRICS: tuple[Metric, ...] = ("accuracy", "loss")
_PHASES = {
    "load": ("Loading data", "reading the images and splitting them"),
    "build": ("Building", "making the network and compiling it"),
    "first_step": ("First step", "the first batch, which also traces the graph"),
    "training": ("Training", "Keras's fit, validation included: what the reports call training time"),
    "evaluation": ("Evaluating", "predicting all test and training images at the end"),
    "saving": ("Saving", "writing the model and the predictions"),
}


def render(run: RunSummary, result: Evaluation) -> None:
    """Seven tabs; only the open one is computed."""
    sections = {
        "Per class": classes,
        "Most confused": pairs,
        "Calibration": _calibration,
        "Curves": _curves,
        "Time": _time,
        "Metrics": _metrics,
        "Download": _download,
    }
    _tabs(sections, run, result)


def render_past(run: RunSummary, past: EpochEvaluation) -> None:
    """The same tabs at an earlier epoch; what needs single images says where it is."""
    _tabs(
        {
            "Per class": classes,
            "Most confused": pairs,
            "Calibration": _no_calibration,
            "Curves": _curves,
            "Time": _time,
            "Metrics": _metrics_past,
            "Download": _download_past,
        },
        run,
        past,
    )


def _tabs(sections: Mapping[str, Callable[[RunSummary, Any], None]], run: RunSummary, result: Any) -> None:
    tabs = st.tabs(list(sections), key="report_tabs", on_change="rerun")
    for tab, section in zip(tabs, sections.values(), strict=True):
        with tab:
            if tab.open:
                section(run, result)


def _calibration(run: RunSummary, result: Evaluation) -> None:
    quality = result.calibration
    left, right = st.columns([1.6, 1], gap="large", vertical_alignment="center")
    with left:
        show.figure(
            calibration_figure(quality, colour_of(run.id)),
            key="report_calibration",
            alt=f"Share right against confidence; expected calibration error {words.percent(quality.ece)}.",
        )
    with right:
        gap = quality.mean_confidence - quality.accuracy
        verdict = "too sure" if gap > 0.02 else "not sure enough" if gap < -0.02 else "about as sure as right"
        st.markdown(
            f"It is **{verdict}**: {words.percent(quality.mean_confidence)} sure on average, "
            f"{words.percent(quality.accuracy)} right."
        )
        st.metric(
            "Expected calibration error",
            words.percent(quality.ece),
            help="Mean distance between confidence and share right over ten bins, weighted by their images.",
        )
        st.metric(
            "Brier score",
            words.significant(quality.brier),
            help="Mean squared distance between the probabilities and the truth, summed over the classes: "
            "0 is perfect, 2 the worst.",
        )


def _no_calibration(run: RunSummary, past: EpochEvaluation) -> None:
    st.caption(
        "How sure it was can be told at the end alone: of earlier epochs the probabilities were not kept."
    )
    st.button(
        "To the end",
        icon=":material/last_page:",
        key="report_calibration_end",
        on_click=report_epochs.choose,
        args=(report_epochs.END,),
    )


def _curves(run: RunSummary, result: Evaluation | EpochEvaluation) -> None:
    journal = cache.epochs(run)
    if not journal:
        st.caption("This run finished no epoch.")
        return
    parting = parting_epoch([e.loss for e in journal], [e.val_loss for e in journal])
    for column, metric in zip(st.columns(2), _METRICS, strict=True):
        with column:
            curve = Curve(run_title(run), journal, colour_of(run.id), parting)
            last = getattr(journal[-1], metric)
            show.figure(
                curves_figure([curve], metric),
                key=f"report_{metric}",
                alt=f"{metric} by epoch, training and validation; training ends at "
                f"{words.significant(last)}.",
            )
    found = f"Here: after epoch {parting}." if parting else "Here: not found."
    st.caption(f"{RULE} {found}")


def _time(run: RunSummary, result: Evaluation | EpochEvaluation) -> None:
    environment = run.environment
    for column, (phase, (title, meaning)) in zip(st.columns(len(_PHASES)), _PHASES.items(), strict=True):
        column.markdown(f"**{words.duration(environment.phases.get(phase))}**  \n{title}", help=meaning)
    parts = [
        environment.device,
        environment.precision,
        f"{words.significant(run.figures.images_per_second)} images a second",
        "Keras " + environment.versions.get("keras", "–"),
    ]
    st.caption(
        "Training time is the time of fit alone; the other phases stand beside it. "
        + " · ".join(part for part in parts if part)
    )


def _metrics(run: RunSummary, result: Evaluation) -> None:
    """Every metric: of the images that are looked at, and what the run as a whole came to."""
    values = metrics.values(run)
    values |= metrics.computed(result.labels, result.probabilities.astype(float))
    _metric_table(values)


def _metrics_past(run: RunSummary, past: EpochEvaluation) -> None:
    of_matrix = ((name, METRICS.get(name).of_matrix) for name in METRICS)
    _metric_table({name: function(past.matrix) for name, function in of_matrix if function is not None})
    st.caption("Of earlier epochs only the matrix was kept: what needs probabilities is known of the end.")


def _metric_table(values: Mapping[str, float | None]) -> None:
    known = [(METRICS.get(name), value) for name, value in values.items() if value is not None]
    table = pd.DataFrame(
        {
            "Metric": [metric.title for metric, _ in known],
            "Value": [metric.text(value) for metric, value in known],
            "Better": [{"higher": "↑", "lower": "↓", "neither": ""}[metric.better] for metric, _ in known],
            "What it is": [metric.help for metric, _ in known],
        }
    )
    st.dataframe(table, hide_index=True, key="report_metrics", height=38 * min(len(known) + 1, 21))


def _download(run: RunSummary, result: Evaluation) -> None:
    name = f"{run.id}-{result.split}"
    left, middle, _ = st.columns([1, 1, 2])
    left.download_button(
        "Report as CSV",
        partial(report_csv, result),
        f"{name}.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )
    middle.download_button(
        "Report as JSON",
        partial(_json, run, result),
        f"{name}.json",
        "application/json",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )
    _settings(run)


def _download_past(run: RunSummary, past: EpochEvaluation) -> None:
    st.download_button(
        f"Epoch {past.epoch} as CSV",
        partial(report_csv, past),
        f"{run.id}-epoch-{past.epoch}.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    _settings(run)


def _settings(run: RunSummary) -> None:
    with st.expander("All settings of this run"):
        st.json(run.directory.spec().experiment.model_dump(mode="json"), expanded=2)


def _json(run: RunSummary, result: Evaluation) -> str:
    spec = run.directory.spec().model_dump(mode="json")
    data = {"run": run.id, "spec": spec, "result": run.figures.as_dict()} | report_json(result)
    data["metrics"] = metrics.values(run)
    return json.dumps(data, indent=2, ensure_ascii=False)


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
