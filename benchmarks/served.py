"""A Streamlit app in a process of its own and a browser in front of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
#: A page that is connected and has nothing more to run.
SETTLED = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
_PATIENCE_SECONDS = 60


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(script: str | Path, environment: dict[str, str] | None = None) -> Iterator[str]:
    """Serve a script with the project's own settings on a free port; give its address.

    Raises:
        RuntimeError: it does not answer; the message holds what it printed.
    """
    port = free_port()
    settings = f"--server.port {port} --server.address 127.0.0.1 --server.headless true"
    command = [sys.executable, "-m", "streamlit", "run", str(script), *settings.split()]
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | (environment or {}),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, server)
        yield address
    finally:
        server.terminate()
        server.communicate(timeout=20)


def _wait(address: str, server: subprocess.Popen[str]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    server.kill()
    raise RuntimeError(f"The app does not answer at {address}:\n{server.communicate()[0]}")


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the installed Chromium or Chrome, else the one that Playwright has."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    installed = next(filter(None, map(shutil.which, names)), None)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=installed, args=flags)
        try:
            yield chromium
        finally:
            chromium.close()


def settle(page: Page) -> None:
    """Wait until the page is connected and its script has run through."""
    page.wait_for_selector(SETTLED, timeout=1000 * _PATIENCE_SECONDS, state="attached")
