"""Against tf-keras-vis: the same maps, up to its habit of rescaling them to 0–1.

Grad-CAM++ there lets falling places into its normalisation, where its denominator can be near 0; the
authors' own code does not. With its gradients cut off at 0 both agree.
"""

import keras
import numpy as np
import pytest

from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.class_activation_maps import grad_cam, grad_cam_plus
from tests.inspection.explanations.networks import KINDS, picture

# The library uses names that scipy is about to drop, and gives Keras a list instead of an array; numpy 2
# warns about Keras's variables.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The structure of `inputs`:UserWarning"),
]
LABEL = 2


@pytest.fixture(scope="module", params=KINDS)
def network(request):
    return KINDS[request.param]()


@pytest.fixture(scope="module")
def logits(network):
    """The network from float images of 0–255 to scores: a model of its own with the same weights."""
    inputs = keras.Input(network.shape)
    values = inputs
    for layer in network.model.layers[1:]:
        copy = layer.__class__.from_config(layer.get_config())
        if layer is network.model.layers[-1]:
            copy.activation = keras.activations.linear
        values = copy(values)
        copy.set_weights(layer.get_weights())
    return keras.Model(inputs, values)


def score(output):
    return output[:, LABEL]


def explain(name, network, image, **settings):
    method = METHODS.get(name)
    return method.explain(network, image, LABEL, method.about.settings.parse(settings)).values


def test_grad_cam(network, logits):
    from tf_keras_vis.gradcam import Gradcam

    image, layer = picture(network), network.last_convolution
    theirs = Gradcam(logits)(
        score, image[None] * 255, penultimate_layer=layer, expand_cam=False, normalize_cam=False
    )
    features, gradients = network.features(image, LABEL, layer)
    np.testing.assert_allclose(grad_cam(features[None], gradients[None]), theirs, rtol=1e-3, atol=1e-6)


def test_grad_cam_plus_plus(network, logits):
    import tensorflow as tf
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus

    image, layer = picture(network), network.last_convolution
    theirs = GradcamPlusPlus(logits)(
        score,
        image[None] * 255,
        penultimate_layer=layer,
        expand_cam=False,
        normalize_cam=False,
        gradient_modifier=tf.nn.relu,
    )
    features, gradients = network.features(image, LABEL, layer)
    scale = np.exp(network.scores(image[None])[0, LABEL])
    ours = grad_cam_plus(features[None], gradients[None]) * scale
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-6)


def test_saliency(network, logits):
    from tf_keras_vis.saliency import Saliency

    image = picture(network)
    theirs = Saliency(logits)(score, image[None] * 255, normalize_map=False)[0] * 255
    np.testing.assert_allclose(explain("saliency", network, image), theirs, rtol=1e-3, atol=1e-6)


def test_smooth_grad_as_far_as_its_noise_lets_us(logits, network):
    """Two independent means of many noisy gradients: they differ by their own spread and no more."""
    from tf_keras_vis.saliency import Saliency

    image, samples, noise = picture(network), 64, 0.1
    method = METHODS.get("smooth-grad")
    np.random.seed(0)  # the library draws from here
    theirs = (
        Saliency(logits)(
            score, image[None] * 255, smooth_samples=samples, smooth_noise=noise, normalize_map=False
        )[0]
        * 255
    )
    runs = [
        method.explain(
            network,
            image,
            LABEL,
            method.about.settings.parse(
                {"samples": samples, "noise": noise, "average": "magnitudes", "seed": seed}
            ),
        ).values
        for seed in range(6)
    ]
    spread = np.sqrt(np.mean(np.var(runs, axis=0, ddof=1)))
    distance = np.sqrt(np.mean((np.mean(runs, axis=0) - theirs) ** 2))
    assert distance <= 2 * spread + 1e-5
