"""The command line; one trained run serves most of the tests, a process of its own those that need one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from cnnviz.engine.prepared import SWITCH
from tests.commands import cnnviz, printed, refusal, refused, typed
from tests.keras_once import lend
from tests.patience import PATIENCE
from tests.present import present
from tests.processes import end_workers, hear_interrupts

SMALL = (
    "--dataset",
    "digits",
    "--architecture",
    "two-pairs",
    "--set",
    "architecture.filters=8,16",
    "--set",
    "dataset.train_size=300",
    "--set",
    "training.epochs=2",
)
#: An experiment that no test waits to the end of.
ENDLESS = (*SMALL[:-1], "training.epochs=5000")


@pytest.fixture(scope="module")
def folders(tmp_path_factory, prepared_process) -> dict[str, str]:
    """A folder of runs that has a prepared process, so that no run imports Keras."""
    runs = tmp_path_factory.mktemp("cli-runs")
    lend(prepared_process, runs)
    return {"CNNVIZ_RUNS_DIR": str(runs), SWITCH: "1"}


@pytest.fixture(scope="module")
def trained(folders) -> dict[str, Any]:
    """What `train --json` printed for a small run on the digits."""
    done = typed("train", *SMALL, "--name", "first", "--json", folders=folders)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run_path(folders, run: str) -> Path:
    return Path(folders["CNNVIZ_RUNS_DIR"]) / run


# Catalogue ----------------------------------------------------------------------------------------


def test_without_a_command_the_help_is_printed():
    done = cnnviz()
    assert done.returncode == 0
    assert "describe" in done.stdout


def test_datasets_lists_all_with_their_shapes():
    rows = {row["name"]: row for row in printed("datasets")}
    assert {"digits", "shapes", "mnist", "fashion-mnist", "cifar10", "cifar100"} <= set(rows)
    assert rows["digits"]["availability"] == "embedded"
    assert rows["cifar10"]["input_shape"] == [32, 32, 3]
    assert (rows["mnist"]["n_train"], rows["mnist"]["n_test"]) == (60_000, 10_000)
    assert len(rows["cifar10"]["class_names"]) == rows["cifar10"]["classes"] == 10


def test_architectures_lists_parameters_with_their_defaults():
    rows = {row["name"]: row for row in printed("architectures")}
    assert {"two-pairs", "lenet", "vgg16"} <= set(rows)
    kernel = next(p for p in rows["two-pairs"]["parameters"] if p["name"] == "kernel_size")
    assert kernel["default"] == 3


def test_describe_counts_a_convolution_by_hand():
    network = printed(
        "describe", "two-pairs", "--set", "kernel_size=5", "--input", "32x32x3", "--classes", "10"
    )
    first = next(layer for layer in network["layers"] if layer["type"] == "Conv2D")
    filters = first["output_shape"][-1]
    assert first["params"] == 5 * 5 * 3 * filters + filters
    assert first["receptive_field"] == 5
    height, width, _ = first["output_shape"]
    assert first["macs"] == 5 * 5 * 3 * filters * height * width
    assert network["total_params"] == sum(layer["params"] for layer in network["layers"])
    assert network["macs"] == sum(layer["macs"] for layer in network["layers"])


def test_describe_imports_neither_keras_nor_streamlit():
    script = (
        "import sys\nfrom cnnviz.cli import main\n"
        "try: main(['describe', 'vgg16', '--json'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'keras', 'tensorflow', 'streamlit', 'sklearn', 'plotly', 'pandas'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stderr.strip() == "[]"
    # Simonyan and Zisserman 2015, table 2, configuration D ends with 1000 classes; here with 10.
    assert json.loads(done.stdout)["layers"][0]["params"] == 3 * 3 * 3 * 64 + 64


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("frobnicate",), "frobnicate"),
        (("describe",), "architecture"),
        (("describe", "lenett"), "Did you mean 'lenet'"),
        (("describe", "lenet", "--set", "kernel_sise=5"), "Did you mean 'kernel_size'"),
        (("describe", "lenet", "--set", "kernel_size"), "name=value"),
        (("describe", "lenet", "--set", "kernel_size=0"), "kernel_size"),
        (("describe", "lenet", "--set", "kernel_size=-3"), "kernel_size"),
        (("describe", "lenet", "--set", "kernel_size=big"), "kernel_size"),
        (("describe", "lenet", "--set", "kernel_size=" + "9" * 5000), "kernel_size"),
        (("describe", "lenet", "--input", "32x32"), "32x32x3"),
        (("describe", "lenet", "--input", "0x32x3"), "32x32x3"),
        (("describe", "lenet", "--input", "99999999x32x3"), "32x32x3"),
        (("describe", "lenet", "--classes", "1"), "--classes"),
        (("describe", "vgg16", "--input", "8x8x3"), "8×8"),
        (("describe", "lenet", "--colour"), "--colour"),
        (("fetch", "cifar11"), "Did you mean 'cifar10"),
        (("train", "--dataset", "digit"), "Did you mean 'digits'"),
        (("train", "--set", "epochs=2"), "training.epochs"),
        (("train", "--set", "trainin.epochs=2"), "Did you mean 'training'"),
        (("train", "--set", "training.epoch=2"), "Did you mean 'epochs'"),
        (("train", "--set", "training.epochs=0"), "greater than or equal to 1"),
        (("train", "--set", "training.learning_rate=NaN"), "learning_rate"),
        (("train", "--set", "training.optimizer=Adm"), "optimizer"),
        (("train", "--set", "dataset.train_size=999999"), "999"),
        (("train", "--set", "training.device=gpu:7"), "gpu:7"),
        (("train", "--set", "training.batch_size=60000"), "batch"),
        (("train", "--dataset", "cifar10"), "cifar-10-python.tar.gz"),
        (("train", "--architecture", "vgg16"), "16×16"),
        (("report", "nothing"), "There is no run 'nothing'"),
        (("stop", "nothing"), "There is no run 'nothing'"),
        (("resume", "nothing"), "There is no run 'nothing'"),
        (("delete", "nothing", "--yes"), "There is no run 'nothing'"),
        (("delete", "..", "--yes"), "There is no run '..'"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_exit_code_2(arguments, says, runs_dir, data_dir, cache_dir):
    # Folders of its own: another test may have left a data set in the session's cache.
    assert says in refused(*arguments)
    assert list(runs_dir.iterdir()) == []


# Training -----------------------------------------------------------------------------------------


def test_a_process_leaves_with_the_same_codes(tmp_path):
    folders = {"CNNVIZ_RUNS_DIR": str(tmp_path)}
    for arguments in (("describe", "lenett"), ("report", "nothing")):
        done = typed(*arguments, folders=folders)
        assert refusal(done) == refused(*arguments, folders=folders)
    assert typed("runs", folders=folders) == cnnviz("runs", folders=folders)


def test_train_prints_its_result(trained):
    assert trained["status"] == "done"
    assert trained["reused"] is False
    assert trained["test_accuracy"] > 2 * trained["baseline_accuracy"]
    assert trained["fit_seconds"] > 0
    assert trained["images_per_second"] > 0
    assert trained["epochs"] == 2


def test_train_counts_as_describe_does(trained):
    network = printed("describe", "two-pairs", "--set", "filters=8,16", "--input", "16x16x1")
    assert trained["params"] == network["total_params"]


def test_an_identical_finished_run_is_reused_unless_asked_for_again(trained, folders):
    same = printed("train", *SMALL, folders=folders)
    assert same == trained | {"reused": True}
    again = printed("train", *SMALL, "--again", folders=folders)
    assert again["run"] != trained["run"]
    # Same seed, same machine, same bits.
    assert again["test_loss"] == trained["test_loss"]


def test_runs_lists_the_run_with_its_figures(trained, folders):
    row = next(row for row in printed("runs", folders=folders) if row["run"] == trained["run"])
    assert (row["name"], row["status"], row["dataset"]) == ("first", "done", "digits")
    assert row["test_accuracy"] == trained["test_accuracy"]
    assert row.keys() >= {"macro_f1", "calibration_error", "params", "epochs"}
    assert trained["run"] in cnnviz("runs", folders=folders).stdout


def test_a_damaged_run_is_listed_with_its_reason(trained, folders):
    damaged = run_path(folders, "20200101-000000-dead-0000000000")
    damaged.mkdir(exist_ok=True)
    (damaged / "spec.json").write_text("{")
    rows = {row["run"]: row for row in printed("runs", folders=folders)}
    assert rows[damaged.name]["status"] == "damaged"
    assert rows[damaged.name]["reason"]
    assert rows[trained["run"]]["status"] == "done"


def test_report_agrees_with_scikit_learn(trained, folders):
    report = printed("report", "first", folders=folders)
    with np.load(run_path(folders, trained["run"]) / "predictions.npz") as saved:
        labels, guesses = saved["test_labels"], saved["test_probabilities"].argmax(axis=1)
    assert report["confusion"] == confusion_matrix(labels, guesses, labels=range(10)).tolist()
    assert report["accuracy"] == pytest.approx((labels == guesses).mean())
    assert report["metrics"]["macro_f1"] == pytest.approx(report["macro"]["f1"])
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, guesses, labels=range(10), zero_division=0
    )
    rows = report["per_class"]
    assert [row["precision"] for row in rows] == pytest.approx(precision.tolist())
    assert [row["recall"] for row in rows] == pytest.approx(recall.tolist())
    assert [row["f1"] for row in rows] == pytest.approx(f1.tolist())
    assert [row["support"] for row in rows] == support.tolist()
    assert 0 < report["baseline_accuracy"] < 0.2


def test_report_for_people_shows_every_class(trained, folders):
    done = cnnviz("report", trained["run"][:20], folders=folders)
    assert done.returncode == 0
    assert all(f"\n{digit} " in done.stdout for digit in range(10))


def test_delete_asks_first(trained, folders):
    doomed = run_path(folders, "20200101-000000-d00d-0000000000")
    shutil.copytree(run_path(folders, trained["run"]), doomed)
    assert "--yes" in refused("delete", doomed.name, folders=folders)
    assert doomed.exists()
    assert printed("delete", doomed.name, "--yes", folders=folders)["run"] == doomed.name
    assert not doomed.exists()
    assert run_path(folders, trained["run"]).exists()


# Stopping -----------------------------------------------------------------------------------------


@contextmanager
def running(folders, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command in the background; whatever becomes of the test, no process or pipe is left."""
    command = [sys.executable, "-m", "cnnviz", *arguments, "--json"]
    with subprocess.Popen(
        command,
        env=os.environ | folders,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hear_interrupts,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
            end_workers(folders["CNNVIZ_RUNS_DIR"])


def wait_until(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Look again and again while the process lives."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.1)


def test_ctrl_c_stops_the_run_cleanly_and_stop_and_resume_follow(folders):
    def path() -> Path | None:
        rows = [row for row in printed("runs", folders=folders) if row["name"] == "endless"]
        return run_path(folders, rows[0]["run"]) if rows else None

    with running(folders, "train", *ENDLESS, "--name", "endless") as training:
        wait_until(path, training)
        folder = present(path())
        wait_until((folder / "epochs.jsonl").exists, training)
        training.send_signal(signal.SIGINT)
        out, err = training.communicate(timeout=PATIENCE)
    assert training.returncode == 130
    assert f"cnnviz resume {folder.name}" in err
    assert json.loads(out)["status"] == "stopped"

    with running(folders, "resume", "endless") as resumed:
        status = folder / "status.json"
        wait_until(lambda: json.loads(status.read_text())["state"] == "running", resumed)
        assert printed("stop", "endless", folders=folders)["run"] == folder.name
        out, _ = resumed.communicate(timeout=PATIENCE)
    assert json.loads(out)["status"] == "stopped"
    assert resumed.returncode == 0


def test_settings_are_listed_as_set_takes_them():
    """Every default that is listed may be set, and makes the same experiment as leaving it."""
    from cnnviz.cli.set_option import experiment

    listed = json.loads(cnnviz("settings", "--architecture", "lenet", "--json").stdout)
    plain = experiment("digits", "lenet", ["training.epochs=5", "training.batch_size=32"])
    for item in listed:
        default = item["default"]
        shown = item["empty"] if default is None else json.dumps(default)
        assert shown, item["setting"]
        given = ["training.epochs=5", "training.batch_size=32", f"{item['setting']}={shown}"]
        assert experiment("digits", "lenet", given) == plain
    assert "training.optimizer" in cnnviz("settings").stdout


@pytest.mark.parametrize("name", ["n" * 300, "é" * 200, "a\nb\x1b[31m", "\x7f", "../x"])
@pytest.mark.parametrize("command", [("report",), ("delete",), ("train", "--dataset"), ("train", "--name")])
def test_whatever_a_name_holds_the_answer_is_one_printable_line(command, name):
    done = cnnviz(*command, name, *(("--set", "training.epochs=0") if "--name" in command else ()))
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("cnnviz: ")
    assert line.isprintable()
