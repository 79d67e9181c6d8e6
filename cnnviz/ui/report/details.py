"""Report page, third part, folded into tabs: classes, pairs, calibration, curves, time, downloads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from cnnviz import words
from cnnviz.evaluation import RULE, EpochEvaluation, Evaluation, parting_epoch, report_csv, report_json
from cnnviz.figures.curves import Curve, Metric, curves_figure
from cnnviz.figures.report_figures import calibration_figure
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, show
from cnnviz.ui.report import counts, epochs
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
    """Six tabs; only the open one is computed."""
    sections = {
        "Per class": counts.classes,
        "Most confused": counts.pairs,
        "Calibration": _calibration,
        "Curves": _curves,
        "Time": _time,
        "Download": _download,
    }
    _tabs(sections, run, result)


def render_past(run: RunSummary, past: EpochEvaluation) -> None:
    """The same tabs at an earlier epoch; what needs single images says where it is."""
    _tabs(
        {
            "Per class": counts.classes,
            "Most confused": counts.pairs,
            "Calibration": _no_calibration,
            "Curves": _curves,
            "Time": _time,
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
        on_click=epochs.choose,
        args=(epochs.END,),
    )


def _curves(run: RunSummary, result: Evaluation | EpochEvaluation) -> None:
    epochs = cache.epochs(run)
    if not epochs:
        st.caption("This run finished no epoch.")
        return
    parting = parting_epoch([e.loss for e in epochs], [e.val_loss for e in epochs])
    for column, metric in zip(st.columns(2), _METRICS, strict=True):
        with column:
            curve = Curve(run_title(run), epochs, colour_of(run.id), parting)
            last = getattr(epochs[-1], metric)
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
    return json.dumps(data, indent=2, ensure_ascii=False)
