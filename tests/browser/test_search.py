"""Search, as a person does it: a tiny space, stop, go on, look, train the best."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from cnnviz.runs import list_runs
from cnnviz.studies.search import SearchJob
from tests.browser.steps import keyed, no_failure, open_page, quiet

#: A network and images that a fold is trained on in a second; the dense layer of 512 is the slow part.
_TINY = (
    "network=one-convolution&one-convolution.filters=2&one-convolution.dense=8&train_size=100&test_size=20"
    "&epochs=1&batch=20"
)


def set_number(page: Page, key: str, value: str) -> None:
    field = keyed(page, key).locator("input")
    field.fill(value)
    field.press("Enter")
    quiet(page)


def headline(page: Page):
    return keyed(page, "search_headline")


def test_search_stop_go_on_and_train_the_best(page: Page, app_folders: dict[str, str]) -> None:
    open_page(page, f"/search?{_TINY}")
    set_number(page, "search_candidates", "3")
    set_number(page, "search_folds", "2")
    expect(page.get_by_text("= 6 trainings of 1 epoch")).to_be_visible()
    keyed(page, "search_start").get_by_role("button").click()
    page.wait_for_url(re.compile(r"[?&]search=2"))
    expect(headline(page)).to_contain_text("running")

    keyed(page, "search_stop").get_by_role("button").click()
    expect(headline(page)).to_contain_text("stopped")
    no_failure(page)
    keyed(page, "search_resume").get_by_role("button").click()
    expect(headline(page)).to_contain_text("done · 3 of 3 candidates")
    no_failure(page)

    found = re.search(r"[?&]search=([\w-]+)", page.url)
    assert found
    root = Path(app_folders["CNNVIZ_RUNS_DIR"])
    tried = SearchJob(root / ".searches" / found.group(1)).tried()
    assert [one.state for one in tried.candidates] == ["done"] * 3
    assert tried.best is not None
    assert tried.best.mean is not None
    expect(page.get_by_role("heading", name=f"Best: {100 * tried.best.mean:.1f} %")).to_be_visible()
    for key in ("search_history", "search_parallel", "search_table"):
        expect(keyed(page, key)).to_be_visible()
    folds = [run for run in list_runs(root) if run.user == found.group(1)]
    assert len(folds) == 6

    keyed(page, "search_train").get_by_role("button").click()
    page.wait_for_url(re.compile(r"/train\?.*run="))
    expect(keyed(page, "live")).to_contain_text("done")
    no_failure(page)
