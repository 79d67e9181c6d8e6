"""Feature maps page, first part: which runs, and what they make of an image."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.inspection.results import ActivationSet, LayerMaps
from cnnviz.inspection.service import inspector
from cnnviz.inspection.weights import find_weights, weights_file
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, linked, show
from cnnviz.ui.run_labels import run_lines

RUN_KEY, OTHER_KEY = "run", "run_b"
MAPS, KERNELS, WEIGHTS = "maps", "kernels", "weights"
#: Ways to look into the network, by name in the link.
_LOOKS = {MAPS: "Maps", KERNELS: "Kernels", WEIGHTS: "Weights"}
#: The image itself, as the first entry of the strip of layers.
IMAGE = "image"
_NONE = "none"


def pick_runs() -> tuple[RunSummary | None, RunSummary | None]:
    """Let the visitor choose a run, and another one of the same data set to put beside it."""
    wanted = str(st.query_params.get(RUN_KEY, ""))
    if wanted and cache.run(wanted) is None:
        st.warning(f"There is no run '{wanted}'. It may have been deleted.", icon=":material/info:")
    title, left, right = st.columns([1.05, 1.3, 1.3], vertical_alignment="bottom")
    with title:
        show.header("Feature maps", "What does each layer see?")
    with left:
        run = show.run_picker("Run", key=RUN_KEY, finished=False, where=_has_weights)
    if run is None:
        show.empty(
            "No trained network yet.",
            "Train one: its feature maps can be looked at from the end of the first epoch on.",
            page="train",
        )
        return None, None
    inspector().warm()
    with right:
        return run, _other(run)


def _has_weights(run: RunSummary) -> bool:
    # A finished run has its model; only the others are worth a look at the disk.
    return run.experiment is not None and (run.state == "done" or find_weights(run.path) is not None)


def _other(run: RunSummary) -> RunSummary | None:
    """A second run that takes the same images; none, until one is chosen."""
    data = run.directory.spec().experiment.dataset
    choices = {
        other.id: other
        for other in cache.run_list()
        if not other.fold
        and other.dataset == data.name  # before anything is read from the disk
        and other.experiment
        and other.experiment.dataset.size == data.size
        and _has_weights(other)
    }
    lines = run_lines(choices.values())
    chosen = linked.select(
        "Beside it", [_NONE, *choices], key=OTHER_KEY, default=_NONE,
        names=lambda run_id: lines[run_id] if run_id != _NONE else "No other run",
        help="The same layer of another run, or another layer of this one. Runs of the same data set.",
    )  # fmt: skip
    return choices.get(chosen)


def pick_look() -> str:
    """What is looked at: maps, kernels or weights."""
    return segments("Look at", _LOOKS, key="look")


def segments(label: str, options: Mapping[str, str], *, key: str) -> str:
    """A few choices beside each other, by name in the link; the first one is the default.

    Args:
        options: names with the texts that are shown.
    """
    default = next(iter(options))
    chosen = linked.current(key, list(options), default)
    linked.put(key, chosen, leave_out=default)
    widget = f"{key}_segments"
    st.session_state[widget] = chosen
    st.segmented_control(
        label, list(options), key=widget, required=True, format_func=options.__getitem__,
        label_visibility="collapsed",
        on_change=lambda: linked.put(key, st.session_state[widget], leave_out=default),
    )  # fmt: skip
    return chosen


def look(run: RunSummary, image: NDArray[np.uint8]) -> ActivationSet:
    """What a run's newest weights make of an image (H, W, C); answered from memory where it was asked before.

    Raises:
        CnnvizError: no weights, damaged ones, or no answer.
    """
    digest = hashlib.blake2b(image.tobytes() + repr(image.shape).encode()).hexdigest()
    return _activations(str(run.path), weights_file(run.path).stamp, digest, run, image)


@st.cache_resource(max_entries=64, show_spinner="Asking the network … (the first answer takes some seconds)")
def _activations(
    path: str, stamp: tuple[int, int], digest: str, _run: RunSummary, _image: NDArray[np.uint8]
) -> ActivationSet:
    return inspector().activations(_run.path, _image)


def with_image(found: ActivationSet, image: NDArray[np.uint8]) -> tuple[LayerMaps, ...]:
    """The layers, led by the image's own channels as the network takes them, from 0 to 1."""
    own = LayerMaps(IMAGE, "Input", False, image.astype(np.float32) / np.float32(255))
    return (own, *found.layers)


def state_of(run: RunSummary, found: ActivationSet) -> str:
    """Which weights answer: `after 2 of 5 epochs, training goes on`; empty for a finished model."""
    if found.epoch is None or run.status is None:
        return ""
    epochs = f"weights after {found.epoch} of {run.status.epochs} epochs"
    return f"{epochs}, training goes on" if run.status.active else epochs
