"""`cnnviz recipes` and `cnnviz reproduce`, as a user would type them."""

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


def test_recipes_lists_every_id_with_title_question_and_scales(runs_dir):
    rows = printed("recipes")
    ids = [row["id"] for row in rows]
    assert ids == [
        *(f"A{n}" for n in range(1, 18)),
        *(f"B{n}" for n in range(1, 13)),
        *(f"C{n}" for n in range(1, 10)),
        *(f"D{n}" for n in range(1, 12)),
        *(f"E{n}" for n in range(1, 12)),
    ]
    assert all(row["title"] and row["question"] and row["draws"] for row in rows)
    assert all(list(row["scales"]) == ["smoke", "lecture", "full"] for row in rows)
    assert {scale["state"] for row in rows for scale in row["scales"].values()} == {None}


def test_an_experiment_without_training_is_reproduced_at_once(runs_dir):
    done = typed("reproduce", "a5", "--json")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert (results["recipe"], results["scale"], results["state"]) == ("A5", "smoke", "done")
    assert results["claims"][0]["verdict"] == "holds"
    # Published: 1,250,858 and 1,006,634 parameters.
    assert [row["measured"]["params"]["mean"] for row in results["rows"]] == [1_250_858, 1_006_634]
    listed = printed("recipes")
    state = next(row["scales"]["smoke"]["state"] for row in listed if row["id"] == "A5")
    assert state == "done"


def test_several_are_printed_for_people_with_verdicts(runs_dir):
    done = cnnviz("reproduce", "A5", "C1")
    assert done.returncode == 0, done.stderr
    assert "→ holds" in done.stdout
    assert "Size of the map" in done.stdout
    assert "C1 (2 of 2)" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("reproduce",), "--all"),
        (("reproduce", "A5", "--all"), "--all"),
        (("reproduce", "A99"), "no experiment 'A99'"),
        (("reproduce", "A5", "--scale", "lectur"), "Did you mean 'lecture'"),
        (("reproduce", "A3", "--seeds", "0"), "--seeds"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_exit_code_2(arguments, says, runs_dir):
    assert says in refused(*arguments)
    assert list(runs_dir.iterdir()) == []


@pytest.mark.usefixtures("prepared_worker")
@pytest.mark.slow
def test_ctrl_c_stops_the_runs_and_leaves_with_130(runs_dir: Path):
    command = [sys.executable, "-m", "cnnviz", "reproduce", "D7", "--json"]
    process = subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=hear_interrupts
    )
    waiting = threading.Event()
    for _ in range(6000):
        if list(runs_dir.glob("*/status.json")) or process.poll() is not None:
            break
        waiting.wait(0.02)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    results = json.loads((runs_dir / ".reproductions" / "D7-smoke" / "results.json").read_text())
    assert results["state"] == "stopped"
    states = {json.loads(path.read_text())["state"] for path in runs_dir.glob("*/status.json")}
    assert not states & {"queued", "running", "stopping"}
