"""A run's saved predictions, evaluated as a whole."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from cnnviz.errors import RunError
from cnnviz.evaluation import evaluate, report_csv, report_json

NAMES = ["cat", "dog", "ship"]


@pytest.fixture
def predictions() -> dict[str, np.ndarray]:
    """Six test images, five of them right; dogs are the most frequent training class."""
    test = np.full((6, 3), 0.1, np.float16)
    test[np.arange(6), [0, 1, 1, 2, 2, 1]] = 0.8
    train = np.full((4, 3), 0.1, np.float16)
    train[:, 1] = 0.8
    return {
        "test_probabilities": test,
        "test_labels": np.array([0, 0, 1, 2, 2, 1]),
        "test_indices": np.arange(6),
        "train_probabilities": train,
        "train_labels": np.array([1, 1, 0, 2]),
        "train_indices": np.arange(4),
    }


def test_test_images_are_scored_with_the_training_sets_baseline(predictions: dict[str, np.ndarray]) -> None:
    result = evaluate(predictions, NAMES, "test")
    assert result.accuracy.value == pytest.approx(5 / 6)
    assert result.baseline == (1, pytest.approx(2 / 6))
    assert result.matrix.tolist() == [[1, 1, 0], [0, 2, 0], [0, 0, 2]]


def test_training_images_are_scored_alike(predictions: dict[str, np.ndarray]) -> None:
    result = evaluate(predictions, NAMES, "train")
    assert (result.accuracy.value, result.baseline.accuracy) == (0.5, 0.5)


def test_json_round_trips_and_holds_what_the_command_line_promises(
    predictions: dict[str, np.ndarray],
) -> None:
    data = report_json(evaluate(predictions, NAMES))
    assert json.loads(json.dumps(data)) == data
    assert data["confusion"][0] == [1, 1, 0]
    assert data["most_confused"][0]["true_name"] == "cat"
    assert {"accuracy", "per_class", "confusion", "baseline_accuracy"} <= set(data)


def test_csv_has_a_row_a_class_two_means_and_the_accuracy(predictions: dict[str, np.ndarray]) -> None:
    rows = list(csv.reader(io.StringIO(report_csv(evaluate(predictions, NAMES)))))
    assert [row[0] for row in rows] == ["class", *NAMES, "macro mean", "weighted mean", "accuracy"]
    assert rows[-1][3] == "0.833333"


def test_a_run_without_predictions_says_what_to_do() -> None:
    with pytest.raises(RunError, match="Resume it"):
        evaluate(None, NAMES)


def test_predictions_for_other_classes_are_refused(predictions: dict[str, np.ndarray]) -> None:
    with pytest.raises(RunError, match="changed"):
        evaluate(predictions, [*NAMES, "truck"])
