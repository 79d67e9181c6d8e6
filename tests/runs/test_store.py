"""The store: newest first, damaged runs listed, nothing outside the runs folder ever touched."""

from pathlib import Path

import pytest

from cnnviz import runs
from cnnviz.errors import RunError
from cnnviz.evaluation import find_finished
from cnnviz.runs import RunDirectory, RunReport
from cnnviz.specs import TrainingSpec
from tests.runs.examples import EXPERIMENT


def finished(root: Path, name: str = "", **training: object) -> RunDirectory:
    experiment = EXPERIMENT.but(training=TrainingSpec.parse(training))
    run = RunDirectory.create(root, experiment, name=name)
    run.write_report(RunReport(test_accuracy=0.5))
    run.set_status(state="done")
    return run


def test_an_absent_folder_holds_no_runs(tmp_path: Path) -> None:
    assert runs.list_runs(tmp_path / "nothing") == []


def test_a_change_on_disk_is_seen(tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path, EXPERIMENT)
    assert [summary.state for summary in runs.list_runs(tmp_path)] == ["queued"]
    run.set_status(state="running")
    run.write_report(RunReport(test_accuracy=0.25))
    (summary,) = runs.list_runs(tmp_path)
    assert summary.state == "running"
    assert summary.report == RunReport(test_accuracy=0.25)
    assert summary.experiment == EXPERIMENT


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("spec.json", ""),
        ("spec.json", "{}"),
        ("spec.json", '{"experiment": 3}'),
        ("spec.json", None),
        ("status.json", "{"),
        ("status.json", None),
        ("report.json", "[]"),
        ("report.json", "\x00\x00"),
    ],
)
def test_a_damaged_run_is_listed_with_its_reason(tmp_path: Path, file: str, content: str | None) -> None:
    good, bad = finished(tmp_path), finished(tmp_path, epochs=9)
    path = bad.path / file
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    listed = {summary.id: summary for summary in runs.list_runs(tmp_path)}
    assert listed[good.id].damaged is None
    assert file.split(".")[0] in (listed[bad.id].damaged or "")
    assert listed[bad.id].experiment is None
    assert listed[bad.id].title == bad.id


def test_the_same_experiment_finds_its_finished_run(tmp_path: Path) -> None:
    finished(tmp_path, epochs=2)
    run = finished(tmp_path, epochs=3)
    unfinished = RunDirectory.create(tmp_path, EXPERIMENT)
    found = find_finished(EXPERIMENT.but(training=TrainingSpec(epochs=3)), tmp_path)
    assert found is not None
    assert found.id == run.id
    assert find_finished(unfinished.spec().experiment, tmp_path) is None
    assert find_finished(EXPERIMENT.but(training=TrainingSpec(epochs=4)), tmp_path) is None


def test_a_run_is_found_by_id_start_or_name(tmp_path: Path) -> None:
    run = finished(tmp_path, name="three")
    finished(tmp_path, name="five", epochs=2)
    for text in (run.id, run.id[:20], "three"):
        assert runs.resolve(text, tmp_path).id == run.id


@pytest.mark.parametrize("text", ["", ".", "..", "../other", "/etc", "nobody"])
def test_a_text_that_means_no_run_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "other").mkdir()
    root = tmp_path / "runs"
    finished(root)
    with pytest.raises(RunError, match="There is no run"):
        runs.resolve(text, root)


def test_an_ambiguous_start_and_a_near_name_are_told(tmp_path: Path) -> None:
    finished(tmp_path, name="kernel three")
    finished(tmp_path, epochs=2)
    with pytest.raises(RunError, match="2 runs begin with '20'"):
        runs.resolve("20", tmp_path)
    with pytest.raises(RunError, match="Did you mean 'kernel three'"):
        runs.resolve("kernel thre", tmp_path)


def test_deleting_removes_one_run_and_refuses_an_active_one(tmp_path: Path) -> None:
    kept, gone = finished(tmp_path), finished(tmp_path, epochs=2)
    active = RunDirectory.create(tmp_path, EXPERIMENT)
    runs.delete(gone.id, tmp_path)
    assert not gone.path.exists()
    with pytest.raises(RunError, match="Stop it first"):
        runs.delete(active.id, tmp_path)
    assert {summary.id for summary in runs.list_runs(tmp_path)} == {kept.id, active.id}


def test_a_damaged_run_can_be_deleted(tmp_path: Path) -> None:
    run = finished(tmp_path)
    (run.path / "spec.json").write_text("broken")
    runs.delete(run.id, tmp_path)
    assert runs.list_runs(tmp_path) == []
