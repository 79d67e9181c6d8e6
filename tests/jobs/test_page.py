"""The frame of a job's page, by a kind that adds nothing of its own: ask, start, stop, read why, delete."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from cnnviz.jobs.status import JobStatus
from cnnviz.runs import atomic
from tests.jobs.countdown_job import Countdown, CountdownJob
from tests.patience import PATIENCE


def script() -> None:
    from cnnviz.ui import jobs

    jobs.page("test_countdown", "Countdown", "How far is it to nothing?")


def page(**link: str) -> AppTest:
    test = AppTest.from_function(script, default_timeout=PATIENCE)
    for key, value in link.items():
        test.query_params[key] = value
    return test.run()


def said(test: AppTest) -> str:
    assert not test.exception, test.exception
    return "\n".join(str(element.value) for element in (*test.markdown, *test.caption, *test.warning))


def test_it_is_asked_started_and_read_to_its_end(runs_dir: Path) -> None:
    test = page()
    test.text_input(key="test_countdown_start").set_value("4")
    test.button(key="test_countdown_ask").click().run()
    [job] = CountdownJob.all()
    assert job.spec().start == 4
    assert test.query_params["test_countdown"] == job.id
    assert job.wait().state == "done"
    assert "**done**" in said(page(test_countdown=job.id))


def test_a_mistake_is_told_and_starts_nothing(runs_dir: Path) -> None:
    test = page()
    test.text_input(key="test_countdown_start").set_value("many")
    test.button(key="test_countdown_ask").click().run()
    assert "start must be a valid integer" in said(test)
    assert CountdownJob.all() == []


def test_at_work_it_shows_progress_and_can_be_stopped_and_go_on(runs_dir: Path) -> None:
    job = CountdownJob.create(Countdown(end="never"))
    job.start()
    while len(job.counted()) < 3:
        assert job.status().active
    test = page(test_countdown=job.id)
    assert "**running** · " in said(test)
    assert not [
        button for button in test.button if button.key in ("test_countdown_resume", "test_countdown_delete")
    ]
    test.button(key="test_countdown_stop").click().run()
    job.wait()
    test = page(test_countdown=job.id)
    assert "**stopped**" in said(test)
    test.button(key="test_countdown_resume").click().run()
    assert job.status().active
    job.stop()
    job.wait()


def test_why_it_ended_badly_stands_below(runs_dir: Path) -> None:
    job = CountdownJob.create(Countdown())
    for state in ("failed", "interrupted", "incomplete"):
        job.end(state, "The disk is full.")
        assert f"**{state}**" in said(page(test_countdown=job.id))
        assert "The disk is full." in said(page(test_countdown=job.id))
    counting = JobStatus(state="stopped", stage="counting", done=3, total=4, unit="number")
    atomic.write_text(job.path / "status.json", counting.to_json())
    assert "**stopped** · 3 of 4 numbers" in said(page(test_countdown=job.id))


def test_a_deleted_one_is_gone_and_the_page_asks_again(runs_dir: Path) -> None:
    job = CountdownJob.create(Countdown())
    test = page(test_countdown=job.id)
    test.button(key="test_countdown_delete").click().run()
    assert CountdownJob.all() == []
    assert test.button(key="test_countdown_ask")
