"""Convolution lab: the kernels, made by hand, edited, or taken from a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.kernels import PRESETS
from cnnviz.ui import linked
from cnnviz.ui.lab import settings, weights
from cnnviz.ui.lab.picture import COLOURS
from cnnviz.ui.lab.settings import POOLING, Step, Usual
from cnnviz.ui.linked import segments

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
    return segments(
        "What the window does",
        _OPERATIONS,
        key=OPERATION_KEY,
        on_change=lambda: settings.forget(1, "stride", "size", "dilation"),
    )


def pick_kernel() -> str:
    """A kernel made by hand, the edited one, or a learned one."""
    chosen = linked.select(
        "Kernel",
        [*PRESETS, OWN, LEARNED],
        key=settings.key("kernel"),
        default=_DEFAULT,
        names=_title,
        label_visibility="collapsed",
        on_change=_chosen,
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
        label_visibility="collapsed",
        on_change=lambda: settings.forget(2),
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
    edited = weights.read(settings.text(settings.key("weights", step))) if name == OWN else None
    if edited is not None:
        return Kernel(CONVOLVE, "Own weights", _OWN, _fitting(edited, channels))
    preset = PRESETS.get(name, PRESETS[_DEFAULT])
    does = _NOT_SAID if name == OWN else preset.does
    return Kernel(CONVOLVE, preset.title, does, np.repeat(preset.weights[None], len(channels), axis=0))


def _fitting(edited: Floats, channels: Sequence[str]) -> Floats:
    """The weights for these channels: their own, or the same for all."""
    if len(edited) == len(channels):
        return edited
    place = COLOURS.index(channels[0]) if len(edited) > 1 and channels[0] in COLOURS else 0
    return np.repeat(edited[place : place + 1], len(channels), axis=0)


def _title(name: str) -> str:
    names = {
        OWN: "Own weights",
        LEARNED: "Learned, from a run",
        LARGEST: "max pooling",
        MEAN: "average pooling",
    }
    return names.get(name) or PRESETS[name].title


def _chosen() -> None:
    """Another kernel: the bias belonged to the one before. Own weights begin with those that were shown."""
    settings.forget(1, "bias")
    settings.put(settings.key("unit"), "")
    before = st.session_state.get(_BEFORE)
    if st.session_state[settings.key("kernel")] == OWN and before in PRESETS:
        settings.put(settings.key("weights"), weights.write(PRESETS[before].weights[None]))
