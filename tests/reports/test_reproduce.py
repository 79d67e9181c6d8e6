"""Reproductions with real workers: to the end, after an interruption, with members that can't be trained."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from cnnviz.engine.local import LocalEngine
from cnnviz.errors import RunError, SpecError, UnknownNameError
from cnnviz.reports.reproduce import asked, main, note_failure, reproduce, reproduce_recipe, scale_named
from cnnviz.runs import list_runs
from cnnviz.studies import runner
from cnnviz.studies.detached import Stage, begin, note_stage, stage_of, state_of, working
from cnnviz.studies.folder import StudyDirectory

pytestmark = pytest.mark.slow
ONE_SEED = {"smoke": {"seeds": [0]}, "lecture": {}, "full": {}}


@pytest.fixture(autouse=True)
def _end_workers(runs_dir: Path):
    """End whatever a failed test left at work."""
    yield
    for ticket in LocalEngine(runs_dir).tickets.all():
        if ticket.pid and psutil.pid_exists(ticket.pid):
            supervisor = psutil.Process(ticket.pid)
            for process in [*supervisor.children(recursive=True), supervisor]:
                process.kill()


def test_an_experiment_runs_to_its_end_and_is_not_trained_again(recipe, runs_dir):
    claims = [
        {
            "id": "E6-counts",
            "text": "x",
            "metric": "params",
            "relation": "similar",
            "margin": 1,
            "first": "a",
            "second": "b",
        },
        {"id": "E6-weights", "text": "x", "metric": "weights_rms", "first": "a", "second": "b"},
    ]
    asked_for = recipe(draw=["table", "weight_histograms", "first_maps"], scales=ONE_SEED, claims=claims)
    steps = []
    folder = reproduce_recipe(asked_for, "smoke", steps.append)
    results = folder.results()
    assert results["state"] == "done"
    assert results["problems"] == []
    assert [row["label"] for row in results["rows"]] == ["a", "b"]
    assert [one["name"] for one in results["drawings"]] == ["table", "weight_histograms", "first_maps"]
    assert [one["verdict"] for one in results["claims"]] == ["holds", "not enough evidence"]
    assert results["rows"][0]["measured"]["weights_rms"]["mean"] > 0
    assert {step.stage for step in steps} >= {"training", "drawing"}
    before = sorted(run.id for run in list_runs())
    assert len(before) == 2
    looked = [(folder.path / name).stat().st_mtime_ns for name in ("maps.npz", "weights.npz")]
    again = reproduce_recipe(asked_for, "smoke")
    assert again.results()["state"] == "done"
    assert sorted(run.id for run in list_runs()) == before
    assert looked == [(folder.path / name).stat().st_mtime_ns for name in ("maps.npz", "weights.npz")]
    # Another question is looked up anew.
    reproduce_recipe(asked_for.but(options={"image": 3}), "smoke")
    assert looked[0] < (folder.path / "maps.npz").stat().st_mtime_ns


def test_names_are_the_experiments_and_tell_the_seeds_apart(recipe, runs_dir):
    scales = {"smoke": {"seeds": [0, 1]}, "lecture": {}, "full": {}}
    variants = [{"label": "a", "set": {**recipe().variants[0].set, "training.epochs": 1}}]
    reproduce_recipe(recipe(variants=variants, scales=scales), "smoke")
    names = sorted(run.title for run in list_runs())
    assert names == ["E6 · a · seed 0", "E6 · a · seed 1"]


def test_a_member_that_cannot_be_trained_is_told_and_the_others_are_shown(recipe, data_dir, cache_dir):
    kept, lost = {"label": "a", "set": dict(recipe().variants[0].set)}, {"label": "b"}
    lost["set"] = {**kept["set"], "dataset.name": "cifar10"}
    folder = reproduce_recipe(recipe(variants=[kept, lost], scales=ONE_SEED), "smoke")
    results = folder.results()
    assert results["state"] == "incomplete"
    assert [len(row["runs"]) for row in results["rows"]] == [1, 0]
    assert "cifar-10" in results["rows"][1]["problems"][0]
    assert any(problem.startswith("b: ") for problem in results["problems"])


def test_a_killed_reproduction_goes_on_where_it_was(runs_dir):
    command = [sys.executable, "-m", "cnnviz.reports.reproduce", "D7", "smoke"]
    process = subprocess.Popen(command, start_new_session=True)
    folder = StudyDirectory.reproduction("D7", "smoke")
    waiting = threading.Event()
    for _ in range(6000):
        if any(run.state == "done" for run in list_runs()) or process.poll() is not None:
            break
        waiting.wait(0.02)
    assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert state_of(folder) == "interrupted"
    (finished,) = [run.id for run in list_runs() if run.state == "done"]
    first = (runs_dir / finished / "report.json").stat().st_mtime_ns
    reproduce("D7", "smoke")
    assert state_of(folder) == "done"
    assert len(list_runs()) == 2
    assert (runs_dir / finished / "report.json").stat().st_mtime_ns == first


def test_a_stopped_study_says_so_and_is_taken_up_again(recipe):
    long = {**recipe().variants[0].set, "training.epochs": 3000}
    asked_for = recipe(variants=[{"label": "a", "set": long}], scales=ONE_SEED)
    folder = StudyDirectory.reproduction(asked_for.id, "smoke")
    stopped = threading.Event()

    def stop_once(step) -> None:
        started = any(
            run and run.status.epoch > 1 for _, run in (step.progress.members if step.progress else ())
        )
        if started and not stopped.is_set():
            stopped.set()
            runner.stop(folder)

    reproduce_recipe(asked_for, "smoke", stop_once)
    assert folder.results()["state"] == "stopped"
    assert folder.progress().state == "stopped"
    resumed = runner.resume(folder)
    assert resumed.active == 1
    runner.stop(folder)
    assert runner.follow(folder).active == 0


def test_features_are_stopped_while_they_are_computed_and_taken_up_again(recipe, runs_dir):
    options = {"extractor": "a", "features": 5}
    asked_for = recipe(kind="transfer", draw=["transfer_table"], scales=ONE_SEED, options=options)
    folder = StudyDirectory.reproduction(asked_for.id, "smoke")

    def stop_at_features(step) -> None:
        if step.stage not in ("training", "drawing", "preparing transfer"):
            runner.stop(folder)

    reproduce_recipe(asked_for, "smoke", stop_at_features)
    results = folder.results()
    assert results["state"] == "stopped"
    assert [len(row["runs"]) for row in results["rows"]] == [1, 1]  # what was trained is kept
    assert not (folder.path / "transfer.json").exists()
    assert reproduce_recipe(asked_for, "smoke").results()["state"] == "done"
    assert (folder.path / "transfer.json").exists()


def test_a_detached_reproduction_is_not_begun_twice(runs_dir):
    folder = begin("A5", "smoke")
    pid = working(folder)
    assert pid
    with pytest.raises(RunError, match="already"):
        begin("A5", "smoke")
    psutil.Process(pid).wait(120)
    assert state_of(folder) == "done"
    assert json.loads((folder.path / "results.json").read_text())["claims"][0]["verdict"] == "holds"


def test_a_failure_is_noted_and_keeps_what_came_out_before(recipe, runs_dir):
    folder = note_failure(recipe(), "smoke", "The disk is gone.")
    results = folder.results()
    assert (state_of(folder), results["problems"], results["rows"]) == ("failed", ["The disk is gone."], [])
    folder.save_results({**results, "rows": [{"label": "a"}]})
    assert note_failure(recipe(), "smoke", "Again.").results()["rows"] == [{"label": "a"}]


def test_what_is_asked_is_checked(recipe):
    assert len(asked(recipe(), "smoke", 5).members()) == 10
    with pytest.raises(SpecError, match="At least one seed"):
        asked(recipe(), "smoke", 0)
    with pytest.raises(UnknownNameError, match="Did you mean 'smoke'"):
        scale_named("smok")
    with pytest.raises(UnknownNameError, match="no experiment 'Z1'"):
        reproduce("Z1", "smoke")


def test_what_is_done_is_noted_for_the_page(runs_dir):
    folder = StudyDirectory.reproduction("A5", "smoke")
    assert stage_of(folder) == Stage("starting")
    assert main(["A5", "smoke"]) == 0
    assert stage_of(folder) == Stage("drawing")
    note_stage(folder, Stage("computing features", 0.25))
    assert stage_of(folder) == Stage("computing features", 0.25)
    (folder.path / "stage.json").write_text("[")
    assert stage_of(folder) == Stage("starting")
