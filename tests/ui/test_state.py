"""The sidebar's values become an experiment; what is impossible becomes a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.architectures import ARCHITECTURES, make
from cnnviz.specs import SETTINGS, AugmentationSpec, DatasetSpec, ExperimentSpec, TrainingSpec
from cnnviz.ui import state


def test_nothing_chosen_is_the_embedded_default() -> None:
    draft = state.from_values({})
    assert draft.error is None
    assert draft.dataset.name == "digits"
    assert draft.experiment is not None
    assert draft.experiment.training == TrainingSpec()
    assert draft.summary is not None
    assert draft.summary.classes == 10


def test_every_key_reaches_its_field() -> None:
    values = {
        "dataset": "shapes",
        "network": "two-pairs",
        "two-pairs.kernel_size": 5,
        "two-pairs.filters": "8, 16",
        "train_size": 300,
        "validation": 0.2,
        "epochs": 7,
        "batch": 64,
        "optimizer": "SGD",
        "momentum": 0.9,
        "rate": 0.05,
        "l2": 0.001,
        "rotation": 15.0,
        "flip_x": True,
        "seed": 4,
    }
    experiment = state.from_values(values).experiment
    assert experiment is not None
    assert experiment.dataset.name == "shapes"
    assert experiment.dataset.train_size == 300
    assert experiment.dataset.validation_split == 0.2
    assert experiment.architecture.parameters == {"kernel_size": 5, "filters": (8, 16)}
    training = experiment.training
    assert (training.epochs, training.batch_size, training.optimizer) == (7, 64, "SGD")
    assert (training.momentum, training.rate, training.l2, training.seed) == (0.9, 0.05, 0.001, 4)
    assert (training.augmentation.rotation, training.augmentation.horizontal_flip) == (15.0, True)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"network": "vgg16", "dataset": "digits"}, "block"),
        ({"two-pairs.kernel_size": 31}, "kernel"),
        ({"two-pairs.filters": "many"}, "filters of two-pairs must be"),
        ({"train_size": 10**7}, "train_size"),
        ({"dataset": "folder:nothing"}, "nothing"),
        ({"patience": 2, "validation": 0.0}, "validation_split"),
        ({"epochs": 0}, "epochs"),
    ],
)
def test_what_is_impossible_is_said_and_cannot_be_trained(values: dict[str, object], says: str) -> None:
    draft = state.from_values(values)
    assert draft.experiment is None
    assert says in (draft.error or "")


def test_a_value_of_another_network_or_data_set_is_ignored() -> None:
    values = {
        "network": "lenet",
        "two-pairs.kernel_size": 5,
        "dataset": "shapes",
        "size": "16",
        "labels": "coarse",
    }
    draft = state.from_values(values)
    assert draft.error is None
    assert draft.architecture == make("lenet")
    assert draft.dataset.size is None
    assert draft.dataset.labels == "fine"


@given(
    st.builds(
        ExperimentSpec,
        dataset=st.builds(
            DatasetSpec,
            name=st.just("digits"),
            size=st.sampled_from([None, 32]),
            train_size=st.none() | st.integers(50, 1000),
            seed=st.integers(0, 99),
        ),
        architecture=st.sampled_from(
            [
                make("two-pairs"),
                make("two-pairs", kernel_size=5, filters=(8, 16)),
                make("lenet"),
                make("strided"),
            ]
        ),
        training=st.builds(
            TrainingSpec,
            epochs=st.integers(1, 50),
            optimizer=st.sampled_from(["SGD", "Adam"]),
            learning_rate=st.none() | st.floats(1e-5, 1),
            early_stopping=st.none() | st.integers(1, 9),
            first_kernels=st.sampled_from([None, "hand-made"]),
            freeze=st.sampled_from([None, "first", "base"]),
            augmentation=st.builds(
                AugmentationSpec, rotation=st.floats(0, 90), horizontal_flip=st.booleans()
            ),
        ),
    )
)
def test_an_experiment_in_the_sidebar_is_the_same_experiment(experiment: ExperimentSpec) -> None:
    draft = state.from_values(state.values_of(experiment))
    assert draft.error is None
    assert draft.experiment == experiment


def test_momentum_is_kept_for_later_where_the_optimizer_has_none() -> None:
    draft = state.from_values({"optimizer": "Adam", "momentum": 0.9})
    assert draft.error is None
    assert draft.training.momentum == 0


def test_a_network_brings_the_training_that_suits_it() -> None:
    for name in ARCHITECTURES:
        training = state.from_values({"network": name}).training
        for field, value in ARCHITECTURES.get(name).defaults.items():
            assert getattr(training, field) == value


def test_every_setting_has_a_widget_or_is_set_elsewhere() -> None:
    elsewhere = {path for path, setting in SETTINGS.items() if setting.group is None}
    assert {item.path for item in state.WIDGETS} == set(SETTINGS) - elsewhere
    # A widget of its own kind for the data set, and for what it leaves to choose; studies choose the others.
    assert elsewhere == {
        *(item.path for item in state.OWN_IMAGES),
        "dataset.name",
        "dataset.size",
        "dataset.labels",
        "dataset.folds",
        "dataset.fold",
        "training.init_from",
    }


def test_links_keep_the_names_that_they_have_had() -> None:
    """A link that somebody has kept must mean the same: these names stand in links of 2025 and 2026."""
    assert {item.key for item in state.WIDGETS} >= {
        *("train_size", "test_size", "validation", "selection", "split_seed", "epochs", "batch", "optimizer"),
        *("rate", "schedule", "momentum", "patience", "seed", "l2", "l1", "penalise", "smoothing", "decay"),
        *("first", "freeze", "rotation", "shift_x", "shift_y", "zoom", "brightness", "channel_shift"),
        *("flip_x", "flip_y", "device", "precision", "threads"),
    }
    assert (state.DATASET_KEY, state.SIZE_KEY, state.LABELS_KEY) == ("dataset", "size", "labels")
    assert state.ARCHITECTURE_KEY == "network"
    assert ARCHITECTURES.get("lenet").parameters[0].key == "lenet.kernel_size"
