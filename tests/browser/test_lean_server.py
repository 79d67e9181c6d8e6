"""The web process stays lean: no TensorFlow, no Keras, no scikit-learn, whatever page is visited."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Server
from tests.browser.steps import keyed, no_failure, open_page

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
TRAIN = [
    "train",
    "--dataset",
    "digits",
    "--architecture",
    "one-convolution",
    "--set",
    "training.epochs=1",
    "--set",
    "dataset.train_size=200",
    "--json",
]


def cnnviz(folders: dict[str, str], *arguments: str) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "cnnviz", *arguments]
    environment = {**os.environ, **folders}
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")
def test_no_heavy_library_is_loaded_by_any_page(
    page: Page, server: Server, app_folders: dict[str, str]
) -> None:
    trained = cnnviz(app_folders, *TRAIN)
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
    cnnviz(app_folders, "delete", json.loads(trained)["run"], "--yes")
