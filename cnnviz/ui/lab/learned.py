"""Convolution lab: a kernel that a network has learned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from cnnviz.inspection.results import Kernels
from cnnviz.inspection.weights import find_weights, weights_file
from cnnviz.runs import RunSummary
from cnnviz.specs import Conv2D
from cnnviz.ui import cache, linked, show
from cnnviz.ui.asking import ask
from cnnviz.ui.lab import settings
from cnnviz.ui.lab.kernel import CONVOLVE, Kernel
from cnnviz.ui.lab.settings import Usual
from cnnviz.ui.run_labels import run_lines
from cnnviz.ui.titles import run_title

RUN_KEY, LAYER_KEY, MAP_KEY, BEFORE_KEY = "lab_run", "lab_layer", "lab_map", "lab_before"


def pick(channels: int) -> Kernel | None:
    """Let the visitor choose run, layer and map; None where no network has been trained yet.

    A layer that looks at the image keeps its weights for each channel. A deeper one looks at the maps
    before it: its square of weights for one of these maps is taken, and slid over the image as if it
    had been made by hand.

    Raises:
        RunError: the run's weights can't be read.
    """
    runs = {run.id: run for run in cache.run_list() if _has_kernels(run)}
    if not runs:
        show.empty("No trained network yet.", "Train one, and take its kernels.", page="train")
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        lines = run_lines(runs.values())
        run = runs[_select("Run", list(runs), RUN_KEY, 330, lines.__getitem__)]
        layers = {layer.name: layer for layer in _convolutions(run)}
        layer = layers[_select("Layer", list(layers), LAYER_KEY, 180)]
        whole = _kernels(run, layer.name)
        _, _, depth, maps = whole.kernel.shape
        output = _position("Map", MAP_KEY, 150, maps, f"map {{}} of {maps}")
        exact = whole.first and depth == channels
        before = 0 if exact else _position("From", BEFORE_KEY, 180, depth, f"from map {{}} of {depth}")
    weights = np.moveaxis(np.asarray(whole.kernel[..., output], np.float64), -1, 0)
    bias = float(whole.bias[output]) if whole.bias is not None else 0.0
    title = f"{layer.name}, map {output + 1}"
    if exact:
        does = f"Learned by {run_title(run)}. Pixels are taken as it takes them, from 0 to 1."
        usual = Usual(stride=layer.strides, padding=layer.padding, bias=bias)
        return Kernel(CONVOLVE, title, does, weights, usual, unit=1)
    chosen = np.repeat(weights[before : before + 1], channels, axis=0)
    does = (
        f"Learned by {run_title(run)} for "
        + (f"channel {before + 1} of its images" if whole.first else f"map {before + 1} of {depth} before it")
        + "; here it slides over this image, to see what it answers to."
    )
    return Kernel(CONVOLVE, title, does, chosen, Usual(stride=layer.strides, padding=layer.padding), unit=1)


def _has_kernels(run: RunSummary) -> bool:
    if run.damaged or run.fold or not _convolutions(run):
        return False
    return run.state == "done" or find_weights(run.path) is not None


def _convolutions(run: RunSummary) -> list[Conv2D]:
    layers = run.experiment.architecture.layers if run.experiment else ()
    return [layer for layer in layers if isinstance(layer, Conv2D)]


def _kernels(run: RunSummary, layer: str) -> Kernels:
    return _cached(str(run.path), weights_file(run.path).stamp, layer, run)


@st.cache_resource(max_entries=32, show_spinner="Asking the network … (the first answer takes some seconds)")
def _cached(path: str, stamp: tuple[int, int], layer: str, _run: RunSummary) -> Kernels:
    answer: Kernels = ask("kernels", run=str(_run.path), layer=layer, output=None)
    return answer


def _position(label: str, key: str, width: int, most: int, words: str) -> int:
    """A choice counted from 1; returned counted from 0."""
    return int(_select(label, [str(number + 1) for number in range(most)], key, width, words.format)) - 1


def _select(label: str, options: list[str], key: str, width: int, names: Callable[[str], str] = str) -> str:
    with st.container(width=width):
        return linked.select(
            label, options, key=key, names=names, on_change=_restart, label_visibility="collapsed"
        )


def _restart() -> None:
    """Another kernel comes with its layer's own settings."""
    settings.forget(1)
