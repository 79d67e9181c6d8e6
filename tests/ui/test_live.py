"""What the page Train fetches: each answer adds to the one before; only runs of the folder are served."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from cnnviz.runs import BatchRecord, EpochRecord, RunDirectory, journal
from cnnviz.ui.train import live_feed
from tests.runs.examples import EXPERIMENT


@pytest.fixture
def run(runs_dir: Path) -> RunDirectory:
    made = RunDirectory.create(runs_dir, EXPERIMENT, name="mine")
    made.set_status(
        state="running", epoch=2, epochs=5, batch=1, batches=4, phase="training", images_per_second=1148.7
    )
    return made


def epoch(number: int) -> EpochRecord:
    return EpochRecord(number, accuracy=0.5, val_accuracy=0.25, loss=1.0, val_loss=2.0, elapsed=8.0)


def batch(number: int) -> BatchRecord:
    return BatchRecord(1, number, 4, accuracy=0.1, loss=2.0, elapsed=2.0 * number)


def looked(run: RunDirectory, at: str = "") -> dict[str, Any]:
    """What is answered after a look now."""
    answer: dict[str, Any] = json.loads(live_feed.Feed(run.path).look().answer(at))
    return answer


def get(path: str, query: str = "") -> tuple[int, Any]:
    """Ask the route as a server does: status and decoded JSON."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [],
        "server": ("localhost", 80),
        "client": ("localhost", 1),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    # In a thread of its own: a browser that other tests of this process use keeps an event loop here.
    with ThreadPoolExecutor(1) as thread:
        answered = thread.submit(
            lambda: asyncio.run(Starlette(routes=live_feed.routes())(scope, receive, send))
        )
        answered.result()
    status = next(message["status"] for message in sent if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in sent)
    return status, json.loads(body) if body.startswith(b"{") else None


def test_answers_one_after_the_other_hold_what_one_answer_holds(run: RunDirectory) -> None:
    first = looked(run)
    run.append_batch(batch(1))
    second = looked(run, first["at"])
    run.append_batch(batch(2))
    run.append_epoch(epoch(1))
    third = looked(run, second["at"])
    run.append_batch(batch(3))
    fourth = looked(run, third["at"])
    whole = looked(run)
    # A file that was not there before is another file: all is sent again.
    assert [("whole" in answer) for answer in (first, second, third, fourth)] == [True, True, True, False]
    assert (
        third["batches"] + fourth["batches"]
        == whole["batches"]
        == [[0.25, 10, 2], [0.5, 10, 2], [0.75, 10, 2]]
    )
    assert third["epochs"] + fourth["epochs"] == whole["epochs"] == [[1, 50, 25, 1, 2]]


@pytest.mark.parametrize("at", ["", "x", "0-0.99.99", "ff-ff.0.0", "1-1.-1.0", "'; drop"])
def test_who_has_something_else_gets_all(run: RunDirectory, at: str) -> None:
    run.append_epoch(epoch(1))
    answer = looked(run, at)
    assert answer["whole"]
    assert answer["epochs"] == [[1, 50, 25, 1, 2]]


def test_a_resumed_run_begins_anew(run: RunDirectory) -> None:
    for number in (1, 2, 3):
        run.append_epoch(epoch(number))
    at = looked(run)["at"]
    journal.cut(run.path / "epochs.jsonl", 1)
    answer = looked(run, at)
    assert answer["whole"]
    assert len(answer["epochs"]) == 1


def test_it_says_how_far_it_is_and_when_it_will_end(run: RunDirectory) -> None:
    run.append_epoch(epoch(1))
    answer = looked(run)
    # 8 s an epoch; of five epochs one and a quarter are done.
    assert answer["words"] == "epoch 2 of 5 · 1,150 images/s · 30 s left"
    assert answer["share"] == 0.25
    assert answer["times"] == "Time: training 8.0 s"


def test_before_the_first_epoch_ends_its_batches_say_how_long(run: RunDirectory) -> None:
    status = run.set_status(epoch=1, batch=2)
    # 4 s for half an epoch: 8 s each, four and a half to come.
    assert live_feed.seconds_left(status, [], [batch(1), batch(2)]) == 36


def test_the_sign_changes_with_the_state_and_not_with_an_epoch(run: RunDirectory) -> None:
    before = looked(run)["sign"]
    run.append_epoch(epoch(1))
    run.set_status(epoch=3)
    assert looked(run)["sign"] == before
    run.set_status(state="paused")
    assert looked(run)["sign"] != before


@pytest.mark.parametrize(("watching", "seconds"), [(0, 1), (1, 1), (50, 1), (100, 2), (200, 4), (10_000, 5)])
def test_in_a_full_room_each_asks_less_often(watching: int, seconds: float) -> None:
    assert live_feed.period(watching) == seconds


def test_an_answer_from_memory_is_the_one_of_the_last_look(run: RunDirectory) -> None:
    watched = live_feed.Feed(run.path)
    assert watched.ready("") is None
    run.append_epoch(epoch(1))
    look = watched.look()
    assert watched.ready("") == look.answer("")
    # Lines that came after the look are no part of it.
    run.append_epoch(epoch(2))
    at = json.loads(look.answer(""))["at"]
    watched.look()
    assert json.loads(look.answer(at))["epochs"] == []


def test_a_damaged_journal_is_said_and_the_rest_still_served(run: RunDirectory) -> None:
    (run.path / "epochs.jsonl").write_text("{broken\n")
    answer = looked(run)
    assert ", line 1, is damaged" in answer["problem"]
    assert answer["state"] == "running"


@pytest.mark.parametrize("text", ["{", "[]", '{"phases": 3}'])
def test_a_damaged_environment_is_said_and_the_rest_still_served(run: RunDirectory, text: str) -> None:
    (run.path / "environment.json").write_text(text)
    run.append_epoch(epoch(1))
    answer = looked(run)
    assert f"environment.json of run {run.id} is damaged" in answer["problem"]
    assert (answer["state"], len(answer["epochs"])) == ("running", 1)


def test_the_route_serves_a_run_and_the_queue(run: RunDirectory) -> None:
    run.append_epoch(epoch(1))
    status, answer = get(f"/live/{run.id}")
    assert status == 200
    assert answer["epochs"] == [[1, 50, 25, 1, 2]]
    assert get(f"/live/{run.id}", f"at={answer['at']}")[1]["epochs"] == []
    assert get("/live") == (200, {"queue": []})


def test_the_route_serves_nothing_else(run: RunDirectory, runs_dir: Path) -> None:
    outside = RunDirectory.create(runs_dir.parent / "outside", EXPERIMENT)
    (runs_dir / ".hidden").mkdir()
    (runs_dir / ".hidden" / "spec.json").write_text("{}")
    for name in (
        run.id[:-1],
        run.id + "x",
        "..",
        ".hidden",
        ".",
        "spec.json",
        f"../outside/{outside.id}",
        f"..%2Foutside%2F{outside.id}",
        f"{run.id}/status.json",
        "a\\b",
        "é",
        "a" * 5000,
    ):
        assert get(f"/live/{name}")[0] == 404, name
    assert get(f"/elsewhere/live/{run.id}")[0] == 404
