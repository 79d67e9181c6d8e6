"""Names of variants at a scale: they never say more than was run."""

from __future__ import annotations

import re

import pytest

from cnnviz.reports.library import recipes
from cnnviz.reports.recipe import SCALES, ScaleName, name_at, network_in, report_says


def test_epochs_and_images_in_a_label_become_those_that_are_run() -> None:
    published = {"training.epochs": 100, "dataset.train_size": 5_000}
    run = {"training.epochs": 10, "dataset.train_size": 1_250}
    assert name_at("thin, n = 5,000, 100 epochs", published, run) == "thin, n = 1,250, 10 epochs"
    assert name_at("thin, n = 5,000, 100 epochs", published, published) == "thin, n = 5,000, 100 epochs"
    assert name_at("VGG16, 2 epochs", {"training.epochs": 2}, {"training.epochs": 1}) == "VGG16, 1 epoch"
    assert name_at("8 filters, stride 2", {"training.epochs": 8}, {"training.epochs": 4}) == (
        "8 filters, stride 2"
    )


def test_what_the_reports_number_belongs_to_is_kept_beside_it() -> None:
    assert report_says("VGG16, 10 epochs", "VGG16, 5 epochs") == "10 epochs"
    assert report_says("thin, n = 5,000, 20 epochs", "thin, n = 5,000, 5 epochs") == "20 epochs"
    assert report_says("3×3", "3×3") == ""


def test_a_network_has_no_epochs() -> None:
    assert network_in("thin, n = 5,000, 20 epochs") == "thin"
    assert network_in("32 filters, stride 2") == "32 filters, stride 2"
    assert network_in("30 epochs") == ""


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("key", list(recipes()))
def test_no_name_of_any_recipe_says_what_is_not_run(key: str, scale: ScaleName) -> None:
    recipe = recipes().get(key)
    names = [recipe.name(variant, scale) for variant in recipe.chosen(scale)]
    assert len(set(names)) == len(names)
    for variant, name in zip(recipe.chosen(scale), names, strict=True):
        if not recipe.trains:
            continue
        run = recipe.experiment(variant, scale)
        for epochs in re.findall(r"(\d+) epochs?", name):
            assert int(epochs) == run.training.epochs
        for images in re.findall(r"n = ([\d,]+)", name):
            assert int(images.replace(",", "")) == run.dataset.train_size
        asked = recipe.experiment(variant, "full").architecture
        smaller = run.architecture != asked and run.architecture.name == asked.name
        assert ("narrower" in name) == smaller
        if scale == "full":
            assert name == variant.label
