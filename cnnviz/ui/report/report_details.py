"""Report page, third part, folded into tabs: classes, pairs, calibration, curves, time, downloads."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from cnnviz import metrics, words
from cnnviz.evaluation import (
    RULE,
    EpochEvaluation,
    ece_of_perfect,
    most_confused,
    most_confused_pairs,
    parting_epoch,
    report_csv,
    report_json,
)
from cnnviz.evaluation.mislabels import mislabels_csv, probable_mislabels
from cnnviz.evaluation.resampling import DRAWS, SEED, score_intervals
from cnnviz.evaluation.settings import loss_words
from cnnviz.figures.curves import Curve, Metric, curves_figure
from cnnviz.figures.report_figures import calibration_figure
from cnnviz.metrics import METRICS
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, show, take_home
from cnnviz.ui.components.copy_link import copy_link
from cnnviz.ui.components.tiles import Tile, gallery
from cnnviz.ui.report import mistakes_gallery, report_epochs, report_view
from cnnviz.ui.report.confusion_cell import Result, choose_cell
from cnnviz.ui.run_labels import colour_of, run_title

_METRICS: tuple[Metric, ...] = ("accuracy", "loss")
_LINK_WIDTH = 260
_PHASES = {
    "load": ("Loading data", "reading the images and splitting them"),
    "build": ("Building", "making the network and compiling it"),
    "first_step": ("First step", "the first batch, which also traces the graph"),
    "training": ("Training", "Keras's fit, validation included: what the reports call training time"),
    "evaluation": ("Evaluating", "predicting all test and training images at the end"),
    "saving": ("Saving", "writing the model and the predictions"),
}


def render(run: RunSummary, result: Result) -> None:
    """All tabs, at the end or at an earlier epoch; only the open one is computed."""
    sections: dict[str, Callable[[], None]] = {
        "Per class": lambda: _classes(run, result),
        "Most confused": lambda: _pairs(run, result),
        "Mistakes": lambda: mistakes_gallery.render(run, result),
        "Mislabels": lambda: _mislabels(run, result),
        "Calibration": lambda: _calibration(run, result),
        "Curves": lambda: _curves(run),
        "Time": lambda: _time(run),
        "Metrics": lambda: _metrics(run, result),
        "Take home": lambda: _download(run, result),
    }
    tabs = st.tabs(list(sections), key="report_tabs", on_change="rerun")
    for tab, section in zip(tabs, sections.values(), strict=True):
        if tab.open:
            with tab:
                section()


def _calibration(run: RunSummary, result: Result) -> None:
    if isinstance(result, EpochEvaluation):
        st.caption(
            "How sure it was can be told at the end alone: of earlier epochs the probabilities were not kept."
        )
        report_epochs.to_end("report_calibration_end", "To the end")
        return
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
        perfect = ece_of_perfect(result.probabilities)
        st.caption(
            f"A perfectly calibrated network would show {words.percent(perfect.mean)} on as many images, and "
            f"at most {words.percent(perfect.high)} in 19 of 20 draws."
        )
        st.metric(
            "Brier score",
            words.significant(quality.brier),
            help="Mean squared distance between the probabilities and the truth, summed over the classes: "
            "0 is perfect, 2 the worst.",
        )


def _curves(run: RunSummary) -> None:
    journal = cache.epochs(run)
    if not journal:
        st.caption("This run finished no epoch.")
        return
    parting = parting_epoch([e.loss for e in journal], [e.val_loss for e in journal])
    for column, metric in zip(st.columns(2), _METRICS, strict=True):
        with column:
            loss = loss_words(run.experiment)
            curve = Curve(run_title(run), journal, colour_of(run.id), parting, loss=loss)
            last = getattr(journal[-1], metric)
            show.figure(
                curves_figure([curve], metric),
                key=f"report_{metric}",
                alt=f"{metric} by epoch, training and validation; training ends at "
                f"{words.significant(last)}.",
            )
    st.caption(f"{RULE} Here: {f'after epoch {parting}' if parting else 'not found'}.")


def _time(run: RunSummary) -> None:
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


def metric_values(run: RunSummary, result: Result) -> dict[str, float | None]:
    """Every metric by name: of the images that are looked at, and what the run as a whole came to.

    Of an epoch only the matrix was kept, and what follows from it.
    """
    if isinstance(result, EpochEvaluation):
        return metrics.of_matrix(result.matrix)
    return {**metrics.values(run), **metrics.computed(result.labels, result.probabilities.astype(float))}


def csv_text(run: RunSummary, result: Result) -> str:
    """The report as CSV: the classes, then every metric; the accuracy stands there under its own name."""
    values = metric_values(run, result)
    return report_csv(result, {name: value for name, value in values.items() if name != "test_accuracy"})


def _metrics(run: RunSummary, result: Result) -> None:
    values = metric_values(run, result)
    known = [(METRICS.get(name), value) for name, value in values.items() if value is not None]
    arrows = {"higher": "↑", "lower": "↓", "neither": ""}
    rows = [
        {
            "Metric": metric.title,
            "Value": metric.text(value),
            "Better": arrows[metric.better],
            "What it is": metric.help,
        }
        for metric, value in known
    ]
    height = 38 * min(len(rows) + 1, 21)
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="report_metrics", height=height)
    if isinstance(result, EpochEvaluation):
        st.caption(
            "Of earlier epochs only the matrix was kept: what needs probabilities is known of the end."
        )


def _download(run: RunSummary, result: Result) -> None:
    take_home.formats(run)
    with st.container(width=_LINK_WIDTH):
        copy_link()
    if isinstance(result, EpochEvaluation):
        name = f"{run.id}-epoch-{result.epoch}.csv"
        show.download(f"Epoch {result.epoch} as CSV", partial(csv_text, run, result), name, "text/csv")
    else:

        def as_json() -> str:
            spec = run.directory.spec().model_dump(mode="json")
            data = {"run": run.id, "spec": spec, "result": run.figures.as_dict()} | report_json(result)
            return json.dumps(data | {"metrics": metrics.values(run)}, indent=2, ensure_ascii=False)

        name = f"{run.id}-{result.split}"
        left, right, _ = st.columns([1, 1, 2])
        with left:
            as_csv = partial(csv_text, run, result)
            show.download("Report as CSV", as_csv, f"{name}.csv", "text/csv", width="stretch")
        with right:
            show.download("Report as JSON", as_json, f"{name}.json", "application/json", width="stretch")
    with st.expander("All settings of this run"):
        st.json(run.directory.spec().experiment.model_dump(mode="json"), expanded=2)


def _share(label: str, help_text: str) -> Any:
    return st.column_config.ProgressColumn(
        label, help=help_text, min_value=0, max_value=100, format="%.1f %%", color="primary"
    )


#: So many probable mislabels are shown; the CSV has all.
_MOST_MISLABELS = 40


def _mislabels(run: RunSummary, result: Result) -> None:
    """Images whose label the network contradicts most; a click opens their cell."""
    if isinstance(result, EpochEvaluation):
        st.caption("Single answers were kept of the end alone.")
        report_epochs.to_end("report_mislabels_end", "To the end")
        return
    found = probable_mislabels(result.labels, result.probabilities)
    learnt = (
        "The network was trained on these very labels: one that has learnt them by heart contradicts few. "
        if result.split == "train"
        else ""
    )
    st.caption(
        f"Confident learning (Northcutt et al. 2021, arXiv:1911.00068), pruned by noise rate: "
        f"{len(found.places):,} of {result.n:,} images. {learnt}They are to be looked at: a hard image of a "
        "right label stands here, too. Margin: probability of the suggested class minus that of the label."
    )
    if not len(found.places):
        return
    names, most = result.class_names, min(len(found.places), _MOST_MISLABELS)
    rows = list(zip(*(values[:most].tolist() for values in found), strict=True))

    def open_cell(place: int) -> None:
        image = rows[place][0]
        choose_cell(names, int(result.labels[image]), int(result.predictions[image]))

    with show.guard():
        dataset = cache.images_of(run)
        images = dataset.full_test if result.split == "test" else dataset.full_train
        tiles = [
            Tile(
                f"{names[given]} → {names[suggested]}",
                f"margin {words.percent(margin)}",
                f"image {result.indices[image]}: label {names[given]}, suggested {names[suggested]}",
                name=str(result.indices[image]),
            )
            for image, given, suggested, margin in rows
        ]
        gallery(
            images.images_at(result.indices[found.places[:most]]),
            tiles,
            key=f"report_mislabels_{run.id}_{result.split}",
            label="Probable mislabels, the most contradicted first",
            columns=8,
            rows=3,
            on_pick=open_cell,
        )
    show.download(
        f"All {len(found.places):,} as CSV",
        partial(mislabels_csv, found, result.indices, names, result.split),
        f"{run.id}-{result.split}-mislabels.csv",
        "text/csv",
    )


@st.cache_data(max_entries=32, show_spinner=False)
def _ranges(matrix: np.ndarray) -> list[tuple[str, str, str]]:
    """Of every class the 95 % intervals of precision, recall and F1, written out."""
    found = score_intervals(matrix)

    def texts(ends: np.ndarray) -> list[str]:
        return [f"{100 * low:.1f} to {100 * high:.1f}" for low, high in ends]

    return list(zip(texts(found.precision), texts(found.recall), texts(found.f1), strict=True))


def _gaps(run: RunSummary, result: Result) -> dict[str, list[float]]:
    """Recall of every class in training, and how far it lies above that in the test; both per cent."""
    if isinstance(result, EpochEvaluation):
        return {}
    learnt, tested = (report_view.evaluation(run, split).report for split in ("train", "test"))
    rows = ((*report.per_class, report.macro, report.weighted) for report in (learnt, tested))
    recalls = [(100 * a.recall, 100 * b.recall) for a, b in zip(*rows, strict=True)]
    return {"train": [a for a, _ in recalls], "gap": [a - b for a, b in recalls]}


def _classes(run: RunSummary, result: Result) -> None:
    """Precision, recall and F1 of every class with intervals, training beside test, and their two means."""
    rows = (*result.report.per_class, result.report.macro, result.report.weighted)
    shares = [(row.name, 100 * row.precision, 100 * row.recall, 100 * row.f1, row.support) for row in rows]
    table = pd.DataFrame(shares, columns=["class", "precision", "recall", "f1", "images"])
    ranges = [*_ranges(result.matrix), ("", "", ""), ("", "", "")]
    for place, score in enumerate(("precision", "recall", "f1")):
        table.insert(2 + 2 * place, f"{score}_95", [row[place] for row in ranges])
    for name, values in _gaps(run, result).items():
        table[name] = values
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
            **{f"{score}_95": st.column_config.TextColumn("95 %") for score in ("precision", "recall", "f1")},
            "train": st.column_config.NumberColumn("Training recall", format="%.1f %%"),
            "gap": st.column_config.NumberColumn(
                "Gap", help="Training recall minus test recall, in points.", format="%+.1f"
            ),
        },
    )
    st.caption(
        f"95 %: percentile bootstrap over the images, {DRAWS:,} draws, seed {SEED}; it says what other "
        "images would change, not what another seed would."
    )


def _pairs(run: RunSummary, result: Result) -> None:
    """The most frequent mistakes; a row opens its cell."""
    mistakes = most_confused(result.matrix, result.class_names, k=20)
    if not mistakes:
        st.success("No image is taken for another class.", icon=":material/check:")
        return
    both = most_confused_pairs(result.matrix, result.class_names, k=3)
    named = " · ".join(
        f"**{show.plain('–'.join(p.names))}** {p.images:,} ({words.percent(p.share)} of the two)"
        for p in both
    )
    st.markdown(f"Both ways together: {named}")
    rows = [(p.true_name, p.predicted_name, p.images, 100 * p.share) for p in mistakes]
    what = f"epoch{result.epoch}" if isinstance(result, EpochEvaluation) else result.split
    key = f"report_pairs_{run.id}_{what}"

    def picked() -> None:
        if selected := st.session_state[key]["selection"]["rows"]:
            mistake = mistakes[selected[0]]
            choose_cell(result.class_names, mistake.true, mistake.predicted)

    st.dataframe(
        pd.DataFrame(rows, columns=["true", "predicted", "images", "share"]),
        hide_index=True,
        key=key,
        on_select=picked,
        selection_mode="single-row",
        height=38 * min(len(mistakes) + 1, 11),
        column_config={
            "true": "True class",
            "predicted": "Taken for",
            "images": st.column_config.NumberColumn("Images", format="localized"),
            "share": _share("Share of the true class", "Of the images of the true class, how many."),
        },
    )
    st.caption("Select a row to open its cell above.")
