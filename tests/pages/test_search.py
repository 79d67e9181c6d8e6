"""The Search page, run as a script on searches as their process leaves them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.engine.tickets import Tickets
from cnnviz.jobs.status import State
from cnnviz.runs import list_runs
from cnnviz.studies.search import Candidate, Dimension, SearchJob, SearchSpec
from cnnviz.ui import show
from tests.pages.finished_runs import finished
from tests.patience import PATIENCE

MAIN = str(Path(__file__).resolve().parents[2] / "cnnviz" / "ui" / "main.py")
SPEC = SearchSpec(
    title="Units and rate",
    base={"dataset.name": "digits", "architecture.name": "two-pairs", "training.epochs": 2},
    space=(
        Dimension(name="architecture.dense", choices=(16, 32)),
        Dimension(name="training.learning_rate", low=1e-4, high=0.1, log=True),
    ),
    candidates=4,
    folds=2,
)


def candidate(number: int, dense: int, scores: tuple[float, ...], state: str = "done") -> Candidate:
    settings = {"architecture.dense": dense, "training.learning_rate": 0.01 * number}
    return Candidate.parse(
        {
            "number": number,
            "settings": settings,
            "state": state,
            "scores": scores,
            "seconds": 30.0,
            "curves": [(score,) for score in scores],
            "reason": "" if state == "done" else "Given up.",
        }
    )


@pytest.fixture
def search(runs_dir: Path) -> SearchJob:
    """Four candidates, the third the best, the last given up."""
    folder = SearchJob.create(SPEC, runs_dir)
    tried = [
        candidate(1, 16, (0.5, 0.6)),
        candidate(2, 32, (0.7, 0.6)),
        candidate(3, 32, (0.9, 0.8)),
        candidate(4, 16, (0.2,), "pruned"),
    ]
    folder.save_candidates(tried)
    folder.end("done")
    return folder


def open_search(**link: str) -> AppTest:
    test = AppTest.from_file(MAIN, default_timeout=PATIENCE)
    test.run()
    for key, value in link.items():
        test.query_params[key] = value
    return test.switch_page("../../pages/search.py").run()


def said(test: AppTest) -> str:
    words = (*test.markdown, *test.caption, *test.warning, *test.info)
    return "\n".join(str(element.value) for element in words)


def test_without_a_search_the_page_asks_for_one(runs_dir: Path) -> None:
    test = open_search()
    assert not test.exception
    assert "**36 trainings** of 5 epochs" in said(test)
    assert test.button(key="search_start")


def test_a_finished_search_shows_its_best_and_all_candidates_by_rank(search: SearchJob) -> None:
    test = open_search()
    assert not test.exception
    assert "**done** · 4 of 4 candidates · 2 folds each, at random · 1 given up · in 2 min 0 s" in said(test)
    assert "Best: 85.0 % ± 7.1" in said(test)
    assert "dense 32, learning rate 0.03" in said(test)
    assert "test images are not looked at" in said(test)
    table = test.dataframe[0].value
    assert table["No."].tolist() == [3, 2, 1, 4]
    assert table["Rank"].tolist()[:3] == [1, 2, 3]
    assert table["State"].tolist() == ["", "", "", "given up"]


def test_a_search_by_a_score_of_which_less_is_better(runs_dir: Path) -> None:
    folder = SearchJob.create(SPEC.but(objective="brier_score"), runs_dir)
    tried = [candidate(1, 16, (0.5, 0.6)), candidate(2, 32, (0.25, 0.35)), candidate(3, 16, (), "pruned")]
    folder.save_candidates([one.but(objective="brier_score") for one in tried])
    folder.end("done")
    test = open_search()
    assert not test.exception
    assert "Best: 0.3 ± 0.071" in said(test)
    assert "Mean Brier score ± standard deviation over 2 folds" in said(test)
    assert "Judged by: Brier score of the images left out." in said(test)
    table = test.dataframe[0].value
    assert table["No."].tolist() == [2, 1, 3]
    assert table["Brier score"].tolist()[:2] == [0.3, 0.55]
    assert table["Over folds"].tolist() == ["± 0.071", "± 0.071", "–"]


def test_a_row_that_is_chosen_stands_in_for_the_best(search: SearchJob) -> None:
    test = open_search()
    test.session_state["search_table"] = {"selection": {"rows": [2], "columns": [], "cells": []}}
    test.run()
    assert not test.exception
    assert "Candidate 1: 55.0 % ± 7.1" in said(test)
    assert test.button(key="search_train").label == "Train it"


def test_the_best_goes_into_the_sidebar(search: SearchJob) -> None:
    test = open_search()
    test.button(key="search_adopt").click().run()
    assert not test.exception
    assert test.session_state["two-pairs.dense"] == 32
    assert test.session_state["rate"] == 0.03
    assert test.session_state["validation"] == 0


@pytest.fixture
def no_worker_left(runs_dir: Path) -> Iterator[None]:
    """Whatever the page has started is ended with the test."""
    yield
    for ticket in Tickets(runs_dir).all():
        if ticket.pid and psutil.pid_exists(ticket.pid):
            supervisor = psutil.Process(ticket.pid)
            for one in [supervisor, *supervisor.children(recursive=True)]:
                one.kill()


@pytest.mark.usefixtures("no_worker_left")
def test_the_best_is_queued_on_all_training_images(search: SearchJob) -> None:
    test = open_search()
    test.button(key="search_train").click().run()
    [run] = list_runs(search.root)
    assert run.name == "Units and rate · candidate 3"
    assert run.experiment == SPEC.whole({"architecture.dense": 32, "training.learning_rate": 0.03})


@pytest.mark.parametrize(
    ("state", "why"), [("interrupted", "It was killed (signal 9)."), ("failed", "The disk is full.")]
)
def test_a_search_that_ended_badly_says_why_and_can_go_on(search: SearchJob, state: State, why: str) -> None:
    search.end(state, why)
    test = open_search()
    assert not test.exception
    assert f"**{state}**" in said(test)
    assert show.plain(why) in said(test)
    assert test.button(key="search_resume").label == "Go on"


def test_a_stopped_search_says_so(search: SearchJob) -> None:
    search.end("stopped")
    assert "**stopped**" in said(open_search())


def test_a_damaged_search_does_not_break_the_page(search: SearchJob) -> None:
    (search.path / "candidates.json").write_text("nothing")
    test = open_search()
    assert not test.exception
    assert "candidates.json" in said(test)


def test_deleting_a_search_keeps_its_runs(search: SearchJob) -> None:
    finished(search.root, "kept")
    test = open_search()
    test.button(key="search_delete").click().run()
    assert not test.exception
    assert SearchJob.all(search.root) == []
    assert len(list_runs(search.root)) == 1


def test_report_b_needs_its_network_and_says_so(runs_dir: Path) -> None:
    test = open_search()
    test.segmented_control(key="search_preset").set_value("report").run()
    assert "second dense layer" in said(test)
    test.button(key="search_deep").click().run()
    assert not test.exception
    assert test.session_state["network"] == "deep-pairs"
    assert "12 candidates × 3 folds = **36 trainings** of 20 epochs" in said(test)


def test_a_run_with_the_same_convolutions_is_offered_as_a_frozen_base(runs_dir: Path) -> None:
    fits, other = finished(runs_dir, "fits"), finished(runs_dir, "wider", kernel_size=5)
    test = open_search(search_base=fits.id)
    assert not test.exception
    offered = test.selectbox(key="search_base_select").options
    assert any("fits" in label for label in offered)
    assert not any("wider" in label for label in offered)
    assert other.id not in test.session_state["search_base"]


def test_an_impossible_space_is_named_before_it_is_started(runs_dir: Path) -> None:
    test = open_search()
    test.segmented_control(key="search_preset").set_value("own").run()
    assert "The space is empty" in said(test)
    assert not [button for button in test.button if button.key == "search_start"]
