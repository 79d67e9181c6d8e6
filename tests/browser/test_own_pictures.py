"""Own pictures in a real browser: a digit drawn by mouse, kept by the popover, answered by a network."""

import re

import pytest
from playwright.sync_api import Page, expect

from cnnviz.runs import RunDirectory
from tests.browser.steps import no_failure, open_page

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


#: The canvas lies in the shadow of its component.
STROKE_IS_THERE = """() => {
  const shadows = [...document.querySelectorAll('*')].map((one) => one.shadowRoot).filter(Boolean);
  const canvas = shadows.map((root) => root.querySelector('.pad canvas')).find(Boolean);
  return canvas && canvas.getContext('2d').getImageData(60, 100, 1, 1).data[0] > 200;
}"""


def draw_a_one(page: Page) -> None:
    canvas = page.get_by_role("img", name=re.compile("^Drawing area"))
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 200, steps=5)
    page.mouse.up()


def test_a_drawn_digit_is_placed_answered_kept_and_taken_back(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}")
    expect(page.locator(".cnnviz-predictions")).to_contain_text("(true)")
    page.get_by_role("button", name="Own picture").click()
    page.get_by_role("tab", name="Draw").click()
    draw_a_one(page)
    expect(page.get_by_text("Drawing, as the network takes it")).to_be_visible()
    expect(page.locator(".cnnviz-predictions")).not_to_contain_text("(true)")

    page.keyboard.press("Escape")
    expect(page.get_by_role("tab", name="Draw")).to_be_hidden()
    page.get_by_role("button", name="Own picture").click()
    page.wait_for_function(STROKE_IS_THERE)

    page.get_by_role("button", name="Back to the data set").click()
    expect(page.locator(".cnnviz-predictions")).to_contain_text("(true)")
    no_failure(page)
