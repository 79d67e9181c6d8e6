"""The life of a job, with real processes where one is started, killed or crashes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from cnnviz.errors import RunError, SpecError
from cnnviz.jobs.job import Report, Stopped
from cnnviz.jobs.kinds import find_job, list_jobs, open_job
from cnnviz.jobs.status import JobStatus
from cnnviz.runs import atomic, marks
from cnnviz.runs.marks import Mark
from tests.damage import DAMAGES
from tests.jobs.countdown_job import Countdown, CountdownJob, End
from tests.patience import PATIENCE
from tests.present import present


def job(end: End = "done", start: int = 3) -> CountdownJob:
    return CountdownJob.create(Countdown(start=start, end=end))


def write(job: CountdownJob, **status: object) -> None:
    atomic.write_text(job.path / "status.json", JobStatus.parse(status).to_json())


# Create, find, list, delete ---------------------------------------------------------------------------


def test_the_same_question_has_one_folder(runs_dir: Path) -> None:
    first, second, other = job(), job(), job(start=4)
    assert first.path == second.path != other.path
    assert first.spec() == Countdown()
    assert {one.id for one in CountdownJob.all()} == {first.id, other.id}
    assert present(CountdownJob.find(Countdown(start=4))).id == other.id
    assert CountdownJob.find(Countdown(start=5)) is None
    assert first.status().state == "waiting"


def test_a_job_is_found_by_the_start_of_its_id_and_by_its_folder(runs_dir: Path) -> None:
    one = job()
    assert find_job(one.id[:12]).path == one.path
    assert type(open_job(one.path)) is CountdownJob
    assert [found.id for found in list_jobs()] == [one.id]
    with pytest.raises(RunError, match="no job 'nothing'"):
        find_job("nothing")
    with pytest.raises(RunError, match="no job's folder"):
        open_job(runs_dir)


def test_damage_is_told_and_can_be_begun_again(runs_dir: Path) -> None:
    one = job()
    (one.path / "status.json").write_text("{")
    assert one.status().state == "interrupted"
    assert "damaged" in one.status().reason
    assert one.run().state == "done"
    (one.path / "asked.json").write_text("[]")
    with pytest.raises(RunError, match=r"asked\.json of test_countdown .* can't be read"):
        one.spec()


def test_a_job_at_work_is_not_deleted_and_another_leaves_nothing(runs_dir: Path) -> None:
    one = job()
    write(one, state="running", worker=marks.own())
    with pytest.raises(RunError, match="at work"):
        one.delete()
    write(one, state="stopped")
    one.delete()
    assert CountdownJob.all() == []
    assert [path.name for path in one.path.parent.iterdir()] == [".lock"]


# Work in this process ---------------------------------------------------------------------------------


def test_it_ends_as_its_work_does(runs_dir: Path) -> None:
    told: list[JobStatus] = []
    assert job().run(told.append).state == "done"
    assert [(status.done, status.total) for status in told] == [(0, 3), (1, 3), (2, 3)]
    assert {status.state for status in told} == {"running"}
    ended = job("partly").run()
    assert (ended.state, ended.problems) == ("incomplete", ("The zero is missing.",))
    assert (ended.keeper, ended.worker, ended.active) == (None, None, False)


def test_an_error_is_its_reason_whoever_caused_it(runs_dir: Path) -> None:
    with pytest.raises(SpecError):
        job("refused").run()
    assert job("refused").status().state == "failed"
    assert job("refused").status().reason == "Nothing can be counted. Ask for more."
    with pytest.raises(ZeroDivisionError):
        job("raised").run()
    assert "countdown_job.py: ZeroDivisionError in line 55: counted too far" in job("raised").status().reason
    assert "log.txt" in job("raised").status().reason


def test_a_wish_stops_it_and_it_goes_on_where_it_was(runs_dir: Path) -> None:
    one = job(start=5)
    assert one.run(lambda status: one.stop() if status.done == 2 else None).state == "stopped"
    assert one.counted() == [5, 4]
    assert one.run().state == "done"
    assert one.counted() == [5, 4, 3, 2, 1]


def test_ctrl_c_leaves_it_stopped(runs_dir: Path) -> None:
    def interrupt(status: JobStatus) -> None:
        raise KeyboardInterrupt

    one = job()
    with pytest.raises(KeyboardInterrupt):
        one.run(interrupt)
    assert one.status().state == "stopped"


def test_what_is_noted_while_it_stops_is_only_noted(runs_dir: Path) -> None:
    one = job()
    report = Report(one)
    one.stop()
    with pytest.raises(Stopped):
        report("counting")
    report("clearing up", 0.5)
    assert one.status().stage == "clearing up"


def test_the_time_left_goes_by_the_stages_speed_or_by_what_the_work_says() -> None:
    now = JobStatus(state="running", stage="a", stage_began=0.0, share=0.5)
    assert now.seconds_left is not None
    assert now.but(left=7.0).seconds_left == 7.0
    assert now.but(share=None).seconds_left is None
    assert now.but(state="done", left=7.0).seconds_left is None


def test_the_state_tells_working_from_interrupted(runs_dir: Path) -> None:
    one = job()
    write(one, state="running", worker=marks.own())
    assert one.status().state == "running"
    one.stop()
    assert one.status().state == "stopping"
    (one.path / "stop").unlink()
    # A process that began at another time is not this one, whatever its number.
    write(one, state="running", worker=Mark(os.getppid(), 1.0))
    assert one.status().state == "interrupted"
    assert "Nothing finished is lost" in one.status().reason
    write(one, state="running", worker=Mark(os.getppid(), 1.0), keeper=marks.own())
    assert one.status().state == "running"


def test_for_lack_of_memory_says_so(runs_dir: Path) -> None:
    one = job()
    write(one, state="running", keeper=marks.own())
    one.note_ending(-signal.SIGKILL, short_of_memory=True)
    assert one.status().state == "failed"
    assert "memory was used up" in one.status().reason


def test_a_keeper_leaves_alone_what_has_ended_or_is_another_ones(runs_dir: Path) -> None:
    one = job()
    one.end("done")
    one.note_ending(-signal.SIGKILL, short_of_memory=False)
    assert one.status().state == "done"


# Processes of its own ---------------------------------------------------------------------------------


def test_however_its_process_ends_the_reason_is_told(runs_dir: Path) -> None:
    said: dict[End, tuple[str, str]] = {
        "done": ("done", ""),
        "refused": ("failed", "Nothing can be counted. Ask for more."),
        "raised": ("failed", "tests/jobs/countdown_job.py: ZeroDivisionError in line 55: counted too far"),
        "crashed": ("failed", "crashed (signal 11, SIGSEGV)"),
        "killed": ("interrupted", "was killed (signal 9, SIGKILL)"),
        "ended": ("interrupted", "was asked to end (SIGTERM)"),
        "left": ("failed", "exit code 3 and left no reason. The log ends with: these were its last words"),
    }
    jobs = {end: job(end) for end in said}
    for one in jobs.values():
        one.start()
    for end, one in jobs.items():
        ended = one.wait()
        assert ended.state == said[end][0], (end, ended, (one.path / "log.txt").read_text())
        assert said[end][1] in ended.reason
        assert one.counted() == [3, 2, 1]
    assert "Traceback" in (jobs["raised"].path / "log.txt").read_text()


def test_a_second_press_starts_nothing_and_stop_is_heard(runs_dir: Path) -> None:
    one = job("never")
    one.start()
    for again in (one.start, one.run, one.delete):
        with pytest.raises(RunError, match="at work"):
            again()
    while len(one.counted()) < 3:
        assert one.status().state == "running"
    one.stop()
    assert one.status().state in ("stopping", "stopped")
    assert one.wait().state == "stopped"
    assert one.counted() == [3, 2, 1]


def test_it_goes_on_when_the_process_that_keeps_it_dies(runs_dir: Path) -> None:
    one = job("never")
    one.start()
    keeper = one.status().keeper
    assert keeper is not None
    while one.status().worker is None:
        assert one.status().active
    psutil.Process(keeper.pid).kill()
    psutil.wait_procs([psutil.Process(keeper.pid)], timeout=PATIENCE)
    assert one.status().state == "running"
    with pytest.raises(RunError, match="at work"):
        one.start()
    one.stop()
    assert one.wait().state == "stopped"


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_status_is_an_end_with_its_reason_and_can_be_deleted(runs_dir: Path, damage: str) -> None:
    asked = job()
    write(asked, state="done")
    DAMAGES[damage](asked.path / "status.json")
    status = asked.status()
    assert not status.active
    if damage not in ("empty", "gone"):
        assert status.state == "interrupted"
        assert status.problems
    assert [found.id for found in CountdownJob.all()] == [asked.id]
    asked.delete()
    assert not asked.path.exists()
