"""Feature maps in a real browser: clicks and keys on the strip of layers and on the grid of maps."""

import re

import pytest
from playwright.sync_api import Page, expect

from cnnviz.runs import RunDirectory
from tests.browser.steps import keyed, no_failure, open_page

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def test_layers_and_maps_are_chosen_by_click_and_by_key(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&index=7")
    strip = keyed(page, "maps_strip")
    expect(strip.locator("button[aria-pressed=true]")).to_contain_text(["conv1"])
    # All layers, all maps and the large one are seen without scrolling.
    assert strip.locator(".strip").evaluate("row => row.scrollWidth <= row.clientWidth")
    expect(strip.locator(".go:visible")).to_have_count(0)
    for canvas in (
        keyed(page, "maps_grid_a").locator(".sheet"),
        keyed(page, "maps_large_a").locator("canvas").last,
    ):
        expect(canvas).to_be_in_viewport(ratio=0.95)

    maps = keyed(page, "maps_grid_a").get_by_role("button")
    of_the_layer_before = str(maps.first.get_attribute("aria-label"))  # which has as many, of another size
    strip.get_by_role("button", name=re.compile("^block1_conv2")).click()
    page.wait_for_url(re.compile("layer=block1_conv2"))
    expect(maps.first).not_to_have_attribute("aria-label", of_the_layer_before)
    expect(maps).to_have_count(32)
    sizes = maps.evaluate_all("maps => maps.map(map => [map.clientWidth % 14, map.clientHeight % 14])")
    assert sizes == [[0, 0]] * 32  # 14 values a side, enlarged by whole factors
    tops = maps.evaluate_all("maps => maps.map(map => map.offsetTop)")
    across = tops.count(tops[0])
    assert 1 < across < 32
    expect(maps.first).to_have_attribute("aria-label", re.compile("^map 1: "))

    maps.nth(across - 1).click()  # the last map of the first row
    page.wait_for_url(re.compile(rf"map={across}\b"))
    expect(page.get_by_text(f"Map {across} of 32")).to_be_visible()

    page.keyboard.press("ArrowDown")  # one row further down
    expect(page.get_by_text(f"Map {2 * across} of 32")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text(f"Map {2 * across - 1} of 32")).to_be_visible()
    expect(maps.nth(2 * across - 2)).to_be_focused()
    page.keyboard.press("Home")
    expect(page.get_by_text("Map 1 of 32")).to_be_visible()
    expect(maps.and_(page.locator("[aria-pressed=true]"))).to_have_count(1)
    no_failure(page)


def test_from_a_map_to_a_position_its_sum_and_a_top_activating_image_by_mouse(
    page: Page, run: RunDirectory
) -> None:
    open_page(page, f"/feature-maps?run={run.id}&layer=block1_conv1&map=1&at=8.5,8.5")
    large = keyed(page, "maps_large_a").get_by_role("application")
    expect(large).to_have_attribute("aria-label", re.compile("Row 9, column 9 "))
    assert "rows 8 to 10 and columns 8 to 10" in str(large.get_attribute("aria-label"))

    box = large.bounding_box()
    assert box
    large.click(position={"x": 2, "y": box["height"] - 2})  # the lower left corner
    page.wait_for_url(re.compile(r"at=15\.5%2C0\.5"))
    expect(
        keyed(page, "maps_large_a").get_by_text("1 of its 3 rows and 1 of its 3 columns lie in")
    ).to_be_visible()
    table = page.locator(".cnnviz-sum table").first
    expect(table.locator("td.outside")).to_have_count(5)

    image = keyed(page, "maps_large_a").get_by_role("img")
    box = image.bounding_box()
    assert box
    image.click(position={"x": 8.5 / 16 * box["width"], "y": 8.5 / 16 * box["height"]})  # who looks there?
    page.wait_for_url(re.compile(r"at=8\.5%2C8\.5"))
    expect(table.locator("td.outside")).to_have_count(0)

    strongest = keyed(page, "maps_top_activating_a").get_by_role("button").first
    number = re.search(r"training image (\d+)", str(strongest.get_attribute("title")))
    assert number
    strongest.click()
    page.wait_for_url(re.compile(f"index={number[1]}"))
    assert "split=train" in page.url
    no_failure(page)


def test_from_a_map_to_a_top_activating_image_by_keyboard(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&layer=block1_conv1&at=8.5,8.5")
    maps = keyed(page, "maps_grid_a").locator("button[tabindex='0']")
    expect(maps).to_have_count(1)  # all together are one stop of the Tab key
    maps.focus()
    page.keyboard.press("End")
    expect(page.get_by_text("Map 32 of 32")).to_be_visible()
    page.keyboard.press("Tab")
    large = keyed(page, "maps_large_a").get_by_role("application")
    expect(large).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"at=9\.5%2C9\.5"))
    expect(large).to_have_attribute("aria-label", re.compile("map 32. Row 10, column 10 "))
    strongest = keyed(page, "maps_top_activating_a").get_by_role("button")
    expect(strongest.first).to_be_visible()
    strongest.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("split=train"))
    no_failure(page)


def test_two_panels_keep_one_position(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}&run_b=untrained&layer_b=block1_pool&at=8.5,8.5")
    first = keyed(page, "maps_large_a").get_by_role("application")
    second = keyed(page, "maps_large_b").get_by_role("application")
    expect(first).to_have_attribute("aria-label", re.compile("Row 9, column 9 "))
    box = second.bounding_box()
    assert box
    second.click(position={"x": 2, "y": 2})  # its fields are larger: their middle lies further in
    expect(second).to_have_attribute("aria-label", re.compile("Row 1, column 1 "))
    expect(first).to_have_attribute("aria-label", re.compile("Row 2, column 2 "))
    expect(page.locator(".cnnviz-differences")).to_be_visible()
    no_failure(page)


def test_the_link_brings_everything_back(page: Page, run: RunDirectory) -> None:
    open_page(
        page, f"/feature-maps?run={run.id}&run_b={run.id}&index=3&split=train&layer=image&layer_b=dense1"
    )
    expect(keyed(page, "maps_grid_b").get_by_role("button")).to_have_count(512)
    page.reload()
    pressed = keyed(page, "maps_strip").locator("button[aria-pressed=true]")
    expect(pressed).to_contain_text(["image"])
    expect(keyed(page, "maps_grid_b").get_by_role("button")).to_have_count(512)
    for part in ("index=3", "split=train", "layer=image", "layer_b=dense1", f"run_b={run.id}"):
        assert part in page.url
    no_failure(page)


def test_kernels_and_weights_are_a_click_away(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}")
    keyed(page, "look_segments").get_by_text("Kernels").click()
    expect(page.get_by_text("32 kernels of 3×3×1")).to_be_visible()
    expect(page.locator(".cnnviz-kernel td")).to_have_count(9 + 1)  # and the bias
    keyed(page, "look_segments").get_by_text("Weights").click()
    expect(keyed(page, "maps_histograms").locator(".barlayer").first).to_be_visible()
    no_failure(page)
