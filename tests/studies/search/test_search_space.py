"""What a search asks: dimensions, the space and its experiments, and rows as people write them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.architectures import ARCHITECTURES, make
from cnnviz.errors import CnnvizError, SpecError
from cnnviz.metrics import METRICS
from cnnviz.specs import AugmentationSpec, DatasetSpec, ExperimentSpec, TrainingSpec
from cnnviz.studies.search import Dimension, SearchSpec, report_space, settings_of
from cnnviz.studies.search.search_space import presets, read_row, setting_names, values_text
from cnnviz.studies.study_spec import experiment_of

BASE = {"dataset.name": "digits", "architecture.name": "deep-pairs", "architecture.blocks": (4, 8)}
RATE = Dimension(name="training.learning_rate", low=1e-4, high=0.1, log=True)


def search(**changes) -> SearchSpec:
    return SearchSpec.parse({"title": "A search", "base": BASE, "space": report_space(), **changes})


def test_the_space_of_the_report_has_its_96_points_and_all_are_allowed() -> None:
    spec = search(candidates=500, folds=2)
    assert spec.planned == 6 * 4 * 4
    spec.check()


def test_each_fold_of_a_candidate_is_an_experiment_that_leaves_the_test_images_alone() -> None:
    spec = search(folds=3, base={**BASE, "dataset.train_size": 90, "dataset.validation_split": 0.3})
    folds = [spec.experiment({"training.optimizer": "SGD"}, fold) for fold in (1, 2, 3)]
    assert [one.dataset.fold for one in folds] == [1, 2, 3]
    assert {one.dataset.folds for one in folds} == {3}
    assert len({one.training.hash() for one in folds}) == 1
    assert folds[0].training.optimizer == "SGD"
    # What may give a candidate up, or stop a training, is not what scores it.
    assert folds[0].dataset.validation_split == 0.1
    plain = search(pruning=False).experiment({}, 1)
    assert plain.dataset.validation_split == 0
    careful = search(pruning=False, base={**BASE, "training.early_stopping": 3})
    assert careful.experiment({}, 1).dataset.validation_split == 0.1


def test_the_whole_takes_all_training_images() -> None:
    whole = search().whole({"training.optimizer": "Adamax"})
    assert (whole.dataset.folds, whole.dataset.validation_split) == (None, 0)
    careful = search(base={**BASE, "training.early_stopping": 3, "dataset.validation_split": 0.2})
    assert careful.whole({}).dataset.validation_split == 0.2


def test_momentum_of_the_base_goes_with_those_optimizers_that_have_it() -> None:
    spec = search(base={**BASE, "training.optimizer": "SGD", "training.momentum": 0.9})
    assert spec.experiment({}, 1).training.momentum == 0.9
    assert spec.experiment({"training.optimizer": "Adam"}, 1).training.momentum == 0
    with pytest.raises(SpecError, match="momentum"):
        spec.experiment({"training.optimizer": "Adam", "training.momentum": 0.5}, 1)


@pytest.mark.parametrize(
    ("dimension", "says"),
    [
        ({"name": "kernel_size", "choices": [3, 5]}, "name"),
        ({"name": "architecture.kernel_size"}, "needs choices, or a range"),
        ({"name": "architecture.kernel_size", "choices": [3]}, "at least two choices"),
        ({"name": "architecture.kernel_size", "choices": [3, 3]}, "at least two choices that differ"),
        ({"name": "training.learning_rate", "low": 1, "high": 0.1}, "1 must lie below 0.1"),
        ({"name": "training.l2", "low": 0, "high": 0.1, "log": True}, "must begin above 0"),
        ({"name": "dataset.fold", "choices": [1, 2]}, "all candidates must see the same images"),
    ],
)
def test_a_mistake_in_a_dimension_is_named(dimension: dict[str, object], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        Dimension.parse(dimension)


@pytest.mark.parametrize(
    ("space", "says"),
    [
        ([Dimension(name="architecture.kernel", choices=(3, 5))], "Did you mean 'kernel_size'"),
        ([Dimension(name="training.optimizer", choices=("Adam", "adam"))], "no optimizer 'adam'"),
        ([Dimension(name="training.learning_rate", low=0.1, high=5000)], "learning_rate"),
    ],
)
def test_what_no_experiment_can_have_is_found_before_anything_is_trained(
    space: list[Dimension], says: str
) -> None:
    with pytest.raises(CnnvizError, match=says):
        search(space=space).check()


def test_a_setting_may_stand_in_the_space_once() -> None:
    with pytest.raises(SpecError, match="twice"):
        search(space=[RATE, RATE])


def test_a_range_by_magnitude_becomes_even_steps_of_a_grid() -> None:
    assert RATE.grid == (0.0001, 0.001, 0.01, 0.1)
    units = Dimension(name="architecture.dense", low=10, high=13, whole=True, points=9)
    assert units.grid == (10, 11, 12, 13)
    assert all(isinstance(value, int) for value in units.grid)


@given(value=st.floats(1e-4, 0.1))
def test_a_fitted_value_lies_in_the_range_and_near_the_drawn_one(value: float) -> None:
    fitted = RATE.fitted(value)
    assert 1e-4 <= fitted <= 0.1
    assert fitted == pytest.approx(value, rel=0.006)


EXPERIMENTS = st.builds(
    lambda kernel, dataset, training: ExperimentSpec(
        dataset=dataset, architecture=make("two-pairs", kernel_size=kernel), training=training
    ),
    st.integers(2, 7),
    st.builds(
        DatasetSpec,
        name=st.sampled_from(["digits", "shapes"]),
        train_size=st.none() | st.integers(50, 500),
        validation_split=st.floats(0, 0.5),
    ),
    st.builds(
        TrainingSpec,
        epochs=st.integers(1, 20),
        optimizer=st.sampled_from(["Adam", "SGD"]),
        learning_rate=st.none() | st.floats(1e-4, 1),
        freeze=st.sampled_from([None, "base"]),
        augmentation=st.builds(AugmentationSpec, rotation=st.floats(0, 90), vertical_flip=st.booleans()),
    ),
)


@settings(deadline=None)
@given(experiment=EXPERIMENTS)
def test_settings_make_the_same_experiment_again(experiment: ExperimentSpec) -> None:
    assert experiment_of(settings_of(experiment)) == experiment


@given(
    candidates=st.integers(2, 500),
    folds=st.integers(2, 10),
    method=st.sampled_from(["random", "grid", "tpe"]),
)
def test_a_search_survives_json(candidates: int, folds: int, method: str) -> None:
    spec = search(candidates=candidates, folds=folds, method=method, space=[*report_space(), RATE])
    again = SearchSpec.from_json(spec.to_json())
    assert again == spec
    assert again.hash() == spec.hash()
    assert again.planned == min(candidates, 384 if method == "grid" else candidates)


@pytest.mark.parametrize(
    ("name", "values", "choices"),
    [
        ("training.optimizer", "SGD, Adam", ("SGD", "Adam")),
        ("training.learning_rate", "default, 0.1, 1e-3", (None, 0.1, 0.001)),
        ("training.batch_size", "16, 32", (16, 32)),
        ("architecture.kernel_size", "3,5", (3, 5)),
        ("architecture.filters", "8, 16; 32, 64", ((8, 16), (32, 64))),
        ("training.augmentation.horizontal_flip", "yes, no", (True, False)),
    ],
)
def test_choices_are_read_as_what_they_are(name: str, values: str, choices: tuple[object, ...]) -> None:
    assert read_row("two-pairs", name, values).choices == choices


@pytest.mark.parametrize("values", ["0.0001 … 0.1", "1e-4..0.1", "0.0001 ... .1"])
def test_a_range_is_read(values: str) -> None:
    found = read_row("two-pairs", "training.learning_rate", values, log=True)
    assert (found.low, found.high, found.log, found.whole) == (0.0001, 0.1, True, False)


@pytest.mark.parametrize("name", ["architecture.dense", "training.batch_size"])
def test_a_range_of_what_is_counted_is_of_whole_numbers(name: str) -> None:
    assert read_row("two-pairs", name, "16 … 64").whole


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("architecture.kernel_size", "three, five", "kernel_size of two-pairs must be"),
        ("architecture.second_dense", "0, 128", "two-pairs has no setting 'second_dense'"),
        ("training.optimizer", "Adam", "at least two choices"),
        ("training.l2", "", "needs choices, or a range"),
    ],
)
def test_what_can_not_be_read_is_named(name: str, values: str, says: str) -> None:
    with pytest.raises(CnnvizError, match=says):
        read_row("two-pairs", name, values)


@given(
    low=st.floats(1e-5, 0.5).map(lambda value: float(f"{value:g}")),
    factor=st.floats(1.5, 1000),
    log=st.booleans(),
)
def test_a_written_range_is_read_back(low: float, factor: float, log: bool) -> None:
    high = float(f"{low * factor:g}")
    one = Dimension(name="training.l2", low=low, high=high, log=log)
    assert read_row("two-pairs", one.name, values_text(one), log=log) == one


@pytest.mark.parametrize("architecture", list(ARCHITECTURES))
def test_spaces_to_begin_with_are_allowed_and_can_be_written(architecture: str) -> None:
    entry = ARCHITECTURES.get(architecture)
    for space in presets(architecture).values():
        base = {"dataset.name": entry.dataset, "architecture.name": architecture}
        SearchSpec(title="t", base=base, space=space).check()
        for one in space:
            assert one.name in setting_names(architecture)
            assert read_row(architecture, one.name, values_text(one), log=one.log) == one


def test_a_metric_that_says_nothing_of_so_few_classes_judges_no_search(monkeypatch):
    monkeypatch.setitem(METRICS._entries, "brier_score", replace(METRICS.get("brier_score"), classes=11))
    search().check()
    with pytest.raises(SpecError, match=r"Brier score says nothing of 10 classes\. Judge by another metric"):
        search(objective="brier_score").check()
