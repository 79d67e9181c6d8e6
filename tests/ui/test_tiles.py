"""Where a key leads among tiles, run without a browser; that they look and work right is tests/browser's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import quickjs

SCRIPT = Path(__file__).resolve().parents[2] / "cnnviz" / "ui" / "components" / "tiles.js"


@pytest.fixture(scope="module")
def script() -> quickjs.Context:
    context = quickjs.Context()
    context.eval(SCRIPT.read_text("utf-8").replace("export default", "const main ="))
    return context


def leads(script: quickjs.Context, key: str, at: int, lines: list[int], *, rows: bool = False) -> int:
    """The tile that a key leads to from tile `at`; `lines`: so many tiles stand in each line."""
    boxes = [
        {"top": 50 * line, "left": 50 * column} for line, count in enumerate(lines) for column in range(count)
    ]
    return int(script.eval(f"target({json.dumps(key)}, {json.dumps(boxes)}, {at}, {json.dumps(rows)})"))


@pytest.mark.parametrize(
    ("key", "at", "to"),
    [
        ("ArrowRight", 0, 1),
        ("ArrowRight", 3, 4),  # on to the next line
        ("ArrowLeft", 4, 3),
        ("ArrowDown", 1, 5),
        ("ArrowUp", 6, 2),
        ("ArrowDown", 7, 9),  # the last line is shorter: to its nearest tile
        ("Home", 6, 0),
        ("End", 1, 9),
        ("ArrowLeft", 0, 0),  # nothing lies beyond the ends
        ("ArrowRight", 9, 9),
        ("ArrowUp", 2, 2),
        ("ArrowDown", 8, 8),
    ],
)
def test_a_key_leads_to_the_next_tile_in_its_direction(
    script: quickjs.Context, key: str, at: int, to: int
) -> None:
    assert leads(script, key, at, [4, 4, 2]) == to


@pytest.mark.parametrize(
    ("key", "at", "to"),
    [
        ("ArrowRight", 3, 3),
        ("ArrowLeft", 4, 4),
        ("Home", 6, 4),
        ("End", 5, 7),
        ("ArrowDown", 0, 4),
        ("ArrowUp", 9, 5),
    ],
)
def test_rows_with_a_meaning_are_not_left_sideways(
    script: quickjs.Context, key: str, at: int, to: int
) -> None:
    assert leads(script, key, at, [4, 4, 2], rows=True) == to
