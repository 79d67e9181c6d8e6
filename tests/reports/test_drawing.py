"""Drawings: every agreed name draws what it must from finished runs, and one failure hides no other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cnnviz import datasets
from cnnviz.metrics import METRICS
from cnnviz.reports.drawing import image_of
from cnnviz.reports.drawings import Drawing, Table, draw_all, keep, prepared
from cnnviz.reports.drawings.networks import read_maps
from cnnviz.reports.outcome import read_outcome
from cnnviz.reports.reproduction_job import ReproductionJob
from tests.present import present

INSIDE = ("first_maps", "first_last_maps", "layer_maps", "weight_histograms")


@pytest.fixture
def whole(recipe, outcome):
    return outcome(recipe())


def drawn(outcome, name) -> list[Drawing]:
    (found,) = draw_all(outcome, [name])
    assert not found.problem
    return list(found.drawings)


def cells(table: Table | None, heading: str) -> list[Any]:
    assert table is not None
    return [row[table.headings.index(heading)] for row in table.rows]


@pytest.mark.parametrize("name", ["accuracy_time", "curves", "confusion", "mistakes", "overfitting", *INSIDE])
def test_without_runs_a_drawing_says_so(name, recipe, outcome, runs_dir):
    whole = outcome(recipe())
    for row in whole.rows:
        for run in row.runs.values():
            run.directory.set_status(state="failed")
    empty = read_outcome(whole.recipe, "smoke", ReproductionJob(whole.folder))
    (found,) = draw_all(empty, [name])
    assert found.drawings == ()
    assert found.problem.endswith(".")


def test_one_that_is_not_known_hides_no_other(whole):
    unknown, known = draw_all(whole, ["tabel", "table"])
    assert "Did you mean 'table'?" in unknown.problem
    assert known.drawings


def test_the_table_has_published_beside_measured_and_names_the_scale(recipe, outcome):
    values = {("a", 0): 0.50, ("a", 1): 0.52, ("a", 2): 0.57}
    (drawing,) = drawn(outcome(recipe(), {k: {"test_accuracy": v} for k, v in values.items()}), "table")
    table = drawing.table
    assert cells(table, "variant") == ["a", "b"]
    assert cells(table, "test accuracy, published") == ["50 %", "60 %"]
    assert cells(table, "test accuracy, measured (smoke, 3 seeds)")[0] == "53.0 % ± 3.6"
    assert cells(table, "training time, published") == ["10 s", "–"]
    assert "3 seeds" in drawing.note


def test_the_table_shows_every_metric_that_was_published(recipe, outcome):
    variants = [{"label": "a", "set": recipe().variants[0].set, "published": {"macro_f1": 0.512}}]
    whole = outcome(recipe(variants=variants))
    (drawing,) = drawn(whole, "table")
    assert cells(drawing.table, "macro F1, published") == ["51.2 %"]
    # The same as of the predictions that the runs keep.
    f1 = [METRICS.get("macro_f1").of(*predicted(run)) for run in whole.rows[0].runs.values()]
    (measured,) = cells(drawing.table, "macro F1, measured (smoke, 3 seeds)")
    assert measured.startswith(f"{100 * sum(map(present, f1)) / 3:.1f} % ± ")


def predicted(run) -> tuple[np.ndarray, np.ndarray]:
    arrays = run.directory.predictions()
    return arrays["test_labels"], arrays["test_probabilities"].astype(float)


def test_layers_are_compared_with_the_published_counts(recipe, outcome):
    def counted(*counts: int) -> Drawing:
        variants = [{"label": "a", "set": recipe().variants[0].set, "layers": counts}]
        (drawing,) = drawn(outcome(recipe(variants=variants)), "layers")
        return drawing

    counts = [20, 516, 50]
    drawing = counted(*counts)
    assert [n for n in cells(drawing.table, "published") if n is not None] == counts
    assert [n for n in cells(drawing.table, "parameters") if n] == counts
    assert "Every layer agrees" in drawing.note
    assert "Not every layer agrees" in counted(21, 516, 50).note


def test_sizes_are_drawn_against_the_images_asked_for(whole):
    figure, table = drawn(whole, "size_time")
    assert list(present(figure.figure).data[0].x) == [200, 400]
    assert present(table.table).rows[0][-1] == 2


def test_overfitting_marks_both_epochs(whole):
    """Written losses: 1/epoch in training; validation the same for two epochs, then rising."""
    table, *figures = drawn(whole, "overfitting")
    assert cells(table.table, "they part at epoch") == ["2, 2, 2", "2, 2, 2"]
    assert cells(table.table, "overfitting begins after epoch") == ["2, 2, 2", "2, 2, 2"]
    assert len(figures) == 2
    for one in figures:
        texts = [note.text for note in present(one.figure).layout.annotations]
        assert "apart from epoch 2" in texts
        assert "overfitting from epoch 3" in texts


def test_mistakes_are_wrong_and_correct_ones_right(whole):
    wrong, right = drawn(whole, "mistakes")[0], drawn(whole, "correct")[0]
    count = [int(one.note.split()[0]) for one in (wrong, right)]
    assert sum(count) == 60
    assert "hesitation" in drawn(whole, "mistakes")[1].title


def test_published_scores_stand_beside_the_same_classes_only(recipe, outcome):
    report = {"precision": [0.5] * 10, "recall": [0.5] * 10, "f1": [0.5] * 10, "mean": {"f1": 0.5}}
    options = {"published_report": {"a": report}}
    same = drawn(outcome(recipe(options=options)), "class_report")
    assert "F1, published" in present(same[0].table).headings
    scales = {"smoke": {"set": {"dataset.name": "shapes"}}, "lecture": {}, "full": {}}
    other = drawn(outcome(recipe(options=options, scales=scales)), "class_report")
    assert "F1, published" not in present(other[0].table).headings
    assert cells(other[1].table, "class") == [*datasets.entry("digits").class_names, "mean"]


def test_pictures_show_the_images_that_they_name(recipe, outcome):
    options = {"n": 2, "class": "7", "k": 4, "shown": [{"rotation": 30}, {"vertical_flip": True}]}
    whole = outcome(recipe(options=options, kind="images"))
    (each,) = drawn(whole, "class_images")
    assert each.title == "Image 2 of every class"
    (grid,) = drawn(whole, "class_grid")
    assert grid.title == "4 images of class 7"
    shown = drawn(whole, "augmented")
    assert [one.title for one in shown[:3]] == ["As they are", "Rotation 30°", "Vertical flip"]
    assert shown[0].png != shown[1].png


def test_an_unknown_class_is_refused_with_a_hint(recipe, outcome):
    (found,) = draw_all(outcome(recipe(options={"class": "77"})), ["class_grid"])
    assert "no class '77'" in found.problem


def test_maps_are_drawn_from_what_was_prepared(whole):
    image = image_of(whole)
    keep(whole, "maps", {"image": image, "a|conv": np.ones((14, 14, 6), np.float32), "b|dense": np.ones(8)})
    keep(whole, "extractor_maps", {"ImageNet|block1_conv1": np.ones((32, 32, 64), np.float32)})
    assert read_maps(whole)[0][""].shape == image.shape
    titles = [one.title for one in drawn(whole, "first_maps")]
    assert titles == ["The image", "a: conv", "b: dense", "ImageNet: block1_conv1"]


def test_a_damaged_preparation_is_as_none(whole):
    (whole.folder / "maps.npz").write_bytes(b"PK damaged")
    assert prepared(whole, "maps") == {}
    (found,) = draw_all(whole, ["layer_maps"])
    assert "again" in found.problem


def test_a_matrix_that_is_none_is_refused(recipe, outcome):
    (found,) = draw_all(outcome(recipe(options={"matrix": [[1, 2], [3]]})), ["pooling"])
    assert "rows of numbers" in found.problem
