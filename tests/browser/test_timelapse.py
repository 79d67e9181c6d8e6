"""The time-lapse in a real browser: slider, keys, play, the link, two runs, a file."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageSequence
from playwright.sync_api import Page, expect

from cnnviz.runs import RunDirectory
from tests.browser.steps import keyed, no_failure, open_page
from tests.trained_runs import train

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def run(app_folders: dict[str, str]) -> Iterator[RunDirectory]:
    """A trained run, removed again for the tests that follow."""
    run = train(Path(app_folders["CNNVIZ_RUNS_DIR"]), "lapse")
    yield run
    shutil.rmtree(run.path)


def test_epochs_are_stepped_through_by_key_and_stand_in_the_link(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&look=time")
    lapse = keyed(page, "lapse")
    told, slider = lapse.locator("output"), lapse.get_by_role("slider", name="Epoch")
    expect(told).to_have_text("epoch 3 of 3")
    slider.press("ArrowLeft")
    expect(told).to_have_text("epoch 2 of 3")
    page.wait_for_url(re.compile("epoch=2"))
    slider.press("Home")
    expect(told).to_have_text("untrained")
    expect(lapse.get_by_text("before training: random weights")).to_be_visible()
    lapse.get_by_role("button", name="One epoch on").click()
    expect(told).to_have_text("epoch 1 of 3")
    for name in ("First convolution", "Confusion matrix"):
        picture = lapse.get_by_role("img", name=re.compile(name))
        expect(picture).to_have_attribute("aria-label", re.compile("epoch 1$"))
    page.wait_for_url(re.compile("epoch=1"))
    page.reload()
    expect(told).to_have_text("epoch 1 of 3")
    no_failure(page)


def test_it_plays_to_the_end_and_pauses(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&look=time&epoch=0")
    lapse = keyed(page, "lapse")
    told = lapse.locator("output")
    expect(told).to_have_text("untrained")
    lapse.get_by_label("loop").uncheck()
    lapse.get_by_label("Speed, in epochs a second").select_option("16")
    lapse.get_by_role("button", name="Play").click()
    expect(told).to_have_text("epoch 3 of 3")
    expect(lapse.get_by_role("button", name="Play")).to_be_visible()  # it has stopped by itself
    slider = lapse.get_by_role("slider", name="Epoch")
    slider.press(" ")
    expect(told).to_have_text("epoch 3 of 3")
    no_failure(page)


def test_a_probe_is_chosen_and_its_bars_are_shown(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&look=time")
    lapse = keyed(page, "lapse")
    second = lapse.locator(".probes button").nth(1)
    expect(second).to_have_attribute("aria-pressed", "false")
    second.click()
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(lapse.locator(".bars span.true")).to_have_text("1 (true)")
    no_failure(page)


def test_two_runs_share_the_slider(page: Page, run: RunDirectory, app_folders: dict[str, str]) -> None:
    other = train(
        Path(app_folders["CNNVIZ_RUNS_DIR"]), "other", epochs=2, first_kernels="hand-made", freeze="first"
    )
    open_page(page, f"/feature-maps?run={run.id}&run_b={other.id}&look=time")
    lapse = keyed(page, "lapse")
    expect(lapse.locator(".run")).to_have_count(2)
    expect(lapse.locator(".run").nth(1)).to_contain_text("its epoch 2")
    lapse.get_by_role("slider", name="Epoch").press("Home")
    expect(lapse.get_by_text("before training: random weights")).to_have_count(1)
    expect(lapse.get_by_text("before training: first layer made by hand")).to_have_count(1)
    no_failure(page)
    shutil.rmtree(other.path)


def test_an_epoch_is_held_beside_another_one(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&look=time&epoch=1")
    lapse = keyed(page, "lapse")
    told, panels = lapse.locator("output"), lapse.locator(".run")
    expect(told).to_have_text("epoch 1 of 3")
    lapse.get_by_role("button", name="Keep this epoch").press("Enter")
    expect(panels).to_have_count(2)
    lapse.get_by_role("slider", name="Epoch").press("End")
    for place, epoch in enumerate((1, 3)):
        expect(panels.nth(place).locator("p b")).to_have_text(f"epoch {epoch}")
        kernels = panels.nth(place).get_by_role("img", name=re.compile("First convolution"))
        expect(kernels).to_have_attribute("aria-label", re.compile(f"epoch {epoch}$"))
    page.wait_for_url(re.compile("held=1"))
    page.reload()
    expect(panels).to_have_count(2)
    expect(panels.nth(0).locator("p b")).to_have_text("epoch 1")
    lapse.get_by_role("button", name="Show one epoch again").click()
    expect(panels).to_have_count(1)
    no_failure(page)


def test_a_moving_picture_is_saved(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&look=time")
    page.get_by_role("button", name="Save as a moving picture").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="GIF").click()
    with Image.open(io.BytesIO(Path(download.value.path()).read_bytes())) as picture:
        assert (picture.format, len(list(ImageSequence.Iterator(picture)))) == ("GIF", 4)
    no_failure(page)
