"""Home: one click from nothing to a trained network, what can be done here, the last runs, the machine.

Runs are links and plain text in place of a data grid: the first page must not wait for one.
"""

from __future__ import annotations

import html
import importlib.metadata
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import psutil
import streamlit as st

from cnnviz import architectures, paths, runs, words
from cnnviz.evaluation import find_finished, is_same_data, trouble_of
from cnnviz.figures.sprites import grid_png
from cnnviz.runs import RunSummary
from cnnviz.specs import DatasetSpec, ExperimentSpec, TrainingSpec
from cnnviz.training import devices
from cnnviz.ui import cache, launch, navigation, show, take_home
from cnnviz.ui.component import data_url
from cnnviz.ui.run_labels import dataset_title, network_title, run_title

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
    """What a first network does, the button that trains it or opens what it gave, and the digits."""
    st.html(Path(__file__).with_name("home.css"))
    finished = find_finished(first_experiment())
    words_and_buttons, images = st.columns([1.32, 1], gap="medium", vertical_alignment="center")
    with words_and_buttons:
        if finished:
            st.markdown(
                f"Your first network reads **{words.percent(finished.figures.test_accuracy)}** of the test "
                "digits right. See where it errs, then open it and see what each of its layers sees."
            )
        else:
            st.markdown(
                "A small network learns to tell handwritten digits apart, in seconds and on this machine. "
                "Watch it learn, then see where it errs and what each of its layers sees."
            )
        with st.container(horizontal=True):
            if finished and st.button(
                "Open its report", type="primary", icon=":material/grading:", key="first_report"
            ):
                launch.go("report", run=finished.id)
            if finished and st.button("See its layers", icon=":material/grid_view:", key="first_maps"):
                launch.go("feature_maps", run=finished.id)
            if finished and st.button("Draw a digit", icon=":material/draw:", key="first_drawing"):
                launch.go("feature_maps", run=finished.id, draw="1")
            kind: Literal["primary", "secondary"] = "secondary" if finished else "primary"
            label = "Train it again" if finished else "Train your first network"
            if st.button(label, type=kind, icon=":material/play_arrow:", key="first_network"):
                launch.submit(first_experiment(), "first network")
    with images:
        st.html(_digits())


@st.cache_data(max_entries=1, show_spinner=False)
def _digits() -> str:
    """The first image of every digit as one picture; its style enlarges it by a whole factor."""
    split = cache.dataset(first_experiment().dataset).train
    firsts = np.unique(split.labels, return_index=True)[1]
    png = grid_png(split.images_at(firsts), columns=_ACROSS, scale=1, gap=_GAP)

    width = _ACROSS * split.shape[1] + (_ACROSS - 1) * _GAP
    return (
        f'<img class="cnnviz-digits" style="--pixels:{width}" alt="One example of each handwritten digit" '
        f'src="{data_url(png)}">'
    )


class Way(NamedTuple):
    """A card: the page that it opens, one word or two, and what a person does there."""

    page: str
    name: str
    what: str
    query: Mapping[str, str] = {}


#: In the order of a first hour.
STEPS = (
    Way("data", "Look", "the images, class by class"),
    Way("architecture", "Build", "layers, and what each costs"),
    Way("train", "Train", "curves that grow while it learns"),
    Way("report", "Judge", "what it confuses, image by image"),
    Way("feature_maps", "Open", "what every layer sees"),
    Way("compare", "Compare", "3×3 with 5×5, devices, times"),
)
#: What goes beyond training one network.
BEYOND = (
    Way("convolution_lab", "Convolution lab", "slide a kernel over an image"),
    Way("feature_maps", "Draw", "watch every layer follow", {"draw": "1"}),
    Way("feature_maps", "Explain", "which pixels made the answer", {"look": "explain"}),
    Way("feature_maps", "Time-lapse", "kernels and maps, epoch by epoch", {"look": "time"}),
    Way("sweep", "Sweep", "is the difference real?"),
    Way("transfer", "Transfer", "what ImageNet taught"),
    Way("reproduce", "Reproduce", "published beside measured"),
)


def ways() -> None:
    """Two rows of cards; each card as a whole is a link."""
    rows = (("From images to answers", "home_steps", STEPS), ("Beyond training", "home_beyond", BEYOND))
    for title, key, cards in rows:
        with st.container(key=key, gap="xsmall"):
            st.html(f'<h2 class="cnnviz-part">{title}</h2>')
            for card in cards:
                navigation.link(card.page, f"**{card.name}** {card.what}", card.query, icon=None)


_LAST = 8
_TITLE = '<h2 class="cnnviz-part">Last runs</h2>'
_HEAD = ("Test accuracy", "Training time", "Data set", "Network", "Begun")


def last_runs() -> None:
    """The newest runs; a run leads to its report, or to its training while it lasts."""
    newest = [run for run in cache.run_list() if not run.damaged and not run.fold][:_LAST]
    if not newest:
        st.html(_TITLE)
        show.empty("No run yet.", "The first one takes a few seconds: press “Train your first network”.")
        take_home.opening()
        return
    with st.container(key="home_runs", gap=None):
        st.html(f'<div class="cnnviz-run head">{_TITLE}{_cells(_HEAD)}</div>')
        for run in newest:
            title = show.plain(run_title(run))
            navigation.link("report" if run.report else "train", title, {"run": run.id}, icon=None)
            st.html(f'<div class="cnnviz-run">{_cells(facts(run))}</div>')
    take_home.opening()


_MOST_DAMAGED = 30


def damaged_runs() -> None:
    """Runs that can't be read, each with the reason and a way to delete it; nothing where all can be."""
    damaged = [run for run in cache.run_list() if run.damaged]
    if not damaged:
        return
    title = f"{words.plural(len(damaged), 'run')} can't be read"
    with st.expander(title, icon=":material/warning:", key="home_damaged"):
        for run in damaged[:_MOST_DAMAGED]:
            text, button = st.columns([5, 1], vertical_alignment="center")
            text.markdown(show.plain(run.reason))
            with button.popover("Delete", icon=":material/delete:", key=f"damaged_{run.id}", width="stretch"):
                st.markdown("All its files are deleted for good.")
                delete = show.guarded(partial(runs.delete, run.id))
                st.button("Delete it", key=f"delete_{run.id}", type="primary", on_click=delete)
        if len(damaged) > _MOST_DAMAGED:
            st.caption(f"And {len(damaged) - _MOST_DAMAGED:,} more: `cnnviz runs` lists all of them.")


def facts(run: RunSummary) -> tuple[str, ...]:
    """What stands beside the title: test accuracy (or the state without one), time, and what was trained."""
    accuracy, wrong = run.figures.test_accuracy, trouble_of(run)
    result = run.state if accuracy is None else words.percent(accuracy)
    return (
        f"{wrong.short}, {result}" if wrong else result,
        words.duration(run.figures.fit_seconds),
        dataset_title(run.dataset) + ("" if is_same_data(run) else " (changed since)"),
        network_title(run.architecture),
        words.ago(run.created),
    )


def _cells(texts: tuple[str, ...]) -> str:
    safe = [html.escape(text, quote=True) for text in texts]
    return "".join(f'<span title="{text}">{text}</span>' for text in safe)


def machine() -> None:
    """Processors, memory, disk and versions.

    Raises:
        StorageError: the folder of runs can't be made.
    """
    memory = psutil.virtual_memory()
    folder = paths.ensure(paths.runs_dir())
    chips = " · ".join(
        f"**{device.label}**, {words.size(device.memory_bytes)}" for device in devices.devices()
    )
    st.caption(
        f"This machine: {chips} · {words.size(memory.available)} of memory and "
        f"{words.size(shutil.disk_usage(folder).free)} of disk free · "
        f"TensorFlow {_version('tensorflow', 'tensorflow-cpu')} · Keras {_version('keras')}  \n"
        f"Runs are kept in `{folder}`"
    )


def _version(*distributions: str) -> str:
    for name in distributions:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "missing"
