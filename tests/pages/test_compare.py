"""The Compare page, run as a script on real run directories."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from scipy.stats import binomtest
from streamlit.testing.v1 import AppTest

from cnnviz import datasets
from cnnviz.architectures.build import build_model
from cnnviz.evaluation import changes, mcnemar, pair
from cnnviz.runs import RunDirectory
from tests.pages.finished_runs import experiment, finished
from tests.patience import PATIENCE

MAIN = str(Path(__file__).resolve().parents[2] / "cnnviz" / "ui" / "main.py")


def open_compare(**link: str) -> AppTest:
    """The page, opened by a link."""
    test = AppTest.from_file(MAIN, default_timeout=PATIENCE)
    test.run()
    for key, value in link.items():
        test.query_params[key] = value
    return test.switch_page("../../pages/compare.py").run()


def said(test: AppTest) -> str:
    """All words of the page."""
    return "\n".join(
        str(element.value) for element in (*test.markdown, *test.caption, *test.warning, *test.info)
    )


def table(test: AppTest) -> dict[str, list[object]]:
    """The table of results."""
    return {str(name): list(column) for name, column in test.dataframe[0].value.items()}


def test_without_runs_the_page_leads_to_training(runs_dir: Path) -> None:
    test = open_compare()
    assert not test.exception
    assert "No finished run yet" in said(test)


def test_the_newest_two_runs_are_compared_at_first(runs_dir: Path) -> None:
    runs = [finished(runs_dir, name, seed=seed) for seed, name in enumerate("abc")]
    test = open_compare()
    assert not test.exception
    assert set(test.multiselect(key="runs_several").value) <= {run.id for run in runs}
    assert len(test.multiselect(key="runs_several").value) == 2


def test_the_link_chooses_the_runs_in_its_order(runs_dir: Path) -> None:
    a, b = finished(runs_dir, "a"), finished(runs_dir, "b", kernel_size=5)
    test = open_compare(runs=f"{b.id},{a.id},gone")
    assert test.multiselect(key="runs_several").value == [b.id, a.id]
    assert "There is no finished run 'gone'" in said(test)
    assert table(test)["Run"] == ["b", "a"]


def test_every_metric_is_a_column_a_strangers_too(runs_dir: Path, own_metric: str) -> None:
    run = finished(runs_dir, "a")
    columns = table(open_compare(runs=run.id))
    right = json.loads((run.path / "report.json").read_text())["test_accuracy"]
    assert columns[own_metric] == [f"{100 * right:.1f} %"]
    assert {"Macro F1", "Balanced accuracy", "Calibration error", "Brier score"} <= columns.keys()


def test_only_settings_that_differ_are_columns(runs_dir: Path) -> None:
    a, b = finished(runs_dir, "a"), finished(runs_dir, "b", kernel_size=5)
    test = open_compare(runs=f"{a.id},{b.id}")
    columns = table(test)
    assert columns["Kernel size"] == ["3×3", "5×5"]
    assert "Batch size" not in columns
    assert "batch size 32" in said(test)
    assert "one seed" in said(test)


def test_unfinished_and_damaged_runs_are_not_offered(runs_dir: Path) -> None:
    kept = finished(runs_dir, "kept")
    RunDirectory.create(runs_dir, experiment(), name="queued")
    damaged = finished(runs_dir, "damaged")
    (damaged.path / "spec.json").write_text("{")
    test = open_compare()
    assert not test.exception
    assert test.multiselect(key="runs_several").value == [kept.id]
    assert len(test.multiselect(key="runs_several").options) == 1


def test_one_run_alone_asks_for_a_second(runs_dir: Path) -> None:
    finished(runs_dir, "alone")
    assert "Choose a second run" in said(open_compare())


def test_no_run_chosen_says_so(runs_dir: Path) -> None:
    finished(runs_dir, "a")
    test = open_compare()
    test.multiselect(key="runs_several").set_value([]).run()
    assert not test.exception
    assert "No run is chosen" in said(test)


def test_kernel_sizes_are_found_by_one_button(runs_dir: Path) -> None:
    small, large = finished(runs_dir, "small"), finished(runs_dir, "large", kernel_size=5)
    finished(runs_dir, "longer", kernel_size=5, epochs=9)
    test = open_compare()
    test.button(key="compare_kernels").click().run()
    assert test.multiselect(key="runs_several").value == [small.id, large.id]


def test_without_such_a_pair_the_button_says_what_to_train(runs_dir: Path) -> None:
    finished(runs_dir, "small")
    test = open_compare()
    test.button(key="compare_kernels").click().run()
    assert "differ in the kernel size alone" in said(test)


def test_two_runs_are_compared_image_by_image(runs_dir: Path) -> None:
    a, b = finished(runs_dir, "a", wrong=0.4, seed=1), finished(runs_dir, "b", wrong=0.1, seed=2)
    test = open_compare(runs=f"{a.id},{b.id}")
    first, second = a.predictions(), b.predictions()
    assert first is not None
    assert second is not None
    changed = changes(pair(first, second))
    assert mcnemar(len(changed.fixed), len(changed.broken)).p_value < 0.001
    text = said(test)
    assert f"fixes **{len(changed.fixed)}** images and breaks **{len(changed.broken)}**" in text
    assert "p\u00a0<\u00a00.001" in text
    assert "more than chance that B is right more often" in text
    assert f"**{len(changed.fixed)}** images, B's most confident first" in text


def test_broken_images_and_a_chosen_cell_are_shown(runs_dir: Path) -> None:
    a, b = finished(runs_dir, "a", wrong=0.4, seed=1), finished(runs_dir, "b", wrong=0.1, seed=2)
    test = open_compare(runs=f"{a.id},{b.id}")
    test.segmented_control(key="pair_shown").set_value("Broken by B").run()
    assert "images, B's most confident first" in said(test)
    test.session_state["pair_cell"] = (3, 4)
    test.run()
    test.segmented_control(key="pair_shown").set_value("Chosen cell").run()
    assert not test.exception
    names = datasets.facts(a.spec().experiment.dataset).class_names
    assert f"{names[3]} images that only one of the runs takes for {names[4]}" in said(test)


def test_every_tab_draws(runs_dir: Path) -> None:
    a, b = finished(runs_dir, "a"), finished(runs_dir, "b", kernel_size=5, seed=3)
    test = open_compare(runs=f"{a.id},{b.id}")
    for tab in ("Two runs, image by image", "Time and accuracy", "Accuracy", "Per class"):
        test.session_state["part"] = tab
        test.run()
        assert not test.exception, tab
    assert "F1 · a" in test.dataframe[1].value.columns


def test_runs_on_other_images_are_not_compared_image_by_image(runs_dir: Path) -> None:
    a, b = finished(runs_dir, "a"), finished(runs_dir, "b")
    saved = b.predictions()
    assert saved is not None
    b.save_predictions(saved | {"test_indices": saved["test_indices"] + 100_000})
    test = open_compare(runs=f"{a.id},{b.id}")
    assert not test.exception
    assert "no image in common" in said(test)


def test_weights_of_runs_without_a_network_are_told(runs_dir: Path) -> None:
    a, b = finished(runs_dir, "a"), finished(runs_dir, "b")
    test = open_compare(runs=f"{a.id},{b.id}")
    test.session_state["part"] = "Weights and biases"
    test.run()
    assert not test.exception
    assert any("has no finished network" in warning.value for warning in test.warning)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_weights_are_laid_over_each_other(runs_dir: Path) -> None:
    """Two real networks, untrained: keras's own initial weights, drawn layer by layer."""
    a, b = finished(runs_dir, "a"), finished(runs_dir, "b", kernel_size=5, seed=3)
    for run in (a, b):
        asked = run.spec().experiment
        build_model(asked.architecture, datasets.facts(asked.dataset).input_shape, 10).save(run.model_path)
    test = open_compare(runs=f"{a.id},{b.id}")
    test.session_state["part"] = "Weights and biases"
    test.run()
    assert not test.exception
    assert not test.warning
    table = test.dataframe[-1].value
    first = keras.models.load_model(a.path / "model.keras").get_layer("block1_conv1").get_weights()[0]
    row = table[(table["Layer"] == "block1_conv1") & (table["Values"] == "weights")]
    assert float(row["a"].iloc[0]) == pytest.approx(float(np.sqrt(np.mean(first**2))), rel=0.005)


def test_seeds_stand_together_with_mean_and_spread(runs_dir: Path) -> None:
    runs = [
        finished(runs_dir, f"r · seed {i}", wrong=0.1 + 0.1 * i, seed=i, training_seed=i) for i in range(3)
    ]
    other = finished(runs_dir, "wide", kernel_size=5)
    test = open_compare(runs=",".join([*(run.id for run in runs), other.id]))
    accuracies = [100 * json.loads((run.path / "report.json").read_text())["test_accuracy"] for run in runs]
    columns = table(test)
    assert columns["Run"] == ["r", "wide"]
    assert columns["Test accuracy"][0] == pytest.approx(np.mean(accuracies))
    assert columns["Over seeds"] == [f"± {np.std(accuracies, ddof=1):.1f} (3 seeds)", "one seed"]
    assert "Seed" not in columns
    test.toggle(key="compare_together").set_value(False).run()
    assert not test.exception
    assert table(test)["Seed"] == ["0", "1", "2", "0"]


def test_one_seed_has_the_interval_of_its_images(runs_dir: Path) -> None:
    run = finished(runs_dir, "alone")
    right, n = round(json.loads((run.path / "report.json").read_text())["test_accuracy"] * 360), 360
    found = binomtest(right, n).proportion_ci(method="wilson")
    assert table(open_compare())["95 % interval"] == [f"{100 * found.low:.1f} … {100 * found.high:.1f} %"]


def test_runs_on_different_data_sets_are_not_compared_silently(runs_dir: Path) -> None:
    a, b = finished(runs_dir, "a"), finished(runs_dir, "b")
    spec = json.loads((b.path / "spec.json").read_text())
    spec["experiment"]["dataset"]["name"] = "mnist"
    (b.path / "spec.json").write_text(json.dumps(spec))
    test = open_compare(runs=f"{a.id},{b.id}")
    assert not test.exception
    assert any("Different data sets: Digits · MNIST" in one.value for one in test.warning)


def test_other_test_images_are_told(runs_dir: Path) -> None:
    a, b = finished(runs_dir, "a"), finished(runs_dir, "b")
    spec = json.loads((b.path / "spec.json").read_text())
    spec["experiment"]["dataset"]["test_size"] = 100
    (b.path / "spec.json").write_text(json.dumps(spec))
    test = open_compare(runs=f"{a.id},{b.id}")
    assert any("tested on different images" in one.value for one in test.warning)
