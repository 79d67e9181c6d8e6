"""The ticks of the live curves, by the script that the browser gets: whole epochs, labels that differ."""

from __future__ import annotations

import re

import quickjs
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import ROOT

SCRIPT = (ROOT / "cnnviz/ui/train/chart.js").read_text("utf-8")
FUNCTIONS = SCRIPT[SCRIPT.index("// 1, 2, 2.5 or 5 times") :]


def ticks(low: float, high: float, count: int, *, whole: bool = False) -> tuple[float, list[str]]:
    """The step, and the labels of all ticks from low to high."""
    context = quickjs.Context()
    context.eval(re.sub(r"^(import|export).*$", "", FUNCTIONS, flags=re.MULTILINE))
    step = float(context.eval(f"niceStep({high - low}, {count}, {str(whole).lower()})"))
    begin = int(low // step)
    values = [step * number for number in range(begin, begin + count + 2)]
    return step, [str(context.eval(f"plain({value!r}, {step!r})")) for value in values]


@given(st.floats(1e-3, 1e4), st.floats(0, 100), st.sampled_from([5, 6]))
def test_neighbouring_ticks_are_labelled_differently_and_truly(span, low, count):
    step, labels = ticks(low, low + span, count)
    assert len(set(labels)) == len(labels)
    begin = low // step
    for number, label in enumerate(labels):
        assert abs(float(label) - step * (begin + number)) <= step / 1000


@given(st.integers(1, 10_000))
def test_epochs_are_whole(epochs):
    step, labels = ticks(0, epochs, 6, whole=True)
    assert step == int(step) >= 1
    assert all(label.isdigit() for label in labels)


def test_half_percents_are_not_rounded():
    assert ticks(0, 12, 5)[1][:5] == ["0.0", "2.5", "5.0", "7.5", "10.0"]
    assert ticks(0, 15, 6, whole=True)[1][:3] == ["0", "5", "10"]
