"""The Data page in a real browser: whole pixels, a class opened by click and by key, no scrolling."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import no_failure, open_page, quiet

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080), (700, 900)])
def test_images_are_enlarged_by_a_whole_factor_and_fit_the_window(
    page: Page, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_page(page, "/data?dataset=shapes")
    tiles = page.locator(".gallery button")
    expect(tiles).to_have_count(10)
    boxes = [tiles.nth(i).bounding_box() for i in range(10)]
    sizes = {(box["width"], box["height"]) for box in boxes if box}
    assert len(sizes) == 1
    side = sizes.pop()[0]
    assert side >= 32
    assert side % 32 == 0
    assert all(box and box["x"] + box["width"] <= width for box in boxes)
    if width >= 1280:
        assert all(box and box["y"] + box["height"] < height for box in boxes)  # one look is one screen
    assert tiles.first.evaluate("tile => getComputedStyle(tile).imageRendering") == "pixelated"


def test_a_class_is_opened_by_click_and_by_key(page: Page) -> None:
    open_page(page, "/data?dataset=shapes")
    star = page.get_by_role("button", name=re.compile("^star: training image"))
    expect(star).to_be_visible()
    stop = page.locator(".gallery button[tabindex='0']")
    expect(stop).to_have_count(1)  # all together are one stop of the Tab key
    stop.focus()
    for key in ("ArrowDown", "End", "ArrowUp", "Home", *["ArrowRight"] * 5):
        page.keyboard.press(key)
    expect(star).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Images", exact=True)).to_be_checked()
    expect(page).to_have_url(re.compile("class=5.*look=Images"))
    quiet(page)
    page.get_by_role("radio", name="Classes").click()
    page.get_by_role("button", name=re.compile("^ring: training image")).click()
    expect(page).to_have_url(re.compile("class=1.*look=Images"))
    no_failure(page)
