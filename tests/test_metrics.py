"""One contract for all metrics: in range, true to scikit-learn, the right way round, refused where wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as scikit

from cnnviz import metrics
from cnnviz import registry as doors
from cnnviz.cli import main
from cnnviz.errors import EntryError, RunError, UnknownNameError
from cnnviz.metrics import METRICS, Metric
from cnnviz.runs import RunDirectory, RunReport, load_summary
from tests.examples import placed
from tests.runs.examples import EXPERIMENT

#: scikit-learn's word for what it has: labels (N,), guesses (N,), probabilities (N, C), classes C.
TRUTH: dict[str, Callable[..., float]] = {
    "test_accuracy": lambda y, guesses, p, classes: scikit.accuracy_score(y, guesses),
    "macro_f1": lambda y, guesses, p, classes: scikit.f1_score(
        y, guesses, average="macro", labels=range(classes), zero_division=0
    ),
    "balanced_accuracy": lambda y, guesses, p, classes: scikit.recall_score(
        y, guesses, average="macro", labels=np.unique(y)
    ),
    "top_5_accuracy": lambda y, guesses, p, classes: scikit.top_k_accuracy_score(
        y, p, k=5, labels=range(classes)
    ),
    "brier_score": lambda y, guesses, p, classes: float(
        scikit.mean_squared_error(np.eye(classes)[y], p) * classes
    ),
}
OF_PREDICTIONS = [name for name in METRICS if METRICS.get(name).of_predictions]


@st.composite
def predictions(draw: st.DrawFn, least: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels (N,) and probabilities (N, C): classes may be absent, or never predicted."""
    classes, n = draw(st.integers(least, 12)), draw(st.integers(1, 40))
    labels = draw(st.lists(st.integers(0, classes - 1), min_size=n, max_size=n))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    raw = random.random((n, classes)) ** draw(st.integers(1, 20))
    return np.array(labels), raw / raw.sum(axis=1, keepdims=True)


def check_range(metric: Metric, value: float | None) -> None:
    high = 1.0 if metric.high is None and metric.unit == "share" else metric.high
    assert value is not None
    assert metric.low is None or value >= metric.low - 1e-12
    assert high is None or value <= high + 1e-12


def test_what_may_choose_is_computed_of_validation_images_and_has_a_better_end(
    own_metric: str, tmp_path: Path
) -> None:
    run = RunDirectory.create(tmp_path, EXPERIMENT)
    right, wrong = np.eye(8), np.roll(np.eye(8), 1, axis=0)
    saved = {"validation_probabilities": right, "test_probabilities": wrong}
    labels = {
        f"{split}_{what}": np.arange(8) for split in ("validation", "test") for what in ("labels", "indices")
    }
    run.save_predictions(saved | labels)
    run.write_report(RunReport(validation_accuracy=1.0, test_accuracy=0.0))
    assert metrics.objectives()[0] == "validation_accuracy"
    assert {"macro_f1", "brier_score", "of_a_test"} < set(metrics.objectives())
    assert not {"test_accuracy", "test_loss", "params", "fit_seconds"} & set(metrics.objectives())
    for name in metrics.objectives():
        metric, summary = METRICS.get(name), load_summary(run.path)
        best = metrics.value(summary, name, "validation")
        end = metric.high if metric.better == "higher" else metric.low
        assert best == (metric.of(np.arange(8), right) if end is None else end), name


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_has_its_words(name: str) -> None:
    metric = METRICS.get(name)
    assert METRICS.problems("other", metric) == [
        f"another metric has the title '{metric.title}'; nobody could tell them apart"
    ]
    assert metric.title[0].isupper()
    assert metric.help.endswith((".", "!"))
    assert metric.text(None) == "–"
    assert metric.text(0.5)


@pytest.mark.parametrize("name", OF_PREDICTIONS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_it_stays_in_its_range_and_agrees_with_scikit_learn(name: str, data: st.DataObject) -> None:
    metric = METRICS.get(name)
    labels, probabilities = data.draw(predictions(metric.classes))
    found = metric.of(labels, probabilities)
    check_range(metric, found)
    if name in TRUTH:
        truth = TRUTH[name](labels, probabilities.argmax(axis=1), probabilities, probabilities.shape[1])
        assert found == pytest.approx(truth, abs=1e-9)


@pytest.mark.parametrize("name", OF_PREDICTIONS)
def test_of_fewer_classes_than_it_needs_it_says_nothing(name: str) -> None:
    metric = METRICS.get(name)
    for classes in range(1, 8):
        labels = np.arange(classes)
        found = metric.of(labels, np.eye(classes))
        assert (found is None) == (classes < metric.classes)
        if metric.of_matrix:
            assert metrics.of_matrix(np.eye(classes, dtype=np.int64))[name] == found


def test_among_the_first_five_says_nothing_of_five_classes() -> None:
    assert METRICS.get("top_5_accuracy").classes == 6


@pytest.mark.parametrize("name", OF_PREDICTIONS)
@pytest.mark.parametrize("labels", [[0], [3, 3, 3], [0, 1], [0, 1, 2, 3, 4, 5, 6, 7] * 3])
def test_with_each_wrong_image_put_right_it_gets_no_worse(name: str, labels: list[int]) -> None:
    metric, truth, classes = METRICS.get(name), np.array(labels), 8
    guesses = (truth + 1) % classes
    values = []
    for right in range(len(truth) + 1):
        now = np.where(np.arange(len(truth)) < right, truth, guesses)
        value = metric.of(truth, np.eye(classes)[now])
        check_range(metric, value)
        values.append(value)
    steps = np.diff(np.array(values, dtype=float))
    assert metric.better != "higher" or (steps >= -1e-12).all()
    assert metric.better != "lower" or (steps <= 1e-12).all()


@pytest.mark.parametrize("name", METRICS)
def test_a_run_that_keeps_nothing_has_none(name: str, tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path, EXPERIMENT)
    assert metrics.value(load_summary(run.path), name) is None


# Runs -----------------------------------------------------------------------------------------------


@pytest.fixture
def trained(tmp_path: Path) -> RunDirectory:
    """A run of an early version: a few figures, and predictions of test and training images."""
    run = RunDirectory.create(tmp_path, EXPERIMENT)
    run.save_predictions(
        {
            "test_labels": np.array([0, 1, 2, 2]),
            "test_probabilities": np.eye(3, dtype=np.float16)[[0, 1, 2, 0]],
            "train_labels": np.array([0, 1, 2]),
            "train_probabilities": np.eye(3, dtype=np.float16),
        }
    )
    run.write_report(RunReport(test_accuracy=0.75, train_accuracy=1.0, fit_seconds=6.0, epochs=3))
    return run


def test_a_run_of_long_ago_has_what_follows_from_its_predictions(trained: RunDirectory) -> None:
    found = metrics.values(load_summary(trained.path))
    assert list(found) == list(METRICS)
    assert found["test_accuracy"] == 0.75
    assert found["balanced_accuracy"] == pytest.approx((1 + 1 + 0.5) / 3)
    assert found["generalization_gap"] == 0.25
    assert found["seconds_per_epoch"] == 2.0
    assert found["macs"] is None
    assert metrics.value(load_summary(trained.path), "balanced_accuracy", "train") == 1.0
    assert metrics.value(load_summary(trained.path), "balanced_accuracy", "validation") is None


def test_what_the_report_holds_is_not_computed_again(trained: RunDirectory) -> None:
    trained.write_report(RunReport(metrics={"macro_f1": 0.125, "brier_score": None}))
    run = load_summary(trained.path)
    assert metrics.value(run, "macro_f1") == 0.125
    assert metrics.value(run, "brier_score") is None
    assert metrics.value(run, "macro_f1", "train") == 1.0
    assert metrics.value(run, "balanced_accuracy") == pytest.approx(2.5 / 3)


def test_new_predictions_are_seen(trained: RunDirectory) -> None:
    run = load_summary(trained.path)
    assert metrics.value(run, "macro_f1", "train") == 1.0
    arrays = trained.predictions()
    assert arrays
    trained.save_predictions(arrays | {"train_labels": np.array([2, 0, 1])})
    assert metrics.value(run, "macro_f1", "train") == 0.0


@pytest.mark.parametrize("labels", [np.array([0, 1, 7, 2]), np.array([[0, 1, 2, 2]]), np.array([0, 1])])
def test_damaged_predictions_are_told_of_one_run_and_left_out_of_a_list(
    trained: RunDirectory, labels: np.ndarray
) -> None:
    trained.save_predictions((trained.predictions() or {}) | {"test_labels": labels})
    run = load_summary(trained.path)
    with pytest.raises(RunError, match=r"predictions\.npz of run .* is damaged"):
        metrics.value(run, "macro_f1")
    assert metrics.values(run)["macro_f1"] is None
    assert metrics.values(run)["test_accuracy"] == 0.75


def test_an_unknown_metric_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'macro_f1'"):
        METRICS.get("macro_f2")


# Wrong entries --------------------------------------------------------------------------------------


@pytest.fixture
def registry() -> Iterator[None]:
    """Whatever a test registers is gone afterwards."""
    before = dict(METRICS._entries), dict(METRICS._orders)
    yield
    METRICS._entries, METRICS._orders = before


def right(matrix: np.ndarray) -> float:
    return float(np.trace(matrix) / matrix.sum())


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("of_a_test", {"unit": "bananas"}, "its unit 'bananas' is none that"),
        ("macro_f1", {}, "a metric of that name is registered already"),
        ("of_a_test", {"title": "Macro F1"}, "another metric has the title 'Macro F1'"),
        ("of_a_test", {"title": " "}, "it has no title"),
        ("of_a_test", {"better": "up"}, "it doesn't say which way is better; write better='higher'"),
        ("of_a_test", {"better": "lower"}, "gives perfect predictions 1 and wrong ones 0; turn it round"),
        ("of_a_test", {"of_matrix": lambda matrix: float("nan")}, "it isn't finite for perfect predictions"),
        (
            "of_a_test",
            {"of_matrix": lambda matrix: float(np.divide(matrix[0, 0], np.trace(matrix)))},
            "it isn't finite where every prediction is wrong",
        ),
        ("of_a_test", {"of_matrix": lambda matrix: 100 * right(matrix)}, "it gives 100, outside 0.0 to 1.0"),
        (
            "of_a_test",
            {"of_matrix": lambda matrix: 1 // 0},
            r"it raises ZeroDivisionError in line \d+: .* for predi",
        ),
        (
            "of_a_test",
            {"of_matrix": None, "of_run": lambda run: run.figures["epochs"]},
            r"it raises TypeError in line \d+: .* for a run that keeps nothing",
        ),
        ("of_a_test", {"title": None}, "checking it ends in AttributeError"),
        ("of_a_test", {"of_matrix": None}, "it is computed in none or several ways"),
        ("of_a_test", {"of_run": lambda run: None}, "it is computed in none or several ways"),
        (
            "of_a_test",
            {"of_matrix": None, "of_run": lambda run: 0.0},
            "it gives 0.0 for a run that keeps nothing",
        ),
        ("a b", {}, "a name has at most 64 letters"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_wrong_metric_is_refused_with_a_sentence(
    registry: None, name: str, changes: dict[str, Any], says: str
) -> None:
    entry = Metric(**{"title": "Made by a test", "better": "higher", "of_matrix": right, **changes})
    with pytest.raises(EntryError, match=f"The metric '{name}' is refused: .*{says}"):
        METRICS.add(name, entry)


def wrong_at_six(matrix: np.ndarray) -> float:
    """As accuracy, but it breaks where the check of its door does not look."""
    return right(matrix) if len(matrix) == 12 else float(dict[str, float]()["no such class"])


def test_a_metric_that_breaks_on_a_run_is_named_and_takes_no_other_along(
    registry: None, trained: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "_left_out", {})
    METRICS.add(
        "of_a_test", Metric(title="Made by a test", better="higher", of_matrix=wrong_at_six, high=1.0)
    )
    late = Metric(
        title="Late", better="neither", of_run=lambda run: run.figures.epochs and 1 / (run.figures.epochs - 3)
    )
    METRICS.add("late_of_a_test", late)
    found = metrics.values(load_summary(trained.path))
    assert (found["of_a_test"], found["late_of_a_test"], found["test_accuracy"]) == (None, None, 0.75)
    of_predictions, of_run = sorted(doors.left_out(), reverse=True)
    says = r"tests/test_metrics\.py: The metric 'of_a_test' can't be computed of 4 images of 3 classes: "
    assert re.match(says + r"KeyError in line \d+: 'no such class'\. Mend it there\.", of_predictions)
    assert re.match(
        rf".*'late_of_a_test' can't be computed of run {trained.id}: ZeroDivisionError in line ", of_run
    )
    others = {name for name in METRICS if METRICS.get(name).of_matrix} - {"of_a_test"}
    assert metrics.of_matrix(np.eye(3, dtype=np.int64)).keys() == others > {"macro_f1"}
    with pytest.raises(EntryError, match="'of_a_test' can't be computed"), doors.refusing():
        raise AssertionError("a command would go on")


def test_the_example_of_a_metric_keeps_the_contract(tmp_path: Path) -> None:
    with placed("cnnviz/metrics/registered/worst_class.py", tmp_path) as name:
        test_every_metric_has_its_words(name)
        test_it_stays_in_its_range_and_agrees_with_scikit_learn(name)
        test_of_fewer_classes_than_it_needs_it_says_nothing(name)
        for labels in ([0], [3, 3, 3], [0, 1, 2, 3, 4, 5, 6, 7] * 3):
            test_with_each_wrong_image_put_right_it_gets_no_worse(name, labels)
        test_a_run_that_keeps_nothing_has_none(name, tmp_path)


def test_a_strangers_metric_needs_nothing_else(
    own_metric: str,
    trained: RunDirectory,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert metrics.values(load_summary(trained.path))["of_a_test"] == 0.75
    monkeypatch.setenv("CNNVIZ_RUNS_DIR", str(trained.path.parent))
    with pytest.raises(SystemExit) as ended:
        main(["runs", "--json"])
    assert not ended.value.code
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["of_a_test"], row["epochs"]) == (0.75, 3)
    assert row.keys() >= set(METRICS)
