"""Study folders: members found among all runs, progress as a whole, damage."""

from __future__ import annotations

import os

import pytest

from cnnviz.errors import RunError
from cnnviz.studies import runner
from cnnviz.studies.detached import own_process, state_of, working
from cnnviz.studies.folder import StudyDirectory, list_reproductions, list_studies
from cnnviz.studies.progress import look
from cnnviz.studies.timing import TimeLeft, distinct


@pytest.fixture
def study(recipe, runs_dir):
    """A study of two variants with three seeds, nothing of it run."""
    folder = StudyDirectory.reproduction("E6", "smoke")
    folder.ask(recipe().study("smoke"))
    return folder


def test_the_same_question_has_one_folder(recipe, runs_dir):
    spec = recipe().study("smoke")
    first, second = StudyDirectory.create(spec), StudyDirectory.create(spec)
    assert first.path == second.path
    assert [one.id for one in list_studies()] == [first.id]
    assert first.spec() == spec
    other = StudyDirectory.create(spec.but(seeds=(7,)))
    assert other.path != first.path


def test_members_are_found_whoever_trained_them(study, run_of):
    members = study.spec().members()
    assert (study.progress().total, study.progress().done, study.progress().state) == (6, 0, "waiting")
    run_of(members[0].experiment)
    failed = run_of(members[1].experiment, state="failed", reason="No memory.")
    run_of(members[2].experiment, state="running")
    progress = study.progress()
    assert (progress.done, progress.failed, progress.active, progress.state) == (1, 1, 1, "running")
    problems = [progress.problem(*one) for one in progress.members]
    assert problems == ["", "failed: No memory.", "", "", "", ""]
    assert look(members).done == 1
    # A finished run of the same experiment counts, however many others failed.
    run_of(members[1].experiment)
    assert study.progress().done == 2
    assert failed.path.exists()


def test_a_run_of_another_experiment_with_the_same_ending_is_not_taken(study, run_of):
    members = study.spec().members()
    other = run_of(members[5].experiment)
    ending = members[0].experiment.hash()[:10]
    other.path.rename(other.path.with_name(f"20200101-000000-0000-{ending}"))
    assert study.progress().done == 0


def test_refused_members_count_as_failed(study):
    study.refuse({"b": "There is no GPU."})
    progress = study.progress()
    assert (progress.failed, progress.state) == (3, "incomplete")
    study.refuse({})
    assert study.progress().failed == 0


def test_all_done(study, run_of):
    for member in study.spec().members():
        run_of(member.experiment)
    assert study.progress().state == "done"
    assert TimeLeft()(study.progress()) == 0


def test_time_left_shrinks_with_what_is_done(study, run_of):
    before = TimeLeft()(study.progress())
    assert before > 0
    run = run_of(study.spec().members()[0].experiment)
    run.set_status(started=100.0, ended=110.0)
    assert 0 < TimeLeft()(study.progress()) < before


def test_an_experiment_of_two_studies_is_counted_once(recipe):
    spec = recipe().study("smoke")
    assert len(distinct([spec, spec.but(seeds=(0, 3))])) == 8


def test_a_new_question_replaces_the_one_before(study, recipe):
    study.ask(study.spec().but(seeds=(5,)))
    assert [member.seed for member in study.progress().members for member in [member[0]]] == [5, 5]


def test_damage_is_told(study):
    (study.path / "study.json").write_text("{")
    with pytest.raises(RunError, match=r"study\.json"):
        study.spec()
    (study.path / "results.json").write_text("[1")
    with pytest.raises(RunError, match=r"results\.json of study E6-smoke is damaged"):
        study.results()
    assert state_of(study) == ""


def test_results_are_kept_and_listed(study):
    assert study.results() is None
    assert list_reproductions() == []
    study.save_results({"state": "done", "value": float("nan")})
    assert study.results() == {"state": "done", "value": None}
    assert [one.id for one in list_reproductions()] == ["E6-smoke"]


def test_the_state_tells_working_from_interrupted(study):
    study.save_results({"state": "running", "process": own_process()})
    assert (state_of(study), working(study)) == ("running", None)
    # A process that began at another time is not this one, whatever its number.
    study.save_results({"state": "running", "process": {"pid": os.getppid(), "started": 1.0}})
    assert (state_of(study), working(study)) == ("interrupted", None)


def test_stopping_a_study_leaves_alone_what_somebody_else_trains(study, run_of):
    run = run_of(study.spec().members()[0].experiment, state="running")
    runner.stop(study)
    assert study.progress().stopped
    assert not run.wished("stop")
