"""The Convolution lab's own arithmetic (`sums.js`), run without a browser and held against scipy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import quickjs
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage, signal

from cnnviz.convolution import padded

(SUMS,) = (Path(__file__).resolve().parents[2] / "cnnviz" / "ui").rglob("sums.js")


@pytest.fixture(scope="module")
def lab() -> quickjs.Context:
    context = quickjs.Context()
    context.eval(SUMS.read_text("utf-8"))
    context.eval(
        "const whole = (step, field) => JSON.stringify(((out) => ({...out, values: [...out.values]}))"
        "(slide(step, field, geometry(step, field))));"
        "const window_ = (step, field, row, column) =>"
        " JSON.stringify(answer(step, below(step, field, geometry(step, field), row, column)));"
    )
    return context


def field_of(image: NDArray[np.float64]) -> dict[str, Any]:
    """`image`: shape (C, H, W)."""
    channels, height, width = image.shape
    return {"channels": channels, "height": height, "width": width, "values": image.ravel().tolist()}


def step_of(operation: str, size: int, **settings: Any) -> dict[str, Any]:
    plain = {"stride": 1, "dilation": 1, "padding": "valid", "bias": 0.0, "relu": False, "weights": None}
    return {"operation": operation, "size": size, **plain, **settings}


def slid(lab: quickjs.Context, step: dict[str, Any], image: NDArray[np.float64]) -> NDArray[np.float64]:
    """The whole output, shape (C, H, W)."""
    found = json.loads(lab.eval(f"whole({json.dumps(step)}, {json.dumps(field_of(image))})"))
    values: NDArray[np.float64] = np.array(found["values"], np.float64)
    return values.reshape(found["channels"], found["height"], found["width"])


def around(side: int, step: dict[str, Any]) -> tuple[int, int]:
    return padded(side, step["size"], step["stride"], step["padding"], step["dilation"])


@given(
    st.integers(1, 3),
    st.integers(3, 9),
    st.integers(3, 9),
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from(["valid", "same"]),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_a_convolution_is_scipys_correlation(
    lab: quickjs.Context,
    channels: int,
    height: int,
    width: int,
    size: int,
    stride: int,
    dilation: int,
    padding: str,
    relu: bool,
    seed: int,
) -> None:
    reach = dilation * (size - 1) + 1
    assume(padding == "same" or reach <= min(height, width))
    random = np.random.default_rng(seed)
    image, weights = random.normal(size=(channels, height, width)), random.normal(size=(channels, size, size))
    weights[random.random(weights.shape) < 0.2] = 0  # zeros are left out of the sum
    step = step_of(
        "convolve",
        size,
        weights=weights.tolist(),
        stride=stride,
        dilation=dilation,
        padding=padding,
        bias=0.25,
        relu=relu,
    )

    wide = np.zeros((channels, reach, reach))
    wide[:, ::dilation, ::dilation] = weights
    field = np.pad(image, ((0, 0), around(height, step), around(width, step)))
    sums = sum(signal.correlate2d(field[c], wide[c], mode="valid") for c in range(channels))
    expected = np.asarray(sums)[::stride, ::stride] + 0.25
    expected = np.maximum(expected, 0) if relu else expected

    found = slid(lab, step, image)
    np.testing.assert_allclose(found[0], expected, atol=1e-9)
    # One window alone, as the arithmetic below the picture writes it out.
    row, column = found.shape[1] - 1, found.shape[2] // 2
    window = json.loads(
        lab.eval(f"window_({json.dumps(step)}, {json.dumps(field_of(image))}, {row}, {column})")
    )
    np.testing.assert_allclose(window, [expected[row, column]], atol=1e-9)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (3, 1), (2, 1)])
@pytest.mark.parametrize(("operation", "reduce"), [("max", np.nanmax), ("average", np.nanmean)])
def test_pooling_is_scipys_filter(
    lab: quickjs.Context, operation: str, reduce: Any, size: int, stride: int, padding: str
) -> None:
    image = np.random.default_rng(1).normal(size=(2, 7, 6))
    step = step_of(operation, size, stride=stride, padding=padding)
    field = np.pad(image, ((0, 0), around(7, step), around(6, step)), constant_values=np.nan)
    for channel, found in zip(field, slid(lab, step, image), strict=True):
        # scipy's window has its middle at each pixel: moved, so that it begins there.
        begun = ndimage.generic_filter(channel, reduce, size=size, origin=-(size // 2), mode="wrap")
        rows, columns = channel.shape[0] - size + 1, channel.shape[1] - size + 1
        np.testing.assert_allclose(found, begun[:rows:stride, :columns:stride], atol=1e-12)


@pytest.mark.parametrize(
    ("step", "on", "why"),
    [
        (step_of("convolve", 4, weights=[np.ones((3, 3)).tolist()]), "size", "no middle pixel"),
        (step_of("convolve", 9, weights=[np.ones((9, 9)).tolist()]), "size", "the image has only 6"),
        (step_of("convolve", 3, weights=[np.ones((3, 3)).tolist()], dilation=4), "dilation", "9 pixels"),
        (step_of("max", 2, stride=0), "stride", "whole number from 1 on"),
        (step_of("max", 65), "size", "More than 64×64"),
    ],
)
def test_what_cannot_slide_is_refused_with_the_control_and_the_reason(
    lab: quickjs.Context, step: dict[str, Any], on: str, why: str
) -> None:
    field = json.dumps(field_of(np.zeros((1, 6, 6))))
    refused = json.loads(lab.eval(f"JSON.stringify(impossible({json.dumps(step)}, {field}, true))"))
    assert refused["on"] == on
    assert why in refused["why"]
