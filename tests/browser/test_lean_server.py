"""The web process stays lean whatever page is visited: no TensorFlow, no Keras, no scikit-learn.

And no page has a barrier that axe-core calls serious, in either theme.
"""

import http.client
import json
import sys
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.steps import keyed, no_failure, open_page, quiet
from tests.commands import printed, typed

PAGES = ("Data", "Architecture", "Train", "Report", "Convolution lab", "Compare", "Feature maps")
FURTHER = ("Transfer", "Sweep", "Search", "Reproduce")
LOOKS = ("Kernels", "Explain", "Weights", "Time-lapse", "Maps")
TRAIN = "--dataset digits --architecture one-convolution --set training.epochs=1 --set dataset.train_size=200"


TITLES = {"dark": "rgb(163, 173, 183)", "light": "rgb(90, 100, 110)"}


def in_theme(page: Page, theme: Literal["dark", "light"]) -> None:
    """Change the theme; figures follow at once, without a click or a rerun by hand."""
    page.emulate_media(color_scheme=theme)
    dark = str(theme == "dark").lower()
    expect(page.locator(f".st-key-theme_watch [data-dark={dark}]")).to_be_attached()
    quiet(page)
    titles = page.locator(".js-plotly-plot :is(.xtitle, .ytitle)")
    if titles.count():
        expect(titles.first).to_have_css("fill", TITLES[theme])


def no_barrier(page: Page, where: str, options: dict[str, Any]) -> None:
    """axe-core finds nothing serious or critical: names, roles, contrast, order of headings."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    barriers = [
        f"{where}: {one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert not barriers, "\n".join(barriers)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")
def test_no_heavy_library_is_loaded_by_any_page(
    page: Page, server: Server, app_folders: dict[str, str]
) -> None:
    # The app's prepared process serves the command as well.
    done = typed("train", *TRAIN.split(), "--json", folders={**app_folders, "CNNVIZ_PREPARED": "1"})
    assert done.returncode == 0, done.stderr
    page.set_viewport_size({"width": 1920, "height": 1080})  # room for the whole menu
    open_page(page, "/")
    # A fold of the sidebar stays open while its values change, and from page to page.
    fold = keyed(page, "fold_regularization")
    fold.locator("summary").click()
    for label in ("L2 penalty", "L1 penalty"):
        fold.get_by_label(label, exact=True).fill("0.1")
        fold.get_by_label(label, exact=True).press("Enter")
        quiet(page)
        expect(fold.locator("details")).to_have_attribute("open", "")
    for title in (*FURTHER, *PAGES):
        if title in FURTHER:
            page.get_by_role("button", name="Further").click()
            page.get_by_role("menuitem", name=title).click()
        else:
            page.get_by_test_id("stTopNavLink").get_by_text(title, exact=True).click()
        expect(page.locator(".st-key-cnnviz-header h1")).to_have_text(title)
        quiet(page)
        no_failure(page)
        no_barrier(page, title, {})
        in_theme(page, "dark")
        no_barrier(page, f"{title}, dark", {"runOnly": ["color-contrast"]})
        in_theme(page, "light")
    for look in LOOKS:
        keyed(page, "look_segments").get_by_text(look).click()
        expect(keyed(page, "look_segments").get_by_role("radio", name=look)).to_be_checked()
        quiet(page)
        no_failure(page)
    expect(fold.locator("details")).to_have_attribute("open", "")
    # All training images have been looked through, and the answers have come back.
    strongest = keyed(page, "maps_top_activating_a").get_by_role("button").first
    expect(strongest).to_be_visible()
    # What is mapped into the process cannot lie. Keras has no compiled parts, but never comes alone:
    # h5py and its backend's would be here.
    mapped = Path(f"/proc/{server.pid}/maps").read_text()
    assert "site-packages/numpy/" in mapped
    for library in ("tensorflow", "h5py", "optree", "sklearn", "scipy"):
        assert f"site-packages/{library}/" not in mapped
    printed("delete", json.loads(done.stdout)["run"], "--yes", folders=app_folders)


def test_other_names_and_other_sites_pages_are_refused(server: Server) -> None:
    """By the running server, its websocket among them."""

    def status(path: str, host: str, origin: str = "", **more: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=30)
        try:
            headers = {"Host": host, **({"Origin": origin} if origin else {}), **more}
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()

    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    own = server.url.partition("://")[2]
    for path in ("/", "/live", "/_stcore/health"):
        assert status(path, own) == 200
        assert status(path, "evil.example") == 403
    assert status("/_stcore/stream", own, server.url, **upgrade) == 101
    assert status("/_stcore/stream", "evil.example", "http://evil.example", **upgrade) == 403
    assert status("/_stcore/stream", own, "http://evil.example", **upgrade) == 403
