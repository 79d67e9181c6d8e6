"""Feature maps in a real browser: clicks and keys on the strip of layers and on the grid of maps."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cnnviz import architectures, datasets
from cnnviz.architectures.build import build_model
from cnnviz.runs import RunDirectory
from cnnviz.specs import DatasetSpec, ExperimentSpec
from tests.browser.steps import keyed, no_failure, open_page

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
    model = build_model(spec, facts.input_shape, len(facts.class_names))
    experiment = ExperimentSpec(dataset=dataset, architecture=spec)
    run = RunDirectory.create(Path(app_folders["CNNVIZ_RUNS_DIR"]), experiment, name="maps")
    model.save(run.model_path)
    run.set_status(state="done")
    yield run
    shutil.rmtree(run.path)


def test_layers_and_maps_are_chosen_by_click_and_by_key(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&index=7")
    strip = keyed(page, "maps_strip")
    expect(strip.locator("button[aria-pressed=true]")).to_contain_text("block1_conv1", timeout=60_000)

    strip.get_by_role("button", name=re.compile("^block1_conv2")).click()
    page.wait_for_url(re.compile("layer=block1_conv2"))
    grid = keyed(page, "maps_grid_a").get_by_role("slider")
    expect(grid).to_have_attribute("aria-valuemax", "32")
    box = grid.bounding_box()
    assert box

    grid.click(position={"x": box["width"] - 8, "y": 8})  # the last map of the first row
    page.wait_for_url(re.compile(r"map=\d+"))
    across = int(grid.get_attribute("aria-valuenow") or 0)
    assert 1 < across < 32
    expect(page.get_by_text(f"Map {across} of 32")).to_be_visible()

    grid.press("ArrowDown")  # one row further down
    expect(page.get_by_text(f"Map {2 * across} of 32")).to_be_visible()
    grid.press("Home")
    expect(page.get_by_text("Map 1 of 32")).to_be_visible()
    no_failure(page)


def test_the_link_brings_everything_back(page: Page, run: RunDirectory) -> None:
    open_page(
        page, f"/feature-maps?run={run.id}&run_b={run.id}&index=3&split=train&layer=image&layer_b=dense1"
    )
    expect(keyed(page, "maps_grid_b").get_by_role("slider")).to_have_attribute(
        "aria-valuemax", "512", timeout=60_000
    )
    page.reload()
    pressed = keyed(page, "maps_strip").locator("button[aria-pressed=true]")
    expect(pressed).to_contain_text("image", timeout=60_000)
    expect(keyed(page, "maps_grid_b").get_by_role("slider")).to_have_attribute("aria-valuemax", "512")
    for part in ("index=3", "split=train", "layer=image", "layer_b=dense1", f"run_b={run.id}"):
        assert part in page.url
    no_failure(page)


def test_kernels_and_weights_are_a_click_away(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}")
    keyed(page, "look_segments").get_by_text("Kernels").click()
    expect(page.get_by_text("32 kernels of 3×3×1")).to_be_visible(timeout=60_000)
    expect(page.locator(".cnnviz-kernel td")).to_have_count(9 + 1)  # and the bias
    keyed(page, "look_segments").get_by_text("Weights").click()
    expect(keyed(page, "maps_histograms").locator(".barlayer").first).to_be_visible()
    no_failure(page)
