"""A real server and a real browser: Debian's Chromium, Chrome, or the one that Playwright downloads."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright

from cnnviz import architectures, datasets
from cnnviz.engine import prepared
from cnnviz.runs import RunDirectory
from cnnviz.specs import DatasetSpec, ExperimentSpec
from tests.keras_once import lend
from tests.patience import PATIENCE
from tests.processes import end_workers

ROOT = Path(__file__).resolve().parents[2]
_INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    # A tab of a test is left before a compiler that optimises has earned what it costs; baseline code stays.
    "--js-flags=--no-maglev --no-turbofan",
    # Without these a browser in a closed network tries to reach its maker, many times at once.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
expect.set_options(timeout=1000 * PATIENCE)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> str | None:
    """An installed Chromium or Chrome; None: Playwright's own. Skipped only where neither can be had."""
    installed = next((path for name in _INSTALLED if (path := shutil.which(name))), None)
    if installed or Path(playwright.chromium.executable_path).exists():
        return installed
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = "needs a browser: install Chromium or Chrome (Debian: apt-get install chromium)"
        if os.environ.get("CNNVIZ_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return None


@pytest.fixture
def browser(playwright: Playwright, chromium: str | None) -> Iterator[Browser]:
    """A browser without any page."""
    launched = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def app_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of the tested app's own: no runs, no data but what cnnviz makes itself."""
    root = tmp_path_factory.mktemp("app")
    names = {"CNNVIZ_RUNS_DIR": "runs", "CNNVIZ_DATA_DIR": "data", "CNNVIZ_CACHE_DIR": "cache"}
    return {variable: str(root / name) for variable, name in names.items()}


class Server(NamedTuple):
    """The running app: its address and its process."""

    url: str
    pid: int


@pytest.fixture(scope="session")
def server(app_folders: dict[str, str], prepared_process: prepared.Prepared) -> Iterator[Server]:
    """The app, started as a user starts it; its prepared process is there already.

    It would wait for a free core before it prepares one, which a machine that tests hardly has: each run
    would import Keras by itself.
    """
    runs = Path(app_folders["CNNVIZ_RUNS_DIR"])
    lend(prepared_process, runs)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = Path(app_folders["CNNVIZ_RUNS_DIR"]).with_name("server.log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                "app.py",
                "--server.port",
                str(port),
                "--server.address",
                "127.0.0.1",
                "--server.headless",
                "true",
            ],
            cwd=ROOT,
            env={**os.environ, **app_folders, prepared.SWITCH: "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        (runs / ".queue/prepared").unlink(missing_ok=True)  # lent: the app would end it for all
        process.terminate()
        process.wait(timeout=PATIENCE)
        end_workers(app_folders["CNNVIZ_RUNS_DIR"])


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:  # refused, reset, or too busy to answer within a second
            time.sleep(0.1)
    pytest.fail(f"The app did not start:\n{log.read_text('utf-8', errors='replace')}")


@pytest.fixture(scope="session")
def tab(
    server: Server, playwright: Playwright, chromium: str | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """One tab of one browser for all tests: what it has compiled of Streamlit's script it keeps.

    A test opens a link in it, which is a new visit as far as the app can tell. In a tab of its own that
    takes twice the processor time, in a window without a history three times. It asks for reduced motion, as
    a person can: without a graphics card each frame of a spinner is painted by the processor.
    """
    context = playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=chromium,
        args=_FLAGS,
        base_url=server.url,
        reduced_motion="reduce",
    )
    context.set_default_timeout(1000 * PATIENCE)
    yield context.pages[0]
    context.close()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    """A fresh visitor; the test fails if the browser's console reports an error."""
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(str(error))

    tab.set_viewport_size({"width": 1280, "height": 800})
    tab.on("pageerror", note)
    yield tab
    tab.remove_listener("pageerror", note)
    tab.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    tab.context.clear_cookies()
    assert errors == []


@pytest.fixture(scope="module")
def run(app_folders: dict[str, str]) -> Iterator[RunDirectory]:
    """A finished run with random weights on the digits, removed again for the tests that follow."""
    from cnnviz.architectures.build import build_model

    dataset, spec = DatasetSpec(name="digits"), architectures.make("two-pairs")
    facts = datasets.facts(dataset)
    experiment = ExperimentSpec(dataset=dataset, architecture=spec)
    run = RunDirectory.create(Path(app_folders["CNNVIZ_RUNS_DIR"]), experiment, name="untrained")
    build_model(spec, facts.input_shape, len(facts.class_names)).save(run.model_path)
    run.set_status(state="done")
    yield run
    shutil.rmtree(run.path)
