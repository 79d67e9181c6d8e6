"""Make the README's pictures from the running app: `make screenshots`.

Trains what the pictures show (report A3's network with 3×3 and with 5×5 kernels on the coloured
shapes, and the first network of Home) in a folder of its own, serves the app on it and photographs
the pages in both themes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page

from benchmarks.served import ROOT, browser, served, settle

FOLDER = ROOT / "docs" / "screenshots"
#: Kept between calls, so that the second call trains nothing.
RUNS = ROOT / "build" / "screenshots" / "runs"
TRAININGS = (
    ("digits", "two-pairs", "training.epochs=5", "architecture.kernel_size=3", "First network"),
    ("shapes", "two-pairs", "training.epochs=6", "architecture.kernel_size=3", "A3: 3×3"),
    ("shapes", "two-pairs", "training.epochs=6", "architecture.kernel_size=5", "A4: 5×5"),
)


class Shot(NamedTuple):
    """One picture: file name, address within the app, theme."""

    name: str
    address: str
    theme: Literal["light", "dark"]
    width: int = 1280
    height: int = 800


def train() -> dict[str, str]:
    """Train what is missing, through the command line; the run's id by its name."""
    found = {}
    for dataset, architecture, epochs, kernel, name in TRAININGS:
        command = [sys.executable, "-m", "cnnviz", "train", "--json", "--dataset", dataset,
                   "--architecture", architecture, "--set", epochs, "--set", kernel, "--name", name]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
        import json

        found[name] = json.loads(done.stdout)["run"]
    return found


def environment() -> dict[str, str]:
    """The process's environment with the folder of the pictures' runs."""
    return os.environ | {"CNNVIZ_RUNS_DIR": str(RUNS)}
