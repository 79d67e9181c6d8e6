"""Feature maps page, first part: which runs, and what they make of an image."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.evaluation import class_names
from cnnviz.inspection.layers import LayerMaps, Overview
from cnnviz.inspection.questions import GetLayerMaps, GetOverview
from cnnviz.inspection.service import inspector
from cnnviz.inspection.weights import Weights, find_weights
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, linked, show
from cnnviz.ui.asking import FIRST, ask
from cnnviz.ui.feature_maps import drawing
from cnnviz.ui.run_labels import run_lines, run_title

RUN_KEY, OTHER_KEY = "run", "run_b"
MAPS, KERNELS, EXPLAIN, WEIGHTS, TIME = "maps", "kernels", "explain", "weights", "time"
#: Ways to look into the network, by name in the link.
_LOOKS = {MAPS: "Maps", KERNELS: "Kernels", EXPLAIN: "Explain", WEIGHTS: "Weights", TIME: "Time-lapse"}
#: The image itself, as the first entry of the strip of layers.
IMAGE = "image"
_NONE, _UNTRAINED = "none", "untrained"
_LOST = "maps_lost_run"
_LOOK_SECONDS = 2.0


class Subject(NamedTuple):
    """A network to look into: a run's, with its newest weights or with those that it began with."""

    run: RunSummary
    untrained: bool = False

    @property
    def title(self) -> str:
        """The run's title, and whether it is untrained."""
        return f"{run_title(self.run)}, untrained" if self.untrained else run_title(self.run)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes that it tells apart, by label.

        Raises:
            CnnvizError: neither the run nor its data set knows them any more.
        """
        return class_names(self.run.directory)

    @property
    def weights(self) -> Weights:
        """Those of the network as they are now.

        Raises:
            RunError: the run has no weights yet.
        """
        return Weights.of(self.run.path, self.untrained)


class Looked(NamedTuple):
    """What a network makes of one image, at a glance."""

    subject: Subject
    weights: Weights
    image: NDArray[np.uint8]  # (H, W, C)
    digest: str  # of the image
    overview: Overview
    title: str  # of the image

    @property
    def key(self) -> tuple[str, bool, tuple[int, int], str]:
        """Names the answer: the same key, the same numbers."""
        return str(self.weights.run), self.weights.untrained, self.weights.stamp, self.digest

    @property
    def names(self) -> list[str]:
        """The image and all layers, in order."""
        return [IMAGE, *(layer.name for layer in self.overview.layers)]


def pick() -> tuple[list[Subject], str]:
    """Let the visitor choose a run, what to put beside it, and how to look into them.

    Returns:
        one or two subjects, none where there is no run to look into; and the look, by name.
    """
    st.html(Path(__file__).with_name("feature_maps.css"))
    wanted, messages = linked.asked(RUN_KEY), st.container()
    title, choices = st.columns([1, 2.6], gap="medium")
    with title:
        show.header("Feature maps", "What does each layer see?")
    with choices, st.container(gap="xsmall"):
        left, right = st.columns(2, gap="small")
        with left:
            run = show.run_picker("Run", key=RUN_KEY, finished=False, where=_has_weights, hidden=True)
        looks = st.container()
    # That a linked run is gone is said as long as the one is shown that takes its place.
    instead = run.id if run else ""
    if wanted and cache.run(wanted) is None:
        st.session_state[_LOST] = (wanted, instead)
    lost, shown_instead = st.session_state.get(_LOST, ("", ""))
    if lost and shown_instead == instead:
        with messages:
            show.problem(f"There is no run '{lost}'. It may have been deleted.")
    else:
        st.session_state.pop(_LOST, None)
    if run is None:
        _nothing_yet()
        return [], MAPS
    inspector().warm()
    show.changed_data(run)
    with right:
        other = _other(run)
    if other and other.run is not run:
        show.changed_data(other.run)
    with looks, st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        look = linked.segments("Look at", _LOOKS, key="look")
        if look in (MAPS, KERNELS, EXPLAIN):
            drawing.switch()
    return [Subject(run), other] if other else [Subject(run)], look


def _nothing_yet() -> None:
    """Say what to do before there is a network: wait for the one in training, or train one."""

    def look() -> None:
        if any(_has_weights(run) for run in cache.run_list()):
            st.rerun()  # the whole page: there is something to look at

    active = [run for run in cache.run_list() if run.active]
    if active:
        st.fragment(look, run_every=_LOOK_SECONDS)()
        message = f"“{run_title(active[0])}” is being trained; its first epoch is not over yet."
        advice = "Its feature maps will appear here by themselves. Until then, see how far it is:"
    else:
        message = "No trained network yet."
        advice = "Train one: its feature maps can be looked at from the end of the first epoch on."
    show.empty(message, advice, page="train")


def _has_weights(run: RunSummary) -> bool:
    # A finished run has its model; only the others are worth a look at the disk.
    return run.experiment is not None and (run.state == "done" or find_weights(run.path) is not None)


def _other(run: RunSummary) -> Subject | None:
    """What stands beside the run: it again, it untrained, or another run that takes the same images."""
    data = run.directory.spec().experiment.dataset
    choices = {
        other.id: other
        for other in cache.run_list()
        if not other.fold
        and other.id != run.id
        and other.dataset == data.name  # before anything is read from the disk
        and other.experiment
        and other.experiment.dataset.size == data.size
        and _has_weights(other)
    }
    lines = {
        _NONE: "Beside it: nothing",
        run.id: "This run: another layer or image",
        _UNTRAINED: "This run, untrained",
        **run_lines(choices.values()),
    }
    chosen = linked.select(
        "Beside it", list(lines), key=OTHER_KEY, default=_NONE, names=lines.__getitem__, hidden=True
    )
    if chosen == _NONE:
        return None
    return Subject(choices.get(chosen, run), untrained=chosen == _UNTRAINED)


def look(subject: Subject, image: NDArray[np.uint8], title: str = "") -> Looked:
    """What a network makes of an image (H, W, C), at a glance; from memory where it was asked before.

    Raises:
        CnnvizError: no weights, damaged ones, or no answer.
    """
    digest = hashlib.blake2b(image.tobytes() + repr(image.shape).encode()).hexdigest()
    weights = subject.weights
    return Looked(subject, weights, image, digest, ask(GetOverview(weights, image), FIRST), title)


def maps_of(looked: Looked, layer: str) -> LayerMaps:
    """All maps of one layer; of the image its own channels as the network takes them, from 0 to 1.

    Raises:
        CnnvizError: as `look`.
    """
    if layer == IMAGE:
        return LayerMaps(IMAGE, "Input", False, looked.image.astype(np.float32) / np.float32(255))
    return ask(GetLayerMaps(looked.weights, looked.image, layer))


def state_of(looked: Looked) -> str:
    """Which weights answer: `after 2 of 5 epochs, training goes on`; empty for a finished model."""
    status, epoch = looked.subject.run.status, looked.overview.epoch
    if looked.subject.untrained or epoch is None or status is None:
        return ""
    epochs = f"weights after {epoch} of {status.epochs} epochs"
    return f"{epochs}, training goes on" if status.active else epochs
