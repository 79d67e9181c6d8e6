"""Home, first part: one click from nothing to a trained network, beside what it will learn from."""

from __future__ import annotations

import base64
from typing import Literal

import numpy as np
import streamlit as st

from cnnviz import architectures, runs, words
from cnnviz.figures.sprites import grid_png
from cnnviz.runs import RunSummary
from cnnviz.specs import DatasetSpec, ExperimentSpec, TrainingSpec
from cnnviz.ui import cache, launch

#: One row below the other, so that each digit is large on a laptop and as sharp as it was scanned.
_ACROSS = 5
_GAP = 1


def first_experiment() -> ExperimentSpec:
    """Digits and two pairs of convolutions, five epochs: some seconds on any machine, no download."""
    return ExperimentSpec(
        dataset=DatasetSpec(name="digits"),
        architecture=architectures.make("two-pairs"),
        training=TrainingSpec(epochs=5),
    )


def start() -> None:
    """What a first network does, the button that trains it, and the digits."""
    finished = runs.find_finished(first_experiment())
    said, images = st.columns([1.32, 1], gap="medium", vertical_alignment="center")
    with said:
        st.markdown(_promise(finished))
        _buttons(finished)
    with images:
        st.html(_digits())


def _promise(finished: RunSummary | None) -> str:
    if finished is None:
        return (
            "A small network learns to tell handwritten digits apart, in seconds and on this machine. "
            "Watch it learn, then see where it errs and what each of its layers sees."
        )
    accuracy = words.percent((finished.report or {}).get("test_accuracy"))
    return (
        f"Your first network reads **{accuracy}** of the test digits right. "
        "See where it errs, then open it and see what each of its layers sees."
    )


def _buttons(finished: RunSummary | None) -> None:
    """Train it, or open what it gave."""
    with st.container(horizontal=True):
        if finished and st.button(
            "Open its report", type="primary", icon=":material/grading:", key="first_report"
        ):
            launch.go("report", run=finished.id)
        if finished and st.button("See its layers", icon=":material/grid_view:", key="first_maps"):
            launch.go("feature_maps", run=finished.id)
        kind: Literal["primary", "secondary"] = "secondary" if finished else "primary"
        label = "Train it again" if finished else "Train your first network"
        if st.button(label, type=kind, icon=":material/play_arrow:", key="first_network"):
            launch.submit(first_experiment(), "first network")


@st.cache_data(max_entries=1, show_spinner=False)
def _digits() -> str:
    """The first image of every digit as one picture; its style enlarges it by a whole factor."""
    split = cache.dataset(first_experiment().dataset).train
    chosen = [int(np.flatnonzero(split.labels == label)[0]) for label in range(10)]
    png = grid_png(split.images_at(np.array(chosen)), columns=_ACROSS, scale=1, gap=_GAP)
    width = _ACROSS * split.shape[1] + (_ACROSS - 1) * _GAP
    return (
        f'<img class="cnnviz-digits" style="--pixels:{width}" alt="One example of each handwritten digit" '
        f'src="data:image/png;base64,{base64.b64encode(png).decode()}">'
    )
