"""Experiments of a person's own: found in the data folder, checked, shown and run; wrong files do no harm."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cnnviz.cli import main
from cnnviz.errors import UnknownNameError
from cnnviz.reports.drawings import DRAWINGS
from cnnviz.reports.library import find, library, recipes, reports
from cnnviz.reports.recipe import SCALES
from cnnviz.ui import show
from tests.examples import placed
from tests.pages.test_home import app, said
from tests.present import present

DOCUMENT = Path(__file__).parents[2] / "docs" / "experiments.md"
PLAIN = """
[[experiment]]
id = "{id}"
title = "Layers"
question = "How many parameters?"
kind = "counting"
base = {{ "dataset.name" = "digits", "architecture.name" = "two-pairs" }}
variants = [{{ label = "3×3" }}, {{ label = "5×5", set = {{ "architecture.kernel_size" = 5 }} }}]
draw = ["layers"]
"""


def example() -> str:
    """The file that the documentation shows."""
    match = re.search(r"```toml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert match
    return match[1]


@pytest.fixture
def put(data_dir: Path, runs_dir: Path):
    """Write a file of experiments: `put("mine.toml", "…")`."""

    def write(name: str, text: str) -> Path:
        path = data_dir / "experiments" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write


def test_without_a_folder_there_are_the_reports_alone(data_dir):
    assert len(library().reports) == 5
    assert library().problems == ()


def test_the_documented_example_is_an_experiment_that_can_be_run(put):
    put("kernels.toml", example())
    assert library().problems == ()
    recipe = find("SMALL-or-large")
    assert recipes().names()[-1] == recipe.id == "small-or-large"
    assert library().report_of[recipe.id].heading == "Kernels of my own"
    assert [claim.id for claim in recipe.claims] == ["small-or-large-claim-1", "small-or-large-claim-2"]
    # 80 % of the 1,437 digits, two epochs; three seeds of all of them.
    (small, _), lecture = (present(recipe.study(scale)).variants for scale in ("smoke", "lecture"))
    assert (small.experiment.dataset.train_size, small.experiment.training.epochs) == (287, 2)
    assert lecture[1].experiment.architecture.parameters == {"kernel_size": 5}
    assert present(recipe.study("lecture")).seeds == (0, 1, 2)


def test_the_document_names_the_drawings_of_the_reports_and_none_that_is_not():
    paragraph = next(
        line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("`draw` takes")
    )
    named = set(re.findall(r"`([a-z_]+)`", paragraph)) - {"draw"}
    assert named <= set(DRAWINGS)
    assert {name for report in reports() for recipe in report.recipes for name in recipe.draw} <= named


def test_a_file_is_read_again_when_it_changes(put):
    path = put("mine.toml", PLAIN.format(id="mine"))
    assert "mine" in recipes()
    put("mine.toml", PLAIN.format(id="mine-again"))
    assert ("mine" in recipes(), "mine-again" in recipes()) == (False, True)
    path.unlink()
    assert "mine-again" not in recipes()


def test_an_experiment_that_is_only_counted_runs_from_the_command_line(put, capsys):
    def cnnviz(*arguments: str):
        with pytest.raises(SystemExit) as leaving:
            main([*arguments, "--json"])
        assert leaving.value.code == 0
        return json.loads(capsys.readouterr().out)

    put("mine.toml", PLAIN.format(id="mine"))
    assert cnnviz("reproduce", "Mine")["state"] == "done"
    listed = cnnviz("recipes")
    assert (listed[-1]["id"], listed[-1]["report"], len(listed)) == ("mine", "mine", 61)
    assert {scale: listed[-1]["scales"][scale]["state"] for scale in SCALES}["smoke"] == "done"


MISTAKES = [
    ("[[experiment]\n", "this is not TOML: .*line 1"),
    ('title = "Nothing"\n', r"holds no experiment; begin one with the line \[\[experiment\]\]"),
    ('key = "F"\n' + PLAIN.format(id="F1"), "'key' belongs to the five reports"),
    (PLAIN.format(id="e12"), "line 3, .*'e12' is an ID of the reports; choose another, such as 'my-e12'"),
    (PLAIN.format(id="my mine"), "line 3, my mine: id string should match"),
    (PLAIN.format(id="mine") * 2, "line 3, The file has two experiments mine"),
    (
        PLAIN.format(id="mine").replace("title", "titel"),
        "line 3, mine: title is missing. 'titel' is not a setting. Did you mean 'title'",
    ),
    (PLAIN.format(id="mine").replace("counting", "cooking"), "mine: kind must be 'training', 'counting'"),
    (PLAIN.format(id="mine").replace("layers", "layer"), "no drawing 'layer'. Did you mean 'layers'"),
    (PLAIN.format(id="mine").replace("digits", "digit"), "line 3, mine: There is no data set 'digit'"),
    (
        PLAIN.format(id="mine").replace("kernel_size", "kernel"),
        "line 3, mine: variant '5×5': .*Did you mean 'kernel_size'",
    ),
    (PLAIN.format(id="mine").replace("= 5", "= 99"), "line 3, mine: .*99"),
    (PLAIN.format(id="mine") + "options = { n = 3 }\n", "nothing that it draws has the option 'n'"),
    (PLAIN.format(id="mine") + "scales.smoke = { seeds = [-1] }\n", "mine: scales.smoke.seeds"),
]


@pytest.mark.parametrize(("text", "says"), MISTAKES)
def test_a_wrong_file_is_left_out_with_a_sentence_and_the_others_stay(text, says, put):
    put("a-good.toml", PLAIN.format(id="good"))
    put("b-wrong.toml", text)
    put("c-good.toml", PLAIN.format(id="good-too"))
    assert recipes().names()[-2:] == ("good", "good-too")
    (problem,) = library().problems
    assert re.match(rf"experiments/b-wrong\.toml is left out: .*(?s:{says})", problem)
    assert problem.endswith("Mend the file and look again.")
    with pytest.raises(UnknownNameError, match=r"b-wrong\.toml is left out"):
        find("mine-or-not")


def test_the_command_lists_what_was_left_out_and_says_so(put, capsys):
    put("a-good.toml", PLAIN.format(id="good"))
    put("b-wrong.toml", "[[experiment]\n")
    for arguments in (["recipes"], ["recipes", "--json"]):
        with pytest.raises(SystemExit) as leaving:
            main(arguments)
        assert leaving.value.code == 2
        shown = capsys.readouterr()
        assert shown.err.startswith("cnnviz: experiments/b-wrong.toml is left out: this is not TOML")
        assert shown.err.count("\n") == 1
        assert "good" in shown.out
    good, wrong = json.loads(shown.out)[-2:]
    assert (good["id"], good["problem"]) == ("good", None)
    assert wrong.keys() == good.keys()
    assert [key for key in wrong if wrong[key] is not None] == ["problem"]
    assert f"cnnviz: {' '.join(wrong['problem'].split())}\n" == shown.err


def test_a_wrong_drawing_is_not_blamed_on_the_file_that_asks_for_it(put, tmp_path):
    put("mine.toml", PLAIN.format(id="mine").replace('"layers"', '"layers", "loss_table"'))
    with placed("cnnviz/reports/drawings/loss_table.py", tmp_path, ("default=3, ", "")):
        put("mine.toml", PLAIN.format(id="mine").replace('"layers"', '"loss_table"'))
        (problem,) = library().problems
    assert re.match(
        r"experiments/mine\.toml is left out, for what it asks for is wrong: \S+loss_table\.py: "
        "The drawing 'loss_table' is refused: its option 'digits' has no default",
        problem,
    )
    assert "Mend the file" not in problem


def test_two_files_cannot_share_an_id(put):
    put("a.toml", PLAIN.format(id="mine"))
    put("b.toml", PLAIN.format(id="Mine"))
    (problem,) = library().problems
    assert "experiments/a.toml has an experiment 'Mine' already; choose another ID" in problem


def test_a_file_in_another_encoding_is_left_out(put):
    put("mine.toml", "").write_bytes(PLAIN.format(id="mine").encode("utf-16"))
    assert "UTF-8" in library().problems[0]


def test_the_page_shows_own_experiments_and_what_was_left_out(put):
    put("kernels.toml", example())
    put("wrong.toml", "[[experiment]\n")
    test = app("reproduce")
    assert not test.exception
    shown = [show.plain(problem) for problem in library().problems]
    assert [warning.value for warning in test.warning] == shown
    test.selectbox("experiment_select").set_value("small-or-large").run()
    assert not test.exception
    assert "is a 5×5 kernel worth its parameters?" in said(test)
    assert "2 trainings" in said(test)
    test.session_state["view"] = "All experiments"
    test.run()
    assert not test.exception
    assert test.dataframe[0].value["ID"].iloc[-1] == "small-or-large"
    assert "0 of 61 have been run here" in said(test)
