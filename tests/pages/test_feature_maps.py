"""The Feature maps page in Streamlit's own test harness, on runs with random weights."""

import io
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz import architectures, datasets
from cnnviz.architectures.build import build_model
from cnnviz.runs import RunDirectory
from cnnviz.specs import DatasetSpec, ExperimentSpec
from cnnviz.training import checkpoint
from cnnviz.training.optimization import BestEpoch
from cnnviz.ui.feature_maps.panel_differences import brief
from tests.patience import PATIENCE

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
_MAIN = Path(__file__).resolve().parents[2] / "cnnviz/ui/main.py"
DIGITS = DatasetSpec(name="digits", train_size=100, test_size=50)


def make_run(root: Path, name: str, *, epoch: int | None = None, **parameters: object) -> RunDirectory:
    spec = architectures.make("two-pairs", **parameters)
    facts = datasets.facts(DIGITS)
    keras.utils.set_random_seed(0)
    model = build_model(spec, facts.input_shape, len(facts.class_names))
    run = RunDirectory.create(root, ExperimentSpec(dataset=DIGITS, architecture=spec), name=name)
    if epoch is None:
        model.save(run.model_path)
        run.set_status(state="done")
    else:
        model.compile("adam", "sparse_categorical_crossentropy")
        model.optimizer.build(model.trainable_variables)
        best = BestEpoch(model, None).state()
        states: checkpoint.CallbackStates = {"best": best, "plateau": None, "steady": (0, 0.0)}
        state = checkpoint.Checkpoint(epoch, 1.0, states, checkpoint.capture(model))
        checkpoint.save(run.checkpoint_dir, state)
        run.set_status(state="running")
    return run


@pytest.fixture(scope="module")
def shared_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunDirectory]:
    """A folder of runs for all tests that only look at it, and the run in it.

    The inspector has read and compiled its network after the first of them.
    """
    root = tmp_path_factory.mktemp("looked-at")
    return root, make_run(root, "first")


@pytest.fixture
def first_run(shared_runs: tuple[Path, RunDirectory], monkeypatch: pytest.MonkeyPatch) -> RunDirectory:
    """That run, in the folder that the page reads. No test changes it."""
    root, run = shared_runs
    monkeypatch.setenv("CNNVIZ_RUNS_DIR", str(root))
    return run


def page(**link: str) -> AppTest:
    at = AppTest.from_file(_MAIN, default_timeout=PATIENCE).run()
    at.switch_page("../../pages/feature_maps.py")
    for key, value in link.items():
        at.query_params[key] = value
    return at.run()


def shown(at: AppTest) -> str:
    """All words of the page."""
    assert not at.exception, at.exception
    texts = [*at.markdown, *at.caption, *at.warning]
    return "\n".join(element.value for element in texts) + "\n".join(h.proto.body for h in at.get("html"))


def until(at: AppTest, words: str) -> str:
    """Run on, as a browser does while a part asks for it, until the words are there."""
    for _ in range(30):
        if words in (found := shown(at)):
            return found
        at.run()
    raise AssertionError(f"{words!r} does not come: {found}")


def test_without_a_run_it_says_what_to_do(runs_dir):
    assert "Train one" in shown(page())


def test_before_the_end_of_the_first_epoch_it_says_what_comes(runs_dir):
    spec = architectures.make("two-pairs")
    run = RunDirectory.create(runs_dir, ExperimentSpec(dataset=DIGITS, architecture=spec), name="young")
    run.set_status(state="running")
    assert "“young” is being trained; its first epoch is not over yet." in shown(page())


def test_a_link_opens_image_layer_and_map(first_run):
    labels = datasets.load(DIGITS).full_train.labels
    at = page(run=first_run.id, split="train", index="3", layer="block1_conv2", map="7", scale="layer")
    words = shown(at)
    assert at.session_state["layer"] == "block1_conv2"
    assert "32 maps of 14×14 · 3×3, valid, ReLU · each value sees 5×5 pixels" in words
    assert "<b>Map 7</b> of 32" in words
    assert f"<span>{labels[3]} (true)</span>" in words
    assert at.session_state["scale"] == "layer"


def test_a_link_with_nonsense_shows_the_defaults(first_run):
    at = page(
        run=first_run.id,
        index="999999",
        layer="nowhere",
        map="0",
        split="x",
        scale="y",
        at="?",
        index_b="-3",
        run_b="gone",
    )
    words = shown(at)
    assert at.session_state["layer"] == "block1_conv1"
    assert "<b>Map 1</b> of 32" in words


def test_a_link_to_a_deleted_run_says_so_and_shows_another(first_run):
    words = shown(page(run="gone"))
    assert "There is no run 'gone'" in words
    assert "<b>Map 1</b> of 32" in words


def test_two_runs_stand_beside_each_other_and_may_show_different_layers(runs_dir):
    first = make_run(runs_dir, "three", kernel_size=3)
    second = make_run(runs_dir, "slim", filters=(8, 16))
    words = shown(page(run=first.id, run_b=second.id))
    assert "<b>block1_conv1</b> · three" in words
    assert "<b>block1_conv1</b> · slim" in words
    assert "8 maps of 16×16" in words
    words = shown(page(run=first.id, run_b=second.id, layer_b="block2_conv1"))
    assert "<b>block1_conv1</b> · three" in words
    assert "<b>block2_conv1</b> · slim" in words


def test_next_and_class_step_through_the_images(first_run):
    labels = datasets.load(DIGITS).full_test.labels
    at = page(run=first_run.id)
    at.button(key="maps_next").click().run()
    assert at.number_input(key="index").value == 1
    at.button(key="maps_previous").click().run()
    at.button(key="maps_previous").click().run()
    assert at.number_input(key="index").value == len(labels) - 1
    at.selectbox(key="maps_class").set_value(4).run()
    fours = np.flatnonzero(labels == 4)
    assert at.number_input(key="index").value == fours[0]
    at.button(key="maps_next").click().run()
    assert at.number_input(key="index").value == fours[1]
    assert "<span>4 (true)</span>" in shown(at)


def test_a_run_that_trains_is_shown_with_its_epoch(runs_dir):
    run = make_run(runs_dir, "busy", epoch=2)
    assert "weights after 2 of 5 epochs, training goes on" in shown(page(run=run.id))


def test_an_own_picture_is_fitted_and_what_was_done_is_told(first_run):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PNG")
    at = page(run=first_run.id)
    at.file_uploader(key="maps_upload").upload("paper.png", out.getvalue(), "image/png").run()
    done = "; ".join(caption.help or "" for caption in at.caption)
    assert "cut to the middle 40 × 40" in done
    assert "resized to 16 × 16" in done
    assert "dark and bright exchanged" in done  # white paper: suggested by itself
    assert "(true)" not in shown(at)


def test_an_upload_that_is_no_picture_is_named_and_the_page_goes_on(first_run):
    at = page(run=first_run.id)
    at.file_uploader(key="maps_upload").upload("x.png", b"nonsense", "image/png").run()
    words = shown(at)
    assert "no image" in words
    assert "<b>Map 1</b> of 32" in words


def test_damaged_weights_are_a_message_not_a_crash(runs_dir):
    run = make_run(runs_dir, "first")
    run.model_path.write_bytes(b"nonsense")
    assert "damaged" in shown(page(run=run.id))


def picture(colour: str, size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def test_several_own_pictures_stand_beside_each_other_with_the_answers(first_run):
    at = page(run=first_run.id)
    files = [(f"{name}.png", picture(name), "image/png") for name in ("white", "black")]
    at.file_uploader(key="maps_upload").set_value([*files, ("notes.png", b"nonsense", "image/png")]).run()
    words = shown(at)
    assert "white.png, as the network takes it" in words
    assert "Left out, as they are no pictures that can be read: notes.png." in words
    at.session_state["maps_chosen"] = 1
    assert "black.png, as the network takes it" in shown(at.run())
    at.button(key="maps_back").click().run()
    assert "(true)" in shown(at)


def test_the_link_opens_a_position_with_the_sum_behind_its_number(first_run):
    at = page(run=first_run.id, layer="block1_conv1", map="2", at="0.5,3.5")
    words = shown(at)
    pixels = datasets.load(DIGITS).full_test.images[0, :2, 2:5, 0] / 255
    table = words.split('class="cnnviz-sum"')[1].split("</table>")[0]
    found = [
        float(cell.split(">")[1]) for cell in table.split("<td")[1:] for cell in [cell.split("</td>")[0]]
    ]
    assert found[:3] == [0, 0, 0]  # above the image
    assert np.allclose(found[3:], pixels.reshape(-1), atol=0.006)
    assert table.count("in the padding") == 3
    assert "→ ReLU →" in words
    assert "at" in at.query_params


@pytest.mark.parametrize("layer", ["image", "block1_pool", "dense1", "softmax"])
def test_every_kind_of_layer_says_how_its_number_came_about(first_run, layer):
    words = shown(page(run=first_run.id, layer=layer))
    expected = {
        "image": "of 255 =",
        "block1_pool": "the largest:",
        "dense1": "→ ReLU →",
        "softmax": "→ softmax →",
    }
    assert expected[layer] in words


def test_all_classes_stand_at_the_end_of_the_overview(runs_dir):
    run, other = make_run(runs_dir, "one"), make_run(runs_dir, "two", kernel_size=5)
    answers = shown(page(run=run.id)).split('class="cnnviz-predictions')[1]
    assert all(f"<span>{digit}" in answers for digit in range(10))
    both = shown(page(run=run.id, run_b=other.id)).split('class="cnnviz-predictions')[1]
    assert both.count("<b style") == 20


def test_trained_stands_beside_untrained_and_the_difference_is_measured(first_run):
    at = page(run=first_run.id, run_b="untrained", layer_b="block1_conv2")
    words = shown(at)
    assert "<b>block1_conv1</b> · trained" in words
    assert "<b>block1_conv2</b> · untrained" in words
    assert "is sharper" in words
    at.button(key="maps_measure").click().run()
    words = until(at, "95 % interval")
    assert "Over 90 training images" in words
    assert "95 % interval" in words


def test_two_titles_are_told_apart_by_their_shortest_difference():
    assert brief(["A3 small · 3×3", "A4 small · 5×5"]) == ["3×3", "5×5"]
    assert brief(["one · n = 5", "two · n = 5"]) == ["one", "two"]
    assert brief(["trained", "untrained"]) == ["trained", "untrained"]


def test_the_same_run_twice_shows_two_images(first_run):
    at = page(run=first_run.id, run_b=first_run.id, index_b="5")
    names = datasets.load(DIGITS).full_test.labels
    words = shown(at)
    assert f"<b>block1_conv1</b> · {names[0]}, test image 0" in words
    assert f"<b>block1_conv1</b> · {names[5]}, test image 5" in words
    assert "one image each" in words
    assert {f"<span>{names[i]} (true)</span>" in words for i in (0, 5)} == {True}
    at.number_input(key="maps_other_number").set_value(9).run()
    assert "9" in at.query_params["index_b"]
    at.toggle(key="maps_two_images").set_value(False).run()
    assert "index_b" not in at.query_params


def test_top_activating_training_images_are_found_and_kept(runs_dir, cache_dir):
    run = make_run(runs_dir, "first")
    at = page(run=run.id, map="3")
    assert until(at, "Among all 90 training images.")
    assert len(list((cache_dir / "exciting").iterdir())) == 1
    at.session_state["map"] = 5
    assert "Among all 90 training images." in shown(at.run())
