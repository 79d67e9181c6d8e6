"""Home and Train, run as scripts: one click from nothing; every state of a run has its words."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.runs import RunDirectory, RunReport
from cnnviz.ui import show
from cnnviz.ui.home.home_page import BEYOND, STEPS, first_experiment
from tests.patience import PATIENCE

MAIN = str(Path(__file__).resolve().parents[2] / "cnnviz" / "ui" / "main.py")


def app(page: str = "home") -> AppTest:
    test = AppTest.from_file(MAIN, default_timeout=PATIENCE)
    test.run()
    return test if page == "home" else test.switch_page(f"../../pages/{page}.py").run()


def said(test: AppTest) -> str:
    return "\n".join(element.value for element in (*test.markdown, *test.caption, *test.warning))


def a_run(root: Path, **status: object) -> RunDirectory:
    run = RunDirectory.create(root, first_experiment(), name="mine")
    run.set_status(**status)
    return run


def test_home_without_runs_says_what_to_do_next(runs_dir: Path) -> None:
    test = app()
    assert not test.exception
    assert "No run yet" in said(test)
    assert [button.label for button in test.button if button.key == "first_network"] == [
        "Train your first network"
    ]
    cards = [(link.proto.page, link.proto.query_string) for link in test.get("page_link")]
    assert cards == [(way.page.replace("_", "-"), urlencode(way.query)) for way in (*STEPS, *BEYOND)]


def test_home_offers_the_report_of_a_first_network_that_is_trained(runs_dir: Path) -> None:
    run = a_run(runs_dir, state="done")
    run.write_report(RunReport(test_accuracy=0.95, fit_seconds=3.0))
    test = app()
    assert not test.exception
    assert "first_report" in [button.key for button in test.button]
    assert "Trained already: 95.0 %" in said(test)
    assert "**95.0 %** of the test digits" in said(test)


def test_home_leads_to_a_runs_report_and_shows_its_name_letter_by_letter(runs_dir: Path) -> None:
    run = RunDirectory.create(runs_dir, first_experiment(), name="a *b* [c](d)")
    run.set_status(state="done")
    run.write_report(RunReport(test_accuracy=0.5, fit_seconds=1.0))
    test = app()
    assert not test.exception
    links = [link.proto for link in test.get("page_link") if run.id in link.proto.query_string]
    assert [(link.page, link.label) for link in links] == [("report", r"a \*b\* \[c\]\(d\)")]


def test_train_without_runs_leads_on(runs_dir: Path) -> None:
    test = app("train")
    assert not test.exception
    assert "Nothing has been trained yet" in said(test)


@pytest.mark.parametrize(
    ("status", "says", "wishes"),
    [
        ({"state": "stopped", "reason": "Stopped by a wish."}, "Stopped by a wish", {"wish_resume"}),
        ({"state": "failed", "reason": "The loss is not finite."}, "not finite", {"wish_resume"}),
        ({"state": "interrupted", "reason": "Its process is gone."}, "process is gone", {"wish_resume"}),
    ],
)
def test_every_end_is_said_with_what_can_be_done(
    runs_dir: Path, status: dict[str, Any], says: str, wishes: set[str]
) -> None:
    a_run(runs_dir, **status)
    test = app("train")
    assert not test.exception
    assert says in said(test)
    assert {button.key for button in test.button if str(button.key).startswith("wish_")} == wishes


def test_a_damaged_run_is_named_and_breaks_nothing(runs_dir: Path) -> None:
    good, bad = a_run(runs_dir, state="stopped"), a_run(runs_dir, state="stopped")
    (bad.path / "spec.json").write_text("{")
    home, train = app(), app("train")
    assert not home.exception
    assert not train.exception
    assert show.plain(bad.id) in said(home)
    assert good.id in train.query_params["run"]


def test_an_impossible_setting_is_said_beside_the_button(runs_dir: Path) -> None:
    test = app()
    test.number_input("two-pairs.kernel_size").set_value(31).run()
    assert not test.exception
    assert any(show.plain("block1_conv2") in warning.value for warning in test.warning)
    assert next(button for button in test.button if button.key == "train").disabled


def test_a_changed_setting_can_be_reset_by_one_click(runs_dir: Path) -> None:
    test = app()
    test.number_input("epochs").set_value(9).run()
    (reset,) = [button for button in test.button if button.label.startswith("Reset")]
    assert reset.label == "Reset 1 changed setting"
    reset.click().run()
    assert test.number_input("epochs").value == 5
    assert not test.exception


def test_a_runs_settings_go_into_the_sidebar_and_the_run_can_be_deleted(runs_dir: Path) -> None:
    changed = first_experiment().but(training=first_experiment().training.but(epochs=17, optimizer="SGD"))
    run = RunDirectory.create(runs_dir, changed)
    run.set_status(state="stopped")
    test = app("train")
    test.button("adopt").click().run()
    assert not test.exception
    assert test.number_input("epochs").value == 17
    assert test.session_state["optimizer"] == "SGD"
    test.button("delete_run").click().run()
    assert not test.exception
    assert not run.path.exists()
    assert "Nothing has been trained yet" in said(test)
