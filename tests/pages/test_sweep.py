"""The Sweep page, run as a script: what is asked, what it costs, what came out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.jobs.status import JobStatus
from cnnviz.runs import atomic, list_runs
from cnnviz.runs.marks import Mark
from cnnviz.studies.study_spec import StudySpec
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.studies.sweep.sweep_question import read_factor, study_of
from tests.pages.finished_runs import experiment, finished
from tests.patience import PATIENCE
from tests.present import present
from tests.processes import end_workers

MAIN = str(Path(__file__).resolve().parents[2] / "cnnviz" / "ui" / "main.py")


def asked(*factors: tuple[str, str], seeds: int = 2, title: str = "") -> StudySpec:
    return study_of(experiment(), [read_factor("two-pairs", *one) for one in factors], range(seeds), title)


def swept(root: Path, study: StudySpec, *, without: int = 0) -> SweepJob:
    """A finished sweep over kernel sizes: the larger kernel is wrong more often."""
    folder = SweepJob.create(study)
    for member in study.members()[: len(study.members()) - without]:
        size = int(str(member.experiment.architecture.parameters.get("kernel_size", 3)))
        finished(root, "", kernel_size=size, wrong=0.1 * size, seed=member.seed, training_seed=member.seed)
    folder.gather()
    folder.end("incomplete" if without else "done", *(["A run has failed."] if without else []))
    return folder


@pytest.fixture(autouse=True)
def _no_worker_left(runs_dir: Path) -> Iterator[None]:
    yield
    end_workers(runs_dir)


def open_sweep(**link: str) -> AppTest:
    test = AppTest.from_file(MAIN, default_timeout=PATIENCE)
    test.run()
    for key, value in link.items():
        test.query_params[key] = value
    return test.switch_page("../../pages/sweep.py").run()


def said(test: AppTest) -> str:
    words = (*test.markdown, *test.caption, *test.warning, *test.info)
    return "\n".join(str(element.value) for element in words)


# A new one -----------------------------------------------------------------------------------------


def test_without_a_sweep_the_page_asks_for_one_and_says_what_it_costs(runs_dir: Path) -> None:
    test = open_sweep()
    assert not test.exception
    assert test.text_input(key="sweep_values_two-pairs_architecture.kernel_size").value == "3, 5"
    assert "**6 runs** (2 settings × 3 seeds) · about" in said(test)
    table = test.dataframe[0].value
    assert table["Setting"].tolist() == ["3×3 kernels", "5×5 kernels"]
    assert table["Done"].tolist() == ["0 of 3", "0 of 3"]
    assert test.button(key="sweep_start").label == "Start the sweep"
    assert "How the answer will read" in said(test)
    assert len(test.get("plotly_chart")) == 1


def test_two_settings_make_all_combinations(runs_dir: Path) -> None:
    test = open_sweep(vary="training.l2", vary_also="training.augmentation")
    assert not test.exception
    assert "**24 runs** (8 settings × 3 seeds)" in said(test)
    test.number_input(key="sweep_seeds").set_value(1).run()
    assert "**8 runs** (8 settings × 1 seed)" in said(test)
    assert "no interval is shown" in said(test)


def test_repeats_need_no_setting(runs_dir: Path) -> None:
    test = open_sweep(vary="nothing")
    assert not test.exception
    assert "**3 runs** (1 setting × 3 seeds)" in said(test)
    assert test.button(key="sweep_start").label == "Start repeating"


@pytest.mark.parametrize(
    ("values", "says"),
    [("3", "at least two choices"), ("3, 99", "cannot slide a 99×99 kernel"), ("a, b", "kernel_size")],
)
def test_a_mistake_is_told_beside_its_field(runs_dir: Path, values: str, says: str) -> None:
    test = open_sweep()
    test.text_input(key="sweep_values_two-pairs_architecture.kernel_size").set_value(values).run()
    assert not test.exception
    assert says in said(test)
    assert not [button for button in test.button if button.key == "sweep_start"]
    assert SweepJob.all() == []


def test_what_is_trained_already_is_counted_before_the_start(runs_dir: Path) -> None:
    finished(runs_dir, "one of them", epochs=5)
    test = open_sweep()
    assert test.dataframe[0].value["Done"].tolist() == ["1 of 3", "0 of 3"]
    assert "1 trained already" in said(test)


def test_start_asks_a_process_and_shows_the_sweep(runs_dir: Path) -> None:
    finished(runs_dir, "3", epochs=5)
    finished(runs_dir, "5", kernel_size=5, epochs=5)
    test = open_sweep()
    test.number_input(key="sweep_seeds").set_value(1).run()
    # Both are trained: the process it begins only collects them.
    test.button(key="sweep_start").click().run()
    assert not test.exception
    [study] = SweepJob.all()
    assert study.id in test.query_params["sweep"]
    assert study.spec().factors == ("architecture.kernel_size",)
    assert len(list_runs(runs_dir)) == 2


# What came out -------------------------------------------------------------------------------------


def test_a_finished_sweep_shows_verdict_table_and_links(runs_dir: Path) -> None:
    folder = swept(runs_dir, asked(("architecture.kernel_size", "3, 5"), seeds=3, title="Kernels"))
    test = open_sweep()
    assert not test.exception
    text = said(test)
    assert "**done** · 6 of 6 runs · 36 s of training" in text
    assert "Kernel size 5×5 − 3×3: −" in text
    assert "3 seeds, paired t-test, p " in text
    table = test.dataframe[0].value
    assert table["Kernel size"].tolist() == ["3×3", "5×5"]
    assert table["Seeds"].tolist() == ["3 of 3", "3 of 3"]
    rows = present(folder.results()).rows
    spread = 100 * present(present(rows[0].test_accuracy).deviation)
    assert table["Over seeds"].tolist()[0] == f"± {spread:.1f}"
    assert table["Test accuracy"].tolist() == [100 * present(row.test_accuracy).mean for row in rows]
    assert len(test.get("plotly_chart")) == 2
    test.selectbox(key="sweep_metric").set_value("macro_f1").run()
    assert not test.exception
    figures = [json.loads(chart.proto.spec) for chart in test.get("plotly_chart")]
    assert [figure["layout"]["title"]["text"] for figure in figures] == ["Macro F1", "Training time"]
    test.segmented_control(key="sweep_look").set_value("Curves: loss").run()
    assert not test.exception
    assert len(test.get("plotly_chart")) == 1
    assert "mean over the seeds" in said(test)


def test_one_seed_is_called_one_seed(runs_dir: Path) -> None:
    swept(runs_dir, asked(("architecture.kernel_size", "3, 5"), seeds=1))
    test = open_sweep()
    assert "one seed, no interval" in said(test)
    assert test.dataframe[0].value["95 % interval"].tolist() == ["none: one seed"] * 2


def test_repeats_say_what_their_spread_means(runs_dir: Path) -> None:
    swept(runs_dir, asked(seeds=3))
    test = open_sweep()
    assert not test.exception
    assert "would have to differ by about" in said(test)
    assert test.dataframe[0].value["Setting"].tolist() == ["as set"]


def test_before_the_first_run_has_ended_the_page_says_so(runs_dir: Path) -> None:
    study = asked(("dataset.train_size", "400, 800"), seeds=1)
    folder = SweepJob.create(study)
    folder.gather()
    folder.end("stopped")
    test = open_sweep()
    assert not test.exception
    assert "No run has ended yet." in said(test)
    assert test.button(key="sweep_resume").label == "Go on"


def test_an_unfinished_sweep_says_how_far_it_is_and_goes_on(runs_dir: Path) -> None:
    swept(runs_dir, asked(("architecture.kernel_size", "3, 5"), seeds=2), without=1)
    test = open_sweep()
    assert not test.exception
    assert "**incomplete** · 3 of 4 runs" in said(test)
    assert test.button(key="sweep_resume").label == "Go on"


def test_a_sweep_whose_process_is_gone_says_so(runs_dir: Path) -> None:
    sweep = swept(runs_dir, asked(("architecture.kernel_size", "3, 5"), seeds=2), without=1)
    gone = JobStatus(state="running", worker=Mark(2**22 + 1, 1.0))
    atomic.write_text(sweep.path / "status.json", gone.to_json())
    test = open_sweep()
    assert not test.exception
    assert "**interrupted**" in said(test)
    assert "Nothing finished is lost" in said(test)


def test_a_damaged_sweep_does_not_break_the_page(runs_dir: Path) -> None:
    folder = swept(runs_dir, asked(("architecture.kernel_size", "3, 5"), seeds=1))
    (folder.path / "study.json").write_text("nothing")
    test = open_sweep()
    assert not test.exception
    assert "study.json" in said(test)


def test_deleting_a_sweep_keeps_its_runs(runs_dir: Path) -> None:
    swept(runs_dir, asked(("architecture.kernel_size", "3, 5"), seeds=1))
    test = open_sweep()
    test.button(key="sweep_delete").click().run()
    assert not test.exception
    assert SweepJob.all() == []
    assert len(list_runs(runs_dir)) == 2


def test_the_link_chooses_the_sweep(runs_dir: Path) -> None:
    first = swept(runs_dir, asked(("architecture.kernel_size", "3, 5"), seeds=1, title="First"))
    swept(runs_dir, asked(seeds=2, title="Second"))
    test = open_sweep(sweep=first.id)
    assert "Kernel size 5×5 − 3×3" in said(test)
    test = open_sweep(sweep="new")
    assert test.button(key="sweep_start")
