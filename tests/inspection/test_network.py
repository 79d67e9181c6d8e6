"""Forward passes and kernels against plain Keras, in this process."""

import keras
import numpy as np
import pytest

from cnnviz import architectures, datasets
from cnnviz.errors import ImageError, RunError
from cnnviz.inspection import network
from cnnviz.inspection.signs import signed_outputs
from cnnviz.inspection.weights import CHECKPOINT, find_weights
from cnnviz.specs import Activation, ArchitectureSpec, Conv2D, Dense, Flatten, GlobalAveragePooling2D
from cnnviz.training import checkpoint

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(autouse=True)
def _empty_memory():
    network._networks.clear()


def image_for(run, seed=0):
    shape = datasets.facts(run.spec().experiment.dataset).input_shape
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("name", ["two-pairs", "batch-norm", "strided"])
def test_every_layers_maps_are_what_a_plain_submodel_gives(make_run, name):
    run, model = make_run(name)
    image = image_for(run)
    found = network.activations(str(run.path), image)
    for layer in found.layers:
        alone = keras.Model(model.input, model.get_layer(layer.name).output)
        expected = np.asarray(alone(image[None], training=False))[0]
        assert layer.values.dtype == np.float32
        np.testing.assert_allclose(layer.values, expected, rtol=1e-4, atol=1e-5)
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert not {layer.type for layer in found.layers} & {"Dropout", "Flatten"}
    assert found.epoch is None


def test_a_run_that_trains_answers_with_its_last_checkpoint_and_its_epoch(make_run):
    run, model = make_run("batch-norm", epoch=3, seed=5)
    image = image_for(run)
    found = network.activations(str(run.path), image)
    assert found.epoch == 3
    expected = np.asarray(model(image[None], training=False))[0]
    np.testing.assert_allclose(found.probabilities, expected, rtol=1e-4, atol=1e-6)


def test_newer_weights_of_the_same_run_are_taken_up(make_run):
    run, _ = make_run(epoch=1, seed=1)
    image = image_for(run)
    before = network.activations(str(run.path), image)
    _, model = make_run(seed=2, into=run)  # it has finished
    after = network.activations(str(run.path), image)
    assert after.epoch is None
    assert not np.allclose(before.probabilities, after.probabilities)
    expected = np.asarray(model(image[None], training=False))[0]
    np.testing.assert_allclose(after.probabilities, expected, rtol=1e-4, atol=1e-6)


def test_only_a_few_networks_stay_in_memory_the_latest_used(make_run):
    runs = [str(make_run("lenet", filters=(2 + i, 4))[0].path) for i in range(network.KEPT)]
    for run in runs:
        network.load(run)
    first = network.load(runs[0])
    assert network.load(runs[0]).model is first.model  # not built again
    extra = str(make_run("lenet", filters=(20, 4))[0].path)
    network.load(extra)
    assert network.kept() == [*runs[2:], runs[0], extra]


def test_kernels_are_keras_weights_and_know_whether_they_look_at_the_image(make_run):
    run, model = make_run("two-pairs")
    convolutions = [layer.name for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    kernel, bias = model.get_layer(convolutions[0]).get_weights()
    found = network.kernels(str(run.path), convolutions[0])
    assert np.array_equal(found.kernel, kernel)
    assert np.array_equal(found.bias, bias)
    assert found.first
    one = network.kernels(str(run.path), convolutions[1], output=4)
    assert np.array_equal(one.kernel[..., 0], model.get_layer(convolutions[1]).get_weights()[0][..., 4])
    assert not one.first
    with pytest.raises(RunError, match="no convolution"):
        network.kernels(str(run.path), model.layers[-1].name)


def test_weight_histograms_count_every_weight(make_run):
    run, model = make_run("two-pairs")
    found = network.weight_histograms(str(run.path), 30)
    assert sum(h.n for h in found) == model.count_params()
    assert all(h.counts.sum() == h.n and len(h.edges) == 31 for h in found)


def test_an_image_of_another_shape_is_refused(make_run):
    run, _ = make_run()
    with pytest.raises(ImageError, match="32×32×3"):
        network.activations(str(run.path), np.zeros((32, 32, 3), np.uint8))


@pytest.mark.parametrize("epoch", [None, 2])
def test_damaged_weights_are_named(make_run, epoch):
    run, _ = make_run(epoch=epoch)
    path = run.model_path if epoch is None else run.checkpoint_dir / CHECKPOINT
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(RunError, match="damaged"):
        network.activations(str(run.path), image_for(run))


def test_weights_of_another_network_are_refused(make_run):
    run, _ = make_run("two-pairs", kernel_size=3)
    other, _ = make_run("two-pairs", kernel_size=5)
    run.model_path.write_bytes(other.model_path.read_bytes())
    with pytest.raises(RunError, match="not of its network"):
        network.activations(str(run.path), image_for(run))


def test_a_run_without_weights_says_when_there_will_be_some(make_run):
    run, _ = make_run(epoch=1)
    (run.checkpoint_dir / CHECKPOINT).unlink()
    assert find_weights(run.path) is None
    with pytest.raises(RunError, match="end of every epoch"):
        network.activations(str(run.path), image_for(run))
    run.set_status(state="failed")
    with pytest.raises(RunError, match="failed"):
        network.activations(str(run.path), image_for(run))


def test_the_checkpoint_has_the_name_that_the_training_gives_it(tmp_path):
    assert checkpoint.path_of(tmp_path) == tmp_path / CHECKPOINT


def test_signs_follow_from_the_spec():
    spec = ArchitectureSpec.of(
        Conv2D(name="a", filters=2, activation="relu"),
        Conv2D(name="b", filters=2, activation="linear"),
        Activation(name="c", activation="relu"),
        Activation(name="d", activation="tanh"),
        GlobalAveragePooling2D(name="e"),
        Flatten(),
        Dense(name="f", units="classes", activation="softmax"),
    )
    expected = {"a": False, "b": True, "c": False, "d": True, "e": True, "flatten": True, "f": False}
    assert signed_outputs(spec) == expected


@pytest.mark.parametrize("name", list(architectures.ARCHITECTURES))
def test_no_layer_called_unsigned_ever_answers_below_zero(name):
    spec = architectures.make(name)
    model = network.build_model(spec, (32, 32, 3), 10)
    names = network.shown_layers(spec)
    inside = keras.Model(model.input, [model.get_layer(n).output for n in names])
    outputs = inside(np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), np.uint8))
    signed = signed_outputs(spec)
    for layer, values in zip(names, outputs, strict=True):
        assert signed[layer] or float(np.min(values)) >= 0
