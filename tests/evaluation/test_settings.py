"""What several runs differ in, as the Compare page shows it."""

from __future__ import annotations

import pytest

from cnnviz import architectures
from cnnviz.evaluation import contrast, settings_of
from cnnviz.evaluation.settings import loss_words
from cnnviz.specs import ArchitectureSpec, AugmentationSpec, DatasetSpec, ExperimentSpec, TrainingSpec
from cnnviz.studies.study_spec import experiment_of


def _experiment(kernel_size: int, **training: object) -> ExperimentSpec:
    return ExperimentSpec(
        dataset=DatasetSpec(name="cifar10"),
        architecture=architectures.make("two-pairs", kernel_size=kernel_size),
        training=TrainingSpec.parse(training),
    )


def test_only_settings_that_differ_are_named() -> None:
    found = contrast([_experiment(3, epochs=2), _experiment(5, epochs=2)])
    assert found.differing == {"kernel size": ["3×3", "5×5"]}
    assert found.common["epochs"] == "2"
    assert found.common["data set"] == "CIFAR-10"
    assert found.common["training images"] == "all"


def test_augmentation_is_one_setting_in_words() -> None:
    flipped = _experiment(3, augmentation=AugmentationSpec(horizontal_flip=True, rotation=15))
    found = contrast([_experiment(3), flipped])
    assert found.differing == {"augmentation": ["none", "rotation 15°, flip"]}


def test_a_parameter_that_only_one_network_has_is_a_dash_elsewhere() -> None:
    other = _experiment(3).but(architecture=architectures.make("strided"))
    found = contrast([_experiment(3), other])
    assert found.differing["network"] == ["Two pairs of convolutions", "Strided convolutions"]
    assert "–" in found.differing["dense"] or "–" in found.differing["stride"]


def test_networks_edited_by_hand_differ_in_their_layers() -> None:
    one = _experiment(5)
    layers = [layer.model_dump() for layer in one.architecture.layers]
    layers[0]["filters"] = 7
    edited = one.but(architecture={**one.architecture.model_dump(), "layers": layers})
    plain = [ArchitectureSpec(name="", layers=spec.architecture.layers) for spec in (one, edited)]
    assert contrast([one, edited]).differing == {
        "layers": [f"{len(spec.layers)} ({spec.hash()[:6]})" for spec in plain]
    }


def test_the_learning_rate_is_the_one_that_is_used() -> None:
    assert settings_of(_experiment(3, optimizer="SGD"))["learning rate"] == "0.01"


def test_a_network_and_a_data_set_that_are_gone_keep_their_names_and_values() -> None:
    """Runs of a lecture of long ago, whose entries nobody registers any more."""
    old = _experiment(3)
    architecture = old.architecture.model_dump() | {"name": "forgotten", "parameters": {"side_of_all": 3}}
    rows = settings_of(old.but(architecture=architecture, dataset={"name": "lost"}))
    assert (rows["data set"], rows["network"], rows["side of all"]) == ("lost", "forgotten", "3")
    assert "kernel size" not in rows


def test_one_experiment_differs_in_nothing() -> None:
    assert contrast([_experiment(3)]).differing == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "cross-entropy"),
        ({"training.l2": 0.001, "training.regularize": "dense"}, "cross-entropy with penalty"),
        ({"training.label_smoothing": 0.1}, "cross-entropy with smoothed labels"),
        (
            {"training.l1": 0.001, "training.class_weight": "balanced"},
            "cross-entropy with penalty and class weights",
        ),
        ({"architecture.name": "strides-or-pooling"}, "cross-entropy with penalty"),
        ({"architecture.name": "strides-or-pooling", "architecture.l1": 0.0}, "cross-entropy"),
    ],
)
def test_a_loss_is_called_what_it_is(changes, expected):
    settings = {"dataset.name": "shapes", "architecture.name": "two-pairs", **changes}
    assert loss_words(experiment_of(settings)) == expected
