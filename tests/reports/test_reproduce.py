"""Reproductions with real workers: to the end, after an interruption, with members that can't be trained."""

from __future__ import annotations

import os
import re
import signal
import threading

import pytest

from cnnviz.errors import RunError, SpecError, UnknownNameError
from cnnviz.jobs.status import JobStatus
from cnnviz.reports.drawings import DRAWINGS, draw_all
from cnnviz.reports.library import recipes
from cnnviz.reports.outcome import read_outcome
from cnnviz.reports.reproduction_job import job_of, reproduce, runs_of, scale_named
from cnnviz.reports.results import Row
from cnnviz.runs import atomic, list_runs
from cnnviz.studies.intervals import Measure
from tests.present import present
from tests.reports.test_drawing_contract import seen

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prepared_worker")]
ONE_SEED = {"smoke": {"seeds": [0]}, "lecture": {}, "full": {}}


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
    # All drawings at once that belong to no kind of their own.
    draw = [name for name in DRAWINGS if DRAWINGS.get(name).kind is None]
    asked_for = recipe(draw=draw, scales=ONE_SEED, claims=claims)
    steps: list[JobStatus] = []
    folder = reproduce(asked_for, "smoke", steps.append)
    results = present(folder.results())
    assert (results.state, results.problems) == ("done", ())
    assert [row.label for row in results.rows] == ["a", "b"]
    assert [one.name for one in results.drawings] == draw
    for drawn in draw_all(read_outcome(asked_for, "smoke", folder)):
        assert drawn.drawings
        for drawing in drawn.drawings:
            seen(drawing)
    assert [one.verdict for one in results.claims] == ["holds", "not enough evidence"]
    assert results.rows[0].measured["weights_rms"].mean > 0
    assert {step.stage for step in steps} >= {"training", "drawing"}
    before = sorted(run.id for run in list_runs())
    assert len(before) == 2
    looked = [(folder.path / name).stat().st_mtime_ns for name in ("maps.npz", "weights.npz")]
    again = reproduce(asked_for, "smoke")
    assert present(again.results()).state == "done"
    assert sorted(run.id for run in list_runs()) == before
    assert looked == [(folder.path / name).stat().st_mtime_ns for name in ("maps.npz", "weights.npz")]
    # Another question is looked up anew.
    reproduce(asked_for.but(options={"image": 3}), "smoke")
    assert looked[0] < (folder.path / "maps.npz").stat().st_mtime_ns


def test_names_are_the_experiments_and_tell_the_seeds_apart(recipe, runs_dir):
    scales = {"smoke": {"seeds": [0, 1]}, "lecture": {}, "full": {}}
    variants = [{"label": "a", "set": {**recipe().variants[0].set, "training.epochs": 1}}]
    reproduce(recipe(variants=variants, scales=scales), "smoke")
    names = sorted(run.title for run in list_runs())
    assert names == ["E6 · a · seed 0", "E6 · a · seed 1"]


def test_a_member_that_cannot_be_trained_is_told_and_the_others_are_shown(recipe, data_dir, cache_dir):
    trained = recipe().variants[0].set
    variants = [{"label": "a", "set": trained}, {"label": "b", "set": {**trained, "dataset.name": "cifar10"}}]
    folder = reproduce(recipe(variants=variants, scales=ONE_SEED), "smoke")
    results = present(folder.results())
    assert results.state == "incomplete"
    assert [len(row.runs) for row in results.rows] == [1, 0]
    assert "cifar-10" in results.rows[1].problems[0]
    assert any(problem.startswith("b: ") for problem in results.problems)


def test_a_killed_reproduction_goes_on_where_it_was(runs_dir):
    folder = job_of(recipes().get("D7"), "smoke")
    folder.start()
    waiting = threading.Event()
    for _ in range(6000):
        if any(run.state == "done" for run in list_runs()) or not folder.status().active:
            break
        waiting.wait(0.02)
    os.kill(present(folder.status().worker).pid, signal.SIGKILL)
    status = folder.wait()
    assert status.state == "interrupted"
    assert "SIGKILL" in status.reason
    (finished,) = [run.id for run in list_runs() if run.state == "done"]
    first = (runs_dir / finished / "report.json").stat().st_mtime_ns
    reproduce("D7", "smoke")
    assert folder.status().state == "done"
    assert len(list_runs()) == 2
    assert (runs_dir / finished / "report.json").stat().st_mtime_ns == first


def test_a_stopped_study_says_so_and_is_taken_up_again(recipe, runs_dir):
    long = {**recipe().variants[0].set, "training.epochs": 3000}
    job = job_of(recipe(variants=[{"label": "a", "set": long}], scales=ONE_SEED), "smoke")

    def stop_once(status) -> None:
        epoch = re.search(r"epoch (\d+)", status.detail)
        if epoch and int(epoch.group(1)) > 1:
            job.stop()

    for _ in range(2):
        assert job.run(stop_once).state == "stopped"
        assert present(job.results()).state == "stopped"
        assert job.progress().active == 0
    [run] = list_runs(runs_dir)
    assert run.state == "stopped"


def test_features_are_stopped_while_they_are_computed_and_taken_up_again(recipe, runs_dir):
    draw = ["transfer_table", "transfer_bars", "first_maps"]
    options = {"extractor": "a", "features": 5}
    job = job_of(recipe(kind="transfer", draw=draw, scales=ONE_SEED, options=options), "smoke")

    def stop_at_features(status) -> None:
        if status.stage not in ("training", "drawing", "preparing transfer"):
            job.stop()

    job.run(stop_at_features)
    assert job.status().state == "stopped"
    results = present(job.results())
    assert results.state == "stopped"
    assert [len(row.runs) for row in results.rows] == [1, 1]  # what was trained is kept
    assert not (job.path / "transfer.json").exists()
    assert job.run().state == "done"
    assert (job.path / "transfer.json").exists()
    for drawn in draw_all(read_outcome(job.recipe(), "smoke", job)):
        assert drawn.drawings
        for drawing in drawn.drawings:
            seen(drawing)


def test_a_reproduction_of_its_own_is_not_begun_twice(runs_dir):
    job = job_of(recipes().get("A5"), "smoke")
    job.start()
    with pytest.raises(RunError, match="already"):
        job.start()
    assert job.wait().state == "done"
    assert present(job.results()).claims[0].verdict == "holds"


def test_a_failure_is_told_and_keeps_what_came_out_before(recipe, runs_dir):
    job = job_of(recipe(), "smoke")
    job.end("failed", "The disk is gone.")
    found = job.results_now()
    assert (found.state, found.problems, found.rows) == ("failed", ("The disk is gone.",), ())
    job.save_results(found.model_copy(update={"rows": (Row(label="a"),)}))
    job.end("failed", "Again.")
    assert [row.label for row in job.results_now().rows] == ["a"]
    assert job.results_now().problems == ("Again.",)


def test_results_of_version_0_1_are_read_and_damaged_ones_are_refused(recipe, runs_dir):
    job = job_of(recipe(), "smoke")
    assert job.results() is None
    # As a process noted itself before it had anything to say.
    noted = {"recipe": "E6", "scale": "smoke", "state": "running", "process": {"pid": 1}}
    atomic.write_json(job.path / "results.json", noted)
    assert job.results() is None
    row = {
        "label": "a",
        "name": "a",
        "published": {"test_accuracy": 0.5},
        "measured": {"test_accuracy": {"mean": 0.6, "deviation": None, "n": 1}},
        "runs": {"0": "20260101-a"},
        "changes": [],
        "problems": [],
    }
    old = {"recipe": "E6", "scale": "smoke", "state": "done", "process": None, "seeds": [0], "rows": [row]}
    atomic.write_json(job.path / "results.json", old)
    results = present(job.results())
    assert (results.rows[0].runs, results.trainings) == ({0: "20260101-a"}, 1)
    assert results.rows[0].measured["test_accuracy"] == Measure(0.6, None, 1)
    atomic.write_json(job.path / "results.json", {**old, "rows": [{"runs": {}}]})
    with pytest.raises(
        RunError, match=r"results\.json of reproduction E6-smoke is damaged: rows\.0\.label is missing"
    ):
        job.results()


def test_what_is_asked_is_checked(recipe):
    assert len(present(runs_of(recipe(), "smoke", 5)).members()) == 10
    with pytest.raises(SpecError, match="At least one seed"):
        runs_of(recipe(), "smoke", 0)
    with pytest.raises(UnknownNameError, match="Did you mean 'smoke'"):
        scale_named("smok")
    with pytest.raises(UnknownNameError, match="no experiment 'Z1'"):
        reproduce("Z1", "smoke")
