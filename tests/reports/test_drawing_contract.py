"""The contract of drawings, one test over all that are registered; a new one is tested for free."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from cnnviz.errors import EntryError, SpecError
from cnnviz.registry import Registry
from cnnviz.reports.drawing import DrawingEntry, _problems, drawing, prepare_all
from cnnviz.reports.drawings import DRAWINGS, Drawing, Drawn, check, draw_all
from cnnviz.reports.library import reports
from cnnviz.reports.outcome import Outcome, read_outcome
from cnnviz.reports.reproduction_job import ReproductionJob
from cnnviz.specs import Spec
from tests.examples import placed
from tests.present import present

#: What an experiment of that kind must say in any case.
OPTIONS = {"search": {"space": {"training.optimizer": ["SGD", "Adam"]}, "epochs": 1}}


def seen(shown: Drawing) -> None:
    """There is something to see, and words for those who don't see it."""
    assert shown.title
    assert shown.alt or shown.kind == "note"
    if shown.kind == "note":
        assert shown.note
    if shown.table:
        assert shown.table.rows
        assert {len(row) for row in shown.table.rows} == {len(shown.table.headings)}
        assert all(isinstance(cell, str | int | float | None) for row in shown.table.rows for cell in row)
    if shown.figure is not None:
        assert len(shown.figure.data)
    if shown.png:
        assert min(Image.open(io.BytesIO(shown.png)).size) > 1


def seen_or_refused(drawn: Drawn) -> None:
    """All that was drawn can be seen; where nothing was, a sentence says why."""
    assert bool(drawn.drawings) != bool(drawn.problem)
    assert not drawn.problem or drawn.problem[-1] == "."
    assert "Mend it there" not in drawn.problem, drawn.problem
    for shown in drawn.drawings:
        seen(shown)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_keeps_its_contract(name, recipe, outcome):
    entry = DRAWINGS.get(name)
    assert DRAWINGS.problems(name, entry) == []
    kind = entry.kind or "training"
    whole: Outcome = outcome(recipe(draw=[name], kind=kind, options=OPTIONS.get(kind, {})))
    check(whole.recipe)
    (drawn,) = draw_all(whole)
    seen_or_refused(drawn)
    for row in whole.rows:
        for run in row.runs.values():
            run.directory.set_status(state="failed")
    (unmeasured,) = draw_all(read_outcome(whole.recipe, "smoke", ReproductionJob(whole.folder)))
    seen_or_refused(unmeasured)
    if entry.published:
        assert unmeasured.drawings, (
            f"{name} says published={entry.published!r}, but draws nothing before an experiment has run "
            f"({unmeasured.problem}); draw the published numbers alone then, or leave `published` away"
        )


#: Not those of whoever runs the tests: a person's own experiments lie in the data folder.
PUBLISHED = [published for report in reports() for published in report.recipes]


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published.id)
def test_the_reports_ask_for_drawings_that_there_are_with_options_that_they_have(published):
    check(published)


def test_the_example_of_a_drawing_keeps_the_contract(recipe, outcome, tmp_path):
    with placed("cnnviz/reports/drawings/loss_table.py", tmp_path) as name:
        whole = outcome(recipe(draw=[name], options={"digits": 2}))
        check(whole.recipe)
        (drawn,) = draw_all(whole)
        seen_or_refused(drawn)
        assert present(drawn.drawings[0].table).rows == (("a", "1"), ("b", "1"))  # as the runs were left
        test_a_drawing_keeps_its_contract(name, recipe, outcome)


def breaks(outcome: Outcome) -> list[Drawing]:
    """A drawing with a mistake."""
    return [Drawing(str(1 // 0))]


def gives_a_title(outcome: Outcome) -> list[Drawing]:
    """A drawing of another type."""
    return "Loss"  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (breaks, r"breaks: ZeroDivisionError in line \d+: .*\. Mend it there\."),
        (gives_a_title, r"breaks: TypeError: it gives 'Loss', which is no list of Drawing\. Mend it there\."),
    ],
)
def test_one_that_breaks_is_named_with_its_file_and_the_others_are_shown(
    draw, says, recipe, outcome, monkeypatch, caplog
):
    monkeypatch.setattr(DRAWINGS, "_entries", dict(DRAWINGS._entries))
    monkeypatch.setattr(DRAWINGS, "_orders", dict(DRAWINGS._orders))
    drawing("of_a_test", "a mistake", prepare=lambda outcome, tell: draw(outcome).tomorrow)(draw)
    caplog.set_level("INFO")
    whole = outcome(recipe(draw=["of_a_test", "table"]))
    broken, table = draw_all(whole)
    assert re.match(
        rf"The drawing 'of_a_test' in tests/reports/test_drawing_contract\.py {says}", broken.problem
    )
    assert "ZeroDivisionError" in caplog.text or "TypeError" in caplog.text  # whole, for whoever mends it
    assert table.drawings
    problems = prepare_all(whole)
    assert list(problems) == ["of_a_test"]
    assert "test_drawing_contract.py breaks: " in problems["of_a_test"]


class NeedsMuch(Spec):
    """Options without a default."""

    much: int


def stripes(outcome: Outcome) -> list[Drawing]:
    """Some stripes."""
    return []


def bare(outcome):
    return []


def greedy(outcome, options):
    """Some stripes."""


@pytest.mark.parametrize(
    ("name", "entry", "says"),
    [
        ("Stripes", DrawingEntry(stripes, "stripes"), "small letters"),
        ("stripes", DrawingEntry(bare, "stripes"), "no docstring"),
        ("stripes", DrawingEntry(greedy, "stripes"), "the outcome alone"),  # type: ignore[arg-type]
        ("stripes", DrawingEntry(stripes, ""), "without a full stop"),
        ("stripes", DrawingEntry(stripes, "stripes."), "without a full stop"),
        ("stripes", DrawingEntry(stripes, "stripes", (NeedsMuch,)), "'much' has no default"),
        ("stripes", DrawingEntry(stripes, "stripes", published="acuracy"), "no metric: 'acuracy'"),
    ],
)
def test_a_wrong_entry_is_refused_with_a_sentence(name, entry, says):
    with pytest.raises(EntryError, match=says):
        Registry("drawing", check=_problems).add(name, entry)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"kk": 3}, "E6: nothing that it draws has the option 'kk'. Did you mean 'k'"),
        ({"k": 0}, "E6, options: k must be greater than or equal to 1"),
        ({"k": "many"}, "E6, options: k must be a valid integer"),
        ({"split": "validation"}, "split must be 'train' or 'test'"),
    ],
)
def test_options_that_no_drawing_has_are_refused(options, says, recipe):
    with pytest.raises(SpecError) as refusal:
        check(recipe(draw=["table", "class_grid"], options=options))
    assert says in str(refusal.value)


def test_a_drawing_of_another_kind_is_refused(recipe):
    with pytest.raises(SpecError, match="'candidates' is drawn of the kind 'search' alone"):
        check(recipe(draw=["candidates"]))


def test_options_of_a_single_scale_are_checked_too(recipe):
    scales = {"smoke": {}, "lecture": {"options": {"k": -1}}, "full": {}}
    with pytest.raises(SpecError, match="k must be"):
        check(recipe(draw=["mistakes"], scales=scales))
