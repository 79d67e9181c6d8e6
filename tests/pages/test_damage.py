"""Somebody's damaged run is nobody else's: it is listed with the reason, every page and command goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz import evaluation
from cnnviz.engine import engine, estimate
from cnnviz.errors import CnnvizError
from cnnviz.runs import DataSeen, RunDirectory, RunSummary, journal, list_runs, load_summary
from cnnviz.runs.records import BatchRecord, EpochRecord
from cnnviz.specs import DatasetSpec, TrainingSpec
from cnnviz.ui import navigation, show
from tests.commands import cnnviz
from tests.damage import damaged_copies
from tests.examples import ROOT
from tests.pages.finished_runs import finished
from tests.patience import PATIENCE

MAIN = ROOT / "cnnviz/ui/main.py"
#: These hold what a run was, how it stands and what came out: without any of them it is no run any more.
NEEDED = ("spec.json", "status.json")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of runs, one of them whole."""
    home = tmp_path_factory.mktemp("damage")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_RUNS_DIR", str(home))
        yield home


@pytest.fixture(scope="module")
def whole(root: Path) -> RunDirectory:
    run = finished(root, "whole")
    run.append_batch(BatchRecord(epoch=1, batch=1, batches=3, loss=1.0))
    run.write_data(DataSeen("0" * 20, 1437, 360, tuple(map(str, range(10)))))
    run.log_path.write_text("epoch 1\n")
    return run


@pytest.fixture(scope="module")
def copies(root: Path, whole: RunDirectory) -> dict[str, Path]:
    """A copy for each file and each damage."""
    return damaged_copies(whole.path, root)


def reads(summary: RunSummary) -> dict[str, Callable[[], Any]]:
    """Every way in which pages and commands read a run."""
    run = summary.directory
    return {
        "spec": run.spec,
        "status": run.status,
        "report": run.report,
        "environment": run.environment,
        "data": run.data,
        "epochs": run.epochs,
        "batches": run.batches,
        "predictions": run.predictions,
        "tail": journal.Tail(run.path / "epochs.jsonl", EpochRecord).look,
        "data changed": lambda: evaluation.data_changed(run),
        "class names": lambda: evaluation.class_names(run),
    }


def refusal(read: Callable[[], Any]) -> str:
    """Why something can't be read; "" where it can. Nothing but a CnnvizError is raised."""
    try:
        read()
    except CnnvizError as error:
        return str(error)
    return ""


def test_whatever_reads_a_damaged_run_gets_it_or_a_reason(
    copies: dict[str, Path], whole: RunDirectory
) -> None:
    for damage, path in copies.items():
        summary = load_summary(path)
        for what, read in reads(summary).items():
            assert path.name in (refusal(read) or path.name), f"{damage}: {what} does not say which run"
        # What lists show of it never raises.
        assert summary.experiment is None or summary.experiment == whole.spec().experiment, damage
        assert summary.environment is not None
        if damage.startswith(NEEDED):
            assert load_summary(path).damaged, f"{damage}: it is not listed as damaged"
    experiment = whole.spec().experiment
    found = evaluation.find_finished(experiment)
    assert found
    assert found.experiment == experiment
    engine().tick()
    assert engine().queue() == []
    estimate.training_seconds(experiment)


def test_commands_name_it_and_delete_it(copies: dict[str, Path], root: Path) -> None:
    done = cnnviz("runs", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    reasons = {row["run"]: row.get("reason") for row in rows}
    assert set(reasons) == {run.id for run in list_runs(root)}
    for damage, path in copies.items():
        if damage.startswith(("predictions", *NEEDED)):
            done = cnnviz("report", path.name, "--json")
            assert done.returncode in (0, 2), damage
            assert "Traceback" not in done.stderr
            assert done.returncode == 0 or len(done.stderr.strip().splitlines()) == 1, damage
        if damage.startswith(NEEDED):
            assert reasons[path.name], damage


def visit(page: str, **query: str) -> AppTest:
    test = AppTest.from_file(MAIN, default_timeout=PATIENCE)
    test.query_params.update(query)
    test.run()
    if page:
        test.switch_page(str(ROOT / f"pages/{page}.py")).run()
    return test


def test_every_page_goes_on_beside_damaged_runs(copies: dict[str, Path]) -> None:
    pages = [file.stem for file in sorted((ROOT / "pages").glob("*.py"))]
    died = {page: list(test.exception) for page in pages if (test := visit(page)).exception}
    assert died == {}


@pytest.mark.parametrize("page", ["report", "train", "compare", "feature_maps"])
def test_a_page_asked_for_a_damaged_run_says_so(
    copies: dict[str, Path], whole: RunDirectory, page: str
) -> None:
    for damage, path in copies.items():
        if damage.endswith("wrong types") or (page == "report" and damage.endswith("folder")):
            runs = {"runs": f"{path.name} {whole.id}"} if page == "compare" else {}
            test = visit(page, run=path.name, **runs)
            assert not test.exception, damage


def test_home_lists_them_with_the_reason_and_deletes_one(copies: dict[str, Path], root: Path) -> None:
    damaged = [run for run in list_runs(root) if run.damaged]
    test = visit("home")
    shown = "\n".join(element.value for element in test.markdown)
    assert f"{len(damaged)} runs can't be read" in [fold.label for fold in test.expander]
    assert show.plain(damaged[0].reason) in shown
    assert "status.json" in shown
    test.button(key=f"delete_{damaged[0].id}").click().run()
    assert not test.exception
    assert not damaged[0].path.exists()
    copies.pop(next(damage for damage, path in copies.items() if path == damaged[0].path))


def test_each_of_them_can_be_deleted(copies: dict[str, Path], root: Path, whole: RunDirectory) -> None:
    for path in copies.values():
        done = cnnviz("delete", path.name, "--yes")
        assert done.returncode == 0, done.stderr
    assert [run.id for run in list_runs(root)] == [whole.id]


def test_links_full_of_nonsense_open_every_page(whole: RunDirectory) -> None:
    sources = [*(ROOT / "cnnviz/ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    keys = {
        key
        for file in sources
        for key in re.findall(r'(?:key=|value\(|put\()"([a-z_0-9]+)"', file.read_text("utf-8"))
    }
    keys |= {*DatasetSpec.model_fields, *TrainingSpec.model_fields} - {"run", "runs"}
    assert {"epochs", "train_size"} < keys
    died = {}
    titles = {name: navigation.title(name) for name in navigation.PAGES} | {"home": "cnnviz"}
    for page in navigation.PAGES:
        for nonsense in ("inf", "-1e400", "é" * 300):
            runs = {"run": whole.id, "runs": f"{whole.id} {nonsense}"} if nonsense != "é" * 300 else {}
            test = AppTest.from_file(MAIN, default_timeout=PATIENCE).run()  # it learns the pages' addresses
            if page != "home":
                test.switch_page(str(ROOT / f"pages/{page}.py"))
            test.query_params.update(dict.fromkeys({*keys, "run", "runs"}, nonsense) | runs)
            opened = [title.value for title in test.run().title]
            if test.exception or opened != [titles[page]]:
                died[page, nonsense] = opened, list(test.exception)
    assert died == {}
