"""The web process stays lean: no TensorFlow, no Keras, no scikit-learn, whatever page is visited."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import ROOT, Server
from tests.browser.steps import no_failure, open_page

PAGES = ("", "data", "architecture", "train", "report", "compare", "transfer", "sweep", "search",
         "convolution-lab", "reproduce")  # fmt: skip
TRAIN = ["train", "--dataset", "digits", "--architecture", "one-convolution",
         "--set", "training.epochs=1", "--set", "dataset.train_size=200", "--json"]  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")
def test_no_heavy_library_is_loaded_by_any_page(
    page: Page, server: Server, app_folders: dict[str, str]
) -> None:
    subprocess.run(
        [sys.executable, "-m", "cnnviz", *TRAIN], cwd=ROOT, env={**os.environ, **app_folders}, check=True,
        capture_output=True,
    )  # fmt: skip
    for path in PAGES:
        open_page(page, f"/{path}")
        no_failure(page)
    # What is mapped into the process cannot lie. Keras has no compiled parts, but never comes alone:
    # h5py and its backend's would be here.
    mapped = Path(f"/proc/{server.pid}/maps").read_text()
    assert "site-packages/numpy/" in mapped
    for library in ("tensorflow", "h5py", "optree", "sklearn", "scipy"):
        assert f"site-packages/{library}/" not in mapped
