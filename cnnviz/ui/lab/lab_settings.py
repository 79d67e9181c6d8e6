"""Convolution lab: what the link says about the two steps, and what the picture reports back.

All sliding happens in the browser. It reports a changed setting once the hand rests; here that becomes
part of the link and of the session, so that a lecturer can share what the class is to see. What has its
usual value is left out of the link.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.ui import linked

Step = Literal[1, 2]
Value = int | float | str
PADDINGS = ("valid", "same")
_FARTHEST = 1e6  # of a bias


class Usual(NamedTuple):
    """What a step starts with, by name in the link."""

    size: int = 2  # of a pooling window
    stride: int = 1
    dilation: int = 1
    relu: int = 0
    padding: str = "valid"
    bias: float = 0.0


#: Pooling windows don't overlap, unless told so.
POOLING = Usual(stride=2)
_LIMITS = {"size": (1, 64), "stride": (1, 64), "dilation": (1, 64), "relu": (0, 1)}
#: Of the whole: where the window is (−1: not said), which step is looked at, whether the output fills as
#: the window goes, whether pixels are taken from 0 to 1.
_WHOLE = {"at": (-1, -1, 10**6), "look": (1, 1, 2), "fill": (0, 0, 1), "unit": (0, 0, 1)}


def key(name: str, step: Step = 1) -> str:
    """Name in the link: `lab_stride` of the first step, `lab_stride_2` of the second."""
    return f"lab_{name}" if step == 1 else f"lab_{name}_{step}"


def of_step(step: Step, usual: Usual) -> dict[str, Value]:
    """The settings of a step by name; nonsense in the link is the usual value."""
    whole = {
        name: _whole(text(key(name, step)), getattr(usual, name), low, high)
        for name, (low, high) in _LIMITS.items()
    }
    padding = linked.current(key("padding", step), PADDINGS, usual.padding)
    return {**whole, "padding": padding, "bias": _number(text(key("bias", step)), usual.bias)}


def of_whole(**usual: int) -> dict[str, int]:
    """What holds for both steps, by name."""
    return {
        name: _whole(text(key(name)), usual.get(name, default), low, high)
        for name, (default, low, high) in _WHOLE.items()
    }


def forget(step: Step, *names: str) -> None:
    """Back to the usual: all, or what is named."""
    for name in names or Usual._fields:
        put(key(name, step), "")


def put(name: str, value: str) -> None:
    """Choose a value; an empty one is left out of the link."""
    linked.put(name, value, leave_out="")


def text(name: str) -> str:
    """A value as it stands in the link, else in the session."""
    return linked.value(name)


def take(report: dict[str, Any], usual: Sequence[Usual], unit: int) -> None:
    """Put what the picture reports into the link and the session.

    Args:
        report: {"at", "look", "fill", "unit", "steps": [{"stride", …, "weights" where they were edited}]}.
        usual: of each step.
        unit: the usual one.
    """
    for place, (step_usual, reported) in enumerate(zip(usual, report.get("steps", ()), strict=False)):
        step: Step = 2 if place else 1
        edited = read_weights(str(reported.get("weights") or ""))
        if edited is not None:
            written = write_weights(edited)
            # What no link can carry stays in the session.
            linked.put(key("weights", step), written, leave_out=written if len(written) > LINKED else "")
            put(key("kernel" if step == 1 else "then"), "own")
            step_usual, unit = Usual(), unit if place else 0
        for name, (low, high) in _LIMITS.items():
            default = getattr(step_usual, name)
            # A kernel's size is that of its weights.
            weighed = name == "size" and reported.get("operation") == "convolve"
            value = default if weighed else reported.get(name)
            _keep(key(name, step), _whole(str(value), default, low, high), default)
        padding, bias = reported.get("padding"), step_usual.bias
        put(key("padding", step), padding if padding in PADDINGS and padding != step_usual.padding else "")
        _keep(key("bias", step), _number(str(reported.get("bias")), bias), bias)

    for name, (default, low, high) in _WHOLE.items():
        default = unit if name == "unit" else default
        _keep(key(name), _whole(str(report.get(name)), default, low, high), default)


def _keep(name: str, value: float, usual: float) -> None:
    put(name, "" if value == usual else f"{value:.6g}")


def _whole(text: str, usual: int, low: int, high: int) -> int:
    number = _number(text, math.nan)
    return int(number) if low <= number <= high else usual


def _number(text: str, usual: float) -> float:
    try:
        number = float(text)
    except ValueError:
        return usual
    return number if abs(number) <= _FARTHEST else usual


Floats = NDArray[np.float64]
LARGEST = 63  # rows of a kernel: pictures have at most 64
LINKED = 8000  # letters of a text that a link can carry


def write_weights(kernel: Floats) -> str:
    """Weights (C, m, m) as text: `|` between channels, `;` between rows, `,` between numbers.

    Channels that are all alike are written once.
    """
    alike = bool((kernel == kernel[0]).all())
    squares = kernel[:1] if alike else kernel
    return "|".join(";".join(",".join(f"{x:.6g}" for x in row) for row in square) for square in squares)


def read_weights(text: str) -> Floats | None:
    """Weights (1 or 3, m, m) from their text; None where it is no square of finite numbers."""
    try:
        values = np.array([[row.split(",") for row in s.split(";")] for s in text.split("|")], np.float64)
    except ValueError:
        return None
    if values.ndim != 3 or values.shape[1] != values.shape[2] or values.shape[1] > LARGEST:
        return None
    return values if values.shape[0] in (1, 3) and (np.abs(values) <= _FARTHEST).all() else None
