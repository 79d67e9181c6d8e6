"""The first lines of the queue, as the sidebar of every page shows them; looked at once for all visitors."""

from __future__ import annotations

import time
from pathlib import Path

from cnnviz import paths
from cnnviz.engine import engine
from cnnviz.ui.titles import run_title
from cnnviz.ui.train import headline

_MOST, _QUEUE_SECONDS = 3, 1.0


class _Last:
    """The last look at the queue."""

    def __init__(self) -> None:
        self.root: Path | None = None
        self.looked = 0.0
        self.lines: list[dict[str, str]] = []

    def look(self) -> None:
        self.root, self.looked = paths.runs_dir(), time.monotonic()
        runs = engine().queue()
        self.lines = [
            {"id": run.id, "title": run_title(run), "words": headline.place(run)} for run in runs[:_MOST]
        ]
        if len(runs) > _MOST:
            more = len(runs) - _MOST
            self.lines.append({"id": "", "title": f"and {more} more waiting", "words": ""})


_last = _Last()


def lines(*, fresh: bool = False) -> list[dict[str, str]]:
    """The first lines of the queue, then how many more wait; at most a second old, or read now."""
    if fresh or _last.root != paths.runs_dir() or time.monotonic() - _last.looked > _QUEUE_SECONDS:
        _last.look()
    return _last.lines


def sign(line: dict[str, str]) -> str:
    """What a list of the queue without numbers depends on: which run, and whether it waits."""
    return line["id"] + (line["title"] if not line["id"] else str(line["words"] == "waiting"))
