"""All 60 experiments of the reports: each has a recipe, runs at the scale smoke, and draws what it must."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from cnnviz.reports.drawings import DRAWINGS, Drawing, draw_all
from cnnviz.reports.library import recipes
from cnnviz.reports.outcome import read_outcome
from cnnviz.reports.reproduce import reproduce
from cnnviz.reports.reproduction_job import ReproductionJob
from docs import reproduction

#: As the reports are numbered, written out.
IDS = [
    "A1",
    "A2",
    "A3",
    "A4",
    "A5",
    "A6",
    "A7",
    "A8",
    "A9",
    "A10",
    "A11",
    "A12",
    "A13",
    "A14",
    "A15",
    "A16",
    "A17",
    "B1",
    "B2",
    "B3",
    "B4",
    "B5",
    "B6",
    "B7",
    "B8",
    "B9",
    "B10",
    "B11",
    "B12",
    "C1",
    "C2",
    "C3",
    "C4",
    "C5",
    "C6",
    "C7",
    "C8",
    "C9",
    "D1",
    "D2",
    "D3",
    "D4",
    "D5",
    "D6",
    "D7",
    "D8",
    "D9",
    "D10",
    "D11",
    "E1",
    "E2",
    "E3",
    "E4",
    "E5",
    "E6",
    "E7",
    "E8",
    "E9",
    "E10",
    "E11",
]
#: What an ID must show, besides what its own recipe says it draws: the kinds of drawings by name.
MUST = {
    "A1": {"class_images": "picture"},
    "A2": {"class_grid": "picture"},
    "A3": {"table": "table"},
    "A5": {"formulas": "table"},
    "A6": {"layers": "table"},
    "A7": {"accuracy_time": "figure"},
    "A8": {"confusion": "figure"},
    "A9": {"class_report": "table"},
    "A10": {"most_confused": "table"},
    "A11": {"layers": "table"},
    "A12": {"accuracy_bars": "figure", "time_bars": "figure"},
    "A13": {"transfer_table": "table"},
    "A14": {"transfer_bars": "figure"},
    "A15": {"first_maps": "picture"},
    "A16": {"first_maps": "picture"},
    "A17": {"first_last_maps": "picture"},
    "B1": {"samples": "picture"},
    "B4": {"candidates": "table"},
    "B11": {"curves": "figure"},
    "B12": {"confusion": "figure"},
    "C1": {"window": "figure"},
    "C2": {"padding": "figure"},
    "C3": {"pooling": "figure"},
    "C4": {"dimensions": "figure"},
    "C6": {"curves": "figure", "mistakes": "picture"},
    "C9": {"augmented": "picture"},
    "D1": {"table": "table"},
    "D2": {"weight_histograms": "figure"},
    "D3": {"weight_histograms": "figure", "table": "table"},
    "D4": {"mistakes": "picture"},
    "D5": {"correct": "picture"},
    "D6": {"layer_maps": "picture"},
    "D7": {"weight_histograms": "figure"},
    "D10": {"accuracy_bars": "figure", "curves": "figure"},
    "E1": {"convolution": "figure"},
    "E2": {"two_kernels": "figure"},
    "E4": {"baseline": "table"},
    "E5": {"overfitting": "figure"},
    "E6": {"size_time": "figure", "size_accuracy": "figure"},
    "E7": {"curves": "figure"},
    "E8": {"table": "table", "time_bars": "figure"},
    "E10": {"train_test_report": "table"},
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A runs folder that holds every run of every experiment, really trained, and nothing else."""
    root = tmp_path_factory.mktemp("everything")
    command = [sys.executable, str(Path(__file__).with_name("trained.py")), str(root)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_RUNS_DIR", str(root))
        yield root


def test_the_recipes_are_the_reports_ids() -> None:
    assert list(recipes().names()) == IDS


@pytest.mark.parametrize("name", IDS)
def test_all_that_an_experiment_draws_is_registered(name: str) -> None:
    recipe = recipes().get(name)
    assert recipe.draw
    assert set(recipe.draw) <= set(DRAWINGS)
    assert set(MUST.get(name, {})) <= set(recipe.draw)


@pytest.mark.parametrize("name", IDS)
def test_an_experiment_runs_and_draws_what_it_must(name: str, everything: Path) -> None:
    before = {path.name for path in everything.iterdir()}
    folder = reproduce(name, "smoke")
    results = folder.results()
    assert results is not None
    assert (results["state"], results["problems"]) == ("done", [])
    # Only the search trains more: the folds of its candidates.
    assert name == "B4" or before == {path.name for path in everything.iterdir() if path.name[0] != "."} | {
        hidden for hidden in before if hidden[0] == "."
    }
    recipe = recipes().get(name)
    found = {one.name: one.drawings for one in draw_all(read_outcome(recipe, "smoke", folder))}
    assert list(found) == list(recipe.draw)
    for drawings in found.values():
        assert drawings
        for drawing in drawings:
            _seen(drawing)
    for drawn, kind in MUST.get(name, {}).items():
        assert kind in {drawing.kind for drawing in found[drawn]}
    assert [claim["id"] for claim in results["claims"]] == [claim.id for claim in recipe.claims]
    assert len(results["rows"]) == len(recipe.chosen("smoke"))
    assert all(row["runs"] for row in results["rows"]) is recipe.trains or not results["rows"]


def _seen(drawing: Drawing) -> None:
    """There is something to see, and words for those who don't see it."""
    assert drawing.title
    if drawing.table:
        assert drawing.table.rows
        assert all(len(row) == len(drawing.table.headings) for row in drawing.table.rows)
    if drawing.figure is not None:
        assert drawing.alt
        assert len(drawing.figure.data)
    if drawing.png:
        assert drawing.alt
        assert min(Image.open(io.BytesIO(drawing.png)).size) > 1


def test_the_document_holds_the_numbers_of_the_results(everything: Path) -> None:
    reproduce("E8", "smoke")
    reproduce("A5", "smoke")
    found = reproduction.read([everything], "smoke")
    text = reproduction.document(found, {}, "The machine did other work.")
    assert "The machine did other work." in text
    assert "| GPU | none |" in text
    for name in ("E8", "A5"):
        recipe, results = recipes().get(name), ReproductionJob.at(name, "smoke").results()
        assert results is not None
        section = text.split(f"### {name} {recipe.title}\n")[1].split("\n### ")[0]
        assert recipe.question in section
        for claim in results["claims"]:
            assert f"{claim['verdict']}**: {claim['text']}" in section
            assert claim["test"] in section or claim["reason"] in section
    rows = ReproductionJob.at("E8", "smoke").results()["rows"]  # type: ignore[index]
    section = text.split("### E8 ")[1].split("\n### ")[0]
    for row in rows:
        (line,) = [line for line in section.splitlines() if line.startswith(f"| {row['name']} |")]
        measured = row["measured"]
        assert f"{100 * measured['test_accuracy']['mean']:.1f} %" in line
        assert f"{measured['fit_seconds']['mean']:.1f} s" in line
        assert f"{100 * row['published']['test_accuracy']:g} %" in line
        assert f"{row['published']['params']:,.0f}" in line


def test_the_document_lists_what_was_not_run(tmp_path: Path, everything: Path) -> None:
    assert reproduction.read([tmp_path], "smoke") == []
    reproduce("A5", "smoke")
    (one,) = [one for one in reproduction.read([everything], "smoke") if one.id == "A5"]
    text = reproduction.document([one], {})
    missing = text.split("## Not run here")[1]
    assert "E8 (Pooling or strides?)" in missing
    assert "A5 " not in missing
