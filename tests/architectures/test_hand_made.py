"""Kernels made by hand in a first layer: what they are, and the script that puts them there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.architectures import keras_code, make, summarise
from cnnviz.architectures.build import build_model
from cnnviz.architectures.layer_training import (
    counted,
    first_convolution,
    frozen_layers,
    hand_made,
    patterns,
    uses,
)
from cnnviz.errors import SpecError
from cnnviz.kernels import PRESETS
from cnnviz.specs import ArchitectureSpec, Dense, Flatten, TrainingSpec

FROZEN = TrainingSpec(first_kernels="hand-made", freeze="first")
NO_CONVOLUTION = ArchitectureSpec.of(Flatten(), Dense(name="out", units="classes", activation="softmax"))


@given(st.integers(1, 11), st.sampled_from([1, 3]), st.integers(1, 300))
def test_every_kernel_has_the_variance_that_random_ones_would_have(size, channels, filters):
    kernels = hand_made(size, channels, filters)
    assert kernels.shape == (size, size, channels, filters)
    glorot = 2 / (size**2 * channels + size**2 * filters)
    np.testing.assert_allclose((kernels.astype(float) ** 2).mean(axis=(0, 1, 2)), glorot, rtol=1e-5)


def test_maps_take_the_kernels_in_turn_on_brightness_reversed_and_on_single_colours():
    count = len(patterns(3))
    kernels = hand_made(3, 3, 8 * count + 1)
    sobel = list(patterns(3)).index(PRESETS["sobel-x"].title)
    plain, back, red = (kernels[..., sobel + round_ * count] for round_ in (0, 1, 2))
    known = PRESETS["sobel-x"].weights
    for channel in range(3):
        ratio = plain[0, 0, channel] / known[0, 0]
        assert ratio > 0
        np.testing.assert_allclose(plain[:, :, channel], known * ratio, rtol=1e-6)
    np.testing.assert_array_equal(back, -plain)
    assert np.abs(red[:, :, 1:]).max() == 0
    np.testing.assert_array_equal(kernels[..., 8 * count], kernels[..., 0])
    assert uses(1) == [(1, [0]), (-1, [0])]


def test_no_two_kernels_of_the_first_rounds_are_the_same():
    for size in (1, 2, 3, 5, 7):
        squares = [square.ravel() / np.linalg.norm(square) for square in patterns(size).values()]
        likeness = np.array(squares) @ np.array(squares).T
        assert (likeness - np.eye(len(squares)) < 1 - 1e-9).all()
    assert len(patterns(5)) == len(PRESETS)


def test_frozen_parameters_are_counted_as_such():
    architecture = make("two-pairs")
    summary = summarise(architecture, (32, 32, 3), 10)
    assert counted(summary, architecture, FROZEN).trainable_params == summary.trainable_params - 896
    base = counted(summary, architecture, TrainingSpec(freeze="base"))
    assert base.trainable_params == 1_180_160 + 5_130
    assert counted(summary, architecture, TrainingSpec()) is summary


def test_a_network_without_convolution_is_refused():
    for training in (FROZEN, TrainingSpec(freeze="first"), TrainingSpec(first_kernels="hand-made")):
        with pytest.raises(SpecError, match="only where there is a convolution"):
            frozen_layers(NO_CONVOLUTION, training)
    assert not frozen_layers(NO_CONVOLUTION, TrainingSpec())


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("training", [FROZEN, FROZEN.but(freeze=None), TrainingSpec(freeze="base")])
def test_the_script_starts_with_the_same_kernels_and_freezes_the_same_layers(training):
    architecture = make("two-pairs", kernel_size=5)
    names: dict[str, Any] = {}
    code = keras_code(architecture, (32, 32, 3), 10, training)
    exec(compile(code, "script.py", "exec"), names)
    model = names["model"]
    frozen = frozen_layers(architecture, training)
    assert {layer.name for layer in model.layers if not layer.trainable} == frozen
    assert max(map(len, code.splitlines())) <= 120
    if training.first_kernels:
        name = first_convolution(architecture).name
        kernel, bias = model.get_layer(name).get_weights()
        np.testing.assert_allclose(kernel, hand_made(5, 3, 32), atol=1e-5)
        assert not bias.any()
        assert build_model(architecture, (32, 32, 3), 10).get_layer(name).kernel.shape == kernel.shape
