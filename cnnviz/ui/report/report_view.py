"""Report page, first part: which run, in what state it is, and the one number with interval and baseline."""

from __future__ import annotations

import html
from typing import cast

import numpy as np
import streamlit as st

from cnnviz import datasets, words
from cnnviz.evaluation import EpochEvaluation, Evaluation, class_names, evaluate, one_answer
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, linked, navigation, run_labels, show
from cnnviz.ui.report import report_epochs
from cnnviz.ui.report.report_epochs import Kept
from cnnviz.ui.run_labels import run_title

RUN_KEY, SPLIT_KEY = "run", "split"
SPLIT_NAMES = {"test": "Test", "train": "Training"}
_TO_TRAINING = "Open it on the Train page"
_STATES = {
    "queued": "waits for its turn",
    "running": "is being trained",
    "paused": "is paused",
    "stopping": "is stopping",
    "stopped": "was stopped before its evaluation",
    "failed": "failed",
    "interrupted": "was interrupted",
    "done": "has no report",
}


def pick() -> tuple[RunSummary | None, str]:
    """Let the visitor choose a run and a split; both stand in the link."""
    runs = {run.id: run for run in cache.run_list()}
    readable = [run_id for run_id, run in runs.items() if not run.damaged]
    unknown = linked.lost(RUN_KEY, readable)
    if linked.value(RUN_KEY) not in readable:
        newest = next((run.id for run in runs.values() if run.report and not run.damaged), "")
        linked.put(RUN_KEY, newest, leave_out="")
    title, left, right = st.columns([1.5, 1.85, 0.85], vertical_alignment="bottom")
    with title:
        show.header("Report", "Where does it go wrong?")
    with left:
        run = show.run_picker("Run", key=RUN_KEY, finished=False, hidden=True)
    with right:
        past = run is None or not run.report or report_epochs.is_past(run)
        split = linked.segments("Images", SPLIT_NAMES, key=SPLIT_KEY, disabled=past)
    for run_id in unknown:
        damaged = runs[run_id].damaged if run_id in runs else None
        show.problem(
            f"Run {run_id} can't be read. {damaged}"
            if damaged
            else f"There is no run '{run_id}'. It may have been deleted; choose another one."
        )
        return None, "test"
    if run is None:
        show.empty("No run yet.", "Train a network; its report appears here.", page="train")
    return run, split


def ready(run: RunSummary) -> bool:
    """Whether the run has a report; where not, say why and lead on."""
    if run.report and (run.path / "predictions.npz").exists():
        return True
    if run.active:
        _wait(run.id)
        return False
    reason = run.reason or "It has no saved predictions."
    show.problem(f"{_STATES.get(run.state, run.state)}. {reason}", of=run_title(run))
    navigation.link("train", _TO_TRAINING, {"run": run.id})
    return False


@st.fragment(run_every=3)
def _wait(run_id: str) -> None:
    """Follow a run that is not finished; run the whole page again when it is."""
    run = cache.run(run_id)
    if run is None or run.status is None or not run.status.active:
        st.rerun()
    progress = f", epoch {run.status.epoch} of {run.status.epochs}" if run.status.epochs else ""
    title = show.plain(run_title(run))
    st.info(
        f"**{title}** {_STATES[run.state]}{progress}. Its report appears here after its evaluation.",
        icon=":material/hourglass_empty:",
    )
    navigation.link("train", _TO_TRAINING, {"run": run.id})


@st.cache_resource(max_entries=32, show_spinner="Evaluating …")
def _evaluation(
    _predictions: dict[str, np.ndarray], key: tuple[str, int], split: str, names: tuple[str, ...]
) -> Evaluation:
    return evaluate(_predictions, names, split)


def evaluation(run: RunSummary, split: str) -> Evaluation:
    """Evaluate a run's saved predictions; kept in memory.

    Raises:
        CnnvizError: the predictions or the data set's facts can't be had.
    """
    names = class_names(run.directory)
    file = run.path / "predictions.npz"
    stamp = file.stat().st_mtime_ns if file.exists() else 0
    predictions = cast("dict[str, np.ndarray]", cache.predictions(run))
    return _evaluation(predictions, (str(run.path), stamp), split, names)


def _whole(run: RunSummary) -> tuple[int, int]:
    """How many training and test images the whole data set had."""
    if seen := run.directory.data():
        return seen.n_train, seen.n_test
    facts = datasets.facts(run.directory.spec().experiment.dataset)
    return facts.n_train_full, facts.n_test_full


_SEEN = {
    "test": "Never seen in training, and looked at once, at its end.",
    "train": "The images that it learnt from: what is right here may be learnt by heart.",
    "validation": "Held back from training, and looked at after every epoch.",
    "training": "Some of the images that it learnt from: none were held back for validation.",
}
_STYLE = """<style>
.cnnviz-headline { font-size: 1.15rem; margin: 0; } .cnnviz-figure { font-size: 1.9rem; font-weight: 700; }
.cnnviz-soft { opacity: 0.78; margin: 0; font-size: 0.9rem; }
.st-key-report_epoch p { color: light-dark(#0B5A99, #79C0F2); }
</style>"""


def headline(run: RunSummary, end: Evaluation, past: EpochEvaluation | None, kept: Kept) -> None:
    """The accuracy at the end, or after an earlier epoch; beside it the slider."""
    experiment = run.directory.spec().experiment
    show.changed_data(run)
    show.failed_training(run)
    if (label := one_answer(end.matrix)) is not None:
        show.problem(
            f"It says '{end.class_names[label]}' to every image. Try more epochs, another "
            "learning rate, or balanced class weights where the classes are unequal."
        )
    if past:
        n, what, images = past.n, f"{past.n:,} {past.images} images", past.images
    else:
        n, test, images = len(end.labels), end.split == "test", end.split
        full = _whole(run)[test]
        held_back = 0 if test else run.figures.n_validation or 0
        subset = "" if n + held_back >= full else f" (a subset of {full:,})"
        what = f"{n:,}{subset} {'test' if test else 'training'} images"
    shown = past or end
    value, common = shown.accuracy, html.escape(shown.class_names[shown.baseline.label])
    interval = (
        f"95 % interval from {n:,} images (Wilson): {words.percent(value.low)} to "
        f"{words.percent(value.high)}. It says what other images would change, not what another seed would."
    )
    with st.container(gap="xxsmall"):
        left, right = st.columns([1.9, 1], gap="medium", vertical_alignment="center")
        with left:
            st.html(
                f'{_STYLE}<p class="cnnviz-headline"><span class="cnnviz-figure">{words.percent(value.value)}'
                f'</span> <b title="{interval}">±{100 * value.half_width:.1f}</b> '
                f'<span title="{_SEEN[images]}">of {what}</span> '
                f'<span class="cnnviz-soft" title="What always answering “{common}” would reach">'
                f"(most frequent class: {words.percent(shown.baseline.accuracy)})</span></p>"
            )
        with right:
            report_epochs.slider(kept)
        asked, figures = experiment.training, run.figures
        epochs = figures.epochs or asked.epochs
        parts = [
            run_labels.network_title(experiment.architecture.label()),
            run_labels.dataset_title(experiment.dataset.name),
        ]
        if past:
            when = f"After epoch {past.epoch} of {kept.last}" if past.epoch else "Before training"
        else:
            when = ""
            parts.append(
                words.plural(epochs, "epoch") + (f" of {asked.epochs}" if epochs < asked.epochs else "")
            )
        if figures.weights_epoch and figures.weights_epoch != epochs:
            parts.append(f"weights of the best, epoch {figures.weights_epoch}")
        parts += [f"batch {asked.batch_size}", asked.optimizer]
        parts += [asked.augmentation.label()] if asked.augmentation.active else []
        parts += [
            f"{words.count(figures.params)} parameters",
            f"trained in {words.duration(figures.fit_seconds)}",
            f"one seed ({asked.seed})",
        ]
        before = f"<b>{when}</b> · " if when else ""
        st.html(f'<p class="cnnviz-soft">{before}{html.escape(" · ".join(parts))}</p>')
