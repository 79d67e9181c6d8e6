"""Forward passes and kernels against plain Keras, in this process."""

import shutil

import keras
import numpy as np
import pytest

from cnnviz import architectures, datasets, specs
from cnnviz.architectures.build import build_model
from cnnviz.errors import ImageError, RunError
from cnnviz.inspection import network
from cnnviz.inspection.layers import GLANCE, signed_outputs
from cnnviz.inspection.weights import CHECKPOINT, Weights, find_weights
from cnnviz.runs import RunDirectory
from cnnviz.specs import ArchitectureSpec, DatasetSpec, ExperimentSpec
from cnnviz.training import checkpoint
from cnnviz.training.fit import Training
from cnnviz.training.progress import Progress
from tests.present import present

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(autouse=True)
def _clean():
    yield
    keras.mixed_precision.set_global_policy("float32")


def image_for(run, seed=0):
    shape = datasets.facts(run.spec().experiment.dataset).input_shape
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("name", ["two-pairs", "batch-norm", "strided"])
def test_every_layers_maps_are_what_a_plain_submodel_gives(make_run, name):
    run, model = make_run(name)
    image = image_for(run)
    found = network.activations(Weights(run.path), image)
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
    found = network.activations(Weights(run.path), image)
    assert found.epoch == 3
    expected = np.asarray(model(image[None], training=False))[0]
    np.testing.assert_allclose(found.probabilities, expected, rtol=1e-4, atol=1e-6)


def test_newer_weights_of_the_same_run_are_taken_up(make_run):
    run, _ = make_run(epoch=1, seed=1)
    image = image_for(run)
    before = network.activations(Weights(run.path), image)
    _, model = make_run(seed=2, into=run)  # it has finished
    after = network.activations(Weights(run.path), image)
    assert after.epoch is None
    assert not np.allclose(before.probabilities, after.probabilities)
    expected = np.asarray(model(image[None], training=False))[0]
    np.testing.assert_allclose(after.probabilities, expected, rtol=1e-4, atol=1e-6)


def test_only_a_few_networks_stay_in_memory_the_latest_used(make_run):
    runs = [make_run("lenet", filters=(2 + i, 4))[0].path for i in range(network.KEPT)]
    for run in runs:
        network.load(Weights(run))
    first = network.load(Weights(runs[0]))
    assert network.load(Weights(runs[0])).model is first.model  # not built again
    extra = make_run("lenet", filters=(20, 4))[0].path
    network.load(Weights(extra))
    assert network.kept() == [*runs[2:], runs[0], extra]


def test_kernels_are_keras_weights_and_know_whether_they_look_at_the_image(make_run):
    run, model = make_run("two-pairs")
    convolutions = [layer.name for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    kernel, bias = model.get_layer(convolutions[0]).get_weights()
    found = network.kernels(Weights(run.path), convolutions[0])
    assert np.array_equal(found.kernel, kernel)
    assert np.array_equal(present(found.bias), bias)
    assert found.first
    one = network.kernels(Weights(run.path), convolutions[1], output=4)
    assert np.array_equal(one.kernel[..., 0], model.get_layer(convolutions[1]).get_weights()[0][..., 4])
    assert not one.first
    with pytest.raises(RunError, match="no convolution"):
        network.kernels(Weights(run.path), model.layers[-1].name)


def test_weight_histograms_count_every_weight(make_run):
    run, model = make_run("two-pairs")
    found = network.weight_histograms(Weights(run.path), 30)
    assert sum(h.n for h in found) == model.count_params()
    assert all(h.counts.sum() == h.n and len(h.edges) == 31 for h in found)


def test_an_image_of_another_shape_is_refused(make_run):
    run, _ = make_run()
    with pytest.raises(ImageError, match="32×32×3"):
        network.activations(Weights(run.path), np.zeros((32, 32, 3), np.uint8))


@pytest.mark.parametrize("epoch", [None, 2])
def test_damaged_weights_are_named(make_run, epoch):
    run, _ = make_run(epoch=epoch)
    path = run.model_path if epoch is None else run.checkpoint_dir / CHECKPOINT
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(RunError, match="damaged"):
        network.activations(Weights(run.path), image_for(run))


def test_weights_of_another_network_are_refused(make_run):
    run, _ = make_run("two-pairs", kernel_size=3)
    other, _ = make_run("two-pairs", kernel_size=5)
    run.model_path.write_bytes(other.model_path.read_bytes())
    with pytest.raises(RunError, match="not of its network"):
        network.activations(Weights(run.path), image_for(run))


def test_a_run_without_weights_says_when_there_will_be_some(make_run):
    run, _ = make_run(epoch=1)
    (run.checkpoint_dir / CHECKPOINT).unlink()
    assert find_weights(run.path) is None
    with pytest.raises(RunError, match="end of every epoch"):
        network.activations(Weights(run.path), image_for(run))
    run.set_status(state="failed")
    with pytest.raises(RunError, match="failed"):
        network.activations(Weights(run.path), image_for(run))


def test_the_checkpoint_has_the_name_that_the_training_gives_it(tmp_path):
    assert checkpoint.path_of(tmp_path) == tmp_path / CHECKPOINT


def test_signs_follow_from_the_spec():
    spec = ArchitectureSpec.of(
        specs.Conv2D(name="a", filters=2, activation="relu"),
        specs.Conv2D(name="b", filters=2, activation="linear"),
        specs.Activation(name="c", activation="relu"),
        specs.Activation(name="d", activation="tanh"),
        specs.GlobalAveragePooling2D(name="e"),
        specs.Flatten(),
        specs.Dense(name="f", units="classes", activation="softmax"),
    )
    expected = {"a": False, "b": True, "c": False, "d": True, "e": True, "flatten": True, "f": False}
    assert signed_outputs(spec) == expected


@pytest.mark.parametrize("name", list(architectures.ARCHITECTURES))
def test_no_layer_called_unsigned_ever_answers_below_zero(name):
    spec = architectures.make(name)
    model = build_model(spec, (32, 32, 3), 10)
    names = network.shown_layers(spec)
    inside = keras.Model(model.input, [model.get_layer(n).output for n in names])
    outputs = inside(np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), np.uint8))
    signed = signed_outputs(spec)
    for layer, values in zip(names, outputs, strict=True):
        assert signed[layer] or float(np.min(values)) >= 0


def images(count):
    return np.random.default_rng(0).integers(0, 256, (count, 16, 16, 1), np.uint8)


def test_the_overview_names_every_layer_with_a_small_picture(make_run):
    run, _ = make_run()
    image = images(1)[0]
    found = network.overview(Weights(run.path), image)
    layers = network.activations(Weights(run.path), image).layers
    assert [one.name for one in found.layers] == [one.name for one in layers]
    for glance, layer in zip(found.layers, layers, strict=True):
        assert (glance.shape, glance.size, glance.depth) == (layer.values.shape, layer.size, layer.depth)
        assert max(glance.glance.shape) <= GLANCE
        assert np.abs(glance.glance).max() <= np.abs(layer.values).max()
    assert np.array_equal(found.probabilities, layers[-1].values)
    conv = layers[0].values
    assert np.array_equal(found.layers[0].glance, conv[..., conv.var(axis=(0, 1)).argmax()])
    dense = present(found.layer("dense1"))
    assert dense.glance.shape == (GLANCE,)
    assert np.abs(dense.glance).max() == np.abs(layers[-2].values).max()


def test_another_layer_of_the_same_image_asks_the_network_nothing(make_run):
    run, _ = make_run()
    one, other = images(2)
    first = network.layer_maps(Weights(run.path), one, "block1_conv1")
    again = network.layer_maps(Weights(run.path), one, "block1_conv1")
    assert again.values is first.values
    network.layer_maps(Weights(run.path), one, "softmax")
    assert len(network._looks) == 1
    network.layer_maps(Weights(run.path), other, "softmax")
    untrained = network.layer_maps(Weights(run.path, untrained=True), other, "softmax")
    assert len(network._looks) == 3
    assert untrained.values.shape == (10,)


def test_newer_weights_give_new_answers(make_run):
    run, _ = make_run(epoch=1, seed=1)
    image = images(1)[0]
    before = network.overview(Weights(run.path), image)
    make_run(seed=2, into=run)
    after = network.overview(Weights(run.path), image)
    assert (before.epoch, after.epoch) == (1, None)
    assert not np.allclose(before.probabilities, after.probabilities)


def test_memory_is_bounded_and_the_oldest_goes_first(make_run, monkeypatch):
    run, _ = make_run()
    many = images(6)
    network.overview(Weights(run.path), many[0])
    (look,) = network._looks.values()
    monkeypatch.setattr(network, "KEPT_BYTES", int(2.5 * sum(maps.values.nbytes for maps in look)))
    for image in many:
        network.overview(Weights(run.path), image)
    assert [key.image for key in network._looks] == [image.tobytes() for image in many[-2:]]


def test_a_layer_that_is_not_there_is_named(make_run):
    run, _ = make_run()
    with pytest.raises(RunError, match="no layer 'flatten'"):
        network.layer_maps(Weights(run.path), images(1)[0], "flatten")


# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.


@pytest.mark.parametrize("n", [1, 32, 33])
def test_each_image_gets_the_answer_that_it_gets_alone(make_run, n):
    run, model = make_run("two-pairs")
    images = np.random.default_rng(n).integers(0, 256, (n, *model.input_shape[1:]), np.uint8)
    found = network.predictions(Weights(run.path), images)
    assert found.shape == (n, 10)
    alone = np.concatenate([np.asarray(model(image[None], training=False)) for image in images])
    np.testing.assert_allclose(found, alone, atol=1e-6)


def test_images_of_another_shape_are_refused(make_run):
    run, _ = make_run("two-pairs")
    with pytest.raises(ImageError, match="takes"):
        network.predictions(Weights(run.path), np.zeros((1, 5, 5, 1), np.uint8))


# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
DIGITS = DatasetSpec(name="digits", train_size=60, test_size=20)


def begin(root, architecture="batch-norm", **training) -> tuple[RunDirectory, Training]:
    experiment = ExperimentSpec.parse(
        {"dataset": DIGITS, "architecture": architectures.make(architecture), "training": training}
    )
    run = RunDirectory.create(root, experiment)
    return run, Training(run, experiment, datasets.load(DIGITS), Progress(run))


@pytest.mark.parametrize(
    "training",
    [
        {"seed": 7},
        {
            "precision": "mixed_bfloat16",
            "l2": 1e-3,
            "augmentation": {"rotation": 10, "horizontal_flip": True},
        },
        {"seed": 2, "first_kernels": "hand-made", "freeze": "first"},
    ],
)
def test_all_weights_are_those_before_the_first_step(tmp_path, training):
    run, begun = begin(tmp_path, **training)
    expected = [np.asarray(weight) for weight in begun.network.get_weights()]
    keras.utils.set_random_seed(99)  # whatever else the process has drawn meanwhile
    found = network.load(Weights(run.path, untrained=True)).model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def test_the_kernels_are_those_of_the_first_snapshot_and_training_has_changed_them(tmp_path):
    run, begun = begin(tmp_path, "two-pairs", epochs=1, seed=3)
    begun.fit()
    begun.network.save(run.model_path)
    run.set_status(state="done")
    with np.load(run.snapshots_dir / "epoch-0000.npz") as snapshot:
        before = network.kernels(Weights(run.path, untrained=True), "block1_conv1").kernel
        assert np.array_equal(before.astype(np.float16), snapshot["kernels"])
    assert not np.array_equal(before, network.kernels(Weights(run.path), "block1_conv1").kernel)
    widest = network.weight_histograms(Weights(run.path, untrained=True), 10)[0]
    assert widest.deviation == pytest.approx(before.std(), rel=1e-5)


def test_a_run_that_began_with_another_runs_convolutions_shows_them(tmp_path):
    source, taught = begin(tmp_path, "two-pairs", epochs=1, seed=1)
    taught.fit()
    taught.network.save(source.model_path)
    source.set_status(state="done")
    run, begun = begin(tmp_path, "two-pairs", seed=2, init_from=source.id, freeze="base")
    expected = [np.asarray(weight) for weight in begun.network.get_weights()]
    found = network.load(Weights(run.path, untrained=True)).model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))
    shutil.rmtree(source.path)
    network._networks.clear()
    with pytest.raises(RunError):
        network.load(Weights(run.path, untrained=True))
