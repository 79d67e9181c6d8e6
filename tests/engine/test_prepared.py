"""The prepared process, with real ones: what a run from it is like, and every way in which it is missing."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys

import numpy as np
import psutil
import pytest

from cnnviz.engine import prepared, processes
from cnnviz.engine.local import HANDED_PATIENCE, LocalEngine
from cnnviz.engine.tickets import Ticket
from cnnviz.runs import RunDirectory, marks
from cnnviz.training import checkpoint, devices
from tests.engine.conftest import end_all, until
from tests.present import present


@pytest.fixture
def queue(runs_dir, monkeypatch):
    """An engine without a prepared process; whatever it started is ended with the test."""
    monkeypatch.setenv(prepared.SWITCH, "1")
    engine = LocalEngine(runs_dir)
    yield engine
    process = prepared.living(engine.tickets.folder)
    prepared.dismiss(engine.tickets.folder)
    until(lambda: not process or not marks.alive(*process.mark))
    end_all(engine)


@pytest.fixture
def folder(queue):
    """The queue's folder, where the record lies."""
    assert queue.tickets.lock.parent == queue.tickets.folder
    return queue.tickets.folder


def weights(run):
    return present(checkpoint.load(run.checkpoint_dir)).variables


def test_a_run_of_the_prepared_process_is_like_one_of_its_own(queue, folder, experiment, ended, wait):
    spec = experiment(augmentation={"rotation": 10})
    fresh = ended(queue.submit(spec))
    assert prepared.known(folder) is None, "a lone run leaves nothing behind"

    assert not queue.prepare()
    assert queue.prepare(), "never a second one"
    process = present(prepared.living(folder))
    # Two at once: one trains, one waits for its turn; both are forks of the process that still imports.
    asked = (queue.submit(spec, user=user) for user in "ab")
    first, second = (RunDirectory.open(queue.root / run_id) for run_id in asked)
    ticket = queue.tickets.get(first.id)
    assert (ticket.pid, ticket.handed is not None) == (process.pid, True)
    assert first.status().phase == "starting Keras"
    assert [run.id for run in queue.queue()] == [first.id, second.id]
    wait(lambda: not queue.tickets.get(first.id) or not queue.tickets.get(first.id).handed)
    for run in (first, second):
        assert ended(run.id).status().state == "done", run.log_path.read_text()
        assert prepared.living(folder) == process
        status = run.status()
        assert marks.of(process.pid).started < present(status.process_started)
        assert status.pid not in (process.pid, fresh.status().pid)
        for one, other in zip(weights(fresh), weights(run), strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(
            present(fresh.predictions())["test_probabilities"],
            present(run.predictions())["test_probabilities"],
        )
        assert "epoch 2" in run.log_path.read_text(), "what it prints is in its own log"
        ours, theirs = present(run.environment()), present(fresh.environment())
        assert set(ours.phases) == set(theirs.phases)
        assert dataclasses.replace(ours, phases={}) == dataclasses.replace(theirs, phases={})
    waited = [present(run.environment()).phases["import"] for run in (first, second)]
    assert waited[1] < waited[0], "only the first one waited for the import, and says so"

    # Killed in the middle of a run, that run is interrupted as ever, and the process stays.
    long = RunDirectory.open(queue.root / queue.submit(experiment(epochs=10_000)))
    wait(long.epochs)
    queue.pause(long.id)
    wait(lambda: long.status().state == "paused")
    psutil.Process(long.status().pid).kill()
    assert ended(long.id).status().state == "interrupted"
    assert "SIGKILL" in long.status().reason
    assert prepared.living(folder) == process

    # Where the GPU does not answer after a fork, the worker begins again as a fresh one, with the same pid.
    order = prepared.Order(
        str(RunDirectory.create(queue.root, spec).path),
        processes.own_environment(),
        devices.environment(dataclasses.replace(devices.resolve("cpu"), id="gpu:0", kind="GPU")),
        sent=0.0,
    )
    run = RunDirectory(queue.root / order.folder)
    queue.tickets.put(Ticket(run.id, "gpu:0", *process.mark, handed=2e9))
    assert prepared.send(process, order)
    assert ended(run.id).status().state == "done", run.log_path.read_text()
    assert "starting a fresh one" in run.log_path.read_text()

    queue.dismiss()
    wait(lambda: not marks.alive(*process.mark))
    assert prepared.known(folder) is None


def test_after_a_kill_the_run_starts_without_it(queue, folder, experiment, wait):
    queue.prepare()
    process = present(prepared.living(folder))
    psutil.Process(process.pid).suspend()
    run = RunDirectory.open(queue.root / queue.submit(experiment(epochs=1)))
    assert queue.tickets.get(run.id).pid == process.pid
    os.kill(process.pid, signal.SIGKILL)

    def alone():
        queue.tick()
        ticket = queue.tickets.get(run.id)
        return ticket.pid not in (None, process.pid) and not ticket.handed

    wait(alone)
    assert "cnnviz.engine.supervisor" in psutil.Process(queue.tickets.get(run.id).pid).cmdline()
    assert prepared.living(folder) is None
    assert run.status().active


def test_a_run_handed_to_one_that_hangs_is_taken_back_and_stopped_at_once_if_wished(
    queue, folder, experiment
):
    queue.prepare()
    process = present(prepared.living(folder))
    psutil.Process(process.pid).suspend()
    stopped = queue.submit(experiment())
    queue.stop(stopped)
    assert RunDirectory.open(queue.root / stopped).status().state == "stopped"
    assert queue.tickets.get(stopped) is None

    run = queue.submit(experiment())
    ticket = queue.tickets.get(run)
    queue.tick()
    assert queue.tickets.get(run) == ticket, "it is given its time"
    queue.tickets.put(dataclasses.replace(ticket, handed=ticket.handed - HANDED_PATIENCE))
    queue.tick()
    taken_back = queue.tickets.get(run)
    assert taken_back.pid not in (None, process.pid), "a process of its own"
    assert not taken_back.handed
    assert not LocalEngine(queue.root).take_over(run, process.pid), "too late for the other one"


def test_it_ends_when_idle(queue, folder, wait):
    queue.idle = 0.2
    queue.prepare()
    wait(lambda: prepared.living(folder) is None)
    assert present(prepared.known(folder)).kept, "the next run of the app is followed by another one"


def test_several_waiting_runs_share_one_and_a_lone_run_with_threads_has_its_own(
    queue, folder, experiment, ended, wait
):
    run = queue.submit(experiment(threads=1, epochs=1))
    assert prepared.living(folder) is None
    supervisor = psutil.Process(queue.tickets.get(run).pid)
    assert not {"TF_NUM_INTRAOP_THREADS", "CUDA_VISIBLE_DEVICES"} & (
        set(supervisor.environ()) - set(os.environ)
    )
    end_all(queue)
    runs = [RunDirectory.create(queue.root, experiment(epochs=1, seed=number)) for number in range(3)]
    for waiting in runs:
        queue.tickets.put(Ticket(waiting.id))
    queue.tick()
    process = present(prepared.living(folder))
    at_work = [ticket.pid for ticket in queue.tickets.all()]
    assert (at_work.count(process.pid), at_work.count(None)) == (1, 2)
    assert not process.kept
    for waiting in runs:
        ended(waiting.id)
    wait(lambda: not marks.alive(*process.mark))
    assert prepared.known(folder) is None, "no app keeps it: it ends with the last run, by its supervisor"


def test_one_whose_app_was_killed_ends_by_itself_and_is_not_followed(queue, folder, experiment, ended, wait):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as app:
        keeper = marks.of(app.pid)
        process = prepared.begin(folder, idle=0.5, keeper=keeper)
        assert process.kept
        app.kill()
    assert not present(prepared.known(folder)).kept
    wait(lambda: not marks.alive(*process.mark))
    ended(queue.submit(experiment(epochs=1)))
    assert prepared.living(folder) is None


def test_one_prepared_for_other_conditions_gets_no_order(queue, folder, experiment):
    queue.prepare()
    process = present(prepared.living(folder))
    psutil.Process(process.pid).suspend()  # it would only import Keras meanwhile
    for change in ("variable", "source"):
        with pytest.MonkeyPatch.context() as patch:
            if change == "variable":
                patch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
            else:
                patch.setattr(prepared, "source_now", lambda: "edited meanwhile")
            ticket = queue.tickets.get(queue.submit(experiment()))
        assert ticket.pid not in (None, process.pid)
        assert not ticket.handed
        end_all(queue)
    assert prepared.living(folder) == process


def test_conditions_are_the_same_in_every_process_of_the_queue(monkeypatch):
    before = prepared.conditions_now()
    for name, value in processes.own_environment().items():
        monkeypatch.setenv(name, value)
    assert prepared.conditions_now() == before, "a supervisor starts the next run just as an app would"
    monkeypatch.setenv("CNNVIZ_RUNS_DIR", "/elsewhere")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    assert prepared.conditions_now() == before, "these are read later, and come with the order"


def test_it_can_be_switched_off(queue, folder, monkeypatch):
    monkeypatch.setenv(prepared.SWITCH, "0")
    assert queue.prepare()
    assert prepared.known(folder) is None


def test_a_damaged_record_counts_as_none(folder):
    (folder / "prepared").write_text("{")
    assert prepared.living(folder) is None
    (folder / "prepared").write_text(json.dumps({"pid": 1}))
    assert prepared.living(folder) is None
