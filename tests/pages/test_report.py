"""The Report page, run as a script on real run directories."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from cnnviz import datasets
from cnnviz.evaluation import evaluate, images_in_cell, most_confused, report_csv
from cnnviz.runs import RunDirectory, list_runs
from cnnviz.ui.run_labels import assign, colour_of, colours_of, run_lines, titles
from tests.pages.finished_runs import experiment, finished
from tests.patience import PATIENCE

MAIN = str(Path(__file__).resolve().parents[2] / "cnnviz" / "ui" / "main.py")


def open_report(**link: str) -> AppTest:
    """The page, opened by a link."""
    test = AppTest.from_file(MAIN, default_timeout=PATIENCE)
    test.run()
    for key, value in link.items():
        test.query_params[key] = value
    return test.switch_page("../../pages/report.py").run()


def said(test: AppTest) -> str:
    """All words of the page."""
    return "\n".join(
        str(element.value) for element in (*test.markdown, *test.caption, *test.warning, *test.info)
    )


def headline(test: AppTest) -> str:
    """The page's own HTML: title, headline, settings."""
    return " ".join(str(element.proto.body) for element in test.main.get("html"))


def result(run: RunDirectory, split: str = "test") -> Any:
    names = datasets.facts(run.spec().experiment.dataset).class_names
    return evaluate(run.predictions(), names, split)


def test_without_runs_the_page_leads_to_training(runs_dir: Path) -> None:
    test = open_report()
    assert not test.exception
    assert "No run yet" in said(test)


def test_the_headline_has_interval_number_of_images_and_baseline(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    test, numbers = open_report(), result(run)
    assert not test.exception
    text = headline(test)
    assert f"{100 * numbers.accuracy.value:.1f} %" in text
    assert f"±{100 * numbers.accuracy.half_width:.1f}" in text
    assert f"of {len(numbers.labels):,} test images" in text
    assert f"(most frequent class: {100 * numbers.baseline.accuracy:.1f} %)" in text
    assert "one seed (0)" in text


def test_the_page_opens_at_the_most_frequent_mistake(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    worst = most_confused(result(run).matrix, list("0123456789"), k=1)[0]
    test = open_report()
    assert (test.selectbox(key="true_select").value, test.selectbox(key="predicted_select").value) == worst[
        2:4
    ]
    assert f"taken for {worst.predicted_name}: {worst.images}" in said(test)


def test_select_boxes_open_any_cell(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    test = open_report()
    test.selectbox(key="true_select").select("4")
    test.selectbox(key="predicted_select").select("4").run()
    assert not test.exception
    assert f"4, recognised: {result(run).matrix[4, 4]}" in said(test)


def test_training_images_have_a_report_of_their_own(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    test = open_report(split="train")
    assert not test.exception
    assert f"of {len(result(run, 'train').labels):,}" in headline(test)
    assert "training images" in headline(test)


def test_a_subset_is_called_a_subset(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    saved = run.predictions()
    assert saved is not None
    run.save_predictions({name: values[:50] for name, values in saved.items()})
    full = datasets.facts(run.spec().experiment.dataset).n_test_full
    assert f"50 (a subset of {full:,}) test images" in headline(open_report())


def test_the_link_chooses_the_run(runs_dir: Path) -> None:
    first = finished(runs_dir, "first", seed=1)
    finished(runs_dir, "second", seed=2)
    test = open_report(run=first.id)
    assert test.selectbox(key="run_select").value == first.id
    assert not test.warning


def test_an_unknown_run_in_the_link_is_said_and_another_one_can_be_chosen(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    test = open_report(run="nonsense")
    assert "There is no run 'nonsense'" in said(test)
    test.run()
    assert test.selectbox(key="run_select").value == run.id
    assert "nonsense" not in said(test)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ({"state": "running", "epoch": 2, "epochs": 3}, "is being trained, epoch 2 of 3"),
        ({"state": "queued"}, "waits for its turn"),
        ({"state": "failed", "reason": "The loss is not finite."}, "failed. The loss is not finite."),
        ({"state": "stopped"}, "was stopped before its evaluation"),
    ],
)
def test_a_run_without_a_report_says_why(runs_dir: Path, status: dict[str, Any], says: str) -> None:
    run = RunDirectory.create(runs_dir, experiment(), name="unfinished")
    run.set_status(**status)
    test = open_report(run=run.id)
    assert not test.exception
    assert says in said(test)


def test_a_damaged_run_gives_its_reason_and_harms_no_other(runs_dir: Path) -> None:
    finished(runs_dir, "sound")
    damaged = finished(runs_dir, "damaged")
    (damaged.path / "spec.json").write_text("{")
    test = open_report(run=damaged.id)
    assert not test.exception
    assert "can't be read" in said(test)
    assert damaged.id not in test.selectbox(key="run_select").options


def test_damaged_predictions_are_a_message(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    (run.path / "predictions.npz").write_bytes(b"PK")
    test = open_report()
    assert not test.exception
    assert "predictions.npz" in said(test)


def test_every_tab_draws(runs_dir: Path) -> None:
    finished(runs_dir, "mine")
    test = open_report()
    for tab in (
        "Per class",
        "Most confused",
        "Mislabels",
        "Calibration",
        "Curves",
        "Time",
        "Metrics",
        "Take home",
    ):
        test.session_state["report_tabs"] = tab
        test.run()
        assert not test.exception, tab
    assert test.json[0].value


def test_all_metrics_stand_in_a_table_a_strangers_too(runs_dir: Path, own_metric: str) -> None:
    run = finished(runs_dir, "mine")
    numbers = result(run)
    test = open_report()
    test.session_state["report_tabs"] = "Metrics"
    test.run()
    table = next(frame.value for frame in test.dataframe if "Better" in frame.value.columns)
    values = dict(zip(table["Metric"], table["Value"], strict=True))
    assert values["Macro F1"] == f"{100 * numbers.report.macro.f1:.1f} %"
    assert values["Calibration error"] == f"{100 * numbers.calibration.ece:.1f} %"
    assert values["Training time"] == "6.0 s"
    assert values[own_metric] == f"{100 * numbers.accuracy.value:.1f} %"


def test_the_csv_holds_the_pages_numbers(runs_dir: Path) -> None:
    numbers = result(finished(runs_dir, "mine"))
    rows = list(csv.DictReader(io.StringIO(report_csv(numbers))))
    assert float(rows[3]["recall"]) == pytest.approx(numbers.report.per_class[3].recall, abs=1e-6)


def test_images_of_a_cell_are_those_of_the_data_set(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    numbers = result(run)
    places = images_in_cell(numbers.labels, numbers.probabilities, 4, 5)
    full = datasets.load(run.spec().experiment.dataset).full_test
    assert np.asarray(full.labels)[numbers.indices[places]].tolist() == [4] * len(places)


@given(
    st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 5), max_size=12), st.randoms()
)
def test_runs_keep_their_colours_and_no_two_share_one_while_there_are_enough(own, random):
    shown = assign(own, 6)
    assert set(shown) == set(own)
    assert len(set(shown.values())) == min(len(own), 6)
    if own:
        first = min(own)
        assert shown[first] == own[first], "of those that share one, the earliest keeps it"
    if len(set(own.values())) == len(own):
        assert shown == own
    others = random.sample(sorted(own.items()), len(own))
    assert assign(dict(others), 6) == shown, "in whatever order they were chosen"


def test_a_runs_colour_is_the_same_in_every_visit_and_neighbours_have_others(runs_dir):
    runs = [RunDirectory.create(runs_dir, experiment()) for _ in range(7)]
    assert [run.spec().number for run in runs] == [*range(7)], "though all are of one second"
    assert [colour_of(run.id) for run in runs] == [0, 1, 2, 3, 4, 5, 0]
    shutil.rmtree(runs[2].path)
    assert RunDirectory.create(runs_dir, experiment()).spec().number == 7, "a deleted one changes no other"
    assert len(set(colours_of([run.id for run in runs if run.path.exists()]).values())) == 6


def test_runs_that_look_alike_can_still_be_told_apart(runs_dir: Path) -> None:
    runs = [finished(runs_dir, "twin") for _ in range(3)]
    summaries = list_runs()
    lines = run_lines(summaries)
    assert len(set(lines.values())) == 3
    assert lines == run_lines(summaries)
    assert sorted(titles(summaries).values()) == ["twin #1", "twin #2", "twin #3"]
    test = open_report(run=runs[0].id)
    assert test.selectbox(key="run_select").value == runs[0].id


def test_the_choice_survives_the_end_of_a_run(runs_dir: Path) -> None:
    first = finished(runs_dir, "first")
    first.set_status(state="running")
    finished(runs_dir, "newer")
    before = run_lines(list_runs())
    first.set_status(state="done")
    assert run_lines(list_runs()) == before
