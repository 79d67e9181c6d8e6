"""The written-out sums against what Keras computes, for every kind of layer and every architecture."""

import keras
import numpy as np
import pytest

from cnnviz import architectures, datasets, specs
from cnnviz.architectures.build import build_model
from cnnviz.errors import RunError
from cnnviz.inspection import network
from cnnviz.inspection.weights import Weights
from cnnviz.inspection.workings import (
    ConvolutionSum,
    FunctionValue,
    MapMean,
    NormalizedValue,
    PoolingWindow,
    UnitSum,
    Working,
)
from cnnviz.runs import RunDirectory
from cnnviz.specs import ArchitectureSpec, DatasetSpec, ExperimentSpec

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
SHAPES = DatasetSpec(name="shapes", size=32)


def write_run(root, spec):
    """A run whose weights, biases and statistics are all random: zeros would hide mistakes."""
    facts = datasets.facts(SHAPES)
    keras.utils.set_random_seed(3)
    model = build_model(spec, facts.input_shape, len(facts.class_names))
    draw = np.random.default_rng(0)
    for layer in model.layers:
        weights = layer.get_weights()
        for i in range(1, len(weights)):
            weights[i] = draw.uniform(0.1, 0.4, weights[i].shape).astype(np.float32)
        layer.set_weights(weights)
    run = RunDirectory.create(root, ExperimentSpec(dataset=SHAPES, architecture=spec))
    model.save(run.model_path)
    run.set_status(state="done")
    return Weights(run.path)


def applied(name, number):
    return float(np.asarray(keras.activations.get(name)(np.array([number], np.float32)))[0])


def result(found: Working) -> float:
    """The number that follows from what is written out."""
    if isinstance(found, ConvolutionSum):
        for channel in found.channels:
            total = float((channel.window.astype(float) * channel.weights).sum())
            assert channel.total == pytest.approx(total, abs=1e-9)
            assert not channel.window[~found.inside].any()
        total = sum(channel.total for channel in found.channels) + found.others_total + (found.bias or 0)
        assert total == pytest.approx(found.before, abs=1e-6)
        return applied(found.activation, total)
    if isinstance(found, UnitSum):
        total = sum(part.product for part in found.parts) + found.others_total + (found.bias or 0)
        assert total == pytest.approx(found.before, abs=1e-6)
        if found.activation == "softmax":
            assert found.exponentials is not None
            return float(np.exp(total)) / found.exponentials
        return applied(found.activation, total)
    if isinstance(found, PoolingWindow):
        values = found.window[found.inside]
        return float(values.max() if found.kind == "max" else values.mean())
    if isinstance(found, NormalizedValue):
        return (
            found.scale * (found.given - found.mean) / (found.variance + found.epsilon) ** 0.5 + found.shift
        )
    if isinstance(found, MapMean):
        return found.total / found.size
    assert isinstance(found, FunctionValue)
    return applied(found.activation, found.given)


def check_all_layers(run, image, draw, places=6):
    for layer in network.activations(run, image).layers:
        shape = layer.values.shape
        corners = [tuple(0 for _ in shape), tuple(side - 1 for side in shape)]
        for place in [*corners, *(tuple(draw.integers(0, side) for side in shape) for _ in range(places))]:
            at = (int(place[0]), int(place[1])) if len(shape) == 3 else None
            found = network.working(run, image, layer.name, int(place[-1]), at)
            number = float(layer.values[place])
            assert found.value == number
            assert result(found) == pytest.approx(number, rel=1e-4, abs=1e-5), (layer.name, place)


@pytest.mark.parametrize("name", list(architectures.ARCHITECTURES))
def test_sums_add_up_to_the_number_in_the_map(tmp_path, name):
    small = {"vgg16": {"filters": (4, 6, 8, 8, 8), "dense": (7, 5)}}
    run = write_run(tmp_path, architectures.make(name, **small.get(name, {})))
    draw = np.random.default_rng(1)
    check_all_layers(run, draw.integers(0, 256, (32, 32, 3), np.uint8), draw)


def test_every_kind_of_layer_adds_up(tmp_path):
    spec = ArchitectureSpec.of(
        specs.Conv2D(name="a", filters=5, kernel_size=4, strides=3, activation="tanh", use_bias=False),
        specs.AveragePooling2D(name="b", pool_size=3, strides=2, padding="same"),
        specs.Conv2D(name="c", filters=6, kernel_size=2, activation="linear"),
        specs.Activation(name="d", activation="elu"),
        specs.MaxPooling2D(name="e", pool_size=2, strides=1, padding="same"),
        specs.GlobalAveragePooling2D(name="f"),
        specs.Dense(name="g", units=4, activation="sigmoid", use_bias=False),
        specs.Dense(name="h", units="classes", activation="softmax"),
    )
    run = write_run(tmp_path, spec)
    draw = np.random.default_rng(2)
    check_all_layers(run, draw.integers(0, 256, (32, 32, 3), np.uint8), draw, places=20)


def test_the_image_gives_all_its_channels_and_deep_layers_the_strongest(tmp_path):
    run = write_run(tmp_path, architectures.make("two-pairs"))
    image = np.random.default_rng(4).integers(0, 256, (32, 32, 3), np.uint8)
    first = network.working(run, image, "block1_conv1", 7, (0, 5))
    assert isinstance(first, ConvolutionSum)
    assert [channel.position for channel in first.channels] == [0, 1, 2]
    assert (first.others, first.others_total) == (0, 0)
    assert first.inside.tolist() == [[False] * 3, [True] * 3, [True] * 3]
    assert first.channels[1].window[1] == pytest.approx(image[0, 4:7, 1] / 255)
    deep = network.working(run, image, "block2_conv1", 0, (5, 5))
    assert isinstance(deep, ConvolutionSum)
    assert len(deep.channels) == 3
    assert deep.others == 29
    assert abs(deep.channels[0].total) >= abs(deep.channels[1].total) >= abs(deep.channels[2].total)


@pytest.mark.parametrize(
    ("layer", "depth", "at"),
    [
        ("nowhere", 0, (0, 0)),
        ("flatten", 0, None),
        ("block1_conv1", 0, None),
        ("block1_conv1", 32, (0, 0)),
        ("block1_conv1", 0, (32, 0)),
        ("dense1", 0, (0, 0)),
        ("dense1", -1, None),
    ],
)
def test_a_number_that_is_not_there_is_refused(tmp_path, layer, depth, at):
    run = write_run(tmp_path, architectures.make("two-pairs"))
    with pytest.raises(RunError, match="has no number"):
        network.working(run, np.zeros((32, 32, 3), np.uint8), layer, depth, at)
