"""The page Sweep: choose a sweep, watch it as a whole, stop it, let it go on."""

from __future__ import annotations

import shutil
from typing import Any

import streamlit as st

from cnnviz import words
from cnnviz.studies import detached, runner
from cnnviz.studies.folder import StudyDirectory, list_studies
from cnnviz.studies.progress import Progress
from cnnviz.studies.spec import StudySpec
from cnnviz.studies.sweep import process
from cnnviz.studies.sweep.wording import setting_words, value_words
from cnnviz.studies.timing import TimeLeft, share_done
from cnnviz.ui import linked, run_labels, show, study_lines
from cnnviz.ui.study_lines import ICONS
from cnnviz.ui.sweep import results

SWEEP_KEY, NEW = "sweep", "new"
_SECONDS = 2.0


def pick() -> StudyDirectory | None:
    """Header, and the choice of a sweep; None for a new one. The choice stands in the link."""
    sweeps = {study.id: study for study in list_studies()}
    title, chooser, button = st.columns([1.5, 2, 0.75], vertical_alignment="bottom")
    with title:
        show.header("Sweep", "Is the difference real?")
    if not sweeps:
        return None
    lines = {sweep_id: study_lines.line(sweep_id, study.spec) for sweep_id, study in sweeps.items()} | {
        NEW: "a new sweep"
    }
    with chooser:
        chosen = linked.select(
            "Sweep", [*sweeps, NEW], key=SWEEP_KEY, names=lines.__getitem__, label_visibility="collapsed"
        )
    with button:
        st.button(
            "New sweep",
            icon=":material/add:",
            width="stretch",
            key="sweep_new",
            disabled=chosen == NEW,
            on_click=linked.put,
            args=(SWEEP_KEY, NEW),
        )
    return sweeps.get(chosen)


def live(study: StudyDirectory) -> None:
    """Progress and results; refreshed by itself while a process is at work on it."""
    active = detached.state_of(study) == "running"
    st.fragment(_live, run_every=_SECONDS if active else None)(study, active)


def _live(study: StudyDirectory, was_active: bool) -> None:
    with show.guard():
        progress, found = study.progress(), study.results() or {}
        state = _state(study, progress)
        if was_active and detached.state_of(study) != "running":
            st.rerun()  # the whole page: the timer ends
        _headline(study, progress, found, state)
        results.results(study, found, state)


def _state(study: StudyDirectory, progress: Progress) -> str:
    state = detached.state_of(study)
    if state == "running" and progress.stopped:
        return "stopping"
    return state or "waiting"


def _headline(study: StudyDirectory, progress: Progress, found: dict[str, Any], state: str) -> None:
    left, right = st.columns([4, 1], vertical_alignment="center")
    with left, st.container(gap="xsmall", key="sweep_headline"):
        st.markdown(f"{ICONS[state]} **{state}** · {_told(study, progress, found, state)}")
        if state != "done":
            at_work = sum(share_done(run.status) for _, run in progress.members if run)
            st.progress(min(1.0, (progress.done + progress.failed + at_work) / progress.total))
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        _button(study, state)
    for problem in found.get("problems", []) if state in ("incomplete", "failed") else []:
        st.warning(problem, icon=":material/info:")
    if state == "interrupted":
        st.warning(
            "Its process is gone: it was killed, or the machine was restarted. Nothing finished is lost; "
            "press Go on.",
            icon=":material/info:",
        )


def _button(study: StudyDirectory, state: str) -> None:
    """The one thing to do in this state: stop, go on, or, at the end, more seeds."""
    if state == "running":
        if st.button(
            "Stop",
            icon=":material/stop:",
            key="sweep_stop",
            help="The run at work stops within a batch. The sweep can go on later.",
        ):
            runner.stop(study)
    elif state == "done":
        if st.button(
            "Two more seeds",
            icon=":material/add:",
            key="sweep_more",
            help="A sweep of its own with two seeds more; what is trained already counts and is not trained "
            "again.",
        ):
            _open(_with_more_seeds(study.spec()))
    elif state != "stopping":
        label = "Start" if state == "waiting" else "Go on"
        if st.button(label, icon=":material/play_arrow:", key="sweep_resume", type="primary"):
            _open(study)


def _open(study: StudyDirectory) -> None:
    """Let a sweep work, unless it does already, and show it."""
    start(study)
    st.rerun()


def start(study: StudyDirectory) -> None:
    """Begin a sweep, unless it is at work already, and choose it.

    Raises:
        StorageError: its folder can't be written.
    """
    if not detached.working(study):
        process.begin(study)
    linked.put(SWEEP_KEY, study.id)


def _with_more_seeds(spec: StudySpec) -> StudyDirectory:
    first = max(spec.seeds) + 1
    return StudyDirectory.create(spec.but(seeds=(*spec.seeds, first, first + 1)))


def _told(study: StudyDirectory, progress: Progress, found: dict[str, Any], state: str) -> str:
    parts = [f"{progress.done} of {words.plural(progress.total, 'run')}"]
    if state == "done":
        seconds = sum(sum(row["values"]["fit_seconds"].values()) for row in found.get("rows", []))
        return " · ".join([*parts, f"{words.duration(seconds)} of training"])
    # Those that were stopped are no failures; they go on with the rest.
    failed = progress.failed if state not in ("stopped", "stopping") else 0
    parts += [f"{failed} failed"] if failed else []
    if state == "running":
        left = _clock(study.id)(progress)
        parts += [f"about {words.duration(left)} left"] if left is not None else []
        parts += [_at_work(progress)]
    return " · ".join(filter(None, parts))


def _at_work(progress: Progress) -> str:
    """The run that is being trained, in words."""
    for member, run in progress.members:
        if run and run.state == "running" and run.status:
            epoch = f"epoch {max(1, run.status.epoch)} of {run.status.epochs}" if run.status.epochs else ""
            return ", ".join(filter(None, (f"now {member.label}", f"seed {member.seed}", epoch)))
    return "the next run waits in the queue"


@st.cache_resource(max_entries=32, show_spinner=False)
def _clock(study_id: str) -> TimeLeft:
    """The time left of one study, for all who watch it."""
    return TimeLeft()


def asked(study: StudyDirectory) -> None:
    """The fold with what was asked, and the button that deletes the sweep."""
    spec = study.spec()
    with st.expander("What was asked", icon=":material/tune:"):
        for name in spec.factors:
            values = dict.fromkeys(value_words(name, variant.settings[name]) for variant in spec.variants)
            st.markdown(f"- **{setting_words(name)}** (`{name}`): {', '.join(values)}")
        st.markdown(f"- **seeds**: {', '.join(map(str, spec.seeds))}")
        st.caption(_alike(spec))
        if not detached.working(study):
            with st.popover("Delete the sweep", icon=":material/delete:"):
                st.markdown("What was asked and its results are deleted for good; its runs stay.")
                st.button("Delete it", key="sweep_delete", type="primary", on_click=_delete, args=(study,))


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


def _delete(study: StudyDirectory) -> None:
    shutil.rmtree(study.path)
    st.session_state.pop(SWEEP_KEY, None)
    st.query_params.pop(SWEEP_KEY, None)
