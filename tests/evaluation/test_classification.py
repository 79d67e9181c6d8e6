"""The confusion matrix and the per-class report against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from cnnviz.evaluation import (
    confusion_matrix,
    images_in_cell,
    most_confused,
    most_confused_pairs,
    report_of,
    row_shares,
)

Case = tuple[np.ndarray, np.ndarray, int]


@st.composite
def labelled(draw: st.DrawFn) -> Case:
    """True and predicted classes; some classes may be absent from either."""
    classes = draw(st.integers(2, 8))
    n = draw(st.integers(1, 60))
    one = st.integers(0, classes - 1)
    columns = [np.array(draw(st.lists(one, min_size=n, max_size=n))) for _ in range(2)]
    return columns[0], columns[1], classes


@given(labelled())
def test_confusion_matrix_equals_scikit_learn(case: Case) -> None:
    labels, predictions, classes = case
    expected = metrics.confusion_matrix(labels, predictions, labels=range(classes))
    np.testing.assert_array_equal(confusion_matrix(labels, predictions, classes), expected)


@settings(deadline=None)
@given(labelled())
def test_report_equals_scikit_learn_even_with_absent_classes(
    case: tuple[np.ndarray, np.ndarray, int],
) -> None:
    labels, predictions, classes = case
    names = [f"class {i}" for i in range(classes)]
    report = report_of(confusion_matrix(labels, predictions, classes), names)
    expected = metrics.classification_report(
        labels, predictions, labels=range(classes), target_names=names, output_dict=True, zero_division=0
    )
    rows = {row.name: row for row in report.per_class} | {
        "macro avg": report.macro,
        "weighted avg": report.weighted,
    }
    for name, row in rows.items():
        theirs = expected[name]
        ours = (row.precision, row.recall, row.f1, row.support)
        assert ours == pytest.approx(
            (theirs["precision"], theirs["recall"], theirs["f1-score"], theirs["support"]), abs=1e-12
        )
    assert report.accuracy == pytest.approx(metrics.accuracy_score(labels, predictions))


def test_a_class_that_never_occurs_scores_zero_and_counts_in_the_macro_mean() -> None:
    matrix = confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 3)
    report = report_of(matrix, ["cat", "dog", "ship"])
    assert report.per_class[2] == ("ship", 0.0, 0.0, 0.0, 0)
    assert report.macro.recall == pytest.approx((0.5 + 1 + 0) / 3)
    assert report.weighted.recall == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("labels", "predictions", "reach"),
    [([0, 3], [0, 1], "labels reach from 0 to 3"), ([0, 1], [1, -1], "predictions reach from -1 to 1")],
)
def test_a_class_out_of_range_is_refused(labels: list[int], predictions: list[int], reach: str) -> None:
    with pytest.raises(ValueError, match=f"^{reach}; with 3 classes they must lie in 0 … 2\\.$"):
        confusion_matrix(np.array(labels), np.array(predictions), 3)


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="both must be"):
        confusion_matrix(np.zeros(3, int), np.zeros(2, int), 2)


MATRIX = np.array([[5, 3, 0], [2, 4, 0], [0, 3, 9]])


def test_most_confused_names_pairs_by_count_and_leaves_out_what_never_happened() -> None:
    expected: list[tuple[object, ...]] = [
        (0, 1, "bird", "deer", 3, pytest.approx(3 / 8)),
        (2, 1, "ship", "deer", 3, pytest.approx(3 / 12)),
        (1, 0, "deer", "bird", 2, pytest.approx(2 / 6)),
    ]
    assert most_confused(MATRIX, ["bird", "deer", "ship"], k=10) == expected


@pytest.mark.parametrize(("k", "length"), [(-1, 0), (0, 0), (1, 1), (2, 2)])
def test_most_confused_keeps_to_k(k: int, length: int) -> None:
    assert len(most_confused(MATRIX, "abc", k=k)) == length
    assert len(most_confused_pairs(MATRIX, "abc", k=k)) == length
    assert most_confused(np.diag([4, 4]), "ab") == []


def test_equal_counts_come_in_class_order_ten_of_them_or_five_pairs() -> None:
    every = np.ones((30, 30), int)
    names = [str(i) for i in range(30)]
    assert [(one.true, one.predicted) for one in most_confused(every, names)] == [
        (0, i) for i in range(1, 11)
    ]
    assert [(one.first, one.second) for one in most_confused_pairs(every, names)] == [
        (0, i) for i in range(1, 6)
    ]


def test_unordered_pairs_count_both_directions() -> None:
    expected: list[tuple[object, ...]] = [
        (0, 1, ("bird", "deer"), 5, pytest.approx(5 / 14)),
        (1, 2, ("deer", "ship"), 3, pytest.approx(3 / 18)),
    ]
    assert most_confused_pairs(MATRIX, ["bird", "deer", "ship"]) == expected


def test_row_shares_sum_to_one_where_a_class_occurs() -> None:
    shares = row_shares(np.array([[1, 3, 0], [0, 0, 0], [0, 1, 0]]))
    np.testing.assert_allclose(shares, [[0.25, 0.75, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def test_images_of_a_cell_come_most_confident_first() -> None:
    labels = np.array([0, 0, 1, 0, 0])
    second = np.array([0.6, 0.9, 0.99, 0.2, 0.7], dtype=np.float16)
    probabilities = np.stack([1 - second, second], axis=1)
    assert images_in_cell(labels, probabilities, true=0, predicted=1).tolist() == [1, 4, 0]
    assert images_in_cell(labels, probabilities, true=0, predicted=0).tolist() == [3]
    assert images_in_cell(labels, probabilities, true=1, predicted=0).size == 0


def test_images_of_a_cell_that_are_equally_sure_keep_their_order() -> None:
    certain = np.tile([0.75, 0.5], 50)
    found = images_in_cell(np.zeros(100, int), np.stack([certain, 1 - certain], axis=1), true=0, predicted=0)
    assert found.tolist() == [*range(0, 100, 2), *range(1, 100, 2)]
    assert found.dtype == np.int64
