"""Folders as version 0.1 left them, one of each kind and state: they open, with their results and reasons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cnnviz.jobs.kinds import AnyJob, kinds, list_jobs
from cnnviz.reports.reproduction_job import ReproductionJob
from cnnviz.studies.search import SearchJob
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.studies.transfer.transfer_job import TransferJob
from tests.present import present

J = TypeVar("J", bound=AnyJob)
#: No process has this number on Linux.
GONE = {"pid": 2**22 + 1, "started": 1.0}
#: As version 0.1 wrote them: the files that said how a folder stood, and how it reads now.
SWEEPS: list[tuple[dict[str, Any], str, str]] = [
    ({"state": "done", "process": None, "done": 2, "total": 2, "problems": []}, "done", ""),
    ({"state": "stopped", "process": None, "problems": ["b: stopped"]}, "stopped", ""),
    ({"state": "incomplete", "process": None, "problems": ["b: failed: No memory."]}, "incomplete", "memory"),
    ({"state": "failed", "process": None, "problems": ["The disk is full."]}, "failed", "disk"),
    ({"state": "running", "process": GONE, "problems": []}, "interrupted", "Nothing finished is lost"),
    ({"state": "running", "process": None, "problems": []}, "interrupted", "Nothing finished is lost"),
]
#: What version 0.1 wrote of a sweep besides.
RESULTS: dict[str, Any] = {
    "study": "20260101-120000-0123456789",
    "title": "Once",
    "factors": [],
    "seeds": [0],
    "done": 1,
    "total": 1,
    "rows": [
        {
            "label": "16, 32",
            "settings": {"architecture.filters": [16, 32]},
            "params": 100,
            "runs": {"0": "20260101-120001-0123-0123456789"},
            "values": {"test_accuracy": {"0": 0.5}, "fit_seconds": {"0": 3.0}},
            "test_accuracy": {"mean": 0.5, "deviation": None, "low": None, "high": None, "n": 1},
            "fit_seconds": {"mean": 3.0, "deviation": None, "low": None, "high": None, "n": 1},
            "problems": [],
        }
    ],
    "pairs": [],
    "trends": [],
    "least_difference": None,
    "baseline": 0.1,
    "problems": [],
}
SEARCHES = [
    ({"over": True}, "done", ""),
    ({"problem": "The disk is full."}, "failed", "disk"),
    (GONE, "interrupted", "Nothing finished is lost"),
]
#: What version 0.1 wrote of a transfer.
TRANSFERRED: dict[str, Any] = {
    "extractor": {
        "id": "imagenet",
        "title": "VGG16 with ImageNet weights",
        "layer": "block5_pool",
        "official": True,
        "adapted": "",
        "stamp": "6d6bbae143d832006294945121d1f1fc",
    },
    "dataset": {
        "name": "digits",
        "title": "Digits",
        "n_train": 120,
        "n_test": 20,
        "origin": "built in",
        "baseline": 0.1,
    },
    "classifier": "LinearSVC(C=0.025)",
    "features": 100,
    "versions": {"scikit-learn": "1.7.2"},
    "device": "CPU",
    "seconds": {"features": 3.5, "from_cache": False, "selection": 0.01},
    "made": "2026-01-01T12:00:00+00:00",
    "protocols": {
        "train-test": {
            "score": 0.5,
            "spread": None,
            "low": 0.3,
            "high": 0.7,
            "n": 20,
            "n_fit": 120,
            "folds": 1,
            "fit_seconds": 0.01,
            "fit_seconds_spread": None,
            "score_seconds": 0.001,
            "score_seconds_spread": None,
            "converged": True,
            "scores": [0.5],
        },
        "cross-validation": {"problem": "The test images can't be divided into 5 folds."},
    },
    "selection": {"width": 512, "constant": 3, "chosen": [7, 1]},
}
TRANSFERS = [
    ({"state": "new"}, "waiting", ""),
    ({"state": "done", "stage": "choosing features and fitting"}, "done", ""),
    ({"state": "stopped", "reason": "Stopped before the features were computed."}, "stopped", ""),
    ({"state": "failed", "reason": "The weights are damaged."}, "failed", "damaged"),
    ({"state": "running", "pid": GONE["pid"], "born": 1.0}, "interrupted", "Nothing finished is lost"),
]


def old(kind: type[J], name: str, **files: dict[str, Any]) -> J:
    """A folder of a kind with these files, and with what is asked where a file said it then."""
    folder = Path(kind.of(kind.example()).path.parent) / name
    folder.mkdir(parents=True)
    if kind is not ReproductionJob:
        (folder / kind.asked_in).write_text(kind.example().to_json())
    for file, data in files.items():
        (folder / f"{file}.json").write_text(json.dumps(data))
    return kind(folder)


@pytest.mark.parametrize(("said", "state", "why"), SWEEPS)
def test_a_sweep_opens(runs_dir: Path, said: dict[str, Any], state: str, why: str) -> None:
    ending = SweepJob.example().hash()[:10]
    sweep = old(SweepJob, f"20260101-120000-{ending}", results={**RESULTS, **said})
    assert (sweep.status().state, why in sweep.status().reason) == (state, True)
    results = present(sweep.results())
    assert results.title == "Once"
    assert results.rows[0].settings == {"architecture.filters": (16, 32)}
    # The same question is answered by it, and not by a second one.
    assert SweepJob.create(SweepJob.example()).id == sweep.id
    assert [job.id for job in SweepJob.all()] == [sweep.id]


@pytest.mark.parametrize(("said", "state", "why"), SWEEPS)
def test_a_reproduction_opens_by_the_name_of_its_folder(
    runs_dir: Path, said: dict[str, Any], state: str, why: str
) -> None:
    kept = {"recipe": "E8", "scale": "smoke", "rows": [{"label": "a", "runs": {"0": "20260101-a"}}], **said}
    job = old(ReproductionJob, "E8-smoke", results=kept)
    assert (job.status().state, why in job.status().reason) == (state, True)
    assert (job.spec().recipe, job.spec().scale) == ("E8", "smoke")
    assert [(row.label, row.runs) for row in present(job.results()).rows] == [("a", {0: "20260101-a"})]
    assert [found.id for found in ReproductionJob.all()] == ["E8-smoke"]


@pytest.mark.parametrize(("said", "state", "why"), SEARCHES)
def test_a_search_opens(runs_dir: Path, said: dict[str, Any], state: str, why: str) -> None:
    candidates = [{"number": 1, "settings": {"architecture.dense": 4}, "state": "done", "scores": [0.5, 0.7]}]
    ending = SearchJob.example().hash()[:10]
    search = old(SearchJob, f"20260101-120000-{ending}", process=said, candidates={"candidates": candidates})
    assert (search.status().state, why in search.status().reason) == (state, True)
    assert present(search.tried().best).mean == pytest.approx(0.6)
    assert search.tried().planned == (1 if state == "done" else 2)
    assert SearchJob.create(SearchJob.example()).id == search.id


@pytest.mark.parametrize(("said", "state", "why"), TRANSFERS)
def test_a_transfer_opens(runs_dir: Path, said: dict[str, Any], state: str, why: str) -> None:
    name = TransferJob.example().hash()[:16]
    transfer = old(TransferJob, name, progress=said, results=TRANSFERRED)
    assert (transfer.status().state, why in transfer.status().reason) == (state, True)
    results = present(transfer.results())
    assert present(results.score("train-test")).score == 0.5
    assert results.score("cross-validation") is None
    assert "divided into 5 folds" in results.problem("cross-validation")
    assert json.loads(results.to_json()) == TRANSFERRED
    assert TransferJob.of(TransferJob.example()).id == transfer.id


def test_a_stop_that_was_wished_before_the_process_died_is_a_stop(runs_dir: Path) -> None:
    sweep = old(SweepJob, "20260101-120000-0123456789", results=dict(SWEEPS[4][0]))
    (sweep.path / "stop").touch()
    assert sweep.status().state == "stopped"


def test_damage_is_no_end(runs_dir: Path) -> None:
    for kind, file in ((SweepJob, "results"), (SearchJob, "process"), (TransferJob, "progress")):
        job = old(kind, "20260101-120000-0123456789", **{file: {}})
        (job.path / f"{file}.json").write_text("{")
        assert job.status().state in ("waiting", "interrupted"), kind
    assert {type(job) for job in list_jobs()} == {SweepJob, SearchJob, TransferJob}
    assert {"sweep", "search", "transfer"} <= set(kinds())
