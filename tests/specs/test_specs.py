"""Specs: strict about what comes in, one canonical JSON, one hash a content."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.errors import SpecError
from cnnviz.specs import (
    ArchitectureSpec,
    AugmentationSpec,
    Conv2D,
    DatasetSpec,
    Dense,
    ExperimentSpec,
    Flatten,
    Spec,
    TrainingSpec,
)

OUTPUT = Dense(name="softmax", units="classes", activation="softmax")
SMALL = ArchitectureSpec.of([Conv2D(name="block1_conv1", filters=8)], Flatten(), OUTPUT)
TRAININGS = st.builds(
    TrainingSpec,
    epochs=st.integers(1, 10_000),
    batch_size=st.integers(1, 65_536),
    optimizer=st.sampled_from(["SGD", "Adam", "Adadelta"]),
    learning_rate=st.none() | st.floats(1e-9, 1000),
    augmentation=st.builds(AugmentationSpec, rotation=st.floats(0, 180), horizontal_flip=st.booleans()),
    seed=st.integers(0, 2**31 - 1),
)


@given(TRAININGS)
def test_json_brings_back_the_same_spec_and_hash(training: TrainingSpec) -> None:
    experiment = ExperimentSpec(architecture=SMALL, training=training)
    again = ExperimentSpec.from_json(experiment.to_json())
    assert again == experiment
    assert again.hash() == experiment.hash()


@given(TRAININGS, TRAININGS)
def test_different_trainings_have_different_hashes(one: TrainingSpec, other: TrainingSpec) -> None:
    assert (one == other) == (one.hash() == other.hash())


def test_hash_does_not_depend_on_the_order_of_keys() -> None:
    shuffled = dict(reversed(json.loads(TrainingSpec().to_json()).items()))
    assert TrainingSpec.parse(shuffled).hash() == TrainingSpec().hash()


def test_a_spec_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        TrainingSpec().epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        (TrainingSpec, {"epochs": 0}, r"epochs .*greater than or equal to 1; received 0"),
        (TrainingSpec, {"epochs": 10**9}, r"epochs .*less than or equal to 10000"),
        (TrainingSpec, {"epoch": 3}, r"'epoch' is not a setting\. Did you mean 'epochs'\?"),
        (TrainingSpec, {"optimizer": "adam"}, r"no optimizer 'adam'\. Did you mean 'Adam'"),
        (TrainingSpec, {"learning_rate": float("nan")}, r"learning_rate .*finite"),
        (TrainingSpec, {"learning_rate": -1}, r"learning_rate .*greater than 0"),
        (TrainingSpec, {"momentum": 0.9}, r"momentum 0\.9 has no meaning for Adam.*SGD or RMSprop"),
        (TrainingSpec, {"device": "tpu"}, r"device .*received 'tpu'"),
        (TrainingSpec, {"augmentation": {"rotate": 3}}, r"'augmentation\.rotate'.*Did you mean 'rotation'"),
        (DatasetSpec, {"train_size": 0}, r"train_size .*greater than or equal to 2"),
        (DatasetSpec, {"validation_split": 1.0}, r"validation_split .*less than or equal to 0\.9"),
        (DatasetSpec, {"folds": 3, "validation_split": 0}, r"folds and fold belong together"),
        (DatasetSpec, {"folds": 3, "fold": 4, "validation_split": 0}, r"no fold 4 of 3"),
        (TrainingSpec, {"init_from": "../elsewhere"}, r"init_from .*match pattern"),
        (DatasetSpec, {"size": 4}, r"size .*greater than or equal to 8"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(
    kind: type[Spec], data: dict[str, object], says: str
) -> None:
    with pytest.raises(SpecError, match=says):
        kind.parse(data)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(SpecError, match="not JSON"):
        DatasetSpec.from_json("{")


def test_two_layers_of_one_name_are_refused() -> None:
    with pytest.raises(SpecError, match="'flatten' occurs twice"):
        ArchitectureSpec.of(Flatten(), Flatten(), OUTPUT)


def test_a_network_must_end_as_a_classifier() -> None:
    with pytest.raises(SpecError, match=r"last layer is Flatten.*softmax"):
        ArchitectureSpec.of(Flatten())


def test_early_stopping_needs_validation_images() -> None:
    with pytest.raises(SpecError, match="validation_split"):
        ExperimentSpec.parse(
            {"dataset": {"validation_split": 0}, "architecture": SMALL, "training": {"early_stopping": 2}}
        )


@pytest.mark.parametrize(("optimizer", "rate"), [("SGD", 0.01), ("Adam", 0.001), ("RMSprop", 0.001)])
def test_default_rate_is_the_one_of_keras(optimizer: str, rate: float) -> None:
    assert TrainingSpec(optimizer=optimizer).rate == rate


def test_augmentation_says_what_is_on() -> None:
    some = AugmentationSpec(rotation=15, width_shift=0.1, height_shift=0.1, horizontal_flip=True)
    assert some.label() == "rotation 15°, shift 0.1, flip"
    assert some.active
    assert AugmentationSpec().label() == "none"
    assert not AugmentationSpec().active


def test_rare_fields_are_in_json_and_hash_only_where_they_are_set() -> None:
    # So that results of experiments without them were found again when the fields were added.
    assert "fold" not in DatasetSpec().to_json()
    assert "freeze" not in TrainingSpec().to_json()
    assert "init_from" not in TrainingSpec().to_json()
    fold = DatasetSpec(validation_split=0, folds=3, fold=2)
    assert DatasetSpec.from_json(fold.to_json()) == fold
    assert fold.but(fold=1).hash() != fold.hash()
    assert TrainingSpec(freeze="base").hash() != TrainingSpec().hash()


def test_folds_are_validation_enough_for_early_stopping() -> None:
    fold = {"validation_split": 0, "folds": 3, "fold": 1}
    ExperimentSpec.parse({"dataset": fold, "architecture": SMALL, "training": {"early_stopping": 2}})


def test_the_base_ends_where_the_maps_become_a_vector() -> None:
    assert [layer.name for layer in SMALL.base] == ["block1_conv1"]
