"""The local engine with real workers: queue, stop, kill, resume, restart of the app."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from cnnviz.engine import engine
from cnnviz.engine.local import PATIENCE, LocalEngine
from cnnviz.engine.tickets import Ticket
from cnnviz.errors import CnnvizError, DeviceError, RunError, SpecError
from cnnviz.runs import RunDirectory, list_runs, load_summary, records
from cnnviz.training import checkpoint, devices
from cnnviz.ui import queue_view
from cnnviz.ui.train import live_feed
from tests.present import present


def weights(run):
    state = present(checkpoint.load(run.checkpoint_dir))
    return state.epoch, state.variables


def worker_of(run):
    return psutil.Process(run.status().pid)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"batch_size": 500}, SpecError, "larger than the 160"),
        ({"device": "gpu:77"}, DeviceError, "no device 'gpu:77'"),
        ({"dataset": {"name": "digitz"}}, CnnvizError, "Did you mean 'digits'"),
        ({"dataset": {"train_size": 99_999}}, CnnvizError, "99"),
    ],
)
def test_an_impossible_experiment_is_refused_and_not_queued(queue, experiment, settings, error, words):
    with pytest.raises(error, match=words):
        queue.submit(experiment(**settings))
    assert list_runs(queue.root) == []
    assert queue.queue() == []


def test_runs_wait_for_their_turn_and_a_waiting_one_is_stopped_at_once(queue, experiment, ended):
    first, second, third = (queue.submit(experiment(seed=seed), user="a") for seed in (1, 2, 3))
    assert [run.id for run in queue.queue()] == [first, second, third]
    queue.stop(second)
    status = RunDirectory.open(queue.root / second).status()
    assert (status.state, status.reason) == ("stopped", "Stopped while it waited.")
    assert [run.id for run in queue.queue()] == [first, third]
    with pytest.raises(RunError, match="stopped already"):
        queue.stop(second)
    assert ended(first).status().state == "done"
    done = ended(third)
    assert done.status().state == "done"
    assert done.status().started >= RunDirectory.open(queue.root / first).status().ended
    assert queue.queue() == []
    with pytest.raises(RunError, match="is done"):
        queue.resume(first)
    with pytest.raises(RunError, match="only a running one"):
        queue.pause(first)


def test_pressed_again_and_again_it_is_queued_once_for_each_user(queue, experiment):
    queue.submit(experiment(epochs=10_000), user="at work")
    pressed = [queue.submit(experiment(), name=str(press), user=user) for press in range(5) for user in "ab"]
    assert pressed == pressed[:2] * 5
    assert len(queue.queue()) == 3
    queue.stop(pressed[0])
    assert queue.submit(experiment(), user="a") not in pressed, "what was stopped is asked for anew"


def test_a_killed_run_is_interrupted_and_resumes_bit_by_bit(queue, experiment, ended, wait):
    spec = experiment(epochs=15, augmentation={"rotation": 10})
    straight = ended(queue.submit(spec))
    broken = RunDirectory.open(queue.root / queue.submit(spec))
    wait(lambda: checkpoint.load(broken.checkpoint_dir))
    worker_of(broken).send_signal(signal.SIGKILL)
    ended(broken.id)
    assert broken.status().state == "interrupted"
    assert "SIGKILL" in broken.status().reason
    assert 1 <= weights(broken)[0] < 15
    queue.resume(broken.id)
    assert ended(broken.id).status().state == "done"
    for one, other in zip(weights(straight)[1], weights(broken)[1], strict=True):
        np.testing.assert_array_equal(one, other)
    assert present(straight.report()).test_loss == present(broken.report()).test_loss
    np.testing.assert_array_equal(
        present(straight.predictions())["test_probabilities"],
        present(broken.predictions())["test_probabilities"],
    )


def test_a_running_run_pauses_resumes_stops_and_is_evaluated_all_the_same(queue, experiment, ended, wait):
    run = RunDirectory.open(queue.root / queue.submit(experiment(epochs=10_000)))
    wait(lambda: run.epochs())
    queue.pause(run.id)
    wait(lambda: run.status().state == "paused")
    before = run.epochs()
    assert run.epochs() == before, "nothing happens during a pause"
    assert [waiting.state for waiting in queue.queue()] == ["paused"]
    queue.resume(run.id)
    wait(lambda: len(run.epochs()) > len(before))
    queue.stop(run.id)
    ended(run.id)
    status, report = run.status(), present(run.report())
    assert status.state == "stopped"
    assert f"after {report.epochs} whole epochs" in status.reason
    assert weights(run)[0] == report.epochs
    assert 0 <= present(report.test_accuracy) <= 1
    assert present(run.predictions())["test_probabilities"].shape == (60, 10)
    assert run.model_path.exists()


def test_a_run_outlives_the_app_that_started_it_and_is_found_again(queue, experiment, ended):
    code = (
        "import sys; from cnnviz.engine import engine; from cnnviz.specs import ExperimentSpec; "
        "print(engine().submit(ExperimentSpec.from_json(sys.argv[1]), user='app'))"
    )
    command = [sys.executable, "-c", code, experiment().to_json()]
    output = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ})
    run_id = output.stdout.strip()
    assert [run.id for run in queue.queue()] == [run_id]
    assert queue.queue()[0].user == "app"
    assert ended(run_id).status().state == "done"


def test_a_worker_that_does_not_stop_in_time_is_ended(queue, experiment, ended, wait):
    run = RunDirectory.open(queue.root / queue.submit(experiment(epochs=10_000)))
    wait(lambda: run.status().pid)
    worker_of(run).suspend()
    queue.stop(run.id)
    queue.tick()
    assert run.status().active, "it is given its time"
    ticket = queue.tickets.get(run.id)
    queue.tickets.put(dataclasses.replace(ticket, wished=ticket.wished - PATIENCE))
    ended(run.id)
    assert run.status().state == "interrupted"
    assert "did not stop when asked to" in run.status().reason


@pytest.mark.parametrize("supervisor_too", [False, True])
def test_a_worker_that_hangs_is_said_and_ended_and_the_next_run_begins(
    queue, experiment, ended, wait, monkeypatch, supervisor_too
):
    hanging, waiting = (queue.submit(experiment(epochs=e)) for e in (10_000, 1))
    run = RunDirectory.open(queue.root / hanging)
    wait(lambda: run.status().beat and run.status().epoch)
    supervisor = psutil.Process(queue.tickets.get(hanging).pid)
    if supervisor_too:
        supervisor.suspend()
    worker_of(run).suspend()
    assert not run.status().silence
    monkeypatch.setattr(records, "clock", lambda: time.monotonic() + records.SILENT)
    assert "no sign of life for 1 min" in run.status().silence
    summary = load_summary(run.path)
    assert queue_view.place(summary) == "no sign of life for 1 min"
    assert live_feed.progress(summary, [], []).endswith("of 10000 · no sign of life for 1 min")
    queue.tick()
    assert run.status().active, "it may come back"
    monkeypatch.setattr(records, "clock", lambda: time.monotonic() + records.HUNG)
    queue.tick()
    if supervisor_too:
        ticket = queue.tickets.get(hanging)
        queue.tickets.put(dataclasses.replace(ticket, killed=ticket.killed - PATIENCE))
    status = ended(hanging).status()
    assert status.state == "interrupted"
    assert status.reason.startswith("The worker gave no sign of life for 10 min")
    assert "Resuming" in status.reason
    monkeypatch.undo()
    assert ended(waiting).status().state == "done"


def test_a_training_that_makes_no_step_is_said_unless_it_is_paused():
    now = records.clock()
    status = records.Status(state="running", beat=now, stirred=now - 722)
    assert (status.silence, status.hangs) == ("no step for 12 min", "")
    assert status.but(stirred=now - records.STUCK - 1).hangs.startswith("no step for 120 min")
    assert not status.but(state="paused").silence
    assert not status.but(state="done", beat=now - 7200.0).silence, "it is over"
    assert not records.Status(state="running").silence, "of version 0.1"


def test_a_worker_whose_supervisor_was_killed_as_it_began_leaves_the_run_alone(queue, experiment):
    run = RunDirectory.create(queue.root, experiment())
    before = run.status()
    command = [sys.executable, "-m", "cnnviz.training.worker", str(run.path), str(2**22)]
    assert subprocess.run(command, check=False).returncode == 1
    assert run.status() == before, "it may be another worker's by now"


def test_a_run_whose_processes_are_all_gone_is_interrupted(queue, experiment):
    run = RunDirectory.create(queue.root, experiment())
    run.set_status(state="running", pid=2**22, process_started=1.0)
    queue.tickets.put(Ticket(run.id, "cpu", 2**22, 1.0))
    queue.tick()
    status = run.status()
    assert status.state == "interrupted"
    assert "killed, or the machine was restarted" in status.reason
    assert queue.queue() == []


def test_runs_whose_tickets_were_lost_are_found_by_the_first_tick(runs_dir, experiment):
    run = RunDirectory.create(runs_dir, experiment())
    run.set_status(state="running", pid=2**22, process_started=1.0)
    LocalEngine(runs_dir).tick()
    assert run.status().state == "interrupted"


def test_a_deleted_or_damaged_run_does_not_hold_up_the_queue(queue, experiment):
    queue.tickets.put(Ticket("gone"))
    damaged = RunDirectory.create(queue.root, experiment())
    (damaged.path / "status.json").write_text("{")
    queue.tickets.put(Ticket(damaged.id))
    run_id = queue.submit(experiment(epochs=1))
    assert [run.id for run in queue.queue()] == [run_id]
    (ticket,) = queue.tickets.all()
    assert (ticket.id, ticket.slot) == (run_id, devices.devices()[0].id)
    assert ticket.pid, "it was started"


def test_an_unknown_run_is_refused(queue):
    with pytest.raises(RunError, match="There is no run"):
        queue.stop("nosuch")


def test_everybody_gets_the_engine_of_the_folder_that_is_set(runs_dir):
    found = engine()
    assert isinstance(found, LocalEngine)
    assert found.root == runs_dir
