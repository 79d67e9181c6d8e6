"""The Data page, run as a script: the galleries hold the images that their captions name."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz import datasets
from cnnviz.datasets import DATASETS
from cnnviz.specs import DatasetSpec
from cnnviz.ui import show
from tests.patience import PATIENCE

MAIN = str(Path(__file__).resolve().parents[2] / "cnnviz" / "ui" / "main.py")


def open_data(**link: str) -> AppTest:
    """The page, opened by a link."""
    test = AppTest.from_file(MAIN, default_timeout=PATIENCE)
    for key, value in link.items():
        test.query_params[key] = value
    test.run()
    test = test.switch_page("../../pages/data.py").run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return "\n".join(
        str(element.value) for element in (*test.markdown, *test.caption, *test.warning, *test.info)
    )


def shown(test: AppTest) -> dict[str, Any]:
    """What the page's gallery was given; titles and lines as lists."""
    (element,) = (one for one in test.get("bidi_component") if "theme" not in one.proto.component_name)
    given = dict(json.loads(element.proto.json))
    assert given["kind"] == "gallery"
    tiles = given["tiles"]
    return given | {f"{word}s": [tile.get(word, "") for tile in tiles] for word in ("title", "line")}


def pixels(gallery: dict[str, Any]) -> list[np.ndarray]:
    """The gallery's images, cut out of its sprite."""
    sheet = gallery["sheet"]
    sprite = np.asarray(Image.open(io.BytesIO(base64.b64decode(sheet["url"].split(",")[1]))).convert("RGB"))
    height, width, across = sheet["height"], sheet["width"], sheet["across"]
    return [
        sprite[i // across * height :, i % across * width :][:height, :width]
        for i in range(len(gallery["tiles"]))
    ]


def index(line: str) -> int:
    return int(line.removeprefix("index ").replace(",", ""))


def test_every_class_is_shown_with_its_name_and_index() -> None:
    loaded = datasets.load(DatasetSpec(name="shapes"))
    gallery = shown(open_data(dataset="shapes"))
    assert gallery["titles"] == list(loaded.class_names)
    assert (gallery["columns"], gallery["pick"]) == (5, True)  # A1: two rows of five
    for label, (image, line) in enumerate(zip(pixels(gallery), gallery["lines"], strict=True)):
        first = int(np.flatnonzero(loaded.full_train.labels == label)[0])
        assert index(line) == first
        assert np.array_equal(image, loaded.full_train.images_at([first])[0])


def test_the_nth_image_of_the_test_set_can_be_asked_for() -> None:
    loaded = datasets.load(DatasetSpec(name="shapes"))
    test = open_data(dataset="shapes", half="Test", nth="3")
    lines = [index(line) for line in shown(test)["lines"]]
    assert lines == [int(np.flatnonzero(loaded.full_test.labels == label)[2]) for label in range(10)]
    test.number_input(key="nth").set_value(4).run()
    assert shown(test)["label"] == "Image 4 of each class of shapes"


def test_samples_are_of_the_class_and_another_sample_is_another() -> None:
    loaded = datasets.load(DatasetSpec(name="digits"))
    test = open_data(look="Images", **{"class": "7"})
    first = [index(line) for line in shown(test)["lines"]]
    assert len(set(first)) == 10  # A2
    assert set(loaded.full_train.labels[first].tolist()) == {7}
    next(button for button in test.button if button.label == "Others").click().run()
    second = [index(line) for line in shown(test)["lines"]]
    assert set(second) != set(first)
    assert set(loaded.full_train.labels[second].tolist()) == {7}


def test_classes_are_looked_through_one_after_the_other() -> None:
    loaded = datasets.load(DatasetSpec(name="digits"))
    test = open_data(look="Images")
    for label in ("0", "1"):
        test.button("class_after").click().run()
        assert test.query_params["class"] == label
        lines = [index(line) for line in shown(test)["lines"]]
        assert set(loaded.full_train.labels[lines].tolist()) == {int(label)}
    for _ in range(3):  # before the first class are all classes, before these the last
        test.button("class_before").click().run()
    assert test.query_params["class"] == "9"


def test_samples_of_all_classes_name_their_classes() -> None:
    loaded = datasets.load(DatasetSpec(name="shapes"))
    gallery = shown(open_data(dataset="shapes", look="Images", count="50", half="Test"))
    assert len(gallery["titles"]) == 50  # B1
    for title, line in zip(gallery["titles"], gallery["lines"], strict=True):
        assert title == loaded.class_names[loaded.full_test.labels[index(line)]]


def test_numbers_show_mean_images_and_counts() -> None:
    loaded = datasets.load(DatasetSpec(name="digits"))
    test = open_data(look="Numbers")
    gallery = shown(test)
    truth = loaded.train.images[loaded.train.labels == 4].mean(axis=0).round()
    assert np.array_equal(pixels(gallery)[4][..., :1], truth)
    assert len(test.get("plotly_chart")) == 2
    assert test.dataframe[0].value["brightest"].tolist() == [255]


def test_the_preview_shows_an_example_until_something_is_chosen() -> None:
    test = open_data(look="Augmentation")
    assert "No augmentation is chosen" in said(test)
    next(button for button in test.button if button.label == "Train with it").click().run()
    assert not test.exception
    assert "**rotation 15°, shift 0.1**, as set in the sidebar" in said(test)
    assert test.session_state["rotation"] == 15


def test_the_preview_keeps_the_first_column_as_it_is() -> None:
    loaded = datasets.load(DatasetSpec(name="shapes"))
    gallery = shown(open_data(dataset="shapes", look="Augmentation", brightness="0.3"))
    first = int(np.flatnonzero(loaded.full_train.labels == 0)[0])
    images = pixels(gallery)
    assert np.array_equal(images[0], loaded.full_train.images_at([first])[0])
    assert all(not np.array_equal(images[0], image) for image in images[1:8])


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "cifar10", "cifar100"])
@pytest.mark.parametrize("look", ["Classes", "Numbers"])
def test_a_missing_set_is_offered_for_download_with_its_size(
    data_dir: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch, name: str, look: str
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(data_dir / "none"))
    test = open_data(dataset=name, look=look)
    entry = DATASETS.get(name)
    assert f"{entry.title} is not on this machine yet" in said(test)
    (button,) = (one for one in test.button if one.key == "data_fetch")
    assert button.label == f"Download it ({entry.download_size / 1e6:,.0f} MB)"
    assert str(data_dir) in said(test)
    assert entry.downloads[0].file in said(test)


def test_own_images_are_listed_with_what_they_lack(
    data_dir: Path, image_folders: Callable[[dict[str, int]], None]
) -> None:
    image_folders({"pets/cat": 6, "pets/dog": 6, "lonely/cat": 3})
    test = open_data(look="Own images")
    assert re.search(r"\*\*pets\*\* — \d+ training, \d+ test images, 2 classes: cat, dog", said(test))
    assert "**lonely** — " in said(test)
    assert "only one class folder" in said(test)
    test.button(key="data_look_folder:pets").click().run()
    assert not test.exception
    assert shown(test)["titles"] == ["cat", "dog"]


def test_a_folder_that_can_not_be_used_gives_a_message_and_no_failure(
    data_dir: Path, image_folders: Callable[[dict[str, int]], None]
) -> None:
    image_folders({"lonely/cat": 3})
    assert "only one class folder" in said(open_data(dataset="folder:lonely"))


def test_a_broken_image_is_named_on_the_page(
    data_dir: Path, image_folders: Callable[[dict[str, int]], None]
) -> None:
    image_folders({"pets/cat": 6, "pets/dog": 6})
    (data_dir / "pets" / "cat" / "3.png").write_bytes(b"nothing")
    assert "1 of 12 images in 'pets' can't be read" in (words := said(open_data(dataset="folder:pets")))
    assert "cat/3.png" in words
    assert not open_data(dataset="folder:pets", leave_out_bad="true").exception


def test_more_images_than_there_are_is_said_calmly() -> None:
    assert show.plain("train_size is 5,000, but Digits has 1,437") in said(open_data(train_size="5000"))


@pytest.mark.parametrize("link", [{"look": "Nonsense"}, {"class": "77"}, {"nth": "99999"}, {"half": "x"}])
def test_a_link_with_nonsense_opens_the_page_all_the_same(link: dict[str, str]) -> None:
    assert len(shown(open_data(**link))["lines"]) > 0


@pytest.fixture
def image_folders(data_dir: Path) -> Callable[[dict[str, int]], None]:
    """Make class folders in the data folder, each with so many images."""

    def make(classes: dict[str, int]) -> None:
        for number, (name, count) in enumerate(classes.items()):
            (data_dir / name).mkdir(parents=True)
            for one in range(count):
                Image.new("RGB", (10, 10), (number, one, 9)).save(data_dir / name / f"{one}.png")

    return make
