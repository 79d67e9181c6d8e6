"""Looking at one image again and again: what is kept, and what is sent."""

import numpy as np
import pytest

from cnnviz.errors import RunError
from cnnviz.inspection import network, responses
from cnnviz.inspection.results import GLANCE

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(autouse=True)
def _empty_memory():
    network._networks.clear()
    responses._kept.clear()


def images(count):
    return np.random.default_rng(0).integers(0, 256, (count, 16, 16, 1), np.uint8)


def test_the_overview_names_every_layer_with_a_small_picture(make_run):
    run, _ = make_run()
    image = images(1)[0]
    found = responses.overview(str(run.path), image)
    layers = network.activations(str(run.path), image).layers
    assert [one.name for one in found.layers] == [one.name for one in layers]
    for glance, layer in zip(found.layers, layers, strict=True):
        assert (glance.shape, glance.size, glance.depth) == (layer.values.shape, layer.size, layer.depth)
        assert max(glance.glance.shape) <= GLANCE
        assert np.abs(glance.glance).max() <= np.abs(layer.values).max()
    assert np.array_equal(found.probabilities, layers[-1].values)
    conv = layers[0].values
    assert np.array_equal(found.layers[0].glance, conv[..., conv.var(axis=(0, 1)).argmax()])
    dense = found.layer("dense1")
    assert dense.glance.shape == (GLANCE,)
    assert np.abs(dense.glance).max() == np.abs(layers[-2].values).max()


def test_another_layer_of_the_same_image_asks_the_network_nothing(make_run):
    run, _ = make_run()
    one, other = images(2)
    first = responses.layer_maps(str(run.path), one, "block1_conv1")
    again = responses.layer_maps(str(run.path), one, "block1_conv1")
    assert again.values is first.values
    responses.layer_maps(str(run.path), one, "softmax")
    assert len(responses._kept) == 1
    responses.layer_maps(str(run.path), other, "softmax")
    untrained = responses.layer_maps(str(run.path), other, "softmax", untrained=True)
    assert len(responses._kept) == 3
    assert untrained.values.shape == (10,)


def test_newer_weights_give_new_answers(make_run):
    run, _ = make_run(epoch=1, seed=1)
    image = images(1)[0]
    before = responses.overview(str(run.path), image)
    make_run(seed=2, into=run)
    after = responses.overview(str(run.path), image)
    assert (before.epoch, after.epoch) == (1, None)
    assert not np.allclose(before.probabilities, after.probabilities)


def test_memory_is_bounded_and_the_oldest_goes_first(make_run, monkeypatch):
    run, _ = make_run()
    many = images(6)
    responses.overview(str(run.path), many[0])
    monkeypatch.setattr(responses, "KEPT_BYTES", int(2.5 * responses._size(*responses._kept.values())))
    for image in many:
        responses.overview(str(run.path), image)
    assert [key.image for key in responses._kept] == [image.tobytes() for image in many[-2:]]


def test_a_layer_that_is_not_there_is_named(make_run):
    run, _ = make_run()
    with pytest.raises(RunError, match="no layer 'flatten'"):
        responses.layer_maps(str(run.path), images(1)[0], "flatten")
