"""Scales: never more than published, few and short runs at smoke, minutes at lecture, all of it at full."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz import datasets, paths
from cnnviz.architectures import NetworkSummary, summarise
from cnnviz.datasets.registered.cifar import CIFAR10_PYTHON
from cnnviz.errors import SpecError
from cnnviz.reports.library import recipes
from cnnviz.reports.recipe import LEAST_IMAGES, SCALES, Scale, ScaleName, Settings, differences
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.study_spec import SettingValue
from cnnviz.training import checks

#: Multiply-adds that two cores do in a second of training: A3's network, measured.
MACS_PER_SECOND = 1150 * 20_741_120
SHARES = st.floats(1e-6, 1)
AMOUNTS = st.builds(
    Scale,
    train_share=SHARES,
    train_at_most=st.none() | st.integers(LEAST_IMAGES, 100_000),
    epochs_share=SHARES,
    epochs_at_most=st.none() | st.integers(1, 200),
)
IMAGES, EPOCHS = st.integers(2, 100_000), st.integers(1, 500)


def whole(value: SettingValue) -> int:
    assert isinstance(value, int)
    return value


def network(experiment: ExperimentSpec) -> NetworkSummary:
    facts = datasets.facts(experiment.dataset)
    return summarise(experiment.architecture, facts.input_shape, len(facts.class_names))


def distinct_runs(scale: ScaleName) -> dict[str, ExperimentSpec]:
    studies = [study for key in recipes() if (study := recipes().get(key).study(scale))]
    return {member.experiment.hash(): member.experiment for study in studies for member in study.members()}


def hashes(key: str, scale: ScaleName) -> set[str]:
    study = recipes().get(key).study(scale)
    return {member.experiment.hash() for member in study.members()} if study else set()


def images_seen(experiment: ExperimentSpec) -> int:
    return datasets.facts(experiment.dataset).n_train * experiment.training.epochs


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("key", list(recipes()))
def test_every_variant_can_be_built_and_trained(key: str, scale: ScaleName) -> None:
    it = recipes().get(key)
    for variant in it.chosen(scale):
        experiment = it.experiment(variant, scale)
        on_any_machine = experiment.but(training=experiment.training.but(device="auto"))
        checks.check(on_any_machine)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("key", list(recipes()))
def test_a_scale_never_makes_two_variants_the_same_run(key: str, scale: ScaleName) -> None:
    it = recipes().get(key)
    hashes = [it.experiment(variant, scale).hash() for variant in it.chosen(scale)]
    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize("key", list(recipes()))
def test_full_scale_is_what_was_published(key: str) -> None:
    it = recipes().get(key)
    assert it.chosen("full") == it.variants
    assert [it.changes(variant, "full") for variant in it.variants] == [()] * len(it.variants)


@pytest.mark.parametrize("key", list(recipes()))
def test_smoke_says_that_its_numbers_are_not_the_reports(key: str) -> None:
    it = recipes().get(key)
    assert all(it.changes(variant, "smoke") for variant in it.chosen("smoke"))


def test_smoke_needs_no_file_from_outside(cache_dir: Path, data_dir: Path) -> None:
    names = {experiment.dataset.name for experiment in distinct_runs("smoke").values()}
    assert {name for name in names if datasets.availability(name) != "embedded"} == set()


def test_what_is_on_this_machine_is_used_at_every_scale(cache_dir: Path, data_dir: Path) -> None:
    """Another data set takes the place of the published one only where that is not there."""
    experiments = {key: recipes().get(key) for key in ("A3", "D9", "C7", "E3")}

    def names(scale: ScaleName) -> set[str]:
        return {
            it.experiment(variant, scale).dataset.name
            for it in experiments.values()
            for variant in it.chosen(scale)
        }

    assert names("smoke") == {"shapes"}
    ship = recipes().get("A2")
    assert ship.settings_at(ship.base, "smoke")["dataset.name"] == "shapes"
    for path in CIFAR10_PYTHON.files(paths.ensure(data_dir / CIFAR10_PYTHON.folder)):
        path.touch()
    assert names("smoke") == names("lecture") == names("full") == {"cifar10"}
    assert ship.settings_at(ship.base, "smoke")["dataset.name"] == "cifar10"
    it = experiments["D9"]
    assert not any("data set" in change for v in it.variants for change in it.changes(v, "smoke"))
    assert it.experiment(it.variants[0], "smoke").dataset.size is None


def test_smoke_is_few_and_short_runs() -> None:
    """Of 15 minutes on two cores, start-up takes about 5 s a run; the training itself must be little."""
    runs = distinct_runs("smoke")
    assert len(runs) <= 45
    assert max(images_seen(experiment) for experiment in runs.values()) <= 2_500
    assert sum(images_seen(experiment) for experiment in runs.values()) <= 40_000
    work = [network(experiment).macs * images_seen(experiment) for experiment in runs.values()]
    assert max(work) <= 3 * MACS_PER_SECOND
    assert sum(work) <= 30 * MACS_PER_SECOND
    assert max(network(experiment).total_params for experiment in runs.values()) <= 5_000_000


@pytest.mark.parametrize("key", list(recipes()))
def test_a_lecture_run_takes_minutes(key: str) -> None:
    study = recipes().get(key).study("lecture")
    runs = [] if study is None else [member.experiment for member in study.members()]
    here = [one for one in runs if one.training.device != "gpu"]
    seconds = sum(network(one).macs * images_seen(one) for one in here) / MACS_PER_SECOND
    assert seconds <= 8 * 60


def test_reused_variants_are_the_same_runs_at_smoke() -> None:
    """What another experiment trained is found again by its hash: A8 to A10 and A15 train nothing new."""
    for users, origins in ((("A8", "A9", "A10", "A15"), ("A4",)), (("D2", "D4", "D5", "D6"), ("D1", "D9"))):
        for key in users:
            for scale in ("smoke", "lecture"):
                assert hashes(key, scale) <= set().union(*(hashes(origin, scale) for origin in origins))


def test_counting_images_and_convolutions_train_nothing() -> None:
    nothing = ["A1", "A2", "A5", "A6", "B1", "C1", "C2", "C3", "C4", "D11", "E1", "E2", "E4", "E11"]
    assert [key for key in recipes() if recipes().get(key).study("smoke") is None] == nothing


@given(AMOUNTS, IMAGES, EPOCHS)
def test_a_scale_takes_at_most_what_was_published(scale: Scale, images: int, epochs: int) -> None:
    published: Settings = {"dataset.train_size": images, "training.epochs": epochs}
    run = scale.applied(published, train_images=100_000)
    run_images, run_epochs = whole(run["dataset.train_size"]), whole(run["training.epochs"])
    assert min(images, LEAST_IMAGES) <= run_images <= images
    assert 1 <= run_epochs <= epochs
    if scale.train_at_most:
        assert run_images <= scale.train_at_most
    if scale.epochs_at_most:
        assert run_epochs <= scale.epochs_at_most


@given(AMOUNTS, IMAGES, st.integers(LEAST_IMAGES, 100_000))
def test_a_smaller_data_set_is_never_asked_for_more_than_it_has(
    scale: Scale, images: int, available: int
) -> None:
    run = scale.applied({"training.epochs": 1}, train_images=images, available=available)
    assert whole(run.get("dataset.train_size", images)) <= available


@given(IMAGES, EPOCHS)
def test_the_empty_scale_changes_nothing(images: int, epochs: int) -> None:
    published: Settings = {"dataset.name": "cifar10", "dataset.train_size": images, "training.epochs": epochs}
    assert Scale().applied(published, 50_000) == published
    assert differences(published, Scale().applied(published, 50_000), 50_000) == ()


@given(st.lists(IMAGES, min_size=2, max_size=5, unique=True), SHARES)
def test_more_images_stay_more_images(sizes: list[int], share: float) -> None:
    """E6 needs sizes in their order; where they are cut to the least, they are equal, never reversed."""
    scale = Scale(train_share=share)
    cut = [
        whole(scale.applied({"dataset.train_size": size}, 50_000)["dataset.train_size"])
        for size in sorted(sizes)
    ]
    assert cut == sorted(cut)


def test_epochs_that_nobody_set_are_the_default_of_training() -> None:
    assert Scale(epochs_share=0.4).applied({}, 50_000) == {"training.epochs": 2}


def test_differences_say_what_was_cut() -> None:
    published: Settings = {"dataset.name": "cifar10", "training.epochs": 20, "training.batch_size": 128}
    scale = Scale(
        set={"dataset.name": "shapes", "training.batch_size": 32, "dataset.test_size": 200},
        train_share=0.01,
        epochs_at_most=2,
    )
    assert set(differences(published, scale.applied(published, 50_000), 50_000)) == {
        "data set Shapes in place of CIFAR-10",
        "500 of 50,000 training images",
        "2 of 20 epochs",
        "batch size 32 in place of 128",
        "200 test images",
    }


@pytest.mark.parametrize("name", ["dataset.train_size", "training.epochs", "training.seed"])
def test_what_has_a_rule_of_its_own_can_not_be_set(name: str) -> None:
    with pytest.raises(SpecError, match=f"must not set {name}"):
        Scale.parse({"set": {name: 10}})


@pytest.mark.parametrize("size", [0.5, "many", True])
def test_a_size_that_is_no_whole_number_is_refused(size: float | str | bool) -> None:
    with pytest.raises(SpecError, match="whole number"):
        Scale().applied({"dataset.train_size": size}, 50_000)


def test_scales_are_merged_table_by_table() -> None:
    under = Scale(set={"a": 1, "b": 2}, options={"k": 1}, train_share=0.5, seeds=(0, 1))
    over = Scale(set={"b": 3}, train_share=0.1).over(under)
    assert over == Scale(set={"a": 1, "b": 3}, options={"k": 1}, train_share=0.1, seeds=(0, 1))
    # What neither said stays unsaid, for a third one below them.
    assert over.over(Scale(epochs_at_most=4)).epochs_at_most == 4
    assert Scale().over(under) == under
