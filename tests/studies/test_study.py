"""Studies: members found among all runs, progress as a whole, damage, training that nothing is lost of."""

from __future__ import annotations

import pytest

from cnnviz.errors import RunError
from cnnviz.jobs.job import Report, Stopped
from cnnviz.reports.claims import Verdict
from cnnviz.reports.reproduction_job import ReproductionJob
from cnnviz.reports.results import Results
from cnnviz.runs import list_runs
from cnnviz.studies import study as studies
from cnnviz.studies.study import TimeLeft, distinct, look
from tests.present import present


@pytest.fixture
def study(recipe, runs_dir):
    """A study of two variants with three seeds, nothing of it run."""
    folder = ReproductionJob.at("E6", "smoke")
    folder.plan(recipe().study("smoke"))
    return folder


def test_members_are_found_whoever_trained_them(study, run_of):
    members = study.study().members()
    assert (study.progress().total, study.progress().done) == (6, 0)
    run_of(members[0].experiment)
    failed = run_of(members[1].experiment, state="failed", reason="No memory.")
    run_of(members[2].experiment, state="running")
    progress = study.progress()
    assert (progress.done, progress.failed, progress.active) == (1, 1, 1)
    problems = [progress.problem(*one) for one in progress.members]
    assert problems == ["", "failed: No memory.", "", "", "", ""]
    assert look(members).done == 1
    # A finished run of the same experiment counts, however many others failed.
    run_of(members[1].experiment)
    assert study.progress().done == 2
    assert failed.path.exists()


def test_a_run_of_another_experiment_with_the_same_ending_is_not_taken(study, run_of):
    members = study.study().members()
    other = run_of(members[5].experiment)
    ending = members[0].experiment.hash()[:10]
    other.path.rename(other.path.with_name(f"20200101-000000-0000-{ending}"))
    assert study.progress().done == 0


def test_refused_members_count_as_failed(study):
    study.refuse({"b": "There is no GPU."})
    assert study.progress().failed == 3
    study.refuse({})
    assert study.progress().failed == 0


def test_all_done(study, run_of):
    for member in study.study().members():
        run_of(member.experiment)
    assert study.progress().done == study.progress().total == 6
    assert study.progress().share == 1
    assert TimeLeft()(study.progress()) == 0


def test_time_left_shrinks_with_what_is_done(study, run_of):
    before = present(TimeLeft()(study.progress()))
    assert before > 0
    run = run_of(study.study().members()[0].experiment)
    run.set_status(started=100.0, ended=110.0)
    assert 0 < present(TimeLeft()(study.progress())) < before


def test_an_experiment_of_two_studies_is_counted_once(recipe):
    spec = recipe().study("smoke")
    assert len(distinct([spec, spec.but(seeds=(0, 3))])) == 8


def test_a_new_question_replaces_the_one_before(study, recipe):
    study.plan(study.study().but(seeds=(5,)))
    assert [member.seed for member in study.progress().members for member in [member[0]]] == [5, 5]


def test_damage_is_told(study):
    (study.path / "study.json").write_text("{")
    with pytest.raises(RunError, match=r"study\.json"):
        study.study()
    (study.path / "results.json").write_text("[1")
    with pytest.raises(RunError, match=r"results\.json of reproduction E6-smoke is damaged"):
        study.results()
    assert study.status().state == "waiting"


def test_results_are_kept(study):
    assert study.results() is None
    verdict = Verdict(
        id="E6-a", text="", verdict="holds", metric="params", quantity="", test="none", estimate=float("nan")
    )
    study.save_results(Results(recipe="E6", scale="smoke", state="done", rows=(), claims=(verdict,)))
    assert present(study.results()).claims[0].estimate is None  # JSON has no NaN


def test_stopping_a_study_leaves_alone_what_somebody_else_trains(study, run_of):
    run = run_of(study.study().members()[0].experiment, state="running")
    studies.stop_runs(study)
    assert not run.wished("stop")


def test_a_stop_that_is_wished_before_the_first_look_starts_nothing(study, runs_dir):
    study.stop()
    with pytest.raises(Stopped):
        studies.train(study, Report(study))
    assert list_runs(runs_dir) == []
