"""A sweep with real workers: nothing is trained twice, whatever cut it, and by whomever it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnviz.engine import processes
from cnnviz.errors import RunError
from cnnviz.jobs.status import JobStatus
from cnnviz.runs import list_runs
from cnnviz.studies.study_spec import SettingValue, StudySpec, experiment_of
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.studies.sweep.sweep_question import read_factor, study_of
from tests.present import present
from tests.studies.conftest import BASE

pytestmark = pytest.mark.usefixtures("prepared_worker")


def ended_runs(runs_dir: Path) -> dict[str, float | None]:
    """When each run ended."""
    return {run.id: present(run.status).ended for run in list_runs(runs_dir)}


def asked(seeds: int = 2, values: str = "3, 5", **changes: SettingValue) -> StudySpec:
    base = experiment_of({**BASE, "training.epochs": 1, **changes})
    factor = read_factor("one-convolution", "architecture.kernel_size", values)
    return study_of(base, [factor], range(seeds))


def trained(root: Path) -> dict[str, int]:
    """How many epochs each run's journal has, by run id: a run trained twice would have more."""
    return {run.id: len(run.directory.epochs()) for run in list_runs(root)}


@pytest.mark.slow
def test_a_cut_sweep_goes_on_without_training_anything_twice(runs_dir: Path) -> None:
    sweep = SweepJob.create(asked(seeds=1))

    def cut(status: JobStatus) -> None:
        if status.stage == "training" and status.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep.run(cut)
    assert sweep.status().state == "stopped"
    assert present(sweep.results()).done >= 1
    assert sweep.progress().active == 0
    before = {run.id: present(run.status).ended for run in list_runs(runs_dir) if run.state == "done"}
    assert before

    told: list[tuple[str, int]] = []
    ended = sweep.run(lambda status: told.append((status.stage, status.done)))
    assert (ended.state, ended.problems) == ("done", ())
    assert sweep.status().state == "done"
    assert told[0] == ("training", len(before))
    results = present(sweep.results())
    assert (results.done, results.total) == (2, 2)
    after = ended_runs(runs_dir)
    assert len(after) == 2
    assert before.items() <= after.items()
    assert set(trained(runs_dir).values()) == {1}

    # One more seed is another study with the same runs: only what is new is trained.
    more = SweepJob.create(asked(seeds=2))
    more.run()
    found = present(more.results())
    assert (found.done, found.total) == (4, 4)
    assert after.items() <= ended_runs(runs_dir).items()
    assert len(list_runs(runs_dir)) == 4
    assert [present(row.test_accuracy).n for row in found.rows] == [2, 2]
    assert found.pairs[0].n == 2


@pytest.mark.slow
def test_a_sweep_in_a_process_of_its_own_outlives_who_began_it(runs_dir: Path) -> None:
    sweep = SweepJob.create(asked(seeds=1))
    sweep.start()
    assert sweep.status().state == "running"
    with pytest.raises(RunError, match="at work already"):
        sweep.start()
    with pytest.raises(RunError, match="at work already"):
        sweep.run()
    processes.wait()
    assert sweep.status().state == "done", (sweep.path / "log.txt").read_text()
    assert present(sweep.results()).done == 2
    assert {run.name for run in list_runs(runs_dir)} == {
        "Kernel size · Digits · 3×3 kernels",
        "Kernel size · Digits · 5×5 kernels",
    }


def test_a_member_that_fails_is_told_and_the_others_count(runs_dir: Path, run_of) -> None:
    study = asked(seeds=1)
    sweep = SweepJob.create(study)
    first, second = study.members()
    run_of(first.experiment)
    run_of(second.experiment, state="failed", reason="No memory.")
    results = sweep.gather()
    assert results.problems == ("5×5 kernels: failed: No memory.",)
    assert [len(row.runs) for row in results.rows] == [1, 0]


def test_a_damaged_sweep_ends_as_failed_with_its_reason(runs_dir: Path) -> None:
    sweep = SweepJob.create(asked())
    (sweep.path / "study.json").write_text("{")
    with pytest.raises(RunError):
        sweep.run()
    assert sweep.status().state == "failed"
    assert "study.json" in sweep.status().reason
