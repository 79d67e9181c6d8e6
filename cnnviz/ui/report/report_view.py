"""Report page, first part: which run, in what state it is, and the one number with interval and baseline."""

from __future__ import annotations

import html
from typing import cast

import numpy as np
import streamlit as st

from cnnviz import words
from cnnviz.evaluation import EpochEvaluation, Evaluation, Interval, evaluate
from cnnviz.runs import RunSummary
from cnnviz.specs import ExperimentSpec
from cnnviz.ui import cache, linked, navigation, run_labels, show
from cnnviz.ui.report import report_epochs
from cnnviz.ui.report.report_epochs import Kept
from cnnviz.ui.run_labels import run_lines, run_title

RUN_KEY, SPLIT_KEY = "run", "split"
SPLIT_NAMES = {"test": "Test", "train": "Training"}
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
    readable = {run_id: run for run_id, run in runs.items() if not run.damaged}
    unknown = linked.lost(RUN_KEY, readable)
    if linked.value(RUN_KEY) not in readable:
        linked.put(RUN_KEY, next((run.id for run in readable.values() if run.report), ""), leave_out="")
    title, left, right = st.columns([1.5, 1.85, 0.85], vertical_alignment="bottom")
    with title:
        show.header("Report", "Where does it go wrong?")
    lines = run_lines(readable.values())
    run = None
    if readable:
        with left:
            run = readable[
                linked.select(
                    "Run", list(readable), key=RUN_KEY, names=lines.__getitem__, label_visibility="collapsed"
                )
            ]
    with right:
        past = run is None or not run.report or report_epochs.is_past(run)
        split = linked.segments("Images", SPLIT_NAMES, key=SPLIT_KEY, disabled=past)
    for run_id in unknown:
        damaged = runs[run_id].damaged if run_id in runs else None
        show_message(
            f"Run {run_id} can't be read. {damaged}"
            if damaged
            else f"There is no run '{run_id}'. It may have been deleted; choose another one."
        )
        return None, "test"
    if run is None:
        show.empty("No run yet.", "Train a network; its report appears here.", page="train")
    return run, split


def show_message(text: str) -> None:
    """A calm message about something the visitor can mend."""
    st.warning(text, icon=":material/info:")


def ready(run: RunSummary) -> bool:
    """Whether the run has a report; where not, say why and lead on."""
    if run.report and (run.path / "predictions.npz").exists():
        return True
    if run.status and run.status.active:
        _wait(run.id)
        return False
    title = html.escape(run_title(run))
    reason = run.reason or "It has no saved predictions."
    show_message(f"**{title}** {_STATES.get(run.state, run.state)}. {reason}")
    _link_to_training(run)
    return False


@st.fragment(run_every=3)
def _wait(run_id: str) -> None:
    """Follow a run that is not finished; run the whole page again when it is."""
    run = cache.run(run_id)
    if run is None or run.status is None or not run.status.active:
        st.rerun()
    progress = f", epoch {run.status.epoch} of {run.status.epochs}" if run.status.epochs else ""
    st.info(
        f"**{run_title(run)}** {_STATES[run.state]}{progress}. Its report appears here after its evaluation.",
        icon=":material/hourglass_empty:",
    )
    _link_to_training(run)


def _link_to_training(run: RunSummary) -> None:
    st.page_link(
        navigation.page("train"),
        label="Open it on the Train page",
        icon=":material/arrow_forward:",
        query_params={"run": run.id},
    )


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
    experiment = run.directory.spec().experiment
    names = tuple(cache.facts(experiment.dataset).class_names)
    file = run.path / "predictions.npz"
    stamp = file.stat().st_mtime_ns if file.exists() else 0
    predictions = cast("dict[str, np.ndarray]", cache.predictions(run))
    return _evaluation(predictions, (str(run.path), stamp), split, names)


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
    with st.container(gap="xxsmall"):
        left, right = st.columns([1.9, 1], gap="medium", vertical_alignment="center")
        with left:
            st.html(_STYLE + (_of_epoch(past) if past else _of_end(experiment, end)))
        with right:
            report_epochs.slider(kept)
        when = [f"<b>{_when(past, kept)}</b>"] if past else []
        facts = " · ".join([*when, _facts(run, experiment, with_epochs=not past)])
        st.html(f'<p class="cnnviz-soft">{facts}</p>')


def _of_end(experiment: ExperimentSpec, end: Evaluation) -> str:
    what = f"{_share_of_all(experiment, end)} {'test' if end.split == 'test' else 'training'} images"
    common = end.class_names[end.baseline.label]
    return _line(end.accuracy, len(end.labels), what, end.split, common, end.baseline.accuracy)


def _of_epoch(past: EpochEvaluation) -> str:
    common = past.class_names[past.baseline.label]
    what = f"{past.n:,} {past.images} images"
    return _line(past.accuracy, past.n, what, past.images, common, past.baseline.accuracy)


def _when(past: EpochEvaluation, kept: Kept) -> str:
    return "Before training" if past.epoch == 0 else f"After epoch {past.epoch} of {kept.last}"


def _line(value: Interval, n: int, what: str, images: str, common: str, baseline: float) -> str:
    interval = (
        f"95 % interval from {n:,} images (Wilson): {words.percent(value.low)} to "
        f"{words.percent(value.high)}. It says what other images would change, not what another seed would."
    )
    return (
        f'<p class="cnnviz-headline"><span class="cnnviz-figure">{words.percent(value.value)}</span> '
        f'<b title="{interval}">±{100 * value.half_width:.1f}</b> '
        f'<span title="{_SEEN[images]}">of {what}</span> '
        f'<span class="cnnviz-soft" title="What always answering “{html.escape(common)}” would reach">'
        f"(most frequent class: {words.percent(baseline)})</span></p>"
    )


def _share_of_all(experiment: ExperimentSpec, end: Evaluation) -> str:
    facts = cache.facts(experiment.dataset)
    n, full = len(end.labels), facts.n_test_full if end.split == "test" else facts.n_train_full
    held_back = facts.n_validation if end.split == "train" else 0
    return f"{n:,}" if n + held_back >= full else f"{n:,} (a subset of {full:,})"


def _facts(run: RunSummary, experiment: ExperimentSpec, *, with_epochs: bool) -> str:
    training, figures = experiment.training, run.figures
    done = figures.epochs or training.epochs
    best = figures.weights_epoch
    parts = [
        run_labels.network_title(experiment.architecture.label()),
        run_labels.dataset_title(experiment.dataset.name),
        words.plural(done, "epoch") + (f" of {training.epochs}" if done < training.epochs else ""),
        f"batch {training.batch_size}",
        training.optimizer,
        f"{words.count(figures.params)} parameters",
        f"trained in {words.duration(figures.fit_seconds)}",
        f"one seed ({training.seed})",
    ]
    if best and best != done:
        parts.insert(3, f"weights of the best, epoch {best}")
    if not with_epochs:
        del parts[2]  # they stand before the rest
    if training.augmentation.active:
        parts.insert(5, training.augmentation.label())
    return html.escape(" · ".join(parts))
