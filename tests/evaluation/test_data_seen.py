"""A run belongs to its data: an image folder that changed under its name is another data set."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz import architectures, datasets
from cnnviz.engine.local import LocalEngine
from cnnviz.errors import DataError
from cnnviz.evaluation import class_names, data_changed, find_finished
from cnnviz.runs import DataSeen, RunDirectory, RunReport, load_summary
from cnnviz.specs import DatasetSpec, ExperimentSpec, TrainingSpec
from cnnviz.studies.study import look
from cnnviz.studies.study_spec import Member
from tests.commands import cnnviz
from tests.examples import ROOT
from tests.patience import PATIENCE

MAIN = ROOT / "cnnviz/ui/main.py"
PETS = DatasetSpec(name="folder:pets")


def picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def pets(data_dir: Path) -> Path:
    """Twenty pictures of cats and twenty of dogs."""
    for label, name in enumerate(("cat", "dog")):
        for i in range(20):
            picture(data_dir / "pets" / name / f"{i}.png", 100 * label + i)
    return data_dir / "pets"


@pytest.fixture
def run(pets: Path, runs_dir: Path) -> RunDirectory:
    """A finished run on them, as a worker leaves it; its answers are made up."""
    network, training = architectures.make("one-convolution"), TrainingSpec(batch_size=16)
    experiment = ExperimentSpec(dataset=PETS, architecture=network, training=training)
    run, data = RunDirectory.create(runs_dir, experiment, name="on pets"), datasets.load(PETS)
    arrays = {}
    for name in ("test", "train", "validation"):
        split = getattr(data, name)
        arrays[f"{name}_probabilities"] = np.tile(np.array([0.75, 0.25], np.float16), (len(split), 1))
        arrays[f"{name}_labels"], arrays[f"{name}_indices"] = split.labels, split.indices
    run.save_predictions(arrays)
    run.write_data(DataSeen(data.digest, len(data.full_train), len(data.full_test), data.class_names))
    run.write_report(
        RunReport(
            test_accuracy=0.5,
            n_train=len(data.train),
            n_test=len(data.test),
            fit_seconds=1.0,
            params=9,
            epochs=5,
        )
    )
    run.set_status(state="done")
    return run


def test_the_digest_is_of_the_pictures_and_not_of_their_files(pets: Path) -> None:
    before = datasets.digest(PETS)
    shutil.copytree(pets, pets.with_name("copied"))
    assert datasets.digest(DatasetSpec(name="folder:copied")) == before
    for path in pets.rglob("*.png"):
        os.utime(path, (1, 1))
    assert datasets.digest(PETS) == before
    assert datasets.load(PETS).digest == before


def add(pets: Path) -> None:
    for i in range(6):
        picture(pets / "cat" / f"new{i}.png", 1000 + i)


def replace(pets: Path) -> None:
    picture(pets / "dog" / "3.png", 2000)


def move(pets: Path) -> None:
    (pets / "dog" / "3.png").rename(pets / "cat" / "other.png")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (add, "It was trained on 40 images; the folder 'pets' now holds 46."),
        (replace, "Some images of the folder 'pets' are others than when it was trained."),
        (move, "Some images of the folder 'pets' are others than when it was trained."),
    ],
)
def test_a_changed_folder_is_another_experiment_until_it_is_as_before(
    pets: Path, run: RunDirectory, change: Callable[[Path], None], says: str
) -> None:
    experiment = run.spec().experiment
    member = Member(label="", seed=0, experiment=experiment, name="")
    before = pets.with_name("before")
    shutil.copytree(pets, before)
    assert data_changed(run) == ""
    assert find_finished(experiment) == load_summary(run.path)
    assert look([member]).members[0][1] == load_summary(run.path)
    change(pets)
    assert data_changed(run).startswith(says)
    assert find_finished(experiment) is None
    assert look([member]).members[0][1] is None
    shutil.rmtree(pets)
    shutil.copytree(before, pets)
    assert data_changed(run) == ""
    assert find_finished(experiment) == load_summary(run.path)


def test_classes_keep_the_names_that_the_run_was_given(pets: Path, run: RunDirectory) -> None:
    picture(pets / "ant" / "1.png", 5)
    picture(pets / "ant" / "2.png", 6)
    assert datasets.facts(PETS).class_names == ("ant", "cat", "dog")
    assert class_names(run) == ("cat", "dog")
    shutil.rmtree(pets)
    assert class_names(run) == ("cat", "dog")
    assert data_changed(run) == ""  # that it is gone is said by whoever needs its images


def test_a_run_without_a_digest_is_told_by_the_labels_of_its_images(pets: Path, run: RunDirectory) -> None:
    (run.path / "data.json").unlink()
    assert data_changed(run) == ""
    move(pets)
    assert data_changed(run).startswith("Some images of the folder 'pets'")


def test_a_run_does_not_go_on_with_other_images(pets: Path, run: RunDirectory, runs_dir: Path) -> None:
    run.set_status(state="stopped")
    (run.path / "epochs.jsonl").write_text('{"epoch": 1}\n')
    add(pets)
    with pytest.raises(DataError, match=r"can't go on. It was trained on 40 images; .* now holds 46"):
        LocalEngine(runs_dir).resume(run.id)
    assert run.status().state == "stopped"


def test_the_report_says_so_for_people_and_machines(pets: Path, run: RunDirectory) -> None:
    assert json.loads(cnnviz("report", run.id, "--json").stdout)["data_changed"] is False
    add(pets)
    told = json.loads(cnnviz("report", run.id, "--json").stdout)
    assert told["data_changed"] is True
    assert told["data_note"] == data_changed(run)
    assert told["class_names"] == ["cat", "dog"]
    assert told["data_note"] in cnnviz("report", run.id).stderr


@pytest.mark.parametrize("page", ["report", "train", "compare", "home"])
def test_pages_say_so_and_show_no_image_by_its_place(pets: Path, run: RunDirectory, page: str) -> None:
    test = AppTest.from_file(str(MAIN), default_timeout=PATIENCE)
    test.query_params["runs" if page == "compare" else "run"] = run.id
    test.run()
    file = str(ROOT / "pages" / f"{page}.py")
    shown = test.switch_page(file).run()
    assert not shown.exception
    assert not any("46" in warning.value for warning in shown.warning)
    add(pets)
    shown.run()
    assert not shown.exception
    if page == "home":
        assert "(changed since)" in " ".join(str(html.proto.body) for html in shown.get("html"))
    else:
        said = [warning.value for warning in shown.warning]
        assert any("now holds 46" in text for text in said), said
    assert not shown.get("imgs") or page == "home"
