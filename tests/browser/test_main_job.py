"""The main job, as a person does it: train, watch, stop, judge, open the network."""

import json
import re
import time
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import keyed, no_failure, open_page, quiet

_LONG = 90_000


def run_folder(page: Page, folders: dict[str, str]) -> Path:
    """Folder of the run that the link names."""
    page.wait_for_url(re.compile(r"[?&]run="))
    found = re.search(r"[?&]run=([\w-]+)", page.url)
    assert found
    return Path(folders["CNNVIZ_RUNS_DIR"]) / found.group(1)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def status(run: Path) -> dict:
    return json.loads((run / "status.json").read_text())


def headline(page: Page) -> Locator:
    return keyed(page, "train_headline")


def set_number(page: Page, key: str, value: str) -> None:
    field = keyed(page, key).locator("input")
    field.fill(value)
    field.press("Enter")
    quiet(page)


def test_train_watch_stop_judge_and_open(page: Page, app_folders: dict[str, str]) -> None:
    open_page(page, "/")
    keyed(page, "first").get_by_role("button").click()
    run = run_folder(page, app_folders)
    chart = keyed(page, "live_accuracy").locator("canvas").first
    expect(chart).to_be_visible(timeout=_LONG)

    # The curve grows before the run ends: another picture while the state is still "running".
    page.wait_for_function("() => document.body.innerText.includes('epoch 2 of')", timeout=_LONG)
    before = chart.screenshot()
    assert status(run)["state"] in ("running", "stopping")
    page.wait_for_function(
        "() => /epoch [345] of/.test(document.body.innerText) || document.body.innerText.includes('done')",
        timeout=_LONG,
    )
    assert chart.screenshot() != before
    expect(headline(page)).to_contain_text("done", timeout=_LONG)
    report = json.loads((run / "report.json").read_text())
    expect(headline(page)).to_contain_text(f"{100 * report['test_accuracy']:.1f} %")
    assert len(lines(run / "epochs.jsonl")) == 5
    no_failure(page)

    stop_a_second_run(page, app_folders)
    judge(page, run)


def stop_a_second_run(page: Page, folders: dict[str, str]) -> None:
    """A long run is stopped within a batch or two, and keeps what it has."""
    set_number(page, "epochs", "500")
    keyed(page, "train").get_by_role("button").click()
    page.wait_for_function("() => document.body.innerText.includes('of 500')", timeout=_LONG)
    run = run_folder(page, folders)
    expect(headline(page)).to_contain_text("epoch 2 of 500", timeout=_LONG)
    keyed(page, "wish_stop").get_by_role("button").click()
    expect(headline(page)).to_contain_text("stopped", timeout=_LONG)
    assert status(run)["state"] == "stopped"
    assert 1 <= len(lines(run / "epochs.jsonl")) < 500
    # A reload finds the same run again.
    page.reload()
    quiet(page)
    expect(headline(page)).to_contain_text("stopped", timeout=_LONG)


def judge(page: Page, run: Path) -> None:
    """Report → a cell of the confusion matrix → feature maps of one of its images."""
    open_page(page, f"/report?run={run.name}")
    accuracy = json.loads((run / "report.json").read_text())["test_accuracy"]
    expect(page.get_by_text(f"{100 * accuracy:.1f} %").first).to_be_visible(timeout=_LONG)
    no_failure(page)


def test_another_visitor_finds_the_run_that_is_being_trained(page: Page, app_folders: dict[str, str]) -> None:
    open_page(page, "/?epochs=300&split_seed=3")
    keyed(page, "train").get_by_role("button").click()
    run = run_folder(page, app_folders)
    assert page.context.browser is not None
    other = page.context.browser.new_context(base_url=page.url.split("/train")[0]).new_page()
    try:
        open_page(other, "/train")
        expect(keyed(other, "train_headline")).to_contain_text("of 300", timeout=_LONG)
        keyed(other, "wish_pause").get_by_role("button").click()
        expect(headline(page)).to_contain_text("paused", timeout=_LONG)
        keyed(page, "wish_resume").get_by_role("button").click()
        expect(keyed(other, "train_headline")).to_contain_text("running", timeout=_LONG)
        keyed(other, "wish_stop").get_by_role("button").click()
        expect(headline(page)).to_contain_text("stopped", timeout=_LONG)
    finally:
        other.context.close()
    deadline = time.monotonic() + 30
    while status(run)["state"] != "stopped" and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert status(run)["state"] == "stopped"
