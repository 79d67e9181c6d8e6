"""The web process stays lean: no TensorFlow, no Keras, no scikit-learn, whatever page is visited."""

import json
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.steps import keyed, no_failure, open_page
from tests.commands import printed, typed

PAGES = (
    "",
    "data",
    "architecture",
    "train",
    "report",
    "compare",
    "transfer",
    "sweep",
    "search",
    "convolution-lab",
    "reproduce",
    "feature-maps",
)
LOOKS = ("maps", "kernels", "explain", "weights", "time")
TRAIN = "--dataset digits --architecture one-convolution --set training.epochs=1 --set dataset.train_size=200"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")
def test_no_heavy_library_is_loaded_by_any_page(
    page: Page, server: Server, app_folders: dict[str, str]
) -> None:
    # The app's prepared process serves the command as well.
    done = typed("train", *TRAIN.split(), "--json", folders={**app_folders, "CNNVIZ_PREPARED": "1"})
    assert done.returncode == 0, done.stderr
    for path in (*PAGES, *(f"feature-maps?look={look}" for look in LOOKS)):
        open_page(page, f"/{path}")
        no_failure(page)
    open_page(page, "/feature-maps?look=maps")
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
