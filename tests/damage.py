"""Damage as disks, tools and people do it: a file cut, empty, full of noise, of wrong types, or gone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def _wrong_types(path: Path) -> None:
    """The same keys with values of another type, at any depth; arrays of another shape."""

    def wrong(value: Any) -> Any:
        if isinstance(value, dict) and value:
            return {key: wrong(inner) for key, inner in value.items()}
        return {"a": []} if isinstance(value, (int, float, str, list)) else "x"

    if path.suffix in (".npz",):
        with np.load(path, allow_pickle=False) as arrays:
            names = arrays.files
        np.savez(path, allow_pickle=False, **{name: np.array(["x", "y"]) for name in names})
    elif path.suffix in (".json", ".jsonl"):
        lines = path.read_text("utf-8").splitlines() if path.suffix == ".jsonl" else [path.read_text("utf-8")]
        path.write_text("".join(json.dumps(wrong(json.loads(line))) + "\n" for line in lines), "utf-8")
    else:
        path.write_text("{}")


def _not_a_number(path: Path) -> None:
    """JSON's neighbours: NaN and numbers that no float holds; for arrays, NaN."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            content = {name: arrays[name] for name in arrays.files}
        floats = {n: np.full_like(a, np.nan) if a.dtype.kind == "f" else a for n, a in content.items()}
        np.savez(path, allow_pickle=False, **floats)
    else:
        path.write_text('{"test_accuracy": NaN, "epoch": 1e400, "name": "' + "[" * 3000 + '"}\n', "utf-8")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(400))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _deep(path: Path) -> None:
    path.write_text("[" * 100_000, "utf-8")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut": _cut,
    "empty": _empty,
    "noise": _noise,
    "wrong types": _wrong_types,
    "not a number": _not_a_number,
    "deep": _deep,
    "folder": _folder,
    "gone": Path.unlink,
}


def damaged_copies(run: Path, root: Path) -> dict[str, Path]:
    """A copy of a run for each of its files and each damage: `report.json, cut` → its folder."""
    copies = {}
    files = sorted(path.relative_to(run) for path in run.rglob("*") if path.is_file())
    for number, (file, damage) in enumerate((file, damage) for file in files for damage in DAMAGES):
        # Its own time and number, the same experiment: the ending stays.
        copy = root / f"20260101-000000-{number:04x}-{run.name.rsplit('-', 1)[1]}"
        shutil.copytree(run, copy)
        DAMAGES[damage](copy / file)
        copies[f"{file}, {damage}"] = copy
    return copies
