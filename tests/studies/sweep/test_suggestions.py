"""What the page offers to vary: for every network, only values that can be trained."""

from __future__ import annotations

import pytest

from cnnviz import architectures, datasets
from cnnviz.architectures import ARCHITECTURES
from cnnviz.specs import DatasetSpec, ExperimentSpec, TrainingSpec
from cnnviz.studies.sweep import sweep_question
from cnnviz.studies.sweep.sweep_question import read_factor, study_of
from cnnviz.training import checks


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
