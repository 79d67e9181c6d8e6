"""The Report page's tab Mistakes, run as a script on a real run directory."""

from __future__ import annotations

from pathlib import Path

from cnnviz.evaluation import mistakes
from tests.pages.finished_runs import finished
from tests.pages.test_report import open_report, result, said


def test_all_mistakes_are_there_in_the_order_and_of_the_classes_that_the_link_says(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    numbers = result(run)
    test = open_report(run=run.id, mistakes_by="close", mistakes_true="4")
    test.session_state["report_tabs"] = "Mistakes"
    test.run()
    assert not test.exception
    places = mistakes(numbers.labels, numbers.probabilities, "close", true=4)
    assert f"{len(places)} mistakes of this kind among {numbers.n:,} test images" in said(test)
    assert test.query_params["mistake"] == str(int(numbers.indices[places[0]]))
    assert f"image {int(numbers.indices[places[0]])}\\:" in said(test)

    test.segmented_control(key="mistakes_by_segments").set_value("certain").run()
    first = mistakes(numbers.labels, numbers.probabilities, "certain", true=4)[0]
    assert f"image {int(numbers.indices[first])}\\:" in said(test)


def test_a_link_opens_the_image_that_its_sender_saw(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    numbers = result(run)
    place = mistakes(numbers.labels, numbers.probabilities, "loss")[13]
    index = str(int(numbers.indices[place]))
    test = open_report(run=run.id, mistakes_by="loss", mistake=index)
    test.session_state["report_tabs"] = "Mistakes"
    test.run()
    assert f"image {index}\\: " in said(test)
    assert test.query_params["mistake"] == index


def test_the_image_stays_chosen_when_the_page_runs_again(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    test = open_report(run=run.id)
    test.session_state["report_tabs"] = "Mistakes"
    test.run()
    first = test.query_params["mistake"]
    assert test.run().query_params["mistake"] == first
