"""The arithmetic agrees with Keras, layer by layer, for variants and random networks.

`tests/test_contracts.py` holds it for every registered one.
"""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given

from cnnviz.architectures import NetworkSummary, make, summarise
from cnnviz.architectures.build import build_model
from cnnviz.architectures.fields import Span, fields
from cnnviz.errors import SpecError
from cnnviz.specs import ArchitectureSpec, TrainingSpec
from tests.architectures import networks
from tests.present import present

VARIANTS = [
    ("two-pairs", {"kernel_size": 5}),
    ("deep-pairs", {"blocks": (8, 16), "dropout": 0.5, "activation": "sigmoid", "second_dense": 16}),
    ("strides-or-pooling", {"pooling": "max"}),
    ("vgg16", {"filters": (4, 4, 4, 4, 4), "dense": (8, 8, 8), "batch_norm": True}),
]


def assert_equal(model: keras.Model, summary: NetworkSummary) -> None:
    built = model.layers[2:]  # after the input and the rescaling
    assert [layer.name for layer in built] == [layer.name for layer in summary.layers]
    for ours, theirs in zip(summary.layers, built, strict=True):
        assert ours.type == type(theirs).__name__
        assert ours.output_shape == tuple(theirs.output.shape[1:]), ours.name
        assert ours.params == theirs.count_params(), ours.name
        trainable = sum(int(np.prod(weight.shape)) for weight in theirs.trainable_weights)
        assert ours.trainable_params == trainable, ours.name
    assert summary.total_params == model.count_params()


@pytest.mark.parametrize(("name", "parameters"), VARIANTS)
def test_variants_are_counted_as_keras_counts(name: str, parameters: dict[str, object]) -> None:
    spec = make(name, **parameters)
    assert_equal(build_model(spec, (32, 32, 3), 10), summarise(spec, (32, 32, 3), 10))


@networks.often(150)
@given(spec=networks.architectures(), shape=networks.shapes)
def test_random_networks_are_counted_as_keras_counts(
    spec: ArchitectureSpec, shape: tuple[int, int, int]
) -> None:
    try:
        summary = summarise(spec, shape, 7)
    except SpecError:
        with pytest.raises(ValueError, match=r"."):
            stack_without_checks(spec, shape)
        return
    assert_equal(build_model(spec, shape, 7), summary)


def stack_without_checks(spec: ArchitectureSpec, shape: tuple[int, int, int]) -> None:
    """What Keras itself says to a network that the arithmetic refuses."""
    x = keras.Input(shape)
    for layer in spec.layers:
        arguments = layer.model_dump(exclude={"type", "l1", "l2"})
        if arguments.get("units") == "classes":
            arguments["units"] = 7
        x = getattr(keras.layers, layer.type)(**arguments)(x)


def test_the_model_takes_whole_numbers_and_gives_float32_probabilities() -> None:
    training = TrainingSpec(precision="mixed_bfloat16")
    model = build_model(make("two-pairs"), (16, 16, 1), 10, training=training)
    images = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 1), dtype=np.uint8)
    answer = np.asarray(model(images, training=False))
    assert answer.dtype == np.float32
    np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)
    assert model.get_layer("block1_conv1").compute_dtype == "bfloat16"
    assert model.get_layer("rescaling").compute_dtype == "float32"


@pytest.mark.parametrize(
    ("which", "penalised"),
    [
        ("all", {"block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2", "dense1", "softmax"}),
        ("convolutions", {"block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2"}),
        ("dense", {"dense1", "softmax"}),
        ("output", {"softmax"}),
    ],
)
def test_penalties_go_to_the_layers_that_are_named(which: str, penalised: set[str]) -> None:
    training = TrainingSpec.parse({"l2": 0.25, "regularize": which})
    model = build_model(make("two-pairs"), (16, 16, 1), 10, training=training)
    found = {
        layer.name: layer.kernel_regularizer for layer in model.layers if hasattr(layer, "kernel_regularizer")
    }
    assert {name for name, regularizer in found.items() if regularizer} == penalised
    assert all(float(found[name].l2) == 0.25 for name in penalised)


def test_penalties_of_spec_and_training_add_up() -> None:
    model = build_model(
        make("strides-or-pooling", l1=0.5), (32, 32, 3), 10, training=TrainingSpec(l1=0.25, l2=0.125)
    )
    regularizer = model.get_layer("softmax").kernel_regularizer
    assert (float(regularizer.l1), float(regularizer.l2)) == (0.75, 0.125)


def test_the_receptive_field_is_the_pixels_that_change_an_output() -> None:
    """All weights 1, no activation: an output moves exactly if a pixel in its field does."""
    spec = make("two-pairs", filters=(1, 1))
    layers = [layer.but(activation="linear") if layer.type == "Conv2D" else layer for layer in spec.layers]
    side = 60
    model = build_model(ArchitectureSpec.of(layers), (side, side, 1), 2)
    for layer in model.layers:
        if layer.name.startswith("block") and layer.get_weights():
            layer.set_weights([np.ones_like(weight) for weight in layer.get_weights()])
    one_pixel_each = np.zeros((side + 1, side, side, 1), np.uint8)
    one_pixel_each[np.arange(side), side // 2, np.arange(side)] = 255
    summary = summarise(spec, (side, side, 1), 2)
    for row in (row for row in summary.layers if row.name.startswith("block")):
        inside = keras.Model(model.input, model.get_layer(row.name).output)
        out = np.asarray(inside(one_pixel_each, training=False))
        middle = out[:, out.shape[1] // 2, out.shape[2] // 2, 0]
        assert np.count_nonzero(middle[:-1] != middle[-1]) == row.receptive_field, row.name


FEW_CHANNELS: dict[str, dict[str, tuple[int, ...]]] = {
    "vgg16": {"filters": (2, 2, 2, 2, 2), "dense": (3,)},
    "strides-or-pooling": {"filters": (2, 2)},
    "batch-norm": {"filters": (2, 2, 2)},
    "two-pairs": {"filters": (2, 2)},
}


@pytest.mark.parametrize("name", list(FEW_CHANNELS))
# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_no_pixel_outside_a_receptive_field_matters_and_its_border_does(name: str) -> None:
    spec = make(name, **FEW_CHANNELS[name])
    model = build_model(spec, (32, 32, 1), 10)
    for weights in (weight for layer in model.layers for weight in layer.weights):
        weights.assign(np.abs(np.asarray(weights)) + 0.01)  # so that every layer grows with its input
    images = np.full((1 + 2 * 32, 32, 32, 1), 20, np.uint8)
    for line in range(32):
        images[1 + line, line] = 255
        images[33 + line, :, line] = 255
    for layer in (layer for layer in spec.base if layer.type != "Dropout"):
        found = present(fields(spec, (32, 32, 1), layer.name))
        inside = keras.Model(model.input, model.get_layer(layer.name).output)
        values = np.asarray(inside(images))[..., 0]
        for at in {0, values.shape[1] // 2, values.shape[1] - 1}:
            changed = values[1:, at, at] != values[0, at, at]
            for axis, pixels in ((found.rows, changed[:32]), (found.columns, changed[32:])):
                hit = np.flatnonzero(pixels)
                assert axis.seen[at] == Span(hit[0], hit[-1] + 1)
