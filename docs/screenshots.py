"""Make the README's pictures from the running app: `make screenshots`.

Trains what the pictures show in a folder of its own (the same network with 3×3 and with 5×5 kernels on
the coloured shapes, and a small one on the digits), serves the app on it and photographs the pages in
both themes, the Train page while a run is going on.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser

from benchmarks.served import ROOT, browser, served, settle
from cnnviz.runs import delete, list_runs

FOLDER = ROOT / "docs" / "screenshots"
#: Kept between calls, so that the second call trains nothing but the live run.
RUNS = Path(tempfile.gettempdir(), "cnnviz-screenshots")
#: Trains nothing, and has something to show.
EXPERIMENT = "A5"
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
NETWORK = ("--dataset", "shapes", "--architecture", "two-pairs")
THREE, FIVE = "3×3", "5×5"
TRAININGS = {
    "digits": ("--dataset", "digits", "--architecture", "two-pairs", "--set", "training.epochs=8"),
    THREE: (*NETWORK, "--set", "training.epochs=5"),
    FIVE: (*NETWORK, "--set", "training.epochs=5", "--set", "architecture.kernel_size=5"),
}
LIVE = (*NETWORK, "--set", "training.epochs=16", "--set", "training.batch_size=64", "--name", "live")


def main() -> None:
    """Train, serve, photograph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help="some pages only, for example report compare")
    chosen = parser.parse_args().pages
    os.environ["CNNVIZ_RUNS_DIR"] = str(RUNS)
    # Trained through the command line, or found where they were trained before.
    runs = {
        name: str(json.loads(_cnnviz("train", *settings, "--name", name))["run"])
        for name, settings in TRAININGS.items()
    }
    _cnnviz("reproduce", EXPERIMENT, "--scale", "smoke")
    FOLDER.mkdir(exist_ok=True)
    with served(ROOT / "app.py") as address, browser() as chromium:
        for page, query in _addresses(runs).items():
            if not chosen or page in chosen:
                for theme in THEMES:
                    _photograph(chromium, f"{address}/{query}", f"{page}-{theme}", theme)
        if not chosen or "train" in chosen:
            with _live_run() as run:
                for theme in THEMES:
                    _photograph(chromium, f"{address}/train?run={run}", f"train-{theme}", theme)


def _addresses(runs: dict[str, str]) -> dict[str, str]:
    """What stands in the link of each picture, by the picture's name."""
    network = "dataset=shapes"
    return {
        "home": "",
        "data": "data?dataset=shapes",
        "architecture": f"architecture?{network}",
        "report": f"report?run={runs[THREE]}&{network}",
        "feature-maps": f"feature-maps?run={runs[THREE]}&run_b={runs[FIVE]}&{network}",
        "convolution-lab": f"convolution-lab?{network}&lab_image=digits",
        "compare": f"compare?{network}&runs={runs[THREE]},{runs[FIVE]}",
        "reproduce": f"reproduce?experiment={EXPERIMENT}",
    }


def _cnnviz(*arguments: str) -> str:
    """Run a command with --json; what it printed."""
    command = [sys.executable, "-m", "cnnviz", *arguments, "--json"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def _live_run() -> Iterator[str]:
    """Start a long training, give its id once it has some epochs, delete it afterwards."""
    command = [sys.executable, "-m", "cnnviz", "train", *LIVE, "--again"]
    training = subprocess.Popen(command)
    try:
        while not (live := [run for run in list_runs() if run.name == "live" and run.state == "running"]):
            time.sleep(0.2)
        while len(live[0].directory.epochs()) < 7 and training.poll() is None:
            time.sleep(0.2)
        yield live[0].id
    finally:
        training.send_signal(signal.SIGINT)
        training.wait(timeout=60)
        delete("live")


def _photograph(chromium: Browser, address: str, name: str, theme: Theme) -> None:
    """Open a page as a first visitor does and save what is seen without scrolling."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, device_scale_factor=1.5, color_scheme=theme
    )
    page = context.new_page()
    page.goto(address)
    settle(page)
    # Charts fade in after the script has run through.
    page.wait_for_timeout(2500)
    settle(page)
    picture = Image.open(BytesIO(page.screenshot()))
    picture.convert("RGB").save(FOLDER / f"{name}.webp", quality=86, method=6)
    context.close()
    print(FOLDER / f"{name}.webp")


if __name__ == "__main__":
    main()
