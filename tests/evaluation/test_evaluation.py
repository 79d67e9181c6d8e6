"""A run's saved predictions, evaluated as a whole."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import binomtest

from cnnviz.errors import RunError
from cnnviz.evaluation import evaluate, report_csv, report_json

NAMES = ["cat", "dog", "ship"]


@pytest.fixture
def predictions() -> dict[str, np.ndarray]:
    """Seven test images, five of them right; dogs are the most frequent training class."""
    test = np.full((7, 3), 0.125, np.float16)
    test[np.arange(7), [0, 1, 1, 2, 2, 1, 0]] = 0.75
    train = np.full((4, 3), 0.125, np.float16)
    train[:, 1] = 0.75
    return {
        "test_probabilities": test,
        "test_labels": np.array([0, 0, 1, 2, 2, 1, 2], np.uint8),
        "test_indices": np.arange(20, 27, dtype=np.int32),
        "train_probabilities": train,
        "train_labels": np.array([1, 1, 0, 2]),
        "train_indices": np.arange(4),
    }


def test_test_images_are_scored_with_the_training_sets_baseline(predictions: dict[str, np.ndarray]) -> None:
    result = evaluate(predictions, NAMES, "test")
    assert result.accuracy.value == pytest.approx(5 / 7)
    assert result.baseline == pytest.approx((1, 2 / 7))
    assert result.matrix.tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 2]]


def test_what_was_saved_is_kept_beside_what_follows_from_it(predictions: dict[str, np.ndarray]) -> None:
    result = evaluate(predictions, NAMES)
    assert (result.split, result.class_names, result.n) == ("test", ("cat", "dog", "ship"), 7)
    assert result.labels.tolist() == [0, 0, 1, 2, 2, 1, 2]
    assert result.indices.tolist() == [20, 21, 22, 23, 24, 25, 26]
    assert result.predictions.tolist() == [0, 1, 1, 2, 2, 1, 0]
    assert {array.dtype for array in (result.labels, result.indices, result.predictions)} == {
        np.dtype(np.int64)
    }
    assert result.probabilities is predictions["test_probabilities"]


def test_without_training_labels_the_baseline_is_chosen_on_the_images_themselves(
    predictions: dict[str, np.ndarray],
) -> None:
    empty = predictions | {"train_labels": np.array([], np.int64)}
    missing = {name: array for name, array in predictions.items() if name != "train_labels"}
    assert evaluate(empty, NAMES).baseline == evaluate(missing, NAMES).baseline
    assert evaluate(empty, NAMES).baseline == pytest.approx((2, 3 / 7))


def test_training_images_are_scored_alike(predictions: dict[str, np.ndarray]) -> None:
    result = evaluate(predictions, NAMES, "train")
    assert (result.accuracy.value, result.baseline.accuracy) == (0.5, 0.5)


def test_the_json_worked_by_hand(predictions: dict[str, np.ndarray]) -> None:
    """The cells of [[1, 1, 0], [0, 2, 0], [1, 0, 2]] as fractions; the interval is scipy's."""

    def row(name: str, precision: float, recall: float, f1: float, support: int) -> dict[str, object]:
        scores = {"precision": precision, "recall": recall, "f1": f1}
        return {
            "name": name,
            **{key: pytest.approx(score) for key, score in scores.items()},
            "support": support,
        }

    def mistake(true: int, predicted: int, share: float) -> dict[str, object]:
        names = {"true_name": NAMES[true], "predicted_name": NAMES[predicted]}
        return {"true": true, "predicted": predicted, **names, "images": 1, "share": pytest.approx(share)}

    interval = binomtest(5, 7).proportion_ci(0.95, method="wilson")
    right, wrong = 0.25**2 + 2 * 0.125**2, 0.75**2 + 0.875**2 + 0.125**2
    data = report_json(evaluate(predictions, NAMES))
    assert json.loads(json.dumps(data)) == data
    assert data == {
        "split": "test",
        "n": 7,
        "accuracy": pytest.approx(5 / 7),
        "accuracy_interval_95": [pytest.approx(interval.low), pytest.approx(interval.high)],
        "baseline_accuracy": pytest.approx(2 / 7),
        "baseline_class": "dog",
        "class_names": ["cat", "dog", "ship"],
        "per_class": [
            row("cat", 1 / 2, 1 / 2, 1 / 2, 2),
            row("dog", 2 / 3, 1, 4 / 5, 2),
            row("ship", 1, 2 / 3, 4 / 5, 3),
        ],
        "macro": row("macro mean", 13 / 18, 13 / 18, 7 / 10, 7),
        "weighted": row("weighted mean", 16 / 21, 5 / 7, 5 / 7, 7),
        "confusion": [[1, 1, 0], [0, 2, 0], [1, 0, 2]],
        "most_confused": [mistake(0, 1, 1 / 2), mistake(2, 0, 1 / 3)],
        "expected_calibration_error": pytest.approx(3 / 4 - 5 / 7),
        "brier_score": pytest.approx((5 * right + 2 * wrong) / 7),
    }


def test_the_json_names_ten_mistakes_at_most() -> None:
    true, predicted = np.nonzero(~np.eye(4, dtype=bool))
    saved = {"test_labels": true, "test_indices": np.arange(12), "test_probabilities": np.eye(4)[predicted]}
    assert len(report_json(evaluate(saved, "abcd"))["most_confused"]) == 10


def test_the_csv_worked_by_hand(predictions: dict[str, np.ndarray]) -> None:
    assert report_csv(evaluate(predictions, NAMES)) == (
        "class,precision,recall,f1,images\n"
        "cat,0.500000,0.500000,0.500000,2\n"
        "dog,0.666667,1.000000,0.800000,2\n"
        "ship,1.000000,0.666667,0.800000,3\n"
        "macro mean,0.722222,0.722222,0.700000,7\n"
        "weighted mean,0.761905,0.714286,0.714286,7\n"
        "accuracy,,,0.714286,7\n"
    )


def test_other_metrics_are_rows_of_the_csv(predictions: dict[str, np.ndarray]) -> None:
    text = report_csv(evaluate(predictions, NAMES), {"own": 0.25, "params": 1234567.0, "unknown": None})
    assert text.splitlines()[-2:] == ["own,,,0.250000,7", "params,,,1234567.000000,7"]


@pytest.mark.parametrize("saved", [None, {}, {"test_labels": np.array([], int)}])
def test_a_run_without_predictions_says_what_to_do(saved: dict[str, np.ndarray] | None) -> None:
    with pytest.raises(RunError) as caught:
        evaluate(saved, NAMES)
    assert str(caught.value) == (
        "This run has saved no predictions on test images: it ended before its evaluation. "
        "Resume it on the Train page, or train it again."
    )


def test_predictions_for_other_classes_are_refused(predictions: dict[str, np.ndarray]) -> None:
    with pytest.raises(RunError) as caught:
        evaluate(predictions, [*NAMES, "truck"])
    assert str(caught.value) == (
        "The saved predictions have shape (7, 3), but the data set has 4 classes and the run saw 7 images. "
        "The run or the data set has changed; train it again."
    )
