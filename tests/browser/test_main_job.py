"""The main job, as a person does it: train, watch, stop, judge, open the network."""

import json
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import keyed, no_failure, open_page, quiet
from tests.patience import PATIENCE
from tests.present import present


def run_folder(page: Page, folders: dict[str, str]) -> Path:
    """Folder of the run that the link names."""
    page.wait_for_url(re.compile(r"[?&]run="))
    found = re.search(r"[?&]run=([\w-]+)", page.url)
    assert found
    return Path(folders["CNNVIZ_RUNS_DIR"]) / found.group(1)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def status(run: Path) -> dict[str, Any]:
    return json.loads((run / "status.json").read_text())


def headline(page: Page) -> Locator:
    return keyed(page, "live")


def set_number(page: Page, key: str, value: str) -> None:
    field = keyed(page, key).locator("input")
    field.fill(value)
    field.press("Enter")
    quiet(page)


def test_train_watch_stop_judge_and_open(page: Page, app_folders: dict[str, str]) -> None:
    open_page(page, "/")
    keyed(page, "first_network").get_by_role("button").click()
    run = run_folder(page, app_folders)
    expect(keyed(page, "live").locator(".accuracy svg").first).to_be_visible()
    expect(headline(page)).to_contain_text("done")
    report = json.loads((run / "report.json").read_text())
    expect(headline(page)).to_contain_text(f"{100 * report['test_accuracy']:.1f} %")
    assert len(lines(run / "epochs.jsonl")) == 5
    no_failure(page)
    watch_and_stop_a_second_run(page, app_folders)
    judge(page, run)


def watch_and_stop_a_second_run(page: Page, folders: dict[str, str]) -> None:
    """The curve of a long run grows while it works; it is stopped at once, and keeps what it has."""
    set_number(page, "epochs", "500")
    keyed(page, "train").get_by_role("button").click()
    expect(headline(page)).to_contain_text(re.compile(r"epoch \d+ of 500"))
    run = run_folder(page, folders)
    chart = keyed(page, "live").locator(".accuracy svg").first
    before = chart.screenshot()
    epochs_before = len(lines(run / "epochs.jsonl"))
    for _ in range(100):
        if chart.screenshot() != before:
            break
        page.wait_for_timeout(300)
    assert chart.screenshot() != before
    assert len(lines(run / "epochs.jsonl")) >= epochs_before
    assert status(run)["state"] == "running"
    expect(headline(page)).to_contain_text(re.compile(r"epoch (?!1 )\d+ of 500"))
    keyed(page, "wish_stop").get_by_role("button").click()
    expect(headline(page)).to_contain_text("stopped")
    assert status(run)["state"] == "stopped"
    assert 1 <= len(lines(run / "epochs.jsonl")) < 500
    # A reload finds the same run again.
    page.reload()
    quiet(page)
    expect(headline(page)).to_contain_text("stopped")


def judge(page: Page, run: Path) -> None:
    """Report → a click on a cell of the confusion matrix → feature maps of one of its images."""
    open_page(page, f"/report?run={run.name}")
    with np.load(run / "predictions.npz") as saved:
        labels, said = saved["test_labels"], saved["test_probabilities"].argmax(axis=1)
        indices = saved["test_indices"]
    accuracy = np.mean(labels == said)
    expect(page.get_by_text(f"{100 * accuracy:.1f} %").first).to_be_visible()
    click_cell(page, run, row=3, column=3)
    right = (labels == 3) & (said == 3)
    expect(page.get_by_text(f"3, recognised: {right.sum()}")).to_be_visible()
    no_failure(page)
    page.get_by_role("link", name="Its maps").click()
    page.wait_for_url(re.compile(r"/feature-maps\?"))
    index = int(present(re.search(r"[?&]index=(\d+)", page.url)).group(1))
    assert index in indices[right]
    quiet(page)
    expect(keyed(page, "maps_strip").locator("canvas, img, button").first).to_be_visible()
    no_failure(page)


def click_cell(page: Page, run: Path, row: int, column: int) -> None:
    """Click the middle of a cell of the 10×10 matrix, as a person aims at it."""
    area = page.locator(f"[class*='st-key-confusion_{run.name}'] .nsewdrag").first
    box = area.bounding_box()
    assert box
    area.click(position={"x": box["width"] * (column + 0.5) / 10, "y": box["height"] * (row + 0.5) / 10})


def test_another_visitor_finds_the_run_that_is_being_trained(page: Page, app_folders: dict[str, str]) -> None:
    open_page(page, "/?epochs=300&split_seed=3")
    keyed(page, "train").get_by_role("button").click()
    run = run_folder(page, app_folders)
    other = page.context.new_page()
    try:
        open_page(other, "/train")
        expect(headline(other)).to_contain_text("of 300")
        keyed(other, "wish_pause").get_by_role("button").click()
        expect(headline(page)).to_contain_text("paused")
        keyed(page, "wish_resume").get_by_role("button").click()
        expect(headline(other)).to_contain_text("running")
        keyed(other, "wish_stop").get_by_role("button").click()
        expect(headline(page)).to_contain_text("stopped")
    finally:
        other.close()
    deadline = time.monotonic() + PATIENCE
    while status(run)["state"] != "stopped" and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert status(run)["state"] == "stopped"
