"""StudySpec: one question, the variants that answer it, and the seeds each is repeated with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from cnnviz import architectures
from cnnviz.errors import SpecError
from cnnviz.registry import did_you_mean
from cnnviz.specs import DatasetSpec, ExperimentSpec, Spec, TrainingSpec
from cnnviz.specs.base import Seed

#: More runs than this are a mistake, not a study.
MOST_RUNS = 2000
SettingValue = bool | int | float | str | tuple[int, ...] | None


class Variant(Spec):
    """One answer to compare: a label, and what differs from the study's other variants.

    `name`: what it is called where the label says more than is run ("" means: as its label says).
    `settings`: in a sweep, the values of what is varied, by dotted name.
    """

    label: str = Field(min_length=1, max_length=120)
    experiment: ExperimentSpec
    name: str = Field(default="", max_length=120)
    settings: dict[str, SettingValue] = Field(default_factory=dict)


class StudySpec(Spec):
    """Many runs with one question.

    Every variant is trained once for each seed; the seed replaces the one of its training, and the
    split of the data stays the same, so that variants of one seed can be compared in pairs.
    """

    always_in_json = "question recipe scale seeds"
    title: str = Field(min_length=1, max_length=200)
    question: str = Field(default="", max_length=400)
    recipe: str = Field(default="", max_length=20, description="ID of the report's experiment, if any")
    scale: str = Field(default="", max_length=20)
    variants: tuple[Variant, ...] = Field(min_length=1, max_length=MOST_RUNS)
    seeds: tuple[Seed, ...] = Field(default=(0,), min_length=1, max_length=100)
    factors: tuple[str, ...] = Field(default=(), description="what a sweep varies")

    @model_validator(mode="after")
    def _check(self) -> Self:
        labels = [variant.label for variant in self.variants]
        if len(set(labels)) != len(labels):
            twice = next(label for label in labels if labels.count(label) > 1)
            raise SpecError(f"Two variants are called '{twice}'. Give every variant its own label.")
        if len(set(self.seeds)) != len(self.seeds):
            raise SpecError("A seed occurs twice: the same run would count twice. Give each seed once.")
        if len(labels) * len(self.seeds) > MOST_RUNS:
            raise SpecError(
                f"{len(labels)} variants with {len(self.seeds)} seeds are too many runs. "
                f"A study has at most {MOST_RUNS}: take fewer values or seeds."
            )
        return self

    def members(self) -> list[Member]:
        """All runs of the study: seed by seed, so that an unfinished study compares like with like."""
        return [
            Member(variant.label, seed, with_seed(variant.experiment, seed), variant.name or variant.label)
            for seed in self.seeds
            for variant in self.variants
        ]


@dataclass(frozen=True)
class Member:
    """One run of a study. `label` is the key of its variant, `name` what people read."""

    label: str
    seed: int
    experiment: ExperimentSpec
    name: str

    @cached_property
    def hash(self) -> str:
        """Of its experiment, which finds its run."""
        return self.experiment.hash()


def with_seed(experiment: ExperimentSpec, seed: int) -> ExperimentSpec:
    """The same experiment, trained with another seed."""
    return experiment.but(training=experiment.training.but(seed=seed))


_GROUPS = ("dataset", "architecture", "training")


def experiment_of(settings: Mapping[str, object]) -> ExperimentSpec:
    """Make an experiment from dotted settings, as `--set` and recipes write them.

    Args:
        settings: `dataset.name`, `dataset.train_size`, `architecture.name`, `architecture.kernel_size`,
            `training.epochs`, `training.augmentation.rotation`, …
    Raises:
        SpecError, UnknownNameError: a setting is unknown or not allowed.
    """
    tree: dict[str, dict[str, object]] = {group: {} for group in _GROUPS}
    for name, value in settings.items():
        *path, field = name.split(".")
        if not path or path[0] not in _GROUPS or not field:
            raise SpecError(f"'{name}' is not a setting. {_instead(name)}")
        branch = tree[path[0]]
        for part in path[1:]:
            inner = branch.setdefault(part, {})
            if not isinstance(inner, dict):
                raise SpecError(f"'{name}' leads into '{part}', which was set to a plain value before.")
            branch = inner
        branch[field] = value
    network = tree["architecture"]
    return ExperimentSpec.parse(
        {
            "dataset": DatasetSpec.parse(tree["dataset"]),
            "architecture": architectures.make(str(network.pop("name", "two-pairs")), **network),
            "training": TrainingSpec.parse(tree["training"]),
        }
    )


def _instead(name: str) -> str:
    for group, spec in (("training", TrainingSpec), ("dataset", DatasetSpec)):
        if name in spec.model_fields:
            return f"Write {group}.{name}."
    hint = did_you_mean(name.partition(".")[0], _GROUPS)
    return f"Write dataset.…, architecture.… or training.…, for instance training.epochs.{hint}"
