"""Explanations against what can be worked out: linear networks, axioms, finite differences, CAM."""

import numpy as np
import pytest
from scipy import ndimage, stats

from cnnviz.errors import SpecError
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.baselines import BLUR, baseline, blur
from cnnviz.inspection.explanations.checks import cascade, correlation, ranks
from cnnviz.inspection.explanations.class_activation_maps import enlarge, grad_cam, grad_cam_plus
from cnnviz.inspection.explanations.maximisation import MaximisationSettings, ascend, maximise
from tests.inspection.explanations.networks import KINDS, linear, picture, pooled, smooth

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def explain(name, network, image, label=1, **settings):
    method = METHODS.get(name)
    return method.explain(network, image, label, method.about.settings.parse(settings))


@pytest.fixture(scope="module")
def line():
    """A linear network, an image, and its weights (H, W, C) for class 1."""
    network = linear()
    kernel = network.model.layers[-1].get_weights()[0]
    return network, picture(network), kernel[:, 1].reshape(network.shape)


def test_scores_are_before_softmax_and_probabilities_are_kerass(line):
    for network in (line[0], *(make() for make in KINDS.values())):
        images = np.stack([picture(network, seed) for seed in range(3)])
        whole = np.rint(images * 255).astype(np.uint8)
        expected = np.asarray(network.model(whole, training=False))
        probabilities = network.probabilities(whole / np.float32(255))
        np.testing.assert_allclose(probabilities, expected, atol=1e-5)
        scores = network.scores(whole / np.float32(255))
        np.testing.assert_allclose(np.exp(scores) / np.exp(scores).sum(1, keepdims=True), expected, atol=1e-5)


def test_probabilities_of_huge_scores_do_not_overflow(line):
    network = linear()
    network.model.layers[-1].set_weights([w * 1e4 for w in network.model.layers[-1].get_weights()])
    found = network.probabilities(line[1][None])
    assert np.isfinite(found).all()
    assert found.sum() == pytest.approx(1)


def test_gradients_are_finite_differences():
    network = smooth()
    image = picture(network)
    for layer in (None, "conv1", "hidden"):
        (value,), (slope,) = network.gradients(image[None], 2, layer)
        for place in ((0, 0, 0), (3, 4, 1), (7, 7, 2)):
            step = np.zeros_like(image)
            step[place] = 1e-2
            (up, down), _ = network.gradients(np.stack([image + step, image - step]), 2, layer)
            assert slope[place] == pytest.approx((up - down) / 2e-2, rel=2e-2, abs=1e-4)
        assert np.isfinite(value)


def test_a_maps_number_is_its_mean_before_the_activation():
    network = pooled()
    image = picture(network)
    (value,), _ = network.gradients(image[None], 3, "conv")
    kernel, bias = network.model.get_layer("conv").get_weights()
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (0, 1))  # (H, W, C, 3, 3)
    answers = np.einsum("hwcij,ijc->hw", windows, kernel[..., 3]) + bias[3]
    assert value == pytest.approx(answers.mean(), abs=1e-5)


def test_a_batch_is_cut_without_a_difference(line):
    network, image, _ = line
    many = np.repeat(image[None], 150, axis=0) * np.linspace(0, 1, 150, dtype=np.float32)[:, None, None, None]
    values, slopes = network.gradients(many, 0)
    assert values.shape == (150,)
    assert slopes.shape == (150, *network.shape)
    np.testing.assert_allclose(values, network.scores(many)[:, 0], atol=1e-5)


def test_saliency_of_a_linear_network_is_its_weights(line):
    network, image, weights = line
    found = explain("saliency", network, image)
    np.testing.assert_allclose(found.values, np.abs(weights).max(-1), rtol=1e-5)


@pytest.mark.parametrize("average", ["gradients", "magnitudes"])
def test_smooth_grad_of_a_linear_network_is_saliency_whatever_the_noise(line, average):
    network, image, weights = line
    found = explain("smooth-grad", network, image, noise=0.4, samples=5, average=average)
    np.testing.assert_allclose(found.values, np.abs(weights).max(-1), rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_smooth_grad_without_noise_is_saliency(kind):
    network = KINDS[kind]()
    image = picture(network)
    found = explain("smooth-grad", network, image, noise=0, samples=3)
    np.testing.assert_allclose(found.values, explain("saliency", network, image).values, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("start", ["black", "grey", "white", "mean", "blurred"])
def test_integrated_gradients_of_a_linear_network_are_weight_times_way(line, start):
    network, image, weights = line
    found = explain("integrated-gradients", network, image, baseline=start, steps=1)
    expected = (weights * (image - baseline(image, start))).sum(-1)
    np.testing.assert_allclose(found.values, expected, atol=1e-5)
    assert found.completeness.error < 1e-4


def test_integrated_gradients_are_complete_and_more_steps_make_them_more_so():
    network = smooth()
    image = picture(network)
    errors = [
        explain("integrated-gradients", network, image, steps=n).completeness.relative for n in (1, 4, 64)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-3


def test_completeness_is_the_difference_of_the_scores():
    network = KINDS["plain"]()
    image = picture(network)
    found = explain("integrated-gradients", network, image, steps=256).completeness
    ends = network.scores(np.stack([image, np.zeros_like(image)]))[:, 1]
    assert found.difference == pytest.approx(float(ends[0] - ends[1]), rel=1e-5)
    assert found.relative < 0.01


def test_integrated_gradients_are_sensitive_and_give_nothing_to_what_does_not_matter():
    """Sensitivity, both ways: the only pixel that differs takes it all; a weight of 0 gets 0."""
    network = linear()
    kernel, bias = network.model.layers[-1].get_weights()
    kernel = kernel.reshape(8, 8, 3, -1)
    kernel[2, 3] = 0
    network.model.layers[-1].set_weights([kernel.reshape(192, -1), bias])
    image = np.zeros(network.shape, np.float32)
    image[2, 3], image[5, 5] = 1, 1
    found = explain("integrated-gradients", network, image)
    assert found.values[2, 3] == 0
    assert found.values[5, 5] == pytest.approx(found.completeness.difference, rel=1e-5)
    assert np.count_nonzero(found.values) == 1


def test_integrated_gradients_without_a_difference_have_no_relative_error():
    network = linear()
    found = explain("integrated-gradients", network, np.zeros(network.shape, np.float32))
    assert found.completeness.relative is None
    assert not found.values.any()


@pytest.mark.parametrize(("window", "stride"), [(1, 1), (2, 2), (3, 2), (8, 5)])
def test_occlusion_of_a_linear_network_is_the_covered_sum(line, window, stride):
    network, image, weights = line
    found = explain("occlusion", network, image, window=window, stride=stride, fill="grey")
    loss = (weights * (image - 0.5)).sum(-1)
    total, covers = np.zeros((8, 8)), np.zeros((8, 8))
    starts = sorted({*range(0, 9 - window, stride), 8 - window})
    for top in starts:
        for left in starts:
            area = np.s_[top : top + window, left : left + window]
            total[area] += loss[area].sum()
            covers[area] += 1
    np.testing.assert_allclose(found.values, total / covers, atol=1e-4)


def test_occlusion_finds_the_only_patch_that_counts():
    network = linear()
    kernel, bias = (np.zeros_like(w) for w in network.model.layers[-1].get_weights())
    kernel.reshape(8, 8, 3, -1)[2:4, 4:6, :, 1] = 1
    network.model.layers[-1].set_weights([kernel, bias])
    image = np.ones(network.shape, np.float32)
    found = explain("occlusion", network, image, window=2, stride=2, fill="black").values
    expected = np.zeros((8, 8))
    expected[2:4, 4:6] = 2 * 2 * 3
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_occlusion_refuses_what_cannot_be():
    network = linear()
    with pytest.raises(SpecError, match="at most 8"):
        explain("occlusion", network, picture(network), window=9)
    large = linear((60, 60, 1))
    with pytest.raises(SpecError, match="larger stride"):
        explain("occlusion", large, picture(large), window=2, stride=1)


@pytest.mark.parametrize("name", ["grad-cam", "grad-cam-plus"])
def test_grad_cam_of_a_network_that_ends_in_a_mean_is_the_class_activation_map(name):
    """CAM (Zhou et al. 2016): the maps weighted by the classifier's weights; the gradient is weight / places.

    Grad-CAM++ has the same gradient at all places; its weights are the positive ones.
    """
    network = pooled()
    image = picture(network)
    maps, _ = network.features(image, 1, "conv")
    weights = network.model.layers[-1].get_weights()[0][:, 1] / 64
    if name == "grad-cam-plus":
        weights = np.maximum(weights, 0)
    found = explain(name, network, image)
    np.testing.assert_allclose(found.values, np.maximum(maps @ weights, 0), rtol=1e-4, atol=1e-6)
    assert found.coarse == (8, 8)


def test_grad_cam_by_hand():
    maps = np.array([[[[1.0, 2.0], [0.0, 1.0]]]])  # one row, two places, two maps
    slopes = np.array([[[[2.0, -1.0], [0.0, 0.0]]]])
    # weights: mean gradients 1 and −0.5
    np.testing.assert_allclose(grad_cam(maps, slopes), [[[0.0, 0.0]]])
    # map 1 alone rises, at the first place alone: α = 1 there, weight 2; map 2 never.
    np.testing.assert_allclose(grad_cam_plus(maps, slopes), [[[2.0, 0.0]]])
    with pytest.raises(ValueError, match="agree"):
        grad_cam(maps, slopes[:, :, :1])


def test_enlarging_is_scipys_and_keeps_whole_factors_in_place():
    coarse = np.random.default_rng(0).random((4, 5))
    expected = ndimage.zoom(coarse, (3, 4), order=1, grid_mode=True, mode="nearest")
    np.testing.assert_allclose(enlarge(coarse, 12, 20), expected, atol=1e-6)
    np.testing.assert_allclose(enlarge(coarse, 4, 5), coarse, atol=1e-7)
    assert (enlarge(np.ones((1, 1)), 3, 3) == 1).all()


def test_blur_is_scipys():
    image = np.random.default_rng(0).random((16, 12, 3)).astype(np.float32)
    expected = ndimage.gaussian_filter(image, (2, 2, 0), mode="nearest", truncate=4)
    np.testing.assert_allclose(blur(image, 2), expected, atol=1e-5)
    np.testing.assert_allclose(baseline(image, "blurred"), blur(image, 16 * BLUR), atol=1e-6)


def test_a_step_upward_has_the_asked_size_and_stays_an_image():
    image = np.full((6, 6, 1), 0.5, np.float32)
    slope = np.random.default_rng(0).normal(size=image.shape)
    plain = MaximisationSettings(rate=0.01, smoothing=0, decay=0)
    moved = ascend(image, slope, plain) - image
    assert np.sqrt((moved**2).mean()) == pytest.approx(0.01, rel=1e-3)
    assert np.array_equal(ascend(image, np.zeros_like(slope), plain), image)
    far = ascend(image, slope, MaximisationSettings(rate=1, smoothing=0, decay=0))
    assert far.min() >= 0
    assert far.max() <= 1


def test_the_strongest_image_of_a_linear_network_is_white_where_weights_are_positive(line):
    network, _, weights = line
    found = maximise(network, 1, None, MaximisationSettings(steps=400, rate=0.1, smoothing=0, decay=0))
    clear = np.abs(weights) > 0.3 * np.abs(weights).max()
    assert (found.frames[-1][clear] == np.where(weights > 0, 255, 0)[clear]).all()


def test_rank_correlation_is_scipys_on_magnitudes():
    rng = np.random.default_rng(0)
    first, second = rng.integers(-4, 5, (2, 7, 7)).astype(float)  # many are equal
    assert correlation(first, second) == pytest.approx(
        stats.spearmanr(np.abs(first).ravel(), np.abs(second).ravel()).statistic
    )
    np.testing.assert_array_equal(ranks(first.ravel()), stats.rankdata(first.ravel()))
    assert correlation(first, -first) == pytest.approx(1)
    assert np.isnan(correlation(first, np.ones((7, 7))))


def test_weights_become_random_from_the_classifier_down():
    assert cascade(["a", "b", "c"]) == [("c",), ("c", "b"), ("c", "b", "a")]
    many = cascade([str(i) for i in range(16)])
    assert len(many) == 4
    assert many[0] == ("15",)
    assert len(many[-1]) == 16
