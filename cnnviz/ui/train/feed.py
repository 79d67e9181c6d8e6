"""What the page Train shows of a run while it is trained, as JSON: one look at the files for all who watch.

A visitor says what he has (`at`) and gets what has come since; many visitors of one run ask for the same,
so that most answers are made already.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

from cnnviz import paths
from cnnviz.engine import engine
from cnnviz.errors import RunError
from cnnviz.figures import live
from cnnviz.runs import RunSummary, load_summary
from cnnviz.runs.tail import Tail
from cnnviz.ui.train import headline

#: Seconds for which a look at the files holds. The worker writes a line of live figures as often.
LOOK_SECONDS = 0.25
_QUEUE_SECONDS = 1.0
_MOST_FEEDS, _MOST_ANSWERS, _QUEUE_LINES = 64, 256, 3
_AT = re.compile(r"([0-9a-f]+-[0-9a-f]+)\.(\d{1,9})\.(\d{1,9})")


class Feed:
    """One run's figures."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._epochs, self._batches = Tail(path / "epochs.jsonl"), Tail(path / "batches.jsonl")
        self._said: dict[str, Any] = {}
        self._answers: dict[str, bytes] = {}
        self._looked = -LOOK_SECONDS
        self._lock = threading.Lock()

    @property
    def fresh(self) -> bool:
        """Whether the last look still holds, so that an answer reads no file."""
        return time.monotonic() - self._looked < LOOK_SECONDS

    def answer(self, at: str = "") -> bytes:
        """JSON of what is new since `at`; of all, thinned, where that is of another file, or nothing."""
        with self._lock:
            if not self.fresh:
                self._look()
            if at not in self._answers:
                if len(self._answers) >= _MOST_ANSWERS:
                    self._answers.clear()
                self._answers[at] = json.dumps(self._since(at), separators=(",", ":")).encode()
            return self._answers[at]

    def since(self, at: str = "") -> dict[str, Any]:
        """The same, not yet as JSON."""
        answer: dict[str, Any] = json.loads(self.answer(at))
        return answer

    def _look(self) -> None:
        run = load_summary(self.path)
        problem = run.damaged or ""
        try:
            self._epochs.look()
            self._batches.look()
        except RunError as error:
            problem = str(error)
        said = {} if run.damaged else _words(run, self._epochs.lines, self._batches.lines)
        # What Streamlit's part of the page depends on: buttons, messages, links, the queue's lines.
        signs = (run.state, run.reason, problem, bool(run.report))
        sign = " ".join(map(str, signs))
        self._said = {"state": run.state, "sign": sign, "problem": problem, **said, "queue": queue()}
        self._answers.clear()
        self._looked = time.monotonic()

    def _since(self, at: str) -> dict[str, Any]:
        epochs, batches = self._epochs.lines, self._batches.lines
        origin = f"{self._epochs.origin:x}-{self._batches.origin:x}"
        new = {"at": f"{origin}.{len(epochs)}.{len(batches)}", **self._said}
        known = _AT.fullmatch(at)
        if known and known[1] == origin and int(known[2]) <= len(epochs) and int(known[3]) <= len(batches):
            epochs, batches = epochs[int(known[2]) :], batches[int(known[3]) :]
        else:
            new["whole"] = True
        return new | {
            "epochs": live.epoch_points(live.thin(epochs)),
            "batches": live.batch_points(live.thin(batches)),
        }


def _words(run: RunSummary, epochs: list[dict[str, Any]], batches: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "words": headline.progress(run, epochs, batches),
        "share": round(headline.share(run), 4),
        "times": headline.times(run, epochs),
        "total": run.status.epochs if run.status else 1,
    }


_feeds: OrderedDict[Path, Feed] = OrderedDict()
_lock = threading.Lock()


def feed(path: Path) -> Feed:
    """The feed of a run's folder, kept while it is among the last that were asked for."""
    with _lock:
        found = _feeds.setdefault(path, Feed(path))
        _feeds.move_to_end(path)
        while len(_feeds) > _MOST_FEEDS:
            _feeds.popitem(last=False)
        return found


def find(run_id: str) -> Feed | None:
    """The feed of a run of the runs folder; None where there is none of exactly this id."""
    path = paths.runs_dir() / run_id
    # Ids come from outside: only a plain folder name may lead to a folder.
    if not re.fullmatch(r"\w[\w-]*", run_id, re.ASCII) or not (path / "spec.json").is_file():
        return None
    return feed(path)


class _Queue:
    """The last look at the queue."""

    def __init__(self) -> None:
        self.root: Path | None = None
        self.looked = 0.0
        self.lines: list[dict[str, str]] = []

    def look(self) -> None:
        self.root, self.looked = paths.runs_dir(), time.monotonic()
        runs = engine().queue()
        self.lines = [
            {"id": run.id, "title": run.title, "words": headline.place(run)} for run in runs[:_QUEUE_LINES]
        ]
        if len(runs) > _QUEUE_LINES:
            more = len(runs) - _QUEUE_LINES
            self.lines.append({"id": "", "title": f"and {more} more waiting", "words": ""})


_queue = _Queue()


def queue(*, fresh: bool = False) -> list[dict[str, str]]:
    """The first lines of the queue, then how many more wait; at most a second old, or read now."""
    if fresh or _queue.root != paths.runs_dir() or time.monotonic() - _queue.looked > _QUEUE_SECONDS:
        _queue.look()
    return _queue.lines
