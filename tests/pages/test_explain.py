"""The look Explain of the Feature maps page in Streamlit's own test harness, on runs with random weights."""

from pathlib import Path

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz import architectures, datasets
from cnnviz.architectures.build import build_model
from cnnviz.inspection import explaining
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.questions import ScoreExplanation, ScoreRandomOrder
from cnnviz.inspection.weights import Weights
from cnnviz.runs import RunDirectory
from cnnviz.specs import DatasetSpec, ExperimentSpec
from cnnviz.ui import show
from tests.patience import PATIENCE

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
_MAIN = Path(__file__).resolve().parents[2] / "cnnviz/ui/main.py"
DIGITS = DatasetSpec(name="digits", train_size=100, test_size=50)


def make_run(root: Path, name: str = "first", architecture: str = "two-pairs", **parameters: object):
    spec, facts = architectures.make(architecture, **parameters), datasets.facts(DIGITS)
    keras.utils.set_random_seed(0)
    model = build_model(spec, facts.input_shape, len(facts.class_names))
    run = RunDirectory.create(root, ExperimentSpec(dataset=DIGITS, architecture=spec), name=name)
    model.save(run.model_path)
    run.set_status(state="done")
    return run, model


@pytest.fixture(scope="module")
def shared_runs(tmp_path_factory: pytest.TempPathFactory):
    """A folder of runs for all tests that only look at it, with the run in it, and its network.

    What one test has asked the inspector and the page's cache about the run, the others need not ask again.
    """
    root = tmp_path_factory.mktemp("explained")
    return root, *make_run(root)


@pytest.fixture
def explained(shared_runs, monkeypatch):
    """The run and its network, in the folder that the page reads. No test changes them."""
    root, run, model = shared_runs
    monkeypatch.setenv("CNNVIZ_RUNS_DIR", str(root))
    return run, model


def page(**link: str) -> AppTest:
    at = AppTest.from_file(_MAIN, default_timeout=PATIENCE).run()
    at.switch_page("../../pages/feature_maps.py")
    for key, value in {"look": "explain", **link}.items():
        at.query_params[key] = value
    return at.run()


def shown(at: AppTest) -> str:
    """All words of the page."""
    assert not at.exception, at.exception
    texts = [*at.markdown, *at.caption, *at.warning]
    return "\n".join(element.value for element in texts) + "\n".join(h.proto.body for h in at.get("html"))


def test_all_methods_stand_beside_each_other_with_both_scores(explained):
    run, model = explained
    at = page(run=run.id, index="3")
    words = shown(at)
    image = datasets.load(DIGITS).full_test.images_at([3])[0]
    said = int(np.asarray(model(image[None])).argmax())
    asked = Weights(run.path), image, said
    values = [explaining.explain(*asked, name).values for name in METHODS]
    expected = [ScoreExplanation(*asked, attribution).answer() for attribution in values]
    assert words.count('class="cnnviz-scores"') == len(METHODS)
    assert words.count("best</span>") >= 1
    for one in expected:
        assert f"deletion {one.deletion.area:.3f}" in words
        assert f"insertion {one.insertion.area:.3f}" in words
    chance = ScoreRandomOrder(*asked).answer()
    assert f"deletion {chance.deletion.area:.3f}, insertion {chance.insertion.area:.3f}" in words


def test_a_method_stands_with_paper_limits_and_a_class_of_choice(explained):
    run, _ = explained
    at = page(run=run.id, method="integrated-gradients", explained="4")
    words = shown(at)
    assert "https://arxiv.org/abs/1703.01365" in words
    assert "Limits: Another baseline, another answer" in words
    assert "completeness error" in words
    assert "in units of the score, for “4”" in words
    at.selectbox(key="method_select").set_value("occlusion").run()
    assert "https://arxiv.org/abs/1311.2901" in shown(at)
    assert at.query_params["method"] == "occlusion"
    at.selectbox(key="explained_select").set_value("7").run()
    assert "for “7”" in shown(at)


def test_without_a_choice_the_class_follows_the_image(explained):
    run, model = explained
    images = datasets.load(DIGITS).full_test
    said = np.asarray(model(images.images_at(list(range(len(images)))))).argmax(axis=1)
    other = int(np.flatnonzero(said != said[0])[0])
    at = page(run=run.id, index="0")
    assert f"for “{said[0]}”" in shown(at)
    at.number_input(key="index").set_value(other).run()
    assert f"for “{said[other]}”" in shown(at)


def test_settings_are_kept_change_the_answer_and_go_back(explained):
    run, _ = explained
    at = page(run=run.id, method="grad-cam")
    assert "16×16" not in shown(at).split("values, interpolated")[0]
    at.selectbox(key="explain_grad-cam_layer").set_value("block1_conv1").run()
    assert "values, interpolated" not in shown(at)  # 16×16 values: nothing to enlarge
    at.selectbox(key="method_select").set_value("saliency").run()
    at.selectbox(key="method_select").set_value("grad-cam").run()
    assert at.selectbox(key="explain_grad-cam_layer").value == "block1_conv1"
    at.button(key="explain_grad-cam_reset").click().run()
    assert at.selectbox(key="explain_grad-cam_layer").value == ""


def test_a_link_holds_the_settings(explained):
    run, _ = explained
    at = page(run=run.id, method="occlusion")
    assert "occlusion" not in at.query_params
    at.number_input(key="explain_occlusion_window").set_value(5).run()
    at.number_input(key="explain_occlusion_stride").set_value(3).run()
    assert at.query_params["occlusion"] == "window:5,stride:3"
    own = shown(at)
    at = page(run=run.id, method="occlusion", occlusion="window:5,stride:3")
    assert at.number_input(key="explain_occlusion_window").value == 5
    assert shown(at).split("cnnviz-scale")[1] == own.split("cnnviz-scale")[1]
    at.button(key="explain_occlusion_reset").click().run()
    assert "occlusion" not in at.query_params


@pytest.mark.parametrize("asked", ["window:0", "window:none", "windw:3", "stride", ":", "fill:pink"])
def test_a_link_whose_settings_can_not_be_is_refused_politely(explained, asked):
    run, _ = explained
    at = page(run=run.id, method="occlusion", occlusion=asked)
    assert "Occlusion keeps its usual settings" in shown(at)
    assert at.number_input(key="explain_occlusion_window").value == 2
    at.button(key="explain_occlusion_reset").click().run()
    assert "keeps its usual settings" not in shown(at)


def test_a_layer_of_another_network_is_named_as_such(explained):
    run, _ = explained
    at = page(run=run.id, method="grad-cam", **{"grad-cam": "layer:block9_conv1"})
    assert at.selectbox(key="explain_grad-cam_layer").value == "block9_conv1"
    assert show.plain("block9_conv1") in shown(at)


def test_the_sanity_check_shows_each_stage_with_its_correlation_and_says_what_it_means(explained):
    run, _ = explained
    words = shown(page(run=run.id, method="saliency", check="random"))
    assert words.count("random layer") >= 4
    assert "Spearman" in words
    assert "With all weights random" in words
    assert "https://arxiv.org/abs/1810.03292" in words


def test_two_networks_are_explained_beside_each_other(runs_dir):
    run, _ = make_run(runs_dir, "three")
    other, _ = make_run(runs_dir, "strided", "strided")
    at = page(run=run.id, run_b=other.id, method="grad-cam")
    words = shown(at)
    assert words.count('class="cnnviz-scores"') == 2 * len(METHODS)
    assert "**three** · " in words
    assert "**strided** · " in words
    layer = next(
        name for name in at.selectbox(key="explain_grad-cam_layer").options if name.startswith("block2_conv2")
    )
    at.selectbox(key="explain_grad-cam_layer").set_value(layer).run()
    assert not at.exception  # a layer that the other network lacks is named in its place


def test_an_untrained_network_can_be_explained_beside_its_trained_self(explained):
    run, _ = explained
    words = shown(page(run=run.id, run_b="untrained", method="saliency"))
    assert "**first, untrained** · " in words


def test_the_strongest_image_of_a_class_and_of_a_map(explained):
    run, _ = explained
    words = shown(page(run=run.id, explain="strongest", explained="2"))
    assert "The score of “2” rises from" in words
    assert "start: " in words
    assert "step 96: " in words
    words = shown(page(run=run.id, explain="strongest", target="block1_conv2", map="5"))
    assert "mean of map 5 of block1_conv2" in words


def test_a_link_with_nonsense_shows_the_defaults(explained):
    run, _ = explained
    at = page(run=run.id, method="guess", explain="no", check="x", target="y", explained="99")
    assert at.selectbox(key="method_select").value == "grad-cam"
    assert at.selectbox(key="explained_select").value == "said"
    assert "https://arxiv.org/abs/1610.02391" in shown(at)


def test_a_network_that_has_diverged_is_said_to_in_each_place(runs_dir):
    run, model = make_run(runs_dir)
    model.layers[-1].bias.assign(np.full(10, np.nan, np.float32))
    model.save(run.model_path)
    words = shown(page(run=run.id))
    assert "its training has diverged" in words
    assert "cnnviz-scores" not in words.split("</style>")[-1]
    assert "its training has diverged" in shown(page(run=run.id, explain="strongest"))


def test_a_setting_that_the_image_cannot_have_is_named_where_it_fails(explained):
    run, _ = explained
    at = page(run=run.id, method="occlusion")
    at.number_input(key="explain_occlusion_window").set_value(17).run()
    words = shown(at)
    assert "does not fit into an image of 16×16. Use one of at most 16." in words
    assert words.count('class="cnnviz-scores"') == len(METHODS) - 1
