"""Deletion and insertion on networks whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.inspection.explanations.baselines import baseline
from cnnviz.inspection.explanations.checks import faithfulness, order_of, random_faithfulness
from tests.inspection.explanations.networks import linear, picture

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
HEIGHT = WIDTH = 8


@pytest.fixture(scope="module")
def looks_at_one_patch():
    """A network for class 1 that sums the brightness of rows 2–3, columns 4–5; and where that is."""
    network = linear((HEIGHT, WIDTH, 1))
    kernel, bias = (np.zeros_like(w) for w in network.model.layers[-1].get_weights())
    patch = np.zeros((HEIGHT, WIDTH), bool)
    patch[2:4, 4:6] = True
    kernel[patch.ravel(), 1] = 4
    network.model.layers[-1].set_weights([kernel, bias])
    return network, patch


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=40))
def test_an_order_is_a_permutation_that_falls(values):
    values = np.array(values, float)
    order = order_of(values)
    assert sorted(order) == list(range(len(values)))
    assert (np.diff(values[order]) <= 0).all()


def test_equal_pixels_come_in_no_line_but_always_the_same():
    flat = np.zeros((8, 8))
    assert not np.array_equal(order_of(flat), np.arange(64))
    assert np.array_equal(order_of(flat), order_of(flat))


def test_the_right_order_deletes_at_once_and_inserts_at_once(looks_at_one_patch):
    network, patch = looks_at_one_patch
    image = np.where(patch, 1, 0).astype(np.float32)[..., None]
    right = faithfulness(network, image, 1, order_of(patch.astype(float)), steps=64)
    wrong = faithfulness(network, image, 1, order_of(-patch.astype(float)), steps=64)
    whole = network.probabilities(image[None])[0, 1]
    empty = network.probabilities(baseline(image, "mean")[None])[0, 1]
    # Four pixels hold everything: gone after 4 of 64, and in their places the image's mean.
    assert right.deletion.probabilities[0] == pytest.approx(whole, rel=1e-5)
    np.testing.assert_allclose(right.deletion.probabilities[4:], empty, rtol=1e-4)
    np.testing.assert_allclose(wrong.deletion.probabilities[:61], whole, rtol=1e-4)
    np.testing.assert_allclose(right.insertion.probabilities[4:], whole, rtol=1e-4)
    assert right.insertion.probabilities[-1] == pytest.approx(whole, rel=1e-5)
    chance = random_faithfulness(network, image, 1)
    assert right.deletion.area < chance.deletion.area < wrong.deletion.area
    assert wrong.insertion.area < chance.insertion.area < right.insertion.area


def test_both_curves_by_hand_for_each_step(looks_at_one_patch):
    network, _ = looks_at_one_patch
    image = picture(network)
    order = np.random.default_rng(3).permutation(64)
    found = faithfulness(network, image, 1, order, steps=16)
    assert found.deletion.shares.tolist() == pytest.approx(np.linspace(0, 1, 17))
    for step in (0, 5, 16):
        gone, come = image.copy().reshape(64, 1), baseline(image, "blurred").reshape(64, 1)
        chosen = order[: 4 * step]
        gone[chosen] = image.mean()
        come[chosen] = image.reshape(64, 1)[chosen]
        both = np.stack([gone, come]).reshape(2, HEIGHT, WIDTH, 1)
        down, up = network.probabilities(both)[:, 1]
        assert found.deletion.probabilities[step] == pytest.approx(down, rel=1e-4)
        assert found.insertion.probabilities[step] == pytest.approx(up, rel=1e-4)


def test_a_network_that_ignores_the_image_has_the_area_of_its_probability():
    network = linear()
    network.model.layers[-1].set_weights([w * 0 for w in network.model.layers[-1].get_weights()])
    image = picture(network)
    found = faithfulness(network, image, 0, order_of(image[..., 0]))
    assert found.deletion.area == pytest.approx(1 / 3)
    assert found.insertion.area == pytest.approx(1 / 3)
