"""The look Explain in a real browser: choose a method and a class, read the scores, fade the map."""

import re

import pytest
from playwright.sync_api import Page, expect

from cnnviz.runs import RunDirectory
from tests.browser.steps import keyed, no_failure, open_page, quiet

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def test_methods_are_chosen_by_click_and_by_key_and_show_their_scores(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&look=explain&index=7")
    tiles = keyed(page, "explain_row_a")
    expect(tiles.locator("button[aria-pressed]")).to_have_count(6)
    expect(tiles.locator(".cnnviz-scores")).to_have_count(6)
    expect(tiles.locator(".cnnviz-scores").first).to_contain_text(re.compile(r"deletion 0\.\d{3}"))
    expect(tiles.locator(".cnnviz-scores").last).to_contain_text(re.compile(r"insertion 0\.\d{3}"))

    tiles.get_by_role("button", name="Integrated gradients").click()
    page.wait_for_url(re.compile("method=integrated-gradients"))
    expect(page.get_by_role("link", name=re.compile("1703.01365"))).to_be_visible()
    expect(page.get_by_text(re.compile("completeness error"))).to_be_visible()

    occlusion = tiles.get_by_role("button", name="Occlusion")
    occlusion.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("method=occlusion"))
    expect(page.get_by_role("link", name=re.compile("1311.2901"))).to_be_visible()
    expect(tiles.locator("button[aria-pressed=true]")).to_have_text(["Occlusion"])
    expect(keyed(page, "explain_curves_a").locator(".scatterlayer").first).to_be_visible()
    no_failure(page)


def test_another_class_is_explained_and_the_map_fades(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&look=explain&method=saliency&explained=4")
    expect(page.get_by_text("for “4”")).to_be_visible()
    quiet(page)
    box = keyed(page, "explained_select")
    box.get_by_role("combobox").click()
    page.get_by_role("option", name=re.compile(r"^8( \(true\))? ·")).click()
    page.wait_for_url(re.compile("explained=8"))
    expect(page.get_by_text("for “8”")).to_be_visible()

    pictures = keyed(page, "explain_overlay_a")
    over = pictures.locator("img").last
    expect(over).to_have_css("opacity", "0.85")
    pictures.get_by_role("slider").press("Home")
    expect(over).to_have_css("opacity", "0")
    pictures.locator(".box").nth(1).hover(position={"x": 5, "y": 5})
    expect(pictures.get_by_text(re.compile(r"row 1, column 1: "))).to_be_visible()
    sizes = pictures.locator(".box").evaluate_all("boxes => boxes.map(box => box.clientWidth % 16)")
    assert sizes == [0, 0, 0]  # 16 pixels a side, enlarged by whole factors
    no_failure(page)


def test_the_strongest_image_and_the_sanity_check_are_a_click_away(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&look=explain&method=saliency")
    expect(keyed(page, "explain_row_a").locator(".cnnviz-scores")).to_have_count(6)
    quiet(page)
    keyed(page, "check_segments").get_by_text("Randomised weights").click()
    expect(page.get_by_text(re.compile("With all weights random"))).to_be_visible()
    quiet(page)
    keyed(page, "explain_segments").get_by_text("Strongest image").click()
    expect(page.get_by_text(re.compile("rises from"))).to_be_visible()
    expect(page.locator(".cnnviz-frames img")).to_have_count(6)
    no_failure(page)
