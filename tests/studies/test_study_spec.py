"""StudySpec: one run a variant and seed, no run twice, an order in which half a study is of use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.errors import SpecError, UnknownNameError
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.study_spec import MOST_RUNS, SettingValue, StudySpec, Variant, experiment_of, with_seed

BASE: dict[str, SettingValue] = {"dataset.name": "digits", "architecture.name": "lenet", "training.epochs": 1}
PLAIN = experiment_of(BASE)
LABELS = st.lists(st.text("abcdef 3×5", min_size=1, max_size=12), min_size=1, max_size=6)
SEEDS = st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=5, unique=True)


def study(labels: list[str], seeds: tuple[int, ...] = (0,)) -> StudySpec:
    """One variant a label, each with a batch size of its own."""
    variants = tuple(
        Variant(label=label, experiment=PLAIN.but(training=PLAIN.training.but(batch_size=number)))
        for number, label in enumerate(labels, start=1)
    )
    return StudySpec.parse({"title": "Which?", "variants": variants, "seeds": seeds})


@given(LABELS, SEEDS)
def test_members_are_all_pairs_seed_by_seed(labels: list[str], seeds: list[int]) -> None:
    labels = list(dict.fromkeys(labels))
    members = study(labels, tuple(seeds)).members()
    assert [(member.seed, member.label) for member in members] == [
        (seed, label) for seed in seeds for label in labels
    ]
    assert len({member.experiment.hash() for member in members}) == len(members)


@given(SEEDS)
def test_a_member_differs_from_its_variant_in_the_seed_of_training_alone(seeds: list[int]) -> None:
    """The split stays, so that variants of one seed are compared on the same images."""
    for member in study(["a"], tuple(seeds)).members():
        assert member.experiment.training.seed == member.seed
        assert member.experiment.dataset == PLAIN.dataset
        assert with_seed(member.experiment, 0).hash() == study(["a"]).members()[0].experiment.hash()


@given(LABELS, SEEDS)
def test_json_brings_back_the_same_study(labels: list[str], seeds: list[int]) -> None:
    it = study(list(dict.fromkeys(labels)), tuple(seeds))
    assert StudySpec.from_json(it.to_json()) == it
    assert StudySpec.from_json(it.to_json()).hash() == it.hash()


@given(LABELS)
def test_two_variants_of_one_name_are_refused(labels: list[str]) -> None:
    with pytest.raises(SpecError, match="Two variants are called"):
        study([*labels, labels[0]])


def test_a_seed_twice_is_refused() -> None:
    with pytest.raises(SpecError, match="A seed occurs twice"):
        study(["a"], (1, 2, 1))


def test_too_many_runs_are_refused() -> None:
    labels = [f"{number}" for number in range(MOST_RUNS // 20 + 1)]
    with pytest.raises(SpecError, match=f"101 variants with 20 seeds .* at most {MOST_RUNS}"):
        study(labels, tuple(range(20)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"variants": []}, "variants"),
        ({"seeds": []}, "seeds"),
        ({"seeds": [-1]}, "greater than or equal to 0"),
        ({"titel": "?"}, "'titel' is not a setting. Did you mean 'title'"),
        ({"title": ""}, "title"),
    ],
)
def test_mistakes_are_refused_with_a_sentence(changes: dict[str, object], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        study(["a"]).but(**changes)


def test_settings_with_dots_make_an_experiment() -> None:
    experiment = experiment_of(
        {
            "dataset.name": "mnist",
            "dataset.train_size": 500,
            "architecture.name": "two-pairs",
            "architecture.kernel_size": 5,
            "training.epochs": 3,
            "training.augmentation.rotation": 15,
        }
    )
    assert isinstance(experiment, ExperimentSpec)
    assert (experiment.dataset.name, experiment.dataset.train_size) == ("mnist", 500)
    assert experiment.architecture.parameters == {"kernel_size": 5}
    assert (experiment.training.epochs, experiment.training.augmentation.rotation) == (3, 15)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("epochs", 3, "'epochs' is not a setting. Write"),
        ("model.epochs", 3, "'model.epochs' is not a setting. Write"),
        ("training.", 3, "'training.' is not a setting. Write"),
        ("training.epoch", 3, "Did you mean 'epochs'"),
        ("training.augmentation.rotate", 3, "Did you mean 'rotation'"),
        ("architecture.kernel", 3, "Did you mean 'kernel_size'"),
        ("training.epochs", 0, "greater than or equal to 1"),
    ],
)
def test_a_wrong_setting_is_refused(name: str, value: int, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        experiment_of({**BASE, name: value})


def test_an_unknown_network_is_answered_with_a_near_one() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'lenet'"):
        experiment_of({"architecture.name": "lenet5"})
