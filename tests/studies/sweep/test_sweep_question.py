"""What a sweep asks: the study of what is varied, and what is offered to vary."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz import architectures, datasets
from cnnviz.architectures import ARCHITECTURES
from cnnviz.errors import CnnvizError, SpecError
from cnnviz.specs import DatasetSpec, ExperimentSpec, TrainingSpec
from cnnviz.studies.study_spec import SettingValue, StudySpec, experiment_of
from cnnviz.studies.sweep import sweep_question
from cnnviz.studies.sweep.sweep_question import applied, read_factor, study_of
from cnnviz.training import checks

BASE = experiment_of(
    {
        "dataset.name": "digits",
        "architecture.name": "two-pairs",
        "architecture.dense": 16,
        "training.epochs": 2,
        "training.augmentation.rotation": 20.0,
    }
)


def swept(*factors: tuple[str, str], base: ExperimentSpec = BASE, seeds: int = 1) -> StudySpec:
    return study_of(base, [read_factor("two-pairs", *one) for one in factors], range(seeds))


def test_one_variant_a_value_and_nothing_else_changes() -> None:
    study = swept(("architecture.kernel_size", "3, 5"))
    assert [variant.label for variant in study.variants] == ["3×3 kernels", "5×5 kernels"]
    three, five = (variant.experiment for variant in study.variants)
    assert three == BASE
    assert (five.dataset, five.training) == (BASE.dataset, BASE.training)
    assert five.architecture.parameters == {"dense": 16, "kernel_size": 5}
    assert study.factors == ("architecture.kernel_size",)


@given(
    st.lists(st.sampled_from([1, 2, 3, 5]), min_size=2, max_size=4, unique=True),
    st.lists(st.sampled_from([0.0, 0.001, 0.1]), min_size=2, max_size=3, unique=True),
    st.integers(1, 4),
)
def test_two_settings_give_all_combinations(epochs: list[int], rates: list[float], seeds: int) -> None:
    study = swept(
        ("training.epochs", ", ".join(map(str, epochs))),
        ("training.l2", ", ".join(map(str, rates))),
        seeds=seeds,
    )
    found = [(v.experiment.training.epochs, v.experiment.training.l2) for v in study.variants]
    assert found == list(itertools.product(epochs, rates))
    assert len(study.members()) == len(epochs) * len(rates) * seeds
    assert StudySpec.from_json(study.to_json()) == study


def test_nothing_varied_is_the_experiment_repeated() -> None:
    study = swept(seeds=5)
    assert [member.experiment.training.seed for member in study.members()] == [0, 1, 2, 3, 4]
    assert study.variants[0].experiment == BASE


def test_lists_of_numbers_stand_between_semicolons() -> None:
    study = swept(("architecture.filters", "8,16; 16,32"))
    assert [v.experiment.architecture.parameters["filters"] for v in study.variants] == [(8, 16), (16, 32)]
    assert [v.label for v in study.variants] == ["filters 8, 16", "filters 16, 32"]
    assert StudySpec.from_json(study.to_json()) == study


def test_augmentation_on_is_the_base_s_own_and_off_is_none() -> None:
    off, on = (v.experiment for v in swept(("training.augmentation", "off, on")).variants)
    assert not off.training.augmentation.active
    assert on == BASE
    plain = BASE.but(training=BASE.training.but(augmentation={}))
    off, on = (v.experiment for v in swept(("training.augmentation", "off, on"), base=plain).variants)
    assert off == plain
    # No flips: a mirrored digit is another digit, or none.
    assert on.training.augmentation.label() == "rotation 10°, shift 0.1"


def test_another_network_keeps_none_of_the_base_s_parameters() -> None:
    own, other = (v.experiment for v in swept(("architecture.name", "two-pairs, lenet")).variants)
    assert own == BASE
    assert (other.architecture.name, other.architecture.parameters) == ("lenet", {})
    assert other.training == BASE.training


def test_momentum_is_dropped_where_it_has_no_meaning() -> None:
    base: dict[str, SettingValue] = {"training.optimizer": "SGD", "training.momentum": 0.9}
    assert "training.momentum" not in applied(base, {"training.optimizer": "Adam"})
    assert applied(base, {"training.optimizer": "RMSprop"})["training.momentum"] == 0.9


@pytest.mark.parametrize(
    ("factor", "says"),
    [
        (("architecture.kernel_size", "3"), "at least two choices"),
        (("architecture.kernel_size", "3, 3"), "at least two choices"),
        (("architecture.kernel_size", "3 … 7"), "single values"),
        (("architecture.kernel_size", "big, small"), "kernel_size of two-pairs must be"),
        (("architecture.kernal_size", "3, 5"), "no setting 'kernal_size'"),
        (("architecture.name", "lenet, lennet"), "Did you mean 'lenet'"),
        (("training.epochs", "1, 0"), "greater than or equal to 1"),
        (("training.epoch", "1, 2"), "Did you mean 'epochs'"),
        (("training.augmentation", "off, maybe"), "off and on"),
        (("dataset.name", "digits, shapes"), "same images"),
        (("dataset.train_size", ", ".join(map(str, range(2, 200)))), "at most 100"),
    ],
)
def test_mistakes_are_told(factor: tuple[str, str], says: str) -> None:
    with pytest.raises(CnnvizError, match=says):
        swept(factor)


def test_a_setting_varied_twice_or_a_third_one_is_refused() -> None:
    with pytest.raises(SpecError, match="epochs is varied twice"):
        swept(("training.epochs", "1, 2"), ("training.epochs", "3, 4"))
    three = [("training.epochs", "1, 2"), ("training.l1", "0, 1"), ("training.l2", "0, 1")]
    with pytest.raises(SpecError, match="At most 2 settings"):
        swept(*three)


def test_too_many_runs_are_refused_before_they_are_made() -> None:
    many = ", ".join(map(str, range(1, 60)))
    with pytest.raises(SpecError, match="more than 2000 runs"):
        swept(("training.epochs", many), ("training.batch_size", many))


def suited(name: str) -> ExperimentSpec:
    """The network on images that it was made for, without reading any."""
    return ExperimentSpec(
        dataset=DatasetSpec(name="shapes"),
        architecture=architectures.make(name),
        training=TrainingSpec.parse(dict(ARCHITECTURES.get(name).defaults)),
    )


@pytest.mark.parametrize("network", ARCHITECTURES.names())
def test_every_suggestion_makes_a_study_that_can_be_trained(network: str) -> None:
    experiment = suited(network)
    names = sweep_question.suggested_settings(experiment)
    assert names[0] == "architecture.kernel_size"
    for name in names:
        factor = read_factor(network, name, sweep_question.suggested_values(experiment, name))
        for variant in study_of(experiment, [factor], [0]).variants:
            checks.check(variant.experiment)
        assert sweep_question.suggested_title(experiment, name)[0].isupper()


def test_sizes_are_round_and_there() -> None:
    experiment = suited("lenet")
    sizes = [
        int(one) for one in sweep_question.suggested_values(experiment, "dataset.train_size").split(", ")
    ]
    assert len(sizes) == 4
    assert sizes[-1] <= datasets.facts(experiment.dataset).n_train_full
    assert [2 * size for size in sizes[:-1]] == sizes[1:]


def test_small_kernels_are_offered_where_large_ones_are_impossible() -> None:
    strided = ExperimentSpec(dataset=DatasetSpec(name="digits"), architecture=architectures.make("strided"))
    assert sweep_question.suggested_values(strided, "architecture.kernel_size") == "1, 2, 3"


def test_a_network_edited_by_hand_can_only_be_repeated() -> None:
    plain = architectures.make("lenet")
    custom = suited("lenet").but(architecture=plain.but(name="custom", parameters={}))
    assert sweep_question.suggested_settings(custom) == ()
    assert len(study_of(custom, [], range(3)).members()) == 3
