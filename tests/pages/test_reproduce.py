"""Reproduce as a script: before, after and between; nothing is trained by the page itself."""

from pathlib import Path

import pytest

from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.recipe import recipes
from cnnviz.studies.reproduce import reproduce
from tests.pages.test_home import app, said


def test_an_experiment_that_was_not_run_says_what_it_will_take(runs_dir: Path) -> None:
    test = app("reproduce")
    assert not test.exception
    test.selectbox("experiment_select").set_value("E8").run()
    assert not test.exception
    assert recipes().get("E8").question in said(test)
    assert "Not run at this scale yet" in said(test)
    assert "4 trainings" in said(test)
    assert [button.label for button in test.button if button.key == "reproduce"] == ["Run it"]


@pytest.mark.parametrize("name", ["A5", "E1"])
def test_what_came_out_is_shown_without_training(runs_dir: Path, name: str) -> None:
    reproduce(name, "smoke")
    test = app("reproduce")
    test.selectbox("experiment_select").set_value(name).run()
    assert not test.exception
    assert not test.warning
    assert "Nothing has to be trained for it" in said(test)
    assert [button.label for button in test.button if button.key == "reproduce"] == ["Run it again"]
    assert test.dataframe or test.get("plotly_chart") or test.get("imgs")


def test_damaged_results_are_said(runs_dir: Path) -> None:
    folder = StudyDirectory.reproduction("A5", "smoke")
    folder.path.mkdir(parents=True)
    (folder.path / "results.json").write_text("{")
    test = app("reproduce")
    test.selectbox("experiment_select").set_value("A5").run()
    assert not test.exception
    assert any("damaged" in warning.value for warning in test.warning)
