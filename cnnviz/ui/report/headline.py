"""Report page: the one number with interval and baseline, the slider over epochs, what was trained."""

from __future__ import annotations

import html

import streamlit as st

from cnnviz import words
from cnnviz.evaluation import EpochEvaluation, Evaluation, Interval
from cnnviz.runs import RunSummary
from cnnviz.specs import ExperimentSpec
from cnnviz.ui import cache, run_labels
from cnnviz.ui.report import epochs
from cnnviz.ui.report.epochs import Kept

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
            epochs.slider(kept)
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
