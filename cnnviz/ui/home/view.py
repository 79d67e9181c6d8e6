"""The parts of the page Home: the first network, the last runs, this machine."""

from __future__ import annotations

import importlib.metadata
import shutil
from typing import Literal

import numpy as np
import pandas as pd
import psutil
import streamlit as st

from cnnviz import architectures, paths, runs
from cnnviz.figures.sprites import grid_png
from cnnviz.runs import RunSummary
from cnnviz.specs import DatasetSpec, ExperimentSpec, TrainingSpec
from cnnviz.training import devices
from cnnviz.ui import cache, launch, navigation, show, words

_LAST = 8


def first_experiment() -> ExperimentSpec:
    """Digits and two pairs of convolutions, five epochs: some seconds on any machine, no download."""
    return ExperimentSpec(
        dataset=DatasetSpec(name="digits"),
        architecture=architectures.make("two-pairs"),
        training=TrainingSpec(epochs=5),
    )


def start() -> None:
    """One click from nothing to a trained network, beside what it will learn from."""
    words_column, images = st.columns([3, 2], gap="large", vertical_alignment="center")
    with words_column:
        st.markdown(
            "A small network learns to tell handwritten digits apart, in seconds and on this machine. "
            "Watch it learn, then see where it errs and what each of its layers sees."
        )
        _first_button()
    with images:
        show.sprite(
            _digits(), key="home_digits", width="stretch", alt="Two examples of each handwritten digit"
        )


def _first_button() -> None:
    """Train it, or open what it gave."""
    finished = runs.find_finished(first_experiment())
    with st.container(horizontal=True):
        if finished and st.button(
            "Open its report", type="primary", icon=":material/grading:", key="first_report"
        ):
            launch.go("report", run=finished.id)
        kind: Literal["primary", "secondary"] = "secondary" if finished else "primary"
        label = "Train it again" if finished else "Train your first network"
        if st.button(label, type=kind, icon=":material/play_arrow:", key="first_network"):
            launch.submit(first_experiment(), "first network")


@st.cache_data(max_entries=1, show_spinner=False)
def _digits() -> bytes:
    """Two examples of every digit, class by class in columns."""
    split = cache.dataset(first_experiment().dataset).train
    chosen = [np.flatnonzero(split.labels == label)[row] for row in range(2) for label in range(10)]
    return grid_png(split.images_at(np.array(chosen)), columns=10, scale=4, gap=4)


def ways() -> None:
    """What to do next, as three steps."""
    steps = (
        ("data", "Look", "the images, class by class"),
        ("architecture", "Build", "layers, parameters, what each costs"),
        ("train", "Train", "curves that grow while it learns"),
        ("report", "Judge", "which classes it confuses, and on which images"),
        ("feature_maps", "Open", "what every layer sees in an image"),
        ("compare", "Compare", "3×3 with 5×5, devices, times"),
    )
    for column, (page, verb, what) in zip(st.columns(len(steps), gap="xsmall"), steps, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.page_link(navigation.page(page), label=f"**{verb}**", icon=":material/arrow_forward:")
            st.caption(what)


def last_runs() -> None:
    """The newest runs with their results; a click on a row opens it."""
    st.subheader("Last runs", anchor=False)
    newest = [run for run in cache.run_list() if not run.damaged and not run.fold][:_LAST]
    if not newest:
        show.empty("No run yet.", "The first one takes a few seconds: press “Train your first network”.")
        return
    event = st.dataframe(
        _table(newest), hide_index=True, width="stretch", key="last_runs", on_select="rerun",
        selection_mode="single-row",
    )  # fmt: skip
    if rows := event["selection"]["rows"]:
        run = newest[rows[0]]
        launch.go("report" if run.report else "train", run=run.id)
    st.caption("Choose a row to open its report, or its training while it lasts.")


def _table(newest: list[RunSummary]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Run": run.title,
                "State": run.state,
                "Test accuracy": words.percent((run.report or {}).get("test_accuracy")),
                "Training time": words.duration((run.report or {}).get("fit_seconds")),
                "When": words.ago(run.created),
                "Data set": run.dataset,
                "Network": run.architecture,
            }
            for run in newest
        ]
    )


def machine() -> None:
    """What there is to train with."""
    st.subheader("This machine", anchor=False)
    for device in devices.devices():
        st.markdown(f"**{device.label}**  \n{words.size(device.memory_bytes)} of memory")
    memory = psutil.virtual_memory()
    folder = paths.ensure(paths.runs_dir())
    st.caption(
        f"{words.size(memory.available)} of memory free · "
        f"{words.size(shutil.disk_usage(folder).free)} of disk free · "
        f"TensorFlow {_version('tensorflow', 'tensorflow-cpu')} · Keras {_version('keras')}"
    )
    st.caption(f"Runs are kept in {folder}")


def _version(*distributions: str) -> str:
    for name in distributions:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "missing"
