"""The Transfer page in Streamlit's own test harness, with results of real transfers."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz import architectures, datasets
from cnnviz.architectures.build import build_model
from cnnviz.errors import CnnvizError
from cnnviz.runs import RunDirectory, RunReport
from cnnviz.specs import DatasetSpec, ExperimentSpec
from cnnviz.studies.transfer import vgg16_weights
from cnnviz.studies.transfer.transfer_job import TransferJob
from cnnviz.studies.transfer.transfer_spec import TransferSpec
from cnnviz.ui import show
from tests.conftest import keep_shapes_in
from tests.patience import PATIENCE
from tests.present import present
from tests.studies.transfer import imagenet_weights

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
_MAIN = Path(__file__).resolve().parents[2] / "cnnviz/ui/main.py"
DIGITS = DatasetSpec(name="digits", train_size=120, test_size=80)
LINK = {"train_size": "120", "test_size": "80"}


@pytest.fixture
def run(runs_dir, cache_dir, tmp_path_factory):
    keep_shapes_in(cache_dir, tmp_path_factory)
    spec = architectures.make("two-pairs")
    facts = datasets.facts(DIGITS)
    keras.utils.set_random_seed(0)
    model = build_model(spec, facts.input_shape, facts.classes)
    made = RunDirectory.create(runs_dir, ExperimentSpec(dataset=DIGITS, architecture=spec), name="mine")
    model.save(made.model_path)
    made.write_report(RunReport(test_accuracy=0.25, n_test=80, fit_seconds=1.0))
    made.set_status(state="done")
    return made


def page(**link: str) -> AppTest:
    at = AppTest.from_file(_MAIN, default_timeout=PATIENCE)
    # Before the first run: bound widgets read the link when they first appear.
    for key, value in link.items():
        at.query_params[key] = value
    at.run()
    at.switch_page("../../pages/transfer.py")
    for key, value in link.items():
        at.query_params[key] = value
    return at.run()


def shown(at: AppTest) -> str:
    """All words of the page."""
    assert not at.exception, at.exception
    texts = [*at.markdown, *at.caption, *at.warning]
    return "\n".join(element.value for element in texts) + "\n".join(h.proto.body for h in at.get("html"))


def computed(run: RunDirectory, **settings: object) -> str:
    job = TransferJob.create(TransferSpec.parse({"dataset": DIGITS, "extractor": run.id, **settings}))
    assert job.run().state == "done"
    return job.id


def test_without_the_weights_it_names_the_file_and_its_place(runs_dir, data_dir):
    words = shown(page())
    assert vgg16_weights.FILE in words
    assert str(data_dir / "models") in words
    assert "choose a run" in words
    assert show.plain(vgg16_weights.FILE) in shown(page(view="Look inside"))
    assert TransferJob.with_results() == []
    assert not (runs_dir / ".transfers").exists()  # looking leaves nothing behind


def test_without_the_weights_a_run_takes_their_place_by_one_click(run):
    at = page(**LINK)
    assert "512 numbers" in shown(at)  # what will happen stands there before anything is computed
    at.button(key="transfer_instead").click().run()
    assert at.selectbox(key="extractor_select").value == run.id
    assert not [button for button in at.button if button.key == "transfer_instead"]
    assert "**block1_conv1** · mine" in shown(page(view="Look inside"))


def test_both_protocols_are_named_beside_their_numbers(run):
    computed(run)
    at = page(**LINK, extractor=run.id)
    words = shown(at)
    assert "Cross-validation on test images" in words
    assert "5 folds of 80 images" in words
    assert "Fit on training, scored on test images" in words
    assert "fit on 120, scored on 80 images" in words
    assert "LinearSVC(C=0.025), features not scaled" in words
    charts = [chart.proto.spec for chart in at.get("plotly_chart")]
    assert "mine" in charts[0]  # the network itself beside its features
    assert "25.0 %" in charts[0]
    assert "chosen (100)" in charts[1]
    assert len(at.dataframe[0].value) == 100
    assert not [button for button in at.button if button.key == "transfer_resume"]


def test_other_settings_have_no_result_yet_and_can_be_started(run):
    computed(run)
    at = page(**LINK, extractor=run.id, k="30")
    assert "Cross-validation on test images" not in shown(at)
    assert at.button(key="transfer_resume").label == "Compute and classify"
    # The other result stays in sight.
    assert "cross-validation of 80" in at.get("plotly_chart")[0].proto.spec


def test_a_result_of_replaced_weights_is_not_shown_as_this_ones(run):
    computed(run)
    run.model_path.touch()
    at = page(**LINK, extractor=run.id)
    assert at.button(key="transfer_resume")


def test_settings_out_of_range_in_a_link_do_no_harm(run):
    at = page(**LINK, extractor=run.id, features_of="block1_conv1", k="9999", folds="99", c="-1")
    shown(at)
    assert present(at.number_input(key="k").value) <= 32
    assert at.selectbox(key="features_of_select").value == "block1_conv1"
    shown(page(**LINK, extractor="nobody", features_of="nowhere"))


def test_runs_of_other_shapes_are_not_offered(run):
    at = page(dataset="shapes")
    assert at.selectbox(key="extractor_select").options == ["VGG16 with ImageNet weights"]


def test_a_failed_transfer_says_why(run):
    job = TransferJob.create(TransferSpec(dataset=DIGITS, extractor=run.id))
    run.model_path.write_bytes(b"nonsense")
    with pytest.raises(CnnvizError):
        job.run()
    at = page(**LINK, extractor=run.id)
    assert "damaged" in shown(at)
    assert at.button(key="transfer_resume")


def test_first_and_last_convolution_stand_beside_each_other(run, data_dir):
    imagenet_weights.write(data_dir / "models" / vgg16_weights.FILE)
    at = page(view="Look inside")
    words = shown(at)
    assert "**block1_conv1** · VGG16 with ImageNet weights" in words
    assert "**block5_conv3** · VGG16 with ImageNet weights" in words
    assert "512 maps of 2×2" in words
    assert "not the official one" in words
    words = shown(page(view="Look inside", vgg_beside=run.id))
    assert "**block1_conv1** · mine" in words
    assert "32 maps of 16×16" in words
