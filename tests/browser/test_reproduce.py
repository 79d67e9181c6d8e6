"""Reproduce, as a person does it: choose an experiment, run it, judge it, open a run; stop another, go on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import keyed, no_failure, open_page, quiet


def results(folders: dict[str, str], name: str) -> dict[str, Any]:
    path = Path(folders["CNNVIZ_RUNS_DIR"]) / ".reproductions" / f"{name}-smoke" / "results.json"
    return json.loads(path.read_text()) if path.exists() else {}


def square(page: Page, name: str) -> Locator:
    """An experiment's square in the coverage."""
    return keyed(page, "coverage").get_by_role("button", name=re.compile(rf"^{name} "))


def button(page: Page) -> Locator:
    return keyed(page, "reproduction_resume").get_by_role("button")


def chosen(page: Page, name: str) -> None:
    page.wait_for_url(re.compile(rf"[?&]experiment={name}\b"))
    quiet(page)
    expect(page.get_by_text(f"{name} · ").first).to_be_visible()


def test_choose_run_judge_and_open_a_run(page: Page, app_folders: dict[str, str]) -> None:
    open_page(page, "/reproduce")
    expect(square(page, "E8")).to_have_attribute("aria-pressed", "true")  # nothing was run here yet
    square(page, "D7").click()
    chosen(page, "D7")
    # What the report says and what will be tested is there before anything is run.
    expect(keyed(page, "reproduce_claims").get_by_text("not tested yet")).to_have_count(3)
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    button(page).click()
    expect(page.get_by_text(re.compile(r"training · \d of 2 runs"))).to_be_visible()
    expect(button(page)).to_have_text(re.compile("Run it again"))
    no_failure(page)

    found = results(app_folders, "D7")
    assert found["state"] == "done"
    expect(keyed(page, "main_D7_0").get_by_test_id("stDataFrame")).to_be_visible()
    expect(keyed(page, "drawing_D7_0").locator(".js-plotly-plot")).to_be_visible()
    for claim in found["claims"]:
        expect(keyed(page, "reproduce_claims")).to_contain_text(claim["text"])
        expect(keyed(page, "reproduce_claims")).to_contain_text(claim["verdict"])
    runs = [run for row in found["rows"] for run in row["runs"].values()]

    keyed(page, "reproduce_runs").get_by_role("link", name="L2 on all layers").click()
    page.wait_for_url(re.compile(rf"/report\?.*run={runs[-1]}"))
    quiet(page)
    no_failure(page)
    open_page(page, "/reproduce?experiment=D7")
    keyed(page, "reproduce_runs").get_by_role("link", name="Compare their weights and biases").click()
    page.wait_for_url(re.compile(r"/compare\?"))
    expect(keyed(page, "compare_weights").locator(".js-plotly-plot")).to_be_visible()
    no_failure(page)


def test_by_keyboard_stop_midway_and_go_on(page: Page, app_folders: dict[str, str]) -> None:
    open_page(page, "/reproduce?experiment=E8")
    square(page, "E8").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    chosen(page, "E7")
    button(page).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"epoch \d of"))).to_be_visible()
    keyed(page, "reproduction_stop").get_by_role("button").click()
    expect(button(page)).to_have_text(re.compile("Go on"))
    assert results(app_folders, "E7")["state"] == "stopped"
    no_failure(page)
    button(page).click()
    expect(button(page)).to_have_text(re.compile("Run it again"))
    no_failure(page)
    found = results(app_folders, "E7")
    assert found["state"] == "done"
    assert [len(row["runs"]) for row in found["rows"]] == [1, 1, 1]
    # Opened anew, the page shows what was run last.
    open_page(page, "/reproduce")
    chosen(page, "E7")
    expect(keyed(page, "main_E7_0").get_by_test_id("stDataFrame")).to_be_visible()
