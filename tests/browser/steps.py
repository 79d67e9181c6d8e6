"""What a person does, as functions: open, wait, click."""

from playwright.sync_api import Locator, Page, expect

_QUIET = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'


def quiet(page: Page) -> None:
    """Wait until the page has nothing more to draw."""
    page.wait_for_selector(_QUIET)


def open_page(page: Page, path: str) -> None:
    """Follow a link to a page of the app."""
    page.goto(path)
    quiet(page)
    expect(page.locator(".st-key-cnnviz-header h1")).to_be_visible()


def keyed(page: Page, key: str) -> Locator:
    """The element that has this key in the code; for a moment its forerunner may stand there, too."""
    return page.locator(f".st-key-{key}:not([data-retained='true'])")


def no_failure(page: Page) -> None:
    """Nothing on the page says that the code failed."""
    expect(page.get_by_test_id("stException")).to_have_count(0)
