"""Convolution lab: the kernels, made by hand, edited, or taken from a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.inspection.questions import GetKernels
from cnnviz.inspection.weights import Weights, find_weights
from cnnviz.kernels import PRESETS
from cnnviz.runs import RunSummary
from cnnviz.specs import Conv2D
from cnnviz.ui import cache, linked, show
from cnnviz.ui.asking import FIRST, ask
from cnnviz.ui.lab import lab_settings
from cnnviz.ui.lab.lab_picture import COLOURS
from cnnviz.ui.lab.lab_settings import POOLING, Step, Usual
from cnnviz.ui.run_labels import run_lines, run_title

Floats = NDArray[np.float64]
CONVOLVE, LARGEST, MEAN, NONE = "convolve", "max", "average", "none"
OWN, LEARNED = "own", "learned"
OPERATION_KEY, THEN_KEY = "lab_operation", "lab_then"
_BEFORE = "lab_kernel_before"
_OPERATIONS = {CONVOLVE: "Convolution", LARGEST: "Max pooling", MEAN: "Average pooling"}
_DEFAULT = "sobel-x"
_OWN = "Its weights are edited: click one to change it, or type all of them as text."
_NOT_SAID = "The link holds no own weights. They begin with these: click one, or type all of them as text."
_POOLING = {
    LARGEST: "Keeps the largest value of each window: that something is there, not where in the window.",
    MEAN: "Keeps the mean of each window: how much there is in all.",
}


class Kernel(NamedTuple):
    """What one step does with each window; weights are None for pooling."""

    operation: str
    title: str
    does: str
    weights: Floats | None = None  # (C, m, m)
    usual: Usual = Usual()  # settings that it starts with
    unit: int = 0  # 1: made for pixels from 0 to 1


def pick_operation() -> str:
    """Convolution, or one of the two kinds of pooling."""
    return linked.segments(
        "What the window does",
        _OPERATIONS,
        key=OPERATION_KEY,
        on_change=lambda: lab_settings.forget(1, "stride", "size", "dilation"),
    )


def pick_kernel() -> str:
    """A kernel made by hand, the edited one, or a learned one."""

    def changed() -> None:
        # The bias belonged to the kernel before. Own weights begin with those that were shown.
        lab_settings.forget(1, "bias")
        lab_settings.put(lab_settings.key("unit"), "")
        before = st.session_state.get(_BEFORE)
        if st.session_state[lab_settings.key("kernel")] == OWN and before in PRESETS:
            weights = lab_settings.write_weights(PRESETS[before].weights[None])
            lab_settings.put(lab_settings.key("weights"), weights)

    chosen = linked.select(
        "Kernel",
        [*PRESETS, OWN, LEARNED],
        key=lab_settings.key("kernel"),
        default=_DEFAULT,
        names=_title,
        hidden=True,
        on_change=changed,
        help="The weights can be edited below.",
    )
    st.session_state[_BEFORE] = chosen
    return chosen


def pick_second() -> str:
    """What is done with the first output; none, until it is chosen."""
    return linked.select(
        "Then",
        [NONE, LARGEST, MEAN, *PRESETS, OWN],
        key=THEN_KEY,
        default=NONE,
        names=lambda name: f"then {_title(name)}" if name != NONE else "no second kernel",
        hidden=True,
        on_change=lambda: lab_settings.forget(2),
        help="A second kernel, or pooling, on the output of the first one.",
    )


def first(operation: str, name: str, channels: Sequence[str]) -> Kernel:
    """The first step by hand: for each of the channels the same weights, unless they were edited."""
    if operation != CONVOLVE:
        return Kernel(operation, _OPERATIONS[operation], _POOLING[operation], usual=POOLING)
    return _by_hand(name, channels, 1)


def second(name: str, channels: Sequence[str]) -> Kernel | None:
    """The second step, on one map, or on the channels that pooling has kept apart."""
    if name == NONE:
        return None
    if name in _POOLING:
        return Kernel(name, _OPERATIONS[name], _POOLING[name], usual=POOLING)
    return _by_hand(name, channels, 2)


def _by_hand(name: str, channels: Sequence[str], step: Step) -> Kernel:
    edited = None
    if name == OWN:
        edited = lab_settings.read_weights(lab_settings.text(lab_settings.key("weights", step)))
    if edited is not None:
        if len(edited) != len(channels):  # those of one channel, for all
            place = COLOURS.index(channels[0]) if len(edited) > 1 and channels[0] in COLOURS else 0
            edited = np.repeat(edited[place : place + 1], len(channels), axis=0)
        return Kernel(CONVOLVE, "Own weights", _OWN, edited)
    preset = PRESETS.get(name, PRESETS[_DEFAULT])
    does = _NOT_SAID if name == OWN else preset.does
    return Kernel(CONVOLVE, preset.title, does, np.repeat(preset.weights[None], len(channels), axis=0))


def _title(name: str) -> str:
    names = {
        OWN: "Own weights",
        LEARNED: "Learned, from a run",
        LARGEST: "max pooling",
        MEAN: "average pooling",
    }
    return names.get(name) or PRESETS[name].title


RUN_KEY, LAYER_KEY, MAP_KEY, BEFORE_KEY = "lab_run", "lab_layer", "lab_map", "lab_before"


def pick_learned(channels: int) -> Kernel | None:
    """Let the visitor choose run, layer and map; None where no network has been trained yet.

    A layer that looks at the image keeps its weights for each channel. A deeper one looks at the maps
    before it: its square of weights for one of these maps is taken, and slid over the image as if it
    had been made by hand.

    Raises:
        RunError: the run's weights can't be read.
    """
    runs = {
        run.id: run
        for run in cache.run_list()
        if not run.damaged
        and not run.fold
        and _convolutions(run)
        and (run.state == "done" or find_weights(run.path) is not None)
    }
    if not runs:
        show.empty("No trained network yet.", "Train one, and take its kernels.", page="train")
        return None
    with show.row("xsmall"):
        lines = run_lines(runs.values())
        run = runs[_select("Run", list(runs), RUN_KEY, 330, lines.__getitem__)]
        layers = {layer.name: layer for layer in _convolutions(run)}
        layer = layers[_select("Layer", list(layers), LAYER_KEY, 180)]
        whole = ask(GetKernels(Weights.of(run.path), layer.name), FIRST)
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


def _convolutions(run: RunSummary) -> list[Conv2D]:
    layers = run.experiment.architecture.layers if run.experiment else ()
    return [layer for layer in layers if isinstance(layer, Conv2D)]


def _position(label: str, key: str, width: int, most: int, words: str) -> int:
    """A choice counted from 1; returned counted from 0."""
    return int(_select(label, [str(number + 1) for number in range(most)], key, width, words.format)) - 1


def _select(label: str, options: list[str], key: str, width: int, names: Callable[[str], str] = str) -> str:
    """A choice with which another kernel comes, and its layer's own settings."""
    back = partial(lab_settings.forget, 1)
    return linked.select(label, options, key=key, names=names, on_change=back, hidden=True, width=width)
