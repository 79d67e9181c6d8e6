"""B4's drawings: every candidate in a table beside the report's best and worst, and its pictures."""

from __future__ import annotations

import pytest

from cnnviz.errors import RunError
from cnnviz.reports.drawings import DRAWINGS, PREPARATIONS
from cnnviz.reports.drawings.search_candidates import _spec
from cnnviz.reports.library import recipes
from cnnviz.runs import list_runs
from cnnviz.studies.search import Candidate, SearchJob
from tests.present import present

TRIED = [
    Candidate(
        number=1, settings={}, state="done", scores=(0.2, 0.4), curves=((0.2,), (0.4,)), runs=("a", "b")
    ),
    Candidate(
        number=2, settings={}, state="done", scores=(0.5, 0.5), curves=((0.5,), (0.5,)), runs=("c", "d")
    ),
    Candidate(number=3, settings={}, state="pruned", curves=((0.1,),), runs=("e",), reason="Given up."),
]


@pytest.fixture
def searched(outcome):
    """B4 at the smallest scale, with a trained base and three candidates."""
    found = outcome(recipes().get("B4"))
    spec = _spec(found)
    folder = SearchJob.create(spec, found.root)
    settings = [{one.name: one.choices[place] for one in spec.space} for place in (0, 1, 2)]
    tried = [one.but(settings=chosen) for one, chosen in zip(TRIED, settings, strict=True)]
    folder.save_candidates(tried)
    folder.save_importance({"training.optimizer": 0.75, "architecture.activation": 0.25})
    folder.end("done")
    return found


def test_the_search_is_the_reports_around_the_frozen_base(searched) -> None:
    spec, run = _spec(searched), searched.rows[0].run
    assert [one.name for one in spec.space] == [
        "training.optimizer",
        "architecture.second_dense",
        "architecture.activation",
    ]
    assert spec.planned <= spec.candidates
    experiment = spec.experiment({"training.optimizer": "SGD"}, 1)
    assert (experiment.training.init_from, experiment.training.freeze) == (run.id, "base")
    assert experiment.dataset.folds == spec.folds
    spec.check()


def test_candidates_are_ranked_beside_the_published_ones(searched) -> None:
    drawing, published = DRAWINGS.get("candidates").draw(searched)
    rows = present(drawing.table).rows
    assert [row[0] for row in rows] == [1, 2, None]
    assert rows[0][1:5] == ("RMSprop", "128", "sigmoid", "50.0 % ± 0.0")
    assert rows[1][4] == "30.0 % ± 14.1"
    assert rows[2][5] == "given up early"
    printed = present(published.table).rows
    assert len(printed) == 10
    assert printed[0] == (1, "Adam", "512", "sigmoid", "25.04 % ± 3.61")
    assert printed[-1][-1] == "0.74 % ± 0.04"
    assert "smoke" in drawing.title
    assert "test images choose nothing" in drawing.note


def test_history_settings_and_shares_are_drawn(searched) -> None:
    drawings = DRAWINGS.get("search_history").draw(searched)
    assert [one.title for one in drawings] == [
        "Accuracy of every candidate",
        "Which settings go with which accuracy",
        "What mattered",
    ]
    assert all(one.figure is not None and one.alt for one in drawings)


def test_a_finished_search_is_not_run_again(searched) -> None:
    before = len(list_runs(searched.root))
    PREPARATIONS.get("search").prepare(searched, lambda text, share: None)
    assert len(list_runs(searched.root)) == before


def test_before_the_search_the_drawings_say_so(outcome) -> None:
    with pytest.raises(RunError, match="has not been run yet"):
        DRAWINGS.get("candidates").draw(outcome(recipes().get("B4")))
