"""A sweep as a person does it: set it up, watch the whole, stop, go on, read the verdict."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cnnviz.runs import list_runs
from tests.browser.steps import keyed, no_failure, open_page, quiet

pytestmark = [pytest.mark.browser, pytest.mark.slow]
#: Small enough to train in a second, once its worker has started.
SMALL = (
    "dataset=digits&train_size=200&test_size=60&epochs=1&network=one-convolution"
    "&one-convolution.filters=2&one-convolution.dense=4"
)


def test_a_sweep_is_set_up_watched_stopped_and_read(page: Page, app_folders: dict[str, str]) -> None:
    open_page(page, f"/sweep?sweep=new&{SMALL}")
    values = page.get_by_role("textbox", name="Values of kernel size")
    values.fill("3, 5")
    values.press("Enter")
    expect(page.get_by_text("6 runs (2 settings × 3 seeds)")).to_be_visible()
    seeds = keyed(page, "sweep_seeds").locator("input")
    seeds.fill("2")
    seeds.press("Enter")
    expect(page.get_by_text(re.compile(r"4 runs \(2 settings × 2 seeds\) · about"))).to_be_visible()
    quiet(page)

    page.get_by_role("button", name="Start the sweep").click()
    page.wait_for_url(re.compile(r"[?&]sweep=\d"))
    headline = keyed(page, "sweep_headline")
    expect(headline).to_contain_text("of 4 runs")
    # Its figures come with the first run; the others are waiting or at work.
    expect(keyed(page, "sweep_accuracy")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    on = page.get_by_role("button", name="Go on")
    expect(on).to_be_visible()
    expect(headline).to_contain_text("stopped")
    # A run that was stopped midway has a report, too; it is trained on, and gets another one.
    runs = list_runs(Path(app_folders["CNNVIZ_RUNS_DIR"]))
    before = [run.path / "report.json" for run in runs if run.state == "done"]
    stamps = {path: path.stat().st_mtime_ns for path in before}

    on.click()
    expect(headline).to_contain_text("done · 4 of 4 runs")
    expect(page.get_by_text(re.compile(r"Kernel size 5×5 − 3×3: .* points"))).to_be_visible()
    expect(page.get_by_role("button", name="Two more seeds")).to_be_visible()
    # What was done before the stop was not trained again.
    assert {path: path.stat().st_mtime_ns for path in before} == stamps

    link = page.url
    page.get_by_role("link", name="Open in Compare").click()
    page.wait_for_url(re.compile(r"/compare\?.*runs="))
    quiet(page)
    no_failure(page)
    open_page(page, link)
    expect(headline).to_contain_text("done · 4 of 4 runs")
    no_failure(page)
