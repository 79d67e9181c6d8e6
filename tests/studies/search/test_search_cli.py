"""`cnnviz search`, as a user would type it."""

from __future__ import annotations

import json

import pytest

from cnnviz.runs import list_runs
from tests.commands import cnnviz, refused, typed

WISH = (
    "search",
    "--dataset",
    "digits",
    "--architecture",
    "one-convolution",
    "--set",
    "dataset.train_size=120",
    "--set",
    "dataset.test_size=30",
    "--set",
    "architecture.filters=2",
    "--set",
    "training.epochs=1",
    "--over",
    "architecture.dense=4,8",
    "--folds",
    "2",
    "--method",
    "grid",
)


def test_all_candidates_are_tried_and_the_second_time_none_is_trained_again(
    runs_dir, cache_dir, prepared_worker
):
    first = typed(*WISH, "--json")
    assert first.returncode == 0, first.stderr
    found = json.loads(first.stdout)
    assert found["state"] == "done"
    means = [one["mean"] for one in found["candidates"]]
    assert means == sorted(means, reverse=True)
    assert {one["settings"]["architecture.dense"] for one in found["candidates"]} == {4, 8}
    assert all(len(one["scores"]) == 2 for one in found["candidates"])
    runs = {run.id for run in list_runs(runs_dir)}
    assert len(runs) == 4

    again = cnnviz(*WISH)
    assert again.returncode == 0, again.stderr
    assert "2 of 2 candidates tried" in again.stderr
    assert again.stdout.split()[0] == "candidate"
    assert {run.id for run in list_runs(runs_dir)} == runs

    # Judged by another metric of the same validation images, nothing has to be trained.
    other = cnnviz(*WISH, "--objective", "brier_score", "--json")
    assert other.returncode == 0, other.stderr
    found = json.loads(other.stdout)
    assert found["objective"] == "brier_score"
    means = [one["mean"] for one in found["candidates"]]
    assert means == sorted(means)
    assert 0 < means[0] < 2
    assert {run.id for run in list_runs(runs_dir)} == runs


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("search",), "Say what is searched"),
        (("search", "--space", "reprot"), "Known: training"),
        (("search", "--over", "training.optimizer"), "--over takes name=values"),
        (("search", "--over", "architecture.wings=1,2"), "no setting 'wings'"),
        (
            ("search", "--over", "architecture.dense=4,8", "--objective", "test_accuracy"),
            "'test_accuracy' can't be what a search judges by. Test images choose nothing.",
        ),
    ],
)
def test_what_is_impossible_is_one_line_and_exit_code_2(runs_dir, cache_dir, arguments, told):
    assert told in refused(*arguments)
    assert not (runs_dir / ".searches").exists()
