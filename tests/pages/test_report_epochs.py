"""The Report page's slider: earlier epochs count validation images, the end shows test images one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.runs import RunDirectory
from cnnviz.ui.report import report_epochs
from tests.pages.finished_runs import finished
from tests.pages.test_report import headline, open_report, said

#: Images of each class that are recognised after epochs 0 to 3; the others are taken for the next class.
RIGHT = {0: 1, 1: 4, 2: 7, 3: 8}
SEEN = 10


def matrix(right: int) -> np.ndarray:
    return np.eye(10, dtype=np.int32) * right + np.roll(np.eye(10, dtype=np.int32), 1, axis=1) * (
        SEEN - right
    )


def keep(run: RunDirectory, *, from_training: bool = False, confusion: bool = True) -> None:
    """Snapshots as training leaves them, of one probe image."""
    folder = run.snapshots_dir
    folder.mkdir(exist_ok=True)
    np.savez(
        folder / "probes.npz",
        images=np.zeros((1, 8, 8, 1), np.uint8),
        labels=np.zeros(1, np.int64),
        indices=np.zeros(1, np.int64),
        from_training=np.array(from_training),
    )
    for epoch, right in RIGHT.items():
        arrays = {"confusion": matrix(right)} if confusion else {}
        arrays["probabilities"] = np.full((1, 10), 0.1, np.float16)
        np.savez(folder / f"epoch-{epoch:04}.npz", allow_pickle=False, **arrays)


@pytest.fixture
def run(runs_dir: Path) -> RunDirectory:
    found = finished(runs_dir, "mine")
    keep(found)
    return found


def slide(test: AppTest, stop: str) -> None:
    test.select_slider(key="report_epoch").set_value(stop).run()
    assert not test.exception


def test_the_slider_ends_with_the_test_images(run: RunDirectory) -> None:
    test = open_report(run=run.id)
    slider = test.select_slider(key="report_epoch")
    assert slider.options == ["untrained", "epoch 1", "epoch 2", "end (epoch 3)"]
    assert slider.value == "end"
    assert "test images" in headline(test)
    assert "epoch" not in test.query_params


def test_an_earlier_epoch_counts_validation_images_and_says_so(run: RunDirectory) -> None:
    test = open_report(run=run.id)
    slide(test, "1")
    text = headline(test)
    assert "40.0 %" in text
    assert "100 validation images" in text
    assert "After epoch 1 of 3" in text
    assert "(most frequent class: 10.0 %)" in text
    assert "These are validation images" in said(test)
    assert test.query_params["epoch"] in ("1", ["1"])
    assert test.button_group[0].disabled


def test_the_link_opens_an_epoch_and_a_button_leads_to_the_end(run: RunDirectory) -> None:
    test = open_report(run=run.id, epoch="0", true="3", predicted="4")
    assert "Before training" in headline(test)
    assert "3 taken for 4: 9" in said(test)
    test.button(key="report_to_end").click().run()
    assert not test.exception
    assert "test images" in headline(test)
    assert "3 taken for 4" in said(test)


def test_one_cell_is_followed_from_epoch_to_epoch(run: RunDirectory) -> None:
    test = open_report(run=run.id)
    pair = [test.selectbox(key=key).value for key in ("true_select", "predicted_select")]
    for stop in ("0", "2"):
        slide(test, stop)
        assert [test.selectbox(key=key).value for key in ("true_select", "predicted_select")] == pair


def test_every_tab_draws_at_an_earlier_epoch(run: RunDirectory) -> None:
    test = open_report(run=run.id, epoch="2")
    for tab in ("Per class", "Most confused", "Calibration", "Curves", "Time", "Metrics", "Take home"):
        test.session_state["report_tabs"] = tab
        test.run()
        assert not test.exception, tab


def test_without_validation_the_images_are_called_training_images(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    keep(run, from_training=True)
    test = open_report(run=run.id, epoch="1")
    assert "100 training images" in headline(test)
    assert "These are training images" in said(test)


@pytest.mark.parametrize("kept", [False, True])
def test_a_run_without_matrices_says_why(runs_dir: Path, kept: bool) -> None:
    run = finished(runs_dir, "mine")
    if kept:
        keep(run, confusion=False)
    test = open_report(run=run.id, epoch="1")
    assert not test.exception
    assert "test images" in headline(test)
    (caption,) = [one for one in test.caption if "No epochs" in one.value]
    assert "earlier version" in caption.help


def test_damaged_snapshots_are_said_and_harm_no_report(run: RunDirectory) -> None:
    (run.snapshots_dir / "epoch-0002.npz").write_bytes(b"PK")
    test = open_report(run=run.id, epoch="2")
    assert not test.exception
    assert "test images" in headline(test)


def test_the_weights_of_the_best_epoch_stand_at_the_end() -> None:
    """Where training went on past its best epoch, the epochs after it are stops of their own."""
    matrices = {epoch: matrix(right) for epoch, right in RIGHT.items()}
    assert report_epochs.Kept(matrices, "validation", 2).stops == ["0", "1", "3", "end"]
