"""A reproduction at work, seen from the page: which training, how far, how long still; and stopping it."""

from __future__ import annotations

import streamlit as st

from cnnviz.errors import CnnvizError
from cnnviz.studies import runner
from cnnviz.studies.detached import stage_of, state_of
from cnnviz.studies.folder import Progress, StudyDirectory
from cnnviz.studies.recipe import Recipe
from cnnviz.studies.timing import TimeLeft, share_done
from cnnviz.ui import show, words


def working(recipe: Recipe, folder: StudyDirectory) -> None:
    """One look at it; a fragment calls this again and again until it has ended."""
    if state_of(folder) != "running":
        st.rerun()
    progress = _progress(folder)
    training = progress is not None and progress.done + progress.failed < progress.total
    if progress and training:
        _training(progress, str(folder.path))
    else:
        stage = stage_of(folder)
        st.progress(stage.share or 0.0, text=stage.text)
    # Only these two hear it: features and drawings take seconds.
    if (training or recipe.kind == "search") and st.button(
        "Stop", icon=":material/stop:", key="stop_reproduction"
    ):
        with show.guard():
            runner.stop(folder)


def _progress(folder: StudyDirectory) -> Progress | None:
    try:
        return folder.progress()
    except CnnvizError:
        return None  # between its first and its second file, or nothing is trained


def _training(progress: Progress, path: str) -> None:
    at_work = [(member, run) for member, run in progress.members if run and run.state == "running"]
    within = sum(share_done(run.status) for _, run in at_work)
    left = _clock(path)(progress)
    text = f"training {min(progress.done + 1, progress.total)} of {progress.total}"
    text += f" · about {words.duration(left)} left" if left is not None else ""
    st.progress(min(1.0, (progress.done + within) / progress.total), text=text)
    for member, run in at_work[:3]:
        if run.status:
            epoch = f"epoch {max(run.status.epoch, 1)} of {run.status.epochs}"
            st.caption(f"{member.label}, seed {member.seed}: {epoch}")


@st.cache_resource(max_entries=16)
def _clock(path: str) -> TimeLeft:
    """Keeps its guesses for one folder until another run has finished."""
    return TimeLeft()
