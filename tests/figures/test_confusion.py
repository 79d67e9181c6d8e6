"""Confusion heat maps: colours, numbers, and the markers that make cells clickable."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.figures.confusion_figures import (
    clickable_cells,
    clicked_cell,
    confusion_figure,
    difference_figure,
)

MATRIX = np.array([[8, 2, 0], [1, 9, 0], [0, 0, 0]])
NAMES = ["cat", "dog", "ship"]


def test_every_cell_with_images_is_clickable_in_the_markers_order() -> None:
    figure = confusion_figure(MATRIX, NAMES)
    markers = figure.data[1]
    assert [(row, column) for column, row in zip(markers.x, markers.y, strict=True)] == clickable_cells(
        MATRIX
    )
    assert clickable_cells(MATRIX) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert figure.layout.hoverdistance == -1


@pytest.mark.parametrize(
    ("points", "cell"),
    [
        ([{"point_index": 1}], (0, 1)),
        ([{"point_index": 3}], (1, 1)),
        ([], None),
        ([{"point_index": 9}], None),
    ],
)
def test_a_click_becomes_its_cell(points: list[dict[str, int]], cell: tuple[int, int] | None) -> None:
    assert clicked_cell(points, MATRIX) == cell


def test_colour_is_the_root_of_the_share_of_the_true_class() -> None:
    z = np.array(confusion_figure(MATRIX, NAMES).data[0].z)
    assert z[0, 1] == pytest.approx(np.sqrt(0.2))
    assert z[2].tolist() == [0, 0, 0]


def test_hover_names_both_classes_and_counts() -> None:
    text = confusion_figure(MATRIX, NAMES).data[1].text[1]
    assert "true: cat" in text
    assert "predicted: dog" in text
    assert "<b>2</b>" in text


def test_few_classes_show_numbers_many_show_a_colour_bar() -> None:
    small = confusion_figure(MATRIX, NAMES).data[0]
    assert small.text[0][1] == "2"
    assert not small.showscale
    many = confusion_figure(np.eye(100, dtype=int), [f"class {i}" for i in range(100)])
    assert many.data[0].text is None
    assert many.data[0].showscale
    assert len(many.layout.xaxis.tickvals) <= 20


def test_the_chosen_cell_is_outlined() -> None:
    shape = confusion_figure(MATRIX, NAMES, chosen=(0, 1)).layout.shapes[0]
    assert (shape.x0, shape.y0) == (0.5, -0.5)


def test_a_difference_is_signed_and_symmetric_around_zero() -> None:
    figure = difference_figure(np.array([[3, -1], [0, 2]]), ["cat", "dog"])
    heat = figure.data[0]
    assert (heat.zmin, heat.zmax) == (-3, 3)
    assert list(heat.text[0]) == ["+3", "−1"]
    assert heat.text[1][0] == ""


def test_no_difference_at_all_still_draws() -> None:
    assert difference_figure(np.zeros((2, 2), int), ["a", "b"]).data[0].zmax == 1
