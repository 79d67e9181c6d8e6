"""SearchSpec: the settings that a search varies, those that stay, and how candidates are compared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from cnnviz.architectures import ARCHITECTURES
from cnnviz.errors import SpecError
from cnnviz.specs import WITH_MOMENTUM, AugmentationSpec, DatasetSpec, ExperimentSpec, Spec, TrainingSpec
from cnnviz.specs.base import Seed
from cnnviz.studies.search.dimension import Dimension, Settings
from cnnviz.studies.study_spec import SettingValue, experiment_of

__all__ = ["Dimension", "Method", "SearchSpec", "Settings", "merged", "report_space", "settings_of"]

Method = Literal["random", "grid", "tpe"]
#: A grid is laid out whole before it is shuffled.
MOST_GRID_POINTS = 100_000


class SearchSpec(Spec):
    """A space of settings, how it is searched, and how every candidate is judged.

    Each candidate is trained `folds` times, each time without one part of the training images, and
    judged by the mean accuracy on the parts left out. All candidates see the same folds and seed.
    """

    title: str = Field(min_length=1, max_length=80)
    base: Settings = Field(default_factory=dict, description="dotted settings that all candidates share")
    space: tuple[Dimension, ...] = Field(min_length=1, max_length=20)
    method: Method = "random"
    candidates: int = Field(default=12, ge=2, le=500)
    folds: int = Field(default=3, ge=2, le=10)
    pruning: bool = Field(default=True, description="give poor candidates up early, by the median rule")
    seed: Seed = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [dimension.name for dimension in self.space]
        for name in names:
            if names.count(name) > 1:
                raise SpecError(f"'{name}' is in the space twice. Give all its values in one row.")
        if self.method == "grid" and math.prod(len(one.grid) for one in self.space) > MOST_GRID_POINTS:
            raise SpecError(
                f"The grid has more than {MOST_GRID_POINTS:,} points. Take fewer values, or search at random."
            )
        return self

    @property
    def planned(self) -> int:
        """How many candidates there will be: as many as asked, or as the space has."""
        grid = math.prod(len(one.grid) for one in self.space)
        whole = self.method == "grid" or all(one.choices for one in self.space)
        return min(self.candidates, grid) if whole else self.candidates

    def check(self) -> None:
        """Try every choice, and both ends of every range, with all else as in the base.

        Raises:
            CnnvizError: a setting is unknown or not allowed.
        """
        self.experiment({}, 1)
        for dimension in self.space:
            for value in dimension.ends:
                self.experiment({dimension.name: value}, 1)

    def experiment(self, settings: Settings, fold: int) -> ExperimentSpec:
        """One training of a candidate: all folds but `fold` (from 1) train, and that one validates.

        Raises:
            SpecError, UnknownNameError: the candidate is impossible.
        """
        split: Settings = {"dataset.validation_split": 0.0, "dataset.folds": self.folds, "dataset.fold": fold}
        return experiment_of({**self._merged(settings), **split})

    def whole(self, settings: Settings) -> ExperimentSpec:
        """A candidate trained on all training images; early stopping alone still needs its validation share.

        Raises:
            SpecError, UnknownNameError: the candidate is impossible.
        """
        found = self._merged(settings)
        if not found.get("training.early_stopping"):
            found["dataset.validation_split"] = 0.0
        return experiment_of(found)

    def _merged(self, settings: Settings) -> Settings:
        return merged(self.base, settings)


def merged(base: Mapping[str, SettingValue], settings: Mapping[str, SettingValue]) -> Settings:
    """The base's settings with some changed; without the base's momentum where it has no meaning then."""
    found = {**base, **settings}
    optimizer = found.get("training.optimizer", TrainingSpec().optimizer)
    if optimizer not in WITH_MOMENTUM and "training.momentum" not in settings:
        found.pop("training.momentum", None)
    return found


def report_space() -> tuple[Dimension, ...]:
    """The space of report B's search (B4); its network needs a second dense layer, as deep-pairs has."""
    return (
        Dimension(
            name="training.optimizer", choices=("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax")
        ),
        Dimension(name="architecture.second_dense", choices=(0, 128, 256, 512)),
        Dimension(name="architecture.activation", choices=("relu", "sigmoid", "hard_sigmoid", "linear")),
    )


def settings_of(experiment: ExperimentSpec) -> Settings:
    """The dotted settings that make an experiment, as far as they differ from the specs' defaults.

    The split into training and validation is left out: a search divides the images itself.

    Raises:
        SpecError: its network was not made from a registered architecture.
    """
    network, training = experiment.architecture, experiment.training
    if network.name not in ARCHITECTURES:
        raise SpecError("A network edited by hand has no settings to search. Choose a named one.")
    images = _changed(experiment.dataset, DatasetSpec())
    settings: Settings = {
        **{f"dataset.{key}": value for key, value in images.items() if key not in ("folds", "fold")},
        "architecture.name": network.name,
        **{f"architecture.{key}": value for key, value in network.parameters.items()},
    }
    for key, value in _changed(training, TrainingSpec()).items():
        if key == "augmentation":
            inner = _changed(training.augmentation, AugmentationSpec())
            settings |= {f"training.augmentation.{name}": number for name, number in inner.items()}
        else:
            settings[f"training.{key}"] = value
    return settings


def _changed(spec: Spec, default: Spec) -> Mapping[str, Any]:
    before = default.model_dump()
    return {key: value for key, value in spec.model_dump().items() if before.get(key) != value}
