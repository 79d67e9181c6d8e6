"""The examples of cnnviz's docstrings, taken out and put where they say, as somebody would who reads them.

An example stands in a module's docstring, four blanks in, and begins with a comment that names its file.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import cnnviz
from cnnviz import registry
from cnnviz.architectures import ARCHITECTURES
from cnnviz.datasets.dataset_entry import DATASETS
from cnnviz.exports import EXPORTS
from cnnviz.inspection.explanations import METHODS
from cnnviz.jobs.kinds import kinds
from cnnviz.metrics import METRICS
from cnnviz.registry import Registry
from cnnviz.reports.drawings import DRAWINGS
from cnnviz.ui import navigation

ROOT = Path(cnnviz.__file__).parents[1]
_FILE = re.compile(r" {4}# ((?:cnnviz|pages)/\S+\.py)\b")
_NAME = re.compile(r"(?:\.add|\.register|@\w+)\(\s*\"([\w.-]+)\"")


def doors() -> tuple[Registry[Any], ...]:
    """All registries, with whatever is registered in this process."""
    return DATASETS, ARCHITECTURES, METRICS, METHODS, DRAWINGS, EXPORTS, kinds(), navigation.PAGES


@cache
def examples() -> dict[str, str]:
    """Every example: its code by the file that it is to be written into."""
    found: dict[str, list[str]] = {}
    for source in sorted(ROOT.glob("cnnviz/**/*.py")):
        lines: list[str] | None = None
        for line in (ast.get_docstring(ast.parse(source.read_text("utf-8")), clean=False) or "").splitlines():
            if match := _FILE.match(line):
                lines = found.setdefault(match[1], [])
            elif line and not line.startswith("    "):
                lines = None
            elif lines is not None:
                lines.append(line.removeprefix("    "))
    return {file: "\n".join(lines).strip() + "\n" for file, lines in found.items()}


@contextmanager
def placed(file: str, folder: Path, change: tuple[str, str] = ("", "")) -> Iterator[str]:
    """Have an example registered, as if its file were there; its name. Afterwards every door is as before.

    What somebody made of the same example stands aside meanwhile.

    Args:
        folder: an empty one, for the file.
        change: what of its code is replaced by what.
    """
    code = examples()[file]
    assert change[0] in code
    path = folder / Path(file).name
    path.write_text(code.replace(*change) if change[0] else code, "utf-8")
    match = _NAME.search(code)
    name = match[1] if match else path.stem
    kept = [(door, dict(door._entries), dict(door._orders), set(door._unused)) for door in doors()]
    noted, module = dict(registry._left_out), ".".join(Path(file).with_suffix("").parts)
    registry._left_out.clear()
    for door, entries, orders, unused in kept:
        if (door is navigation.PAGES) != file.startswith("pages/"):
            continue
        door._entries = {other: entry for other, entry in entries.items() if other != name}
        door._orders = {other: order for other, order in orders.items() if other != name}
        door._unused = unused - {name}
    try:
        if file.startswith("pages/"):
            navigation.add_pages([path])
        else:
            _load(module, folder)
        yield name
    finally:
        for door, entries, orders, unused in kept:
            door._entries, door._orders, door._unused = entries, orders, unused
        registry._left_out.clear()
        registry._left_out.update(noted)


def _load(module: str, folder: Path) -> None:
    package = importlib.import_module(module.rpartition(".")[0])
    made, path = sys.modules.pop(module, None), package.__path__
    package.__path__ = [str(folder), *path]
    importlib.invalidate_caches()
    try:
        registry.load(module)
    finally:
        package.__path__ = path
        sys.modules.pop(module, None)
        if made:
            sys.modules[module] = made
