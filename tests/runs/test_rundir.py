"""The run directory: what is written is read; what is damaged is named."""

from pathlib import Path

import numpy as np
import pytest

from cnnviz.errors import RunError, StorageError
from cnnviz.runs import RunDirectory
from tests.runs.examples import EXPERIMENT


def test_a_new_run_is_queued_and_knows_what_was_asked(tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path, EXPERIMENT, name="3×3", user="a")
    again = RunDirectory.open(run.path)
    assert again.spec().experiment == EXPERIMENT
    assert again.spec().name == "3×3"
    assert again.status().state == "queued"
    assert again.status().epochs == EXPERIMENT.training.epochs
    assert run.id.endswith(EXPERIMENT.hash()[:10])


def test_runs_of_the_same_moment_have_different_folders(tmp_path: Path) -> None:
    ids = {RunDirectory.create(tmp_path, EXPERIMENT).id for _ in range(30)}
    assert len(ids) == 30


def test_a_run_that_is_interrupted_while_it_is_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_text

    def cut(path: Path, *arguments: str) -> int:
        if path.name == "spec.json":
            raise KeyboardInterrupt
        return write(path, *arguments)

    monkeypatch.setattr(Path, "write_text", cut)
    with pytest.raises(KeyboardInterrupt):
        RunDirectory.create(tmp_path, EXPERIMENT)
    assert list(tmp_path.iterdir()) == []


def test_the_status_is_replaced_field_by_field(tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path, EXPERIMENT)
    run.set_status(state="running", epoch=2)
    run.set_status(batch=7)
    status = run.status()
    assert (status.state, status.epoch, status.batch, status.active) == ("running", 2, 7, True)
    assert run.set_status(state="done").finished


@pytest.mark.parametrize("content", ["", "{", '{"state": "dancing"}', "[]"])
def test_a_damaged_status_is_named(tmp_path: Path, content: str) -> None:
    run = RunDirectory.create(tmp_path, EXPERIMENT)
    (run.path / "status.json").write_text(content)
    with pytest.raises(RunError, match=r"status\.json of run .* is damaged"):
        run.status()


def test_predictions_come_back_without_pickles(tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path, EXPERIMENT)
    assert run.predictions() is None
    run.save_predictions({"test_labels": np.arange(5) % 3, "test_probabilities": np.ones((5, 3), np.float16)})
    arrays = run.predictions()
    assert arrays is not None
    assert arrays["test_probabilities"].dtype == np.float16
    np.testing.assert_array_equal(arrays["test_labels"], np.arange(5) % 3)


def test_damaged_or_pickled_predictions_are_refused(tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path, EXPERIMENT)
    path = run.path / "predictions.npz"
    path.write_bytes(b"PK no zip")
    with pytest.raises(RunError, match="damaged"):
        run.predictions()
    np.savez(path, test_labels=np.array([{"a": 1}], dtype=object))
    with pytest.raises(RunError, match="damaged"):
        run.predictions()


def test_wishes_are_made_and_taken_back(tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path, EXPERIMENT)
    assert not run.wished("stop")
    run.wish("stop")
    assert run.wished("stop")
    run.unwish("stop")
    run.unwish("stop")
    assert not run.wished("stop")


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"spec\.json is missing"):
        RunDirectory.open(tmp_path)


def test_a_runs_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="CNNVIZ_RUNS_DIR"):
        RunDirectory.create(tmp_path / "file" / "runs", EXPERIMENT)
