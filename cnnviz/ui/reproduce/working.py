"""A reproduction at work, seen from the page: which training, how far, how long still; and stopping it."""

from __future__ import annotations

import streamlit as st

from cnnviz import words
from cnnviz.errors import CnnvizError
from cnnviz.studies import runner
from cnnviz.studies.detached import stage_of, stage_seconds_left, state_of
from cnnviz.studies.folder import Progress, StudyDirectory
from cnnviz.studies.timing import TimeLeft, share_done
from cnnviz.ui import show


def working(folder: StudyDirectory) -> None:
    """One look at it; a fragment calls this again and again until it has ended."""
    if state_of(folder) != "running":
        st.rerun()
    progress, stopping = _progress(folder), folder.stop_wished()
    bar, button = st.columns([6, 1], vertical_alignment="center")
    with button:
        pressed = st.button(
            "Stop", icon=":material/stop:", key="stop_reproduction", disabled=stopping, width="stretch"
        )
    with bar:
        if progress and progress.done + progress.failed < progress.total:
            _training(progress, str(folder.path))
        else:
            _preparing(folder, stopping)
    if pressed:
        with show.guard():
            _stop(folder, progress)
        st.rerun(scope="fragment")


def _stop(folder: StudyDirectory, progress: Progress | None) -> None:
    """Its trainings keep what they have; what is prepared after them ends with the part at work."""
    if progress:
        runner.stop(folder)
    else:
        folder.wish_stop()


def _progress(folder: StudyDirectory) -> Progress | None:
    try:
        return folder.progress()
    except CnnvizError:
        return None  # between its first and its second file, or nothing is trained


def _preparing(folder: StudyDirectory, stopping: bool) -> None:
    stage, left = stage_of(folder), stage_seconds_left(folder)
    text = "stopping after the part at work" if stopping else stage.text
    text += f" · about {words.duration(left)} left" if left is not None and not stopping else ""
    st.progress(stage.share or 0.0, text=text[0].upper() + text[1:])


def _training(progress: Progress, path: str) -> None:
    at_work = [(member, run) for member, run in progress.members if run and run.state == "running"]
    within = sum(share_done(run.status) for _, run in at_work)
    left = None if progress.stopped else _clock(path)(progress)
    doing = "Stopping training" if progress.stopped else "Training"
    text = f"{doing} {min(progress.done + 1, progress.total)} of {progress.total}"
    text += f" · about {words.duration(left)} left" if left is not None else ""
    for member, run in at_work[:1]:
        if run.status:
            epoch = f"epoch {max(run.status.epoch, 1)} of {run.status.epochs}"
            text += f" · {member.name}, seed {member.seed}: {epoch}"
    st.progress(min(1.0, (progress.done + within) / progress.total), text=text)


@st.cache_resource(max_entries=16)
def _clock(path: str) -> TimeLeft:
    """Keeps its guesses for one folder until another run has finished."""
    return TimeLeft()
