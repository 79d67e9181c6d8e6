"""A sweep with real workers: nothing is trained twice, whatever cut it, and by whomever it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnviz.engine import processes
from cnnviz.errors import RunError
from cnnviz.runs import list_runs
from cnnviz.studies import detached, runner
from cnnviz.studies.detached import own_process
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.progress import Progress
from cnnviz.studies.spec import StudySpec, experiment_of
from cnnviz.studies.sweep.asked import read_factor, study_of
from cnnviz.studies.sweep.process import begin, main, work
from cnnviz.studies.sweep.results import gather
from tests.processes import end_workers
from tests.studies.conftest import BASE


def asked(seeds: int = 2, values: str = "3, 5", **changes: object) -> StudySpec:
    base = experiment_of({**BASE, "training.epochs": 1, **changes})
    factor = read_factor("one-convolution", "architecture.kernel_size", values)
    return study_of(base, [factor], range(seeds))


@pytest.fixture(autouse=True)
def _no_worker_left(runs_dir: Path) -> Iterator[None]:
    yield
    end_workers(runs_dir)


def trained(root: Path) -> dict[str, int]:
    """How many epochs each run's journal has, by run id: a run trained twice would have more."""
    return {run.id: len(run.directory.epochs()) for run in list_runs(root)}


@pytest.mark.slow
def test_a_cut_sweep_goes_on_without_training_anything_twice(runs_dir: Path) -> None:
    folder = StudyDirectory.create(asked(seeds=1))

    def cut(stage: str, progress: Progress) -> None:
        if stage == "training" and progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(folder, cut)
    results = folder.results()
    assert results["state"] == "stopped"
    assert folder.progress().active == 0
    before = {run.id: run.status.ended for run in list_runs(runs_dir) if run.state == "done"}
    assert before

    told: list[tuple[str, int]] = []
    results = work(folder, lambda stage, progress: told.append((stage, progress.done)))
    assert (results["state"], results["done"], results["total"]) == ("done", 2, 2)
    assert told[0] == ("training", len(before))
    after = {run.id: run.status.ended for run in list_runs(runs_dir)}
    assert len(after) == 2
    assert before.items() <= after.items()
    assert set(trained(runs_dir).values()) == {1}
    # On disk as told, and nobody is at work any more.
    assert {key: folder.results()[key] for key in ("state", "rows")} == json.loads(
        json.dumps({key: results[key] for key in ("state", "rows")})
    )
    assert detached.state_of(folder) == "done"

    # One more seed is another study with the same runs: only what is new is trained.
    more = work(StudyDirectory.create(asked(seeds=2)))
    assert (more["done"], more["total"]) == (4, 4)
    assert after.items() <= {run.id: run.status.ended for run in list_runs(runs_dir)}.items()
    assert len(list_runs(runs_dir)) == 4
    assert [row["test_accuracy"]["n"] for row in more["rows"]] == [2, 2]
    assert more["pairs"][0]["n"] == 2


@pytest.mark.slow
def test_a_sweep_in_a_process_of_its_own_outlives_who_began_it(runs_dir: Path) -> None:
    folder = StudyDirectory.create(asked(seeds=1))
    begin(folder)
    assert detached.state_of(folder) == "running"
    with pytest.raises(RunError, match="at work already"):
        begin(folder)
    with pytest.raises(RunError, match="at work already"):
        work(folder)
    processes.wait()
    assert detached.state_of(folder) == "done", (folder.path / "log.txt").read_text()
    assert folder.results()["done"] == 2
    assert {run.name for run in list_runs(runs_dir)} == {
        "Kernel size · Digits · 3×3 kernels",
        "Kernel size · Digits · 5×5 kernels",
    }


def test_a_member_that_fails_is_told_and_the_others_count(runs_dir: Path, run_of) -> None:
    study = asked(seeds=1)
    folder = StudyDirectory.create(study)
    first, second = study.members()
    run_of(first.experiment)
    run_of(second.experiment, state="failed", reason="No memory.")
    folder.save_results({"state": "running", "process": own_process()})
    results = gather(folder)
    assert results["problems"] == ["5×5 kernels: failed: No memory."]
    assert [len(row["runs"]) for row in results["rows"]] == [1, 0]


def test_a_damaged_sweep_ends_as_failed_with_its_reason(runs_dir: Path) -> None:
    folder = StudyDirectory.create(asked())
    (folder.path / "study.json").write_text("{")
    assert main(folder.path) == 2
    assert folder.results()["state"] == "failed"
    assert "study.json" in folder.results()["problems"][0]


def test_a_stopped_sweep_starts_nothing(runs_dir: Path) -> None:
    folder = StudyDirectory.create(asked())
    folder.wish_stop()
    assert runner.follow(folder).state == "stopped"
    assert list_runs(runs_dir) == []
