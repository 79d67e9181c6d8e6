"""The overview of all experiments: what is opened first, and what stands for each."""

from __future__ import annotations

from pathlib import Path

from cnnviz.reports.library import recipes
from cnnviz.reports.overview import Line, best_scale, most_telling, overview, reached
from cnnviz.reports.reproduction_job import job_of, reproduce


def line(name: str, made: str, state: str = "smoke", measured: str = "", *verdicts: str) -> Line:
    return Line(name, name, state, state, 1, measured, "", verdicts, made)


def test_nothing_is_opened_where_nothing_was_run() -> None:
    assert most_telling([line("A1", "", "")]) is None
    assert most_telling([line("A1", "2026-01-01T10:00:00+00:00", "incomplete")]) is None


def test_of_the_last_hours_work_the_one_that_decided_a_claim_is_opened() -> None:
    old = line("E8", "2026-01-01T10:00:00+00:00", "full", "60 %", "holds")
    judged = line("D7", "2026-01-02T10:00:00+00:00", "smoke", "90 %", "holds", "not enough evidence")
    open_ = line("E9", "2026-01-02T10:20:00+00:00", "smoke", "50 %", "not enough evidence")
    last = line("A1", "2026-01-02T10:30:00+00:00")
    assert most_telling([old, judged, open_, last]) is judged
    assert most_telling([old, open_, last]) is open_
    assert most_telling([old, last]) is last


def test_every_experiment_has_a_line_and_the_largest_scale_counts(runs_dir: Path) -> None:
    reproduce("A5", "smoke")
    reproduce("A5", "lecture")
    job_of(recipes().get("E8"), "smoke").end("failed", "The disk is gone.")
    lines = {one.id: one for one in overview()}
    assert list(lines) == list(recipes())
    assert (lines["A5"].state, lines["A5"].scale, lines["A5"].verdicts) == ("lecture", "lecture", ("holds",))
    assert (reached("E8"), best_scale("E8")) == ("incomplete", "smoke")
    assert (reached("E9"), best_scale("E9")) == ("", None)
