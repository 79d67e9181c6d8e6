"""Questions about explanations as the page asks them: by run, with plain data."""

import keras
import numpy as np
import pytest

from cnnviz.errors import ImageError, RunError, SpecError
from cnnviz.inspection import explaining, network
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.checks import correlation
from cnnviz.inspection.explanations.maximisation import MaximisationSettings
from cnnviz.inspection.explanations.occlusion import OcclusionSettings
from cnnviz.inspection.passes import Passes
from cnnviz.inspection.questions import Explain, Maximise, ScoreExplanation, ScoreRandomOrder
from cnnviz.inspection.weights import Weights

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (16, 16, 1), np.uint8)


@pytest.mark.parametrize("method", list(METHODS))
def test_an_explanation_is_that_of_the_runs_network(make_run, image, method):
    run, model = make_run()
    found = explaining.explain(Weights(run.path), image, 4, method)
    entry, passes = METHODS.get(method), Passes(model)
    expected = entry.explain(passes, image / np.float32(255), 4, entry.defaults(passes.shape))
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-3, atol=1e-5)
    scores = ScoreExplanation(Weights(run.path), image, 4, found.values).answer()
    assert 0 <= scores.deletion.area <= 1
    whole = float(np.asarray(model(image[None]))[0, 4])
    assert scores.deletion.probabilities[0] == pytest.approx(whole, rel=1e-3)
    assert scores.insertion.probabilities[-1] == pytest.approx(whole, rel=1e-3)


def test_settings_that_are_left_out_suit_the_image(make_run, image):
    run, _ = make_run()
    found = explaining.explain(Weights(run.path), image, 0, "occlusion")
    same = explaining.explain(Weights(run.path), image, 0, "occlusion", OcclusionSettings(window=2, stride=1))
    np.testing.assert_array_equal(found.values, same.values)
    with pytest.raises(SpecError, match="'widow' is not a setting"):
        OcclusionSettings.parse({"widow": 2})


def test_the_sanity_check_ends_with_a_random_network_and_leaves_the_runs_own_alone(make_run, image):
    run, model = make_run("batch-norm")
    weights = Weights(run.path)
    trained = explaining.explain(weights, image, 3, "saliency")
    stages = explaining.randomise_weights(weights, image, 3, "saliency", seed=7)
    weighty = [layer.name for layer in model.layers if layer.weights]
    assert stages[0].layers == (weighty[-1],)
    assert set(stages[-1].layers) == set(weighty)
    keras.utils.set_random_seed(7)
    untrained = Passes(keras.models.clone_model(model))
    entry = METHODS.get("saliency")
    expected = entry.explain(untrained, image / np.float32(255), 3, entry.about.settings())
    np.testing.assert_allclose(stages[-1].values, expected.values, rtol=1e-3, atol=1e-6)
    for stage in stages:
        assert stage.correlation == pytest.approx(correlation(trained.values, stage.values))
    again = explaining.explain(weights, image, 3, "saliency")
    np.testing.assert_array_equal(trained.values, again.values)
    repeated = explaining.randomise_weights(weights, image, 3, "saliency", seed=7)
    assert [one.correlation for one in repeated] == [one.correlation for one in stages]
    for ours, theirs in zip(network.load(weights).model.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_newer_weights_of_the_same_run_are_explained(make_run, image):
    run, _ = make_run(epoch=1, seed=1)
    before = explaining.explain(Weights(run.path), image, 0, "saliency")
    make_run(seed=2, into=run)
    after = explaining.explain(Weights(run.path), image, 0, "saliency")
    assert not np.allclose(before.values, after.values)


def test_the_network_before_its_training_is_explained_beside_the_trained_one(make_run, image):
    run, _ = make_run(seed=9)
    weights = Weights(run.path)
    untrained = explaining.explain(Weights(run.path, untrained=True), image, 2, "saliency")
    trained = explaining.explain(weights, image, 2, "saliency")
    passes, entry = Passes(network.build_untrained(run.path).model), METHODS.get("saliency")
    expected = entry.explain(passes, image / np.float32(255), 2, entry.about.settings())
    np.testing.assert_allclose(untrained.values, expected.values, rtol=1e-3, atol=1e-6)
    assert not np.allclose(untrained.values, trained.values)


def test_only_a_few_compiled_networks_are_kept(make_run, image):
    for i in range(explaining.KEPT + 2):
        run, _ = make_run("lenet", filters=(2 + i, 4))
        explaining.explain(Weights(run.path), image, 0, "saliency")
        explaining.randomise_weights(Weights(run.path), image, 0, "saliency")
    assert explaining.compiled.cache_info().currsize == explaining.KEPT
    assert explaining.shadow.cache_info().currsize == explaining.KEPT_SHADOWS


def test_what_cannot_be_is_named(make_run, image):
    run, _ = make_run()
    weights, usual = Weights(run.path), MaximisationSettings()
    with pytest.raises(ImageError, match="16×16×1"):
        explaining.explain(weights, np.zeros((5, 5, 1), np.uint8), 0, "saliency")
    with pytest.raises(RunError, match="no layer"):
        explaining.maximise_unit(weights, 0, "nowhere", usual)
    with pytest.raises(RunError, match="no number 11"):
        explaining.maximise_unit(weights, 10, None, usual)
    with pytest.raises(SpecError, match="steps"):
        MaximisationSettings.parse({"steps": 0})


def test_a_network_that_has_diverged_is_named(make_run, image):
    run, model = make_run()
    model.layers[-1].bias.assign(np.full(10, np.nan, np.float32))
    model.save(run.model_path)
    with pytest.raises(RunError, match="not finite"):
        explaining.explain(Weights(run.path), image, 0, "saliency")
    with pytest.raises(RunError, match="not finite"):
        explaining.maximise_unit(Weights(run.path), 0, None, MaximisationSettings(steps=1))


def test_the_warm_process_answers_about_explanations(make_run, image, service):
    run, _ = make_run()
    weights = Weights(run.path)
    found = service.ask(Explain(weights, image, 2, "saliency"))
    expected = explaining.explain(weights, image, 2, "saliency")
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-4, atol=1e-7)
    assert service.ask(ScoreRandomOrder(weights, image, 2)).deletion
    best = service.ask(Maximise(weights, 1, "block1_conv1", MaximisationSettings(steps=3)))
    assert len(best.scores) == 4
