"""The contract of every kind of job, whoever wrote it: asked, kept, listed, deleted, its bad ends told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cnnviz import cli
from cnnviz.errors import CnnvizError, EntryError
from cnnviz.jobs.job import Job, Report
from cnnviz.jobs.kinds import KINDS, AnyJob, kinds, list_jobs, open_job
from cnnviz.specs import Spec
from tests.examples import placed
from tests.present import present

NAMES = list(kinds())


@pytest.fixture(params=NAMES)
def kind(request: pytest.FixtureRequest) -> type[AnyJob]:
    return kinds().get(request.param)


def made(kind: type[AnyJob]) -> AnyJob:
    """A job of its example, written as `ask` does: nothing of its data need be on this machine."""
    job = kind.of(kind.example())
    job.ask(kind.example())
    return job


def test_those_of_the_house_are_found() -> None:
    assert {"sweep", "search", "transfer", "reproduction"} <= set(NAMES)


def test_what_is_asked_is_read_back_and_names_the_folder(kind: type[AnyJob], runs_dir: Path) -> None:
    job = made(kind)
    assert job.spec() == kind.example()
    assert present(kind.find(kind.example())).path == job.path
    assert job.path.parent == runs_dir / kind.place
    assert kind.place.startswith(".")
    assert job.title()
    assert job.status().state == "waiting"
    found = open_job(job.path)
    assert (type(found), found.id) == (kind, job.id)
    assert [one.id for one in list_jobs()] == [job.id]


def test_its_stages_and_its_end_are_kept_whatever_the_kind(kind: type[AnyJob], runs_dir: Path) -> None:
    job = made(kind)
    Report(job)("counting", 0.5, done=1, total=2, unit="thing")
    status = open_job(job.path).status()
    assert (status.stage, status.done, status.total, status.share) == ("counting", 1, 2, 0.5)
    job.end("failed", "The disk is gone.")
    assert open_job(job.path).status().reason == "The disk is gone."


def test_a_deleted_one_is_gone(kind: type[AnyJob], runs_dir: Path) -> None:
    job = made(kind)
    job.delete()
    assert list_jobs() == []
    assert not job.path.exists()


def test_the_command_line_lists_and_deletes_it(
    kind: type[AnyJob], runs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = made(kind)
    assert said(capsys, "jobs", "--json") == [
        {"job": job.id, "kind": kind.noun, "title": job.title(), "state": "waiting", "problem": None}
    ]
    assert said(capsys, "jobs", "delete", job.id, "--yes", "--json")["state"] == "deleted"
    assert said(capsys, "jobs", "--json") == []


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    with pytest.raises(SystemExit) as left:
        cli.main(list(arguments))
    assert left.value.code == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def test_what_it_cannot_read_ends_as_failed_with_the_reason_in_its_own_process(runs_dir: Path) -> None:
    jobs = [made(kind) for kind in kinds().values()]
    for job in jobs:
        (job.path / job.asked_in).write_text("{")
        job.start()
    for job in jobs:
        status = job.wait()
        assert status.state == "failed", (job, (job.path / "log.txt").read_text())
        assert job.asked_in in status.reason


# Wrong ones are refused when they register ------------------------------------------------------------


class _Asked(Spec):
    number: int = 1


class _Right(Job[_Asked]):
    """Does nothing."""

    asked_as, place, noun = _Asked, ".of_a_test", "of_a_test"

    def work(self, report: Report) -> None:
        """Nothing."""


@pytest.fixture
def _nothing_is_kept() -> Iterator[None]:
    before = dict(KINDS._entries)
    yield
    KINDS._entries = before


@pytest.mark.usefixtures("_nothing_is_kept")
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"__doc__": None}, "no docstring"),
        ({"asked_as": dict}, "no subclass of cnnviz.specs.Spec"),
        ({"work": Job.work}, "does no work"),
        ({"place": ".studies"}, "that of 'sweep'"),
        ({"place": "of_a_test"}, "must begin with a dot"),
        ({"noun": "other"}, "its noun is 'other'"),
    ],
)
def test_a_wrong_kind_is_refused_with_a_sentence(wrong: dict[str, object], says: str) -> None:
    kind = type("Wrong", (_Right,), {"__doc__": "Does nothing.", **wrong})
    with pytest.raises(EntryError, match=says):
        KINDS.add("of_a_test", kind)
    assert "of_a_test" not in KINDS


@pytest.mark.usefixtures("_nothing_is_kept")
def test_a_right_kind_is_taken(runs_dir: Path) -> None:
    KINDS.add("of_a_test", _Right)
    job = _Right.create(_Asked(number=2))
    assert job.run().state == "done"
    assert [path.name for path in runs_dir.iterdir()] == [".of_a_test"]
    with pytest.raises(CnnvizError, match="must be"):
        _Asked.parse({"number": "many"})


def test_the_example_of_a_kind_keeps_the_contract(
    tmp_path: Path, runs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with placed("cnnviz/studies/countdown_job.py", tmp_path) as name:
        kind = kinds().get(name)
        for keeps in (
            test_what_is_asked_is_read_back_and_names_the_folder,
            test_its_stages_and_its_end_are_kept_whatever_the_kind,
            test_a_deleted_one_is_gone,
        ):
            keeps(kind, runs_dir)
            shutil.rmtree(runs_dir / kind.place)
        test_the_command_line_lists_and_deletes_it(kind, runs_dir, capsys)
        assert said(capsys, "jobs", "kinds", "--json")[-1] == {
            "kind": "countdown",
            "does": "Counts down.",
            "settings": ["start"],
        }
        job = kind.create(kind.asked_as.parse({"start": 2}))
        assert job.run().state == "done"
        assert job.title() == "start 2"
