"""The components' scripts as the browser gets them, joined from their parts, linted by oxlint."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Imports every module of the UI in a process of its own and writes each component's script into a folder.
_WRITE = """
import importlib, pkgutil, sys
from pathlib import Path
import streamlit as st

def write(name, *, js="", **others):
    if js:
        (Path(sys.argv[1]) / f"{name}.js").write_text(js, "utf-8")
    return lambda **_: None

st.components.v2.component = write
import cnnviz.ui
for module in pkgutil.walk_packages(cnnviz.ui.__path__, "cnnviz.ui."):
    if module.name != "cnnviz.ui.main":
        importlib.import_module(module.name)
"""


def written(folder: Path) -> list[Path]:
    subprocess.run([sys.executable, "-W", "ignore", "-c", _WRITE, str(folder)], cwd=ROOT, check=True)
    return sorted(folder.glob("*.js"))


def lint(*paths: Path) -> list[dict[str, object]]:
    oxlint = shutil.which("oxlint", path=sysconfig.get_path("scripts"))
    assert oxlint, "oxlint is missing: make setup-dev installs it"
    command = [oxlint, "--config", str(ROOT / ".oxlintrc.json"), "--format", "json", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: list[dict[str, object]] = json.loads(done.stdout)["diagnostics"]
    return found


def test_what_the_browser_gets_is_linted(tmp_path: Path) -> None:
    scripts = {path.name: path.read_text("utf-8") for path in written(tmp_path)}
    assert len(scripts) > 3
    wrong = []
    for item in lint(*map(tmp_path.joinpath, scripts)):
        # A function of a part that two components share may be idle in one of them.
        idle = re.match(r"Function '(\w+)' is declared but never used", str(item["message"]))
        if not (idle and sum(f"function {idle[1]}(" in script for script in scripts.values()) > 1):
            wrong.append((Path(str(item["filename"])).name, item["message"], item["labels"]))
    assert wrong == []


def test_a_name_that_nothing_declares_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    wrong.write_text("export default function () { return lacking + 1; }\n", "utf-8")
    assert any("lacking" in str(item["message"]) for item in lint(wrong))
