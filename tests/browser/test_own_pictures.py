"""Own pictures in a real browser: a digit drawn by mouse, kept by the popover, answered by a network."""

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from cnnviz.runs import RunDirectory
from tests.browser.steps import no_failure, open_page, quiet

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


def draw_a_one(page: Page, until: Callable[[], None]) -> None:
    """One stroke from top to bottom; what `until` waits for comes before it ends."""
    canvas = page.get_by_role("img", name=re.compile("^Drawing area"))
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 200, steps=5)
    until()
    page.mouse.up()


def test_a_drawn_digit_is_followed_answered_and_stands_in_the_link(page: Page, run: RunDirectory) -> None:
    open_page(page, f"/feature-maps?run={run.id}")
    answer = page.locator(".cnnviz-predictions")
    expect(answer).to_contain_text("(true)")
    page.get_by_text("Draw", exact=True).click()
    draw_a_one(page, until=lambda: expect(answer).not_to_contain_text("(true)"))
    expect(page.get_by_text("Drawing, as the network takes it")).to_be_visible()
    page.wait_for_url(re.compile(r"draw=1.*drawing=[\w-]{8,}"))

    link = page.url.partition("/feature-maps")[2]
    quiet(page)
    drawn = answer.text_content() or ""
    open_page(page, "/")
    open_page(page, f"/feature-maps{link}")
    page.wait_for_function(STROKE_IS_THERE)
    expect(answer).to_have_text(drawn)

    page.get_by_role("button", name="Undo").click()
    expect(answer).to_contain_text("(true)")
    page.get_by_text("Draw", exact=True).click()
    expect(page.get_by_role("img", name=re.compile("^Drawing area"))).to_have_count(0)
    no_failure(page)


def test_a_photograph_is_cropped_levelled_and_placed(page: Page, run: RunDirectory) -> None:
    paper = np.full((200, 300), 210, np.uint8)
    paper[50:150, 100:110] = 40
    out = io.BytesIO()
    Image.fromarray(paper).save(out, "PNG")
    open_page(page, f"/feature-maps?run={run.id}")
    page.get_by_role("button", name="Own picture").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "one.png", "mimeType": "image/png", "buffer": out.getvalue()}
    )
    square = page.get_by_role("group", name=re.compile("^Part that is used"))
    square.press("-")
    square.press("ArrowLeft")
    page.keyboard.press("Escape")
    help = page.get_by_text("one.png, as the network takes it")
    expect(help).to_be_visible()
    help.locator("xpath=ancestor::*[@data-testid='stCaptionContainer'][1]").get_by_test_id(
        "stTooltipHoverTarget"
    ).hover()
    said = page.get_by_test_id("stTooltipContent")
    expect(said).to_contain_text("cut to the chosen square of 196 pixels")
    expect(said).to_contain_text("ground levelled")
    expect(page.get_by_text("Place it as in training")).to_be_visible()
    no_failure(page)
