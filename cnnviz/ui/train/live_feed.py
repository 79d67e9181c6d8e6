"""What the page Train shows of a run while it is trained, as JSON: one look at the files for all who watch.

A visitor says what he has (`at`) and gets what has come since; many visitors of one run ask for the same,
so that most answers are made already. While somebody asks, a thread looks at the files four times a second,
so that no answer waits for a disk. In a full room everybody is told to ask less often.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from cnnviz import paths, words
from cnnviz.errors import RunError
from cnnviz.evaluation import trouble_of
from cnnviz.evaluation.settings import loss_words
from cnnviz.evaluation.trouble import VALIDATION_ABOVE, validation_above
from cnnviz.figures import curves
from cnnviz.runs import BatchRecord, EpochRecord, RunSummary, Status, load_summary
from cnnviz.runs.journal import Tail
from cnnviz.ui import queue_view

#: Seconds between two looks at the files. The worker writes a line of live figures as often.
LOOK_SECONDS = 0.25
#: A look older than this is not shown: nobody has asked for a while, and it is taken anew.
_FRESH_SECONDS = 1.0
#: After so long without a question nobody watches any more.
_WATCHED_SECONDS = 8.0
#: Questions a second that all who watch a run may ask together, and the seconds between two of one visitor.
_MOST_QUESTIONS, _SHORTEST, _LONGEST = 50, 1.0, 5.0
_MOST_FEEDS, _MOST_ANSWERS = 64, 256
#: Lines of live figures that are kept in memory: an hour and a half of them.
_MOST_BATCHES = 20_000
_AT = re.compile(r"([0-9a-f]+-[0-9a-f]+)\.(\d{1,9})\.(\d{1,9})")


@dataclass(frozen=True)
class _Look:
    """All that was seen at one moment. The journals may have grown since: only so many lines count."""

    news: dict[str, Any]  # beside the journals
    epochs: tuple[list[EpochRecord], int]
    batches: tuple[list[BatchRecord], int]
    origin: str
    moment: float
    answers: dict[str, bytes] = field(default_factory=dict)

    def answer(self, at: str) -> bytes:
        """JSON of what is new since `at`; of all, thinned, where that is of another file, or nothing."""
        known = self.answers.get(at)
        if known is None:
            if len(self.answers) >= _MOST_ANSWERS:
                self.answers.clear()
            known = self.answers[at] = json.dumps(self._since(at), separators=(",", ":")).encode()
        return known

    def _since(self, at: str) -> dict[str, Any]:
        (epochs, ended), (batches, written) = self.epochs, self.batches
        new = {"at": f"{self.origin}.{ended}.{written}", **self.news}
        known = _AT.fullmatch(at)
        first, second = (int(known[2]), int(known[3])) if known else (0, 0)
        if not known or known[1] != self.origin or first > ended or second > written:
            new["whole"] = True
            first = second = 0
        return new | {
            "epochs": curves.epoch_points(curves.thin(epochs[first:ended])),
            "batches": curves.batch_points(curves.thin(batches[second:written])),
        }


class Feed:
    """One run's figures."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._epochs = Tail(path / "epochs.jsonl", EpochRecord)
        self._batches = Tail(path / "batches.jsonl", BatchRecord, most=_MOST_BATCHES)
        self._last: _Look | None = None
        self._lock = threading.Lock()
        self._asked = 0.0
        self._questions, self._period = 0, _SHORTEST
        self._watching = False

    def ready(self, at: str) -> bytes | None:
        """The answer from memory; None where the files must be looked at first."""
        self._asked = time.monotonic()
        self._questions += 1
        last = self._last
        return last.answer(at) if last and self._asked - last.moment < _FRESH_SECONDS else None

    def answer(self, at: str = "") -> bytes:
        """The answer after a look now; from then on the files are looked at while somebody asks."""
        self._asked = time.monotonic()
        with self._lock:
            start, self._watching = not self._watching, True
        if start:
            threading.Thread(target=self._watch, name=f"live-{self.path.name}", daemon=True).start()
        return self.look().answer(at)

    def first(self) -> dict[str, Any]:
        """All that there is now, for a page that is drawn; nothing is watched for it."""
        whole: dict[str, Any] = json.loads(self.look().answer(""))
        return whole

    def look(self) -> _Look:
        """Look at the files now."""
        with self._lock:
            run = load_summary(self.path)
            problem = run.damaged or ""
            try:
                self._epochs.look()
                self._batches.look()
            except RunError as error:
                problem = str(error)
            epochs, batches = self._epochs.records, self._batches.records
            news: dict[str, Any] = {}
            try:
                if not run.damaged:
                    news = {
                        "words": progress(run, epochs, batches),
                        "share": round(share(run), 4),
                        "times": times(run, epochs),
                        "total": run.status.epochs if run.status else 1,
                        "trouble": wrong.short if (wrong := trouble_of(run)) else "",
                        "hint": VALIDATION_ABOVE if validation_above(epochs) else "",
                        "loss": loss_words(run.experiment),
                    }
            except RunError as error:
                problem = str(error)
            # What Streamlit's part of the page depends on: buttons, messages, links, the queue's list.
            queue = queue_view.lines()
            signs = (run.state, run.reason, problem, bool(run.report), *map(queue_view.sign, queue))
            news |= {
                "state": run.state,
                "sign": " ".join(map(str, signs)),
                "problem": problem,
                "queue": queue,
                "again": round(1000 * self._period),
            }
            origin = f"{self._epochs.origin:x}-{self._batches.origin:x}"
            self._last = _Look(news, (epochs, len(epochs)), (batches, len(batches)), origin, time.monotonic())
            return self._last

    def _watch(self) -> None:
        counted = time.monotonic()
        try:
            while time.monotonic() - self._asked < _WATCHED_SECONDS:
                time.sleep(LOOK_SECONDS)
                self.look()
                if (seconds := time.monotonic() - counted) > _LONGEST:
                    self._period = period(self._questions / seconds * self._period)
                    self._questions, counted = 0, time.monotonic()
        finally:
            self._watching = False


def period(watching: float) -> float:
    """Seconds after which each of so many visitors asks again: one second, and more in a full room."""
    return min(_LONGEST, max(_SHORTEST, watching / _MOST_QUESTIONS))


_feeds: OrderedDict[Path, Feed] = OrderedDict()
_lock = threading.Lock()


def feed(path: Path) -> Feed:
    """The feed of a run's folder, kept while it is among the last that were asked for."""
    with _lock:
        wanted = _feeds.setdefault(path, Feed(path))
        _feeds.move_to_end(path)
        while len(_feeds) > _MOST_FEEDS:
            _feeds.popitem(last=False)
        return wanted


def find(run_id: str) -> Feed | None:
    """The feed of a run of the runs folder; None where there is none of exactly this id."""
    # Ids come from outside: only a plain folder name, of a length that file systems take, leads to a folder.
    if not re.fullmatch(r"\w[\w-]{0,199}", run_id, re.ASCII):
        return None
    path = paths.runs_dir() / run_id
    return feed(path) if (path / "spec.json").is_file() else None


def share(run: RunSummary) -> float:
    """How much of the training is done, from 0 to 1."""
    status = run.status or Status()
    return 1.0 if run.state == "done" else min(1.0, epochs_done(status) / max(status.epochs, 1))


def epochs_done(status: Status) -> float:
    """Finished epochs and the share of the one at work (`status.epoch` counts it, from 1)."""
    return max(0, status.epoch - 1) + (status.batch / status.batches if status.batches else 0)


def progress(run: RunSummary, epochs: Sequence[EpochRecord], batches: Sequence[BatchRecord]) -> str:
    """`epoch 3 of 10 · 1,140 images/s · 4 min 20 s left`, or what came out."""
    status = run.status or Status()
    if run.state == "queued":
        return "waiting for its turn"
    if run.report:
        return (
            f"{words.percent(run.report.test_accuracy)} of the test images right · "
            f"trained in {words.duration(run.report.fit_seconds)}"
        )
    parts = [f"epoch {status.epoch} of {status.epochs}"] if status.epoch else []
    if status.silence:  # its speed, and what is left by it, are of before
        return " · ".join([*parts, status.silence])
    parts += [status.phase] if status.phase not in ("", "training") else []
    if status.images_per_second:
        parts.append(f"{words.significant(status.images_per_second)} images/s")
    if run.state == "running" and (left := seconds_left(status, epochs, batches)) is not None:
        parts.append(f"{words.duration(left)} left")
    return " · ".join(parts)


def seconds_left(
    status: Status, epochs: Sequence[EpochRecord], batches: Sequence[BatchRecord]
) -> float | None:
    """Time until the last epoch ends, by the speed of the epochs so far; None before it can be told."""
    if not status.batches:
        return None
    done = epochs_done(status)
    if epochs:
        per_epoch = epochs[-1].elapsed / epochs[-1].epoch
    elif batches and done:
        per_epoch = batches[-1].elapsed / done
    else:
        return None
    return max(0.0, (status.epochs - done) * per_epoch)


def times(run: RunSummary, epochs: Sequence[EpochRecord]) -> str:
    """`Time on CPU: load 0.4 s · build 1.1 s · first step 2.9 s · training 3 min 12 s`, as far as known."""
    environment = run.directory.environment()
    phases = dict(environment.phases) if environment else {}
    if "training" not in phases and epochs:
        phases["training"] = epochs[-1].elapsed
    shown = [f"{name.replace('_', ' ')} {words.duration(seconds)}" for name, seconds in phases.items()]
    status = run.status or Status()
    device = f" on {status.device}" if status.device else ""
    if not shown and status.started:
        return f"Started {words.duration(max(0.0, time.time() - status.started))} ago{device}"
    return f"Time{device}: {' · '.join(shown)}" if shown else ""


#: The last part of a page's address is left off by the browser: `live/<run>` stands beside `train`.
NAME = "live"
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def routes() -> list[BaseRoute]:
    """For `st.App`; the latter two are for an app that is served under `server.baseUrlPath`."""
    return [
        route
        for prefix in ("", "/{base:path}")
        for route in (Route(f"{prefix}/{NAME}/{{run}}", _run), Route(f"{prefix}/{NAME}", _queue))
    ]


async def _queue(request: Request) -> Response:
    """The queue's first lines, as the sidebar of every page shows them."""
    if _elsewhere(request):
        return _refusal()
    return JSONResponse({"queue": await run_in_threadpool(queue_view.lines)}, headers=_HEADERS)


async def _run(request: Request) -> Response:
    """What is new since `?at=`; 404 where there is no such run."""
    wanted = None if _elsewhere(request) else find(request.path_params["run"])
    if wanted is None:
        return _refusal()
    at = request.query_params.get("at", "")
    # Only a look at the files may wait for a disk; an answer in memory is given at once.
    answer = wanted.ready(at) or await run_in_threadpool(wanted.answer, at)
    return Response(answer, media_type="application/json", headers=_HEADERS)


def _elsewhere(request: Request) -> bool:
    """Whether the address is none of this app's. Settings are known only after the app has been made."""
    return request.path_params.get("base", "") != queue_view.base()


def _refusal() -> Response:
    return Response("{}", 404, media_type="application/json", headers=_HEADERS)
