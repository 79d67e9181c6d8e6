"""`cnnviz sweep` and `cnnviz studies`, as a user would type them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.commands import cnnviz, printed, refused, typed
from tests.patience import PATIENCE
from tests.processes import hear_interrupts

SMALL = (
    "--architecture",
    "one-convolution",
    "--set",
    "architecture.filters=2",
    "--set",
    "architecture.dense=4",
    "--set",
    "dataset.train_size=120",
    "--set",
    "dataset.test_size=40",
    "--set",
    "training.epochs=1",
)
KERNELS = ("--over", "architecture.kernel_size=3,5")


@pytest.mark.usefixtures("prepared_worker")
@pytest.mark.slow
def test_a_sweep_is_trained_told_and_not_trained_again(runs_dir: Path) -> None:
    done = typed("sweep", *SMALL, *KERNELS, "--seeds", "2", "--name", "Kernels")
    assert done.returncode == 0, done.stderr
    assert "training · 0 of 4 runs done · about" in done.stderr
    assert "Kernels · done, 4 of 4 runs" in done.stdout
    assert "3×3 kernels" in done.stdout
    assert "(2 seeds)" in done.stdout
    assert "Kernel size 5×5 − 3×3:" in done.stdout
    ended = {path: path.stat().st_mtime_ns for path in runs_dir.glob("*/report.json")}
    assert len(ended) == 4

    results = printed("sweep", *SMALL, *KERNELS, "--seeds", "2", "--name", "Kernels")
    assert {path: path.stat().st_mtime_ns for path in runs_dir.glob("*/report.json")} == ended
    assert [row["label"] for row in results["rows"]] == ["3×3 kernels", "5×5 kernels"]
    assert [row["test_accuracy"]["n"] for row in results["rows"]] == [2, 2]
    assert results["pairs"][0]["test"].startswith("paired t-test") or results["pairs"][0]["low"] is None

    [study] = printed("studies")
    assert (study["study"], study["title"]) == (results["study"], "Kernels")
    assert (study["settings"], study["seeds"], study["done"], study["total"]) == (2, 2, 4, 4)
    assert study["state"] == "done"
    assert "4 of 4" in cnnviz("studies").stdout


@pytest.mark.usefixtures("prepared_worker")
@pytest.mark.slow
def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(runs_dir: Path) -> None:
    arguments = ("sweep", *SMALL[:-1], "training.epochs=400", *KERNELS, "--seeds", "1", "--json")
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnviz", *arguments],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hear_interrupts,
    )
    waiting = threading.Event()
    for _ in range(6000):
        if list(runs_dir.glob("*/epochs.jsonl")) or process.poll() is not None:
            break
        waiting.wait(0.02)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert "The same command goes on." in err
    states = sorted(json.loads(path.read_text())["state"] for path in runs_dir.glob("*/status.json"))
    assert states == ["stopped", "stopped"]
    [folder] = runs_dir.glob(".studies/*/status.json")
    assert json.loads(folder.read_text())["state"] == "stopped"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--over", "kernel_size=3,5"), "--over takes group.name=values"),
        (("--over", "architecture.kernel_size=3"), "at least two choices"),
        (("--over", "architecture.kernal_size=3,5"), "no setting 'kernal_size'"),
        (("--over", "architecture.kernel_size=3,99"), "cannot slide a 99×99 kernel"),
        (("--over", "training.epochs=1,0"), "greater than or equal to 1"),
        (("--over", "training.l2=0,1", "--over", "training.l2=2,3"), "varied twice"),
        (("--over", "training.device=cpu,gpu:7"), "gpu:7"),
        (("--over", "training.batch_size=8,60000"), "batch"),
        (("--seeds", "0"), "--seeds"),
        (("--dataset", "digit"), "Did you mean 'digits'"),
        (("--set", "epochs=2"), "training.epochs"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_exit_code_2(arguments, says, runs_dir: Path) -> None:
    assert says in refused("sweep", *arguments)
    assert list(runs_dir.iterdir()) == []


def test_without_studies_the_list_is_empty_and_a_damaged_one_says_why(runs_dir: Path) -> None:
    assert printed("studies") == []
    folder = runs_dir / ".studies" / "20260101-000000-0123456789"
    folder.mkdir(parents=True)
    (folder / "study.json").write_text("{")
    [row] = printed("studies")
    assert row["state"] == "damaged"
    assert "study.json" in row["problem"]
