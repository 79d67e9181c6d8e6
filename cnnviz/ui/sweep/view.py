"""The page Sweep: choose a sweep, watch it as a whole, stop it, let it go on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz import words
from cnnviz.jobs.status import JobStatus
from cnnviz.studies.study_spec import StudySpec
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.studies.sweep.wording import setting_words, value_words
from cnnviz.ui import jobs, run_labels
from cnnviz.ui.sweep import results

_MORE = "A sweep of its own with two seeds more; what is trained already counts and is not trained again."


def pick() -> SweepJob | None:
    """Header, and the choice of a sweep; None for a new one. The choice stands in the link."""
    return jobs.pick(SweepJob, "Sweep", "Is the difference real?")


def live(sweep: SweepJob) -> None:
    """Progress and results; refreshed by itself while a process is at work on it."""

    def draw(status: JobStatus) -> None:
        found = sweep.results() or {}
        done = status.state == "done"
        jobs.headline(
            sweep,
            status,
            text="" if status.active else _summary(sweep, found, done=done),
            labels={"done": "Two more seeds"},
            begin=(lambda: start(_with_more_seeds(sweep.spec()))) if done else None,
            help=_MORE if done else None,
        )
        results.results(sweep, found, status.state)

    jobs.live(sweep, draw)


def _summary(sweep: SweepJob, found: dict[str, Any], *, done: bool) -> str:
    progress = sweep.progress()
    runs = f"{progress.done} of {words.plural(progress.total, 'run')}"
    if not done:
        return runs + (f" · {progress.failed} failed" if progress.failed else "")
    seconds = sum(sum(row["values"]["fit_seconds"].values()) for row in found.get("rows", []))
    return f"{runs} · {words.duration(seconds)} of training"


def start(sweep: SweepJob) -> None:
    """Begin a sweep, unless it is at work already, and choose it.

    Raises:
        StorageError: its folder can't be written.
    """
    if not sweep.status().active:
        sweep.start()
    jobs.choose(sweep)


def _with_more_seeds(spec: StudySpec) -> SweepJob:
    first = max(spec.seeds) + 1
    return SweepJob.create(spec.but(seeds=(*spec.seeds, first, first + 1)))


def asked(sweep: SweepJob) -> None:
    """The fold with what was asked, and the button that deletes the sweep."""
    spec = sweep.spec()
    with st.expander("What was asked", icon=":material/tune:"):
        for name in spec.factors:
            values = dict.fromkeys(value_words(name, variant.settings[name]) for variant in spec.variants)
            st.markdown(f"- **{setting_words(name)}** (`{name}`): {', '.join(values)}")
        st.markdown(f"- **seeds**: {', '.join(map(str, spec.seeds))}")
        st.caption(_alike(spec))
        jobs.delete(sweep, "What was asked and its results are deleted for good; its runs stay.")


def _alike(spec: StudySpec) -> str:
    one = spec.variants[0].experiment
    parts = [
        run_labels.dataset_title(one.dataset.name),
        run_labels.network_title(one.architecture.label()),
        words.plural(one.training.epochs, "epoch"),
        f"batch {one.training.batch_size}",
        one.training.optimizer,
        f"augmentation {one.training.augmentation.label()}",
    ]
    return f"The first setting: {' · '.join(parts)}. All else is alike in the others."
