"""The queue's parts by themselves: order, tickets, lock, processes, endings, estimates."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.engine import estimate, processes
from cnnviz.engine.processes import locked
from cnnviz.engine.supervisor import oom_kills
from cnnviz.engine.tickets import Ticket, Tickets, fair
from cnnviz.runs import RunDirectory, RunEnvironment, RunReport, RunSummary, marks
from cnnviz.training import devices
from tests.present import present


def summaries(*users, first=0):
    return [
        RunSummary(id=f"{user}{i}", path=Path(f"{user}{i}"), user=user, created=f"{i:04}")
        for i, user in enumerate(users, first)
    ]


def test_one_users_runs_start_in_the_order_in_which_they_came():
    assert [run.id for run in fair(summaries("a", "a", "a")[::-1], [])] == ["a0", "a1", "a2"]


def test_a_user_with_many_runs_does_not_keep_the_others_waiting():
    waiting = summaries("a", "a", "a", "b", "c", "b")
    assert [run.id for run in fair(waiting, [])] == ["a0", "b3", "c4", "a1", "b5", "a2"]


def test_a_run_at_work_counts_as_its_users_turn():
    waiting = summaries("a", "a", "b", first=1)
    assert [run.id for run in fair(waiting, summaries("a"))] == ["b3", "a1", "a2"]


@given(st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd"), max_size=3))
def test_the_order_is_fair_for_any_queue(users, at_work):
    waiting, working = summaries(*users, first=10), summaries(*at_work)
    order = fair(waiting, working)
    assert sorted(run.id for run in order) == sorted(run.id for run in waiting)
    for user in set(users):
        own = [run.created for run in order if run.user == user]
        assert own == sorted(own), "first come, first served for each user"
    turns = {user: at_work.count(user) for user in "abcd"}
    ranks = []
    for run in order:
        ranks.append(turns[run.user])
        turns[run.user] += 1
    assert ranks == sorted(ranks), "nobody gets a turn before somebody with fewer"


def test_tickets_are_kept_in_files(tmp_path):
    tickets = Tickets(tmp_path)
    assert tickets.all() == []
    waiting, started = Ticket("1"), Ticket("2", "cpu", 123, 4.5)
    tickets.put(started)
    tickets.put(waiting)
    assert Tickets(tmp_path).all() == [waiting, started]
    tickets.remove("1")
    tickets.remove("1")
    assert tickets.get("1") is None


def test_a_damaged_ticket_counts_as_waiting(tmp_path):
    tickets = Tickets(tmp_path)
    tickets.put(Ticket("1", "cpu", 1, 1.0))
    (tickets.folder / "1.json").write_text("{")
    assert tickets.all() == [Ticket("1")]


def test_the_lock_lets_one_in_at_a_time(tmp_path):
    path = tmp_path / "lock"
    total: list[int] = []

    def add():
        for _ in range(50):
            with locked(path):
                seen = len(total)
                total.append(seen)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert total == list(range(200))


def test_a_process_lives_only_with_its_own_starting_time():
    here = marks.own()
    assert marks.alive(*here)
    assert not marks.alive(here.pid, here.started - 100), "its pid was another's before"
    assert marks.alive(here.pid, psutil.Process().create_time()), "as version 0.1 noted it"
    assert not marks.alive(None, None)


def test_a_change_of_the_clock_makes_no_process_another_one(monkeypatch):
    here = marks.own()
    monkeypatch.setattr("psutil._psplatform.boot_time", lambda: 1e6)
    monkeypatch.setattr(psutil, "boot_time", lambda: 1e6)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    assert marks.alive(*here)


def test_a_child_that_has_ended_is_not_alive_even_before_it_is_waited_for():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = marks.of(child.pid).started
    assert marks.alive(child.pid, started)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # a zombie now
    assert not marks.alive(child.pid, started)
    child.communicate()
    assert not marks.alive(child.pid, started)


@pytest.mark.parametrize(
    ("code", "asked", "short", "state", "words"),
    [
        (-signal.SIGKILL, False, True, "failed", "memory was used up.*smaller batch"),
        (-signal.SIGKILL, True, False, "interrupted", "did not stop when asked to.*Resuming"),
        (-signal.SIGKILL, False, False, "interrupted", "signal 9, SIGKILL.*Resuming"),
        (-signal.SIGTERM, False, False, "interrupted", "SIGTERM"),
        (-signal.SIGSEGV, False, False, "failed", "crashed.*SIGSEGV"),
        (3, False, False, "failed", "exit code 3.*The log ends with: the last words"),
    ],
)
def test_every_ending_is_explained(tmp_path, code, asked, short, state, words):
    log = tmp_path / "log.txt"
    log.write_text("first\nthe last words\n")
    said = processes.why_ended(code, asked_to_stop=asked, short_of_memory=short, log=log)
    assert said[0] == state
    assert pytest.importorskip("re").search(words, said[1])


def test_kills_for_lack_of_memory_are_counted_where_the_kernel_says_so(tmp_path):
    counter = tmp_path / "memory.events"
    counter.write_text("low 0\noom 3\noom_kill 2\n")
    assert oom_kills((tmp_path / "absent", counter)) == 2
    assert oom_kills((tmp_path / "absent",)) == 0


def finished(runs_dir, experiment, speed, *, macs=9 * 256 * 4 + 256 * 10, epochs=10, **environment):
    """A run as a worker of this machine leaves it, trained at `speed` images a second.

    `macs` of the small network by default: conv1 3²·1·4 at 16² places, dense 8²·4·10.
    """
    device = devices.resolve("cpu")
    run = RunDirectory.create(runs_dir, experiment)
    here = {
        "device": device.label,
        "threads": device.threads,
        "precision": "float32",
        "host": os.uname().nodename,
    }
    phases = {"import": 2.0, "load": 0.5, "first_step": 2.8, "training": 40.0, "evaluation": 0.7}
    run.write_environment(RunEnvironment(**{**here, "phases": phases, **environment}))
    run.write_report(RunReport(macs=macs, images_per_second=speed, n_train=160, epochs=epochs))
    run.set_status(state="done")


def test_without_earlier_runs_an_estimate_is_rough(runs_dir, experiment):
    guess = present(estimate.training_seconds(experiment(device="cpu"), runs_dir))
    assert guess.basis == "rough"
    assert guess.start == estimate.START_SECONDS < guess.seconds < 20
    assert guess.low < guess.seconds / 2 < 2 * guess.seconds < guess.high


def test_an_estimate_scales_the_speed_of_earlier_runs_here(runs_dir, experiment):
    spec = experiment(device="cpu", epochs=3)
    finished(runs_dir, spec, speed=100.0)
    guess = present(estimate.training_seconds(spec, runs_dir))
    assert guess.basis == "from 1 earlier run here"
    # 6 s of process, images, tracing, evaluation come on top, however many epochs there are.
    assert guess.start == pytest.approx(6.0)
    assert guess.seconds == pytest.approx(6 + 3 * (160 + 40 / 3) / 100)
    longer = present(estimate.training_seconds(experiment(device="cpu", epochs=30), runs_dir))
    assert longer.seconds - guess.seconds == pytest.approx(27 * (160 + 40 / 3) / 100)
    assert guess.low < guess.seconds < guess.high


def test_an_estimate_reaches_as_far_as_the_runs_that_it_rests_on(runs_dir, experiment):
    spec = experiment(device="cpu", epochs=10)
    for speed in (50.0, 100.0, 150.0):
        finished(runs_dir, spec, speed)
    guess, images = present(estimate.training_seconds(spec, runs_dir)), 10 * (160 + 40 / 3)
    ends = (6 + images / 150, 6 + images / 100, 6 + images / 50)
    assert (guess.low, guess.seconds, guess.high) == pytest.approx(ends)
    assert guess.said() == "about 23 s (18 s to 41 s, from 3 earlier runs here)"


def test_a_run_too_short_to_tell_is_no_basis(runs_dir, experiment):
    spec = experiment(device="cpu")
    finished(runs_dir, spec, speed=100.0, epochs=1)  # 1.6 s
    assert present(estimate.training_seconds(spec, runs_dir)).basis == "rough"


def test_a_tiny_run_does_not_make_a_large_network_slow(runs_dir, experiment):
    """A network with a hundredth of the multiply-adds is not a hundred times as fast: it has other costs."""
    spec = experiment(device="cpu")
    rough = present(estimate.seconds_per_epoch(spec, runs_dir)).seconds
    threads, batch = devices.resolve("cpu").threads, spec.training.batch_size
    as_modelled = 1 / (estimate.STEP_SECONDS / batch + 2 * estimate.IMAGE_SECONDS / threads)
    finished(runs_dir, spec, speed=as_modelled, macs=118, epochs=1000)
    assert present(estimate.seconds_per_epoch(spec, runs_dir)).seconds == pytest.approx(rough, rel=0.01)


def test_of_many_runs_those_of_nearest_cost_are_asked(runs_dir, experiment):
    spec = experiment(device="cpu")
    for speed in (100.0, 110.0, 120.0):
        finished(runs_dir, spec, speed)
    for _ in range(5):
        finished(runs_dir, spec, speed=1.0, macs=10**9)
    epoch = present(estimate.seconds_per_epoch(spec, runs_dir))
    assert epoch.seconds == pytest.approx((160 + 40 / 3) / 110)


def test_runs_of_other_machines_and_precisions_are_no_basis(runs_dir, experiment):
    spec = experiment(device="cpu")
    finished(runs_dir, spec, 100.0, host="elsewhere")
    finished(runs_dir, spec, 100.0, precision="mixed_bfloat16")
    assert present(estimate.training_seconds(spec, runs_dir)).basis == "rough"


@pytest.mark.parametrize("damaged", ["environment.json", "spec.json"])
def test_a_damaged_run_is_no_basis_and_no_end(runs_dir, experiment, damaged):
    finished(runs_dir, experiment(), speed=1000)
    (path,) = runs_dir.glob(f"*/{damaged}")
    path.write_text('{"device": 3}')
    assert present(estimate.training_seconds(experiment(device="cpu"), runs_dir)).basis == "rough"


def test_what_is_impossible_has_no_estimate(runs_dir, experiment):
    assert estimate.training_seconds(experiment(device="gpu:77"), runs_dir) is None
    assert estimate.training_seconds(experiment(dataset={"name": "nosuch"}), runs_dir) is None
