"""Transfer in a real browser: start, watch, read; and the web process stays lean."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cnnviz import architectures, datasets
from cnnviz.architectures.build import build_model
from cnnviz.runs import RunDirectory, RunReport
from cnnviz.specs import DatasetSpec, ExperimentSpec
from tests.browser.conftest import Server
from tests.browser.steps import keyed, no_failure, open_page, quiet

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


@pytest.fixture
def run(app_folders: dict[str, str]) -> Iterator[RunDirectory]:
    """A finished run with random weights, removed again for the tests that follow."""
    dataset, spec = DatasetSpec(name="digits"), architectures.make("two-pairs")
    facts = datasets.facts(dataset)
    model = build_model(spec, facts.input_shape, facts.classes)
    runs = Path(app_folders["CNNVIZ_RUNS_DIR"])
    made = RunDirectory.create(runs, ExperimentSpec(dataset=dataset, architecture=spec), name="source")
    model.save(made.model_path)
    made.write_report(RunReport(test_accuracy=0.1, n_test=360, fit_seconds=1.0))
    made.set_status(state="done")
    yield made
    shutil.rmtree(made.path)
    shutil.rmtree(runs / ".transfers", ignore_errors=True)


def test_features_are_computed_and_scored_by_one_button_and_kept_for_fewer_of_them(
    page: Page, server: Server, run: RunDirectory
) -> None:
    open_page(page, f"/transfer?train_size=300&test_size=150&extractor={run.id}")
    expect(page.locator(".cnnviz-chain")).to_contain_text("the best 100")
    keyed(page, "transfer_resume").get_by_role("button").click()
    # Results appear by themselves when the process has ended; imports take their time on a busy machine.
    expect(keyed(page, "transfer_cross_validation")).to_contain_text("5 folds of 150 images")
    expect(keyed(page, "transfer_train_test")).to_contain_text("fit on 300, scored on 150 images")
    # Beside networks that other tests trained on these images.
    for label in ("cross-validation of 150", "300 training → 150 test"):
        expect(keyed(page, "transfer_scores").get_by_text(label)).to_be_visible()
    expect(keyed(page, "transfer_selection").get_by_text("chosen (100)")).to_be_visible()
    quiet(page)

    number = keyed(page, "k").get_by_role("spinbutton")
    number.fill("20")
    number.press("Enter")
    keyed(page, "transfer_resume").get_by_role("button").click()
    expect(page.get_by_text("kept from before")).to_be_visible()
    expect(page.get_by_text("20 of 512 features")).to_be_visible()
    assert "k=20" in page.url
    no_failure(page)
    if sys.platform == "linux":
        mapped = Path(f"/proc/{server.pid}/maps").read_text()
        for library in ("tensorflow", "h5py", "sklearn", "scipy"):
            assert f"site-packages/{library}/" not in mapped


def test_without_imagenets_weights_the_page_says_where_they_belong(page: Page, server: Server) -> None:
    open_page(page, "/transfer?view=Look+inside")
    expect(page.get_by_text("vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5")).to_be_visible()
    no_failure(page)
