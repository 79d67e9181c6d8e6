"""What surrounds the code: pins, bounds, locks, licences and the version say the same thing."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

import cnnviz
from cnnviz.cli import main

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKS = sorted((ROOT / "locks").glob("*.txt"))
#: Licences that go with an Apache-2.0 project. MPL-2.0 asks for changes of its own files only.
ALLOWED = re.compile(
    r"apache|bsd|\bmit\b|isc\b|psf|python software foundation|mozilla public|mpl-2\.0|zlib|cc0", re.I
)
#: Says its licence in a file only.
BY_FILE = {"namex": "Apache License, Version 2.0"}


def pins(path: Path) -> dict[NormalizedName, str]:
    """Name to exact version, of a requirements file or a lock."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", path.read_text("utf-8"), re.M)
    return {canonicalize_name(name): version for name, version in found}


PINNED = pins(ROOT / "requirements.txt")


def test_the_package_allows_what_is_pinned() -> None:
    bounds = {
        canonicalize_name((one := Requirement(text)).name): one.specifier for text in PROJECT["dependencies"]
    }
    assert bounds.keys() == PINNED.keys()
    assert {name for name, version in PINNED.items() if version not in bounds[name]} == set()
    # A library must not forbid its users newer versions, nor claim to work with those that nobody tried.
    assert {name for name, bound in bounds.items() if "==" in str(bound) or ">=" not in str(bound)} == set()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_each_lock_holds_every_pin_with_hashes(lock: Path) -> None:
    locked = pins(lock)
    build = "tensorflow-cpu" if "cpu" in lock.stem else "tensorflow"
    expected = {build if name == "tensorflow" else name: version for name, version in PINNED.items()}
    assert expected.items() <= locked.items()
    entries = re.split(r"\n(?=\S)", lock.read_text("utf-8").split("\n", 1)[1].strip())
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_there_is_a_lock_for_each_build_that_make_can_choose() -> None:
    chosen = re.findall(r"echo '?(tensorflow[\w\[\]-]*)'?", (ROOT / "Makefile").read_text("utf-8"))
    assert {name.replace("[", "-").replace("]", "") for name in chosen} == {lock.stem for lock in LOCKS}


def test_every_licence_allows_what_ours_promises() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    refused = {}
    for name in {*pins(ROOT / "locks" / "tensorflow.txt"), *pins(ROOT / "locks" / "tensorflow-cpu.txt")}:
        try:
            about = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # of another system, or of the other build
        classifiers = [text for text in about.get_all("Classifier") or [] if text.startswith("License")]
        named = [*(about.get_all("License-Expression") or []), *(about.get_all("License") or [])]
        words = " ".join([*(text[:80] for text in named), *classifiers])
        if not ALLOWED.search(words) and BY_FILE.get(name, "nothing") not in _licence_files(name):
            refused[name] = words
    assert refused == {}


def _licence_files(name: str) -> str:
    files = [file for file in metadata.files(name) or [] if "LICENSE" in file.name.upper()]
    return " ".join(Path(str(file.locate())).read_text("utf-8") for file in files)


def test_the_changelog_begins_with_this_version() -> None:
    versions = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert versions[0] == cnnviz.__version__


def test_the_command_says_which_version_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"cnnviz {cnnviz.__version__}\n")


def test_the_workflow_tries_every_python_that_is_promised() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    promised = SpecifierSet(PROJECT["requires-python"])
    minors = [f"3.{minor}" for minor in range(20) if f"3.{minor}.0" in promised]
    assert re.findall(r'"(3\.\d+)"', workflow.split("include:")[0]) == minors
    named = [text.rsplit(" ", 1)[1] for text in PROJECT["classifiers"] if "Python :: 3." in text]
    assert named == minors
