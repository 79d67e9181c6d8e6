"""Reproduce as a script: before, after and between; nothing is trained by the page itself."""

from pathlib import Path

import pytest

from cnnviz.reports import planned
from cnnviz.reports.library import recipes
from cnnviz.reports.outcome import planned_outcome
from cnnviz.reports.recipe import SCALES
from cnnviz.reports.reproduction_job import ReproductionJob, reproduce
from tests.pages.test_home import app, said


def test_an_experiment_that_was_not_run_says_what_it_will_take(runs_dir: Path) -> None:
    test = app("reproduce")
    assert not test.exception
    test.selectbox("experiment_select").set_value("E8").run()
    assert not test.exception
    assert recipes().get("E8").question in said(test)
    assert said(test).count("not tested yet") == 3
    assert "One seed shows no spread" in said(test)
    table = test.dataframe[0].value
    assert list(table[("test accuracy", "published")]) == [
        "48 % (n = 5,000)",
        "54 % (n = 5,000)",
        "66 % (n = 40,000)",
        "71 % (n = 40,000)",
    ]
    assert list(table[("test accuracy", "measured")]) == ["–"] * 4
    assert table[("", "variant")].iloc[0] == "strides, n = 125"
    assert "4 trainings" in said(test)
    assert [button.label for button in test.button if button.key == "reproduction_resume"] == ["Run it"]


def test_it_opens_on_what_was_run_last_at_the_scale_that_was_run(runs_dir: Path) -> None:
    reproduce("A5", "lecture")
    test = app("reproduce")
    assert not test.exception
    assert test.selectbox("experiment_select").value == "A5"
    assert test.selectbox("scale_select").value == "lecture"


def test_all_experiments_stand_in_one_table(runs_dir: Path) -> None:
    reproduce("A5", "smoke")
    test = app("reproduce")
    test.session_state["view"] = "All experiments"
    test.run()
    assert not test.exception
    table = test.dataframe[0].value.set_index("ID")
    assert list(table.index) == list(recipes())
    assert (table.loc["A5", "Run here"], table.loc["A5", "Claims"]) == ("smoke", "✓ 1")
    assert table.loc["E8", "Run here"] == "not run"
    assert "1 of 60 have been run here" in said(test)


@pytest.mark.parametrize("name", list(recipes()))
def test_every_experiment_has_something_to_say_before_it_is_run(runs_dir: Path, name: str) -> None:
    for scale in SCALES:
        recipe = recipes().get(name)
        outcome = planned_outcome(recipe, scale, ReproductionJob.at(name, scale).path)
        assert planned.shown(outcome)
        assert len(planned.claims(outcome)) == len(recipe.claims)
        tables = [one.table for one in planned.drawings(outcome) if one.table]
        published = recipe.published or any(variant.published for variant in recipe.chosen(scale))
        assert bool(tables) or not (published and recipe.trains)


@pytest.mark.parametrize("name", ["A5", "E1"])
def test_what_came_out_is_shown_without_training(runs_dir: Path, name: str) -> None:
    reproduce(name, "smoke")
    test = app("reproduce")
    test.selectbox("experiment_select").set_value(name).run()
    assert not test.exception
    assert not test.warning
    assert "Nothing has to be trained for it" in said(test)
    assert [button.label for button in test.button if button.key == "reproduction_resume"] == ["Run it again"]
    assert test.dataframe or test.get("plotly_chart") or test.get("imgs")


def test_damaged_results_are_said(runs_dir: Path) -> None:
    folder = ReproductionJob.at("A5", "smoke")
    folder.path.mkdir(parents=True)
    (folder.path / "results.json").write_text("{")
    test = app("reproduce")
    test.selectbox("experiment_select").set_value("A5").run()
    assert not test.exception
    assert any("damaged" in warning.value for warning in test.warning)
