"""All 60 experiments of the reports: each runs at the scale smoke and draws what it must.

Those that train are for `make test-long`: all their networks are really trained. What stays in `make test`
is one of each kind with all drawings at once, on a network of two filters (test_reproduce.py), and every
experiment that needs no training.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnviz.reports.drawings import draw_all
from cnnviz.reports.library import recipes
from cnnviz.reports.outcome import read_outcome
from cnnviz.reports.reproduction_job import reproduce
from tests.reports.test_drawing_contract import seen

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
UNTRAINED = [name for name in recipes() if not recipes().get(name).trains]
TRAINED = [name for name in recipes() if name not in UNTRAINED]


def runs_and_draws(name: str) -> None:
    """Reproduce it at the scale smoke, and look at all that it draws and judges."""
    recipe, folder = recipes().get(name), reproduce(name, "smoke")
    results = folder.results()
    assert results is not None
    assert (results.state, results.problems) == ("done", ())
    drawn = {one.name: one.drawings for one in draw_all(read_outcome(recipe, "smoke", folder))}
    assert list(drawn) == list(recipe.draw)
    for drawings in drawn.values():
        assert drawings
        for drawing in drawings:
            seen(drawing)
    for wanted, kind in MUST.get(name, {}).items():
        assert kind in {drawing.kind for drawing in drawn[wanted]}
    assert [claim.id for claim in results.claims] == [claim.id for claim in recipe.claims]
    assert len(results.rows) == len(recipe.chosen("smoke"))
    assert all(row.runs for row in results.rows) is recipe.trains or not results.rows


@pytest.mark.parametrize("name", UNTRAINED)
def test_an_experiment_without_training_draws_what_it_must(name: str, runs_dir: Path) -> None:
    runs_and_draws(name)


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


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("name", TRAINED)
def test_an_experiment_trains_and_draws_what_it_must(name: str, everything: Path) -> None:
    before = _trained(everything)
    runs_and_draws(name)
    # Only the search trains more: the folds of its candidates.
    assert name == "B4" or before == _trained(everything)


def _trained(root: Path) -> set[str]:
    return {path.name for path in root.iterdir() if path.name[0] != "."}
