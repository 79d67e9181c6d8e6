"""What a search asks: dimensions (settings over choices or a range), the space of them, and both as text.

People write a row as choices (`Adam, SGD`; lists of numbers with semicolons: `32, 64; 64, 128`) or as a
range (`0.0001 … 0.1`, also with two dots); `presets` are spaces to begin with.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from cnnviz import datasets, metrics
from cnnviz.architectures import ARCHITECTURES, find_setting
from cnnviz.errors import SpecError
from cnnviz.metrics import METRICS, Metric
from cnnviz.registry import did_you_mean
from cnnviz.specs import (
    SETTINGS,
    WITH_MOMENTUM,
    AugmentationSpec,
    DatasetSpec,
    ExperimentSpec,
    Setting,
    Spec,
    TrainingSpec,
)
from cnnviz.specs.base import Seed
from cnnviz.studies.study_spec import SettingValue, experiment_of

Settings = dict[str, SettingValue]
#: Share of the images outside a fold by which a training is watched, where that may end it.
WATCHED = 0.1
#: Decided by the search itself, or no part of what is compared.
_REFUSED = ("dataset.folds", "dataset.fold", "dataset.validation_split", "dataset.test_size", "dataset.name")


class Dimension(Spec):
    """A dotted setting with its `choices`, or with a range from `low` to `high`.

    `log`: drawn evenly by magnitude, as learning rates should be. `whole`: whole numbers only.
    `points`: how many values of the range a grid takes.
    """

    always_in_json = "choices low high log whole points"
    name: str = Field(pattern=r"^(dataset|architecture|training)\.[a-z0-9_.]+$", max_length=80)
    choices: tuple[SettingValue, ...] = Field(default=(), max_length=100)
    low: float | None = None
    high: float | None = None
    log: bool = False
    whole: bool = False
    points: int = Field(default=4, ge=2, le=50)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.name in _REFUSED:
            raise SpecError(f"{self.name} can't be searched: all candidates must see the same images.")
        if bool(self.choices) == (self.low is not None and self.high is not None):
            raise SpecError(f"{self.name} needs choices, or a range with a lowest and a highest value.")
        if self.choices:
            texts = [text(choice) for choice in self.choices]
            if len(set(texts)) != len(texts) or len(texts) < 2:
                raise SpecError(f"{self.name} needs at least two choices that differ; received {texts}.")
        elif self.lowest >= self.highest:
            raise SpecError(f"{self.name}: {self.low:g} must lie below {self.high:g}.")
        elif self.log and self.lowest <= 0:
            raise SpecError(f"{self.name}: a range by magnitude must begin above 0; received {self.low:g}.")
        return self

    @property
    def lowest(self) -> float:
        """The range's lower end."""
        return self.low if self.low is not None else -math.inf

    @property
    def highest(self) -> float:
        """The range's upper end."""
        return self.high if self.high is not None else math.inf

    @property
    def label(self) -> str:
        """The setting in words: `learning rate`."""
        return setting_words(self.name)

    @property
    def ends(self) -> tuple[SettingValue, ...]:
        """What has to be tried to know that all is allowed: all choices, or the ends of the range."""
        return self.choices or (self.fitted(self.lowest), self.fitted(self.highest))

    @cached_property
    def grid(self) -> tuple[SettingValue, ...]:
        """The values that a grid takes: all choices, or `points` of the range, in order."""
        if self.choices:
            return self.choices
        steps = [index / (self.points - 1) for index in range(self.points)]
        if self.log:
            low, ratio = self.lowest, self.highest / self.lowest
            values = [low * ratio**step for step in steps]
        else:
            values = [self.lowest + (self.highest - self.lowest) * step for step in steps]
        return tuple(dict.fromkeys(self.fitted(value) for value in values))

    def fitted(self, value: float) -> int | float:
        """A value of the range as it is used: whole where asked, else with three significant digits."""
        rounded = round(value) if self.whole else float(f"{value:.3g}")
        low, high = (round(self.lowest), round(self.highest)) if self.whole else (self.lowest, self.highest)
        return min(max(rounded, low), high)


def setting_words(name: str) -> str:
    """A setting in words: `dataset.train_size` → `training images`."""
    setting = find_setting(name)
    return setting.noun if setting else name.rpartition(".")[2].replace("_", " ")


def text(value: SettingValue) -> str:
    """A value as people read it: `0.001`, `yes`, `32, 64`, `default`."""
    if value is None:
        return "default"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, tuple):
        return ", ".join(str(number) for number in value)
    return str(value)


Method = Literal["random", "grid", "tpe"]
#: What candidates are judged by where nothing else is asked.
ACCURACY = "validation_accuracy"


def _known_objective(name: str) -> str:
    known = metrics.objectives()
    if name not in known:
        why = " Test images choose nothing." if name.startswith("test_") else did_you_mean(name, known)
        raise SpecError(f"'{name}' can't be what a search judges by.{why} There are: {', '.join(known)}.")
    return name


#: A metric of the validation images that candidates are judged by; left out of the JSON and the hash where
#: it is the accuracy, as in searches of earlier versions.
Objective = Annotated[
    str, AfterValidator(_known_objective), Field(exclude_if=lambda objective: objective == ACCURACY)
]
#: A grid is laid out whole before it is shuffled.
MOST_GRID_POINTS = 100_000


class SearchSpec(Spec):
    """A space of settings, how it is searched, and how every candidate is judged.

    Each candidate is trained `folds` times, each time without one part of the training images, and
    judged by the mean of `objective` on the parts left out. All candidates see the same folds and seed. What
    may end a training early, early stopping or the median rule, goes by other images than those that score
    it: a tenth of the rest. Test images are not looked at.
    """

    always_in_json = "base method candidates folds pruning seed"
    title: str = Field(min_length=1, max_length=80)
    base: Settings = Field(default_factory=dict, description="dotted settings that all candidates share")
    space: tuple[Dimension, ...] = Field(min_length=1, max_length=20)
    method: Method = "random"
    candidates: int = Field(default=12, ge=2, le=500)
    folds: int = Field(default=3, ge=2, le=10)
    pruning: bool = Field(default=True, description="give poor candidates up early, by the median rule")
    seed: Seed = 0
    objective: Objective = ACCURACY

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [dimension.name for dimension in self.space]
        for name in names:
            if names.count(name) > 1:
                raise SpecError(f"'{name}' is in the space twice. Give all its values in one row.")
        if (
            self.method == "grid"
            and math.prod(len(dimension.grid) for dimension in self.space) > MOST_GRID_POINTS
        ):
            raise SpecError(
                f"The grid has more than {MOST_GRID_POINTS:,} points. Take fewer values, or search at random."
            )
        return self

    @property
    def metric(self) -> Metric:
        """What candidates are judged by."""
        return METRICS.get(self.objective)

    @property
    def planned(self) -> int:
        """How many candidates there will be: as many as asked, or as the space has."""
        grid = math.prod(len(dimension.grid) for dimension in self.space)
        whole = self.method == "grid" or all(dimension.choices for dimension in self.space)
        return min(self.candidates, grid) if whole else self.candidates

    def check(self) -> None:
        """Try every choice, and both ends of every range, with all else as in the base.

        Raises:
            CnnvizError: a setting is unknown or not allowed, or the metric says nothing of so few classes.
        """
        classes = datasets.facts(self.experiment({}, 1).dataset).classes
        if classes < self.metric.classes:
            raise SpecError(
                f"{self.metric.title} says nothing of {classes} classes. Judge by another metric, or take a "
                f"data set of at least {self.metric.classes} classes."
            )
        for dimension in self.space:
            for value in dimension.ends:
                self.experiment({dimension.name: value}, 1)

    def experiment(self, settings: Settings, fold: int) -> ExperimentSpec:
        """One training of a candidate: all folds but `fold` (from 1) train, and that one scores.

        Raises:
            SpecError, UnknownNameError: the candidate is impossible.
        """
        merged = self._merged(settings)
        watched = WATCHED if self.pruning or merged.get("training.early_stopping") else 0.0
        split: Settings = {
            "dataset.validation_split": watched,
            "dataset.folds": self.folds,
            "dataset.fold": fold,
        }
        return experiment_of({**merged, **split})

    def whole(self, settings: Settings) -> ExperimentSpec:
        """A candidate trained on all training images; early stopping alone still needs its validation share.

        Raises:
            SpecError, UnknownNameError: the candidate is impossible.
        """
        all_settings = self._merged(settings)
        if not all_settings.get("training.early_stopping"):
            all_settings["dataset.validation_split"] = 0.0
        return experiment_of(all_settings)

    def _merged(self, settings: Settings) -> Settings:
        return merged(self.base, settings)


def merged(base: Mapping[str, SettingValue], settings: Mapping[str, SettingValue]) -> Settings:
    """The base's settings with some changed; without the base's momentum where it has no meaning then."""
    all_settings = {**base, **settings}
    optimizer = all_settings.get("training.optimizer", TrainingSpec().optimizer)
    if optimizer not in WITH_MOMENTUM and "training.momentum" not in settings:
        all_settings.pop("training.momentum", None)
    return all_settings


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


_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"^\s*({_NUMBER})\s*(?:…|\.\.\.?|–)\s*({_NUMBER})\s*$")
_WORDS: dict[str, SettingValue] = {"default": None, "none": None, "yes": True, "no": False}


def setting_names(architecture: str) -> tuple[str, ...]:
    """All settings that can be searched with a named network: its own, then those of training and images."""
    own = [item.path for item in ARCHITECTURES.get(architecture).parameters]
    # Training first: what a search is mostly about.
    common = sorted((item.path for item in SETTINGS.values() if item.varied), key=lambda path: path[0] == "d")
    return (*own, *common)


def read_row(architecture: str, name: str, values: str, *, log: bool = False) -> Dimension:
    """Make a dimension of a row.

    Raises:
        SpecError: the values can't be read, or are not allowed.
    """
    setting = _setting(architecture, name)
    several = setting is not None and setting.kind == "ints"
    interval = None if several else _RANGE.match(values)
    if interval:
        whole = setting is not None and setting.kind == "int"
        low, high = float(interval[1]), float(interval[2])
        return Dimension.parse({"name": name, "low": low, "high": high, "log": log, "whole": whole})
    pieces = [piece.strip() for piece in re.split(";" if several or ";" in values else ",", values)]
    choices = [_read(setting, piece, architecture) for piece in pieces if piece]
    return Dimension.parse({"name": name, "choices": choices})


def values_text(dimension: Dimension) -> str:
    """The values as `read_row` reads them."""
    if not dimension.choices:
        return f"{dimension.low:g} … {dimension.high:g}"
    between = "; " if any(isinstance(choice, tuple) for choice in dimension.choices) else ", "
    return between.join(text(choice) for choice in dimension.choices)


def presets(architecture: str) -> dict[str, tuple[Dimension, ...]]:
    """Spaces to begin with, by name, as far as they suit the network; "report" is report B's (B4)."""
    own = {
        parameter.name for parameter in ARCHITECTURES.get(architecture).parameters if parameter.kind != "ints"
    }
    spaces: dict[str, tuple[Dimension, ...]] = {
        "training": (
            Dimension(name="training.optimizer", choices=("SGD", "RMSprop", "Adam", "Adamax")),
            Dimension(name="training.learning_rate", low=1e-4, high=0.1, log=True),
        )
    }
    network = (
        Dimension(name="architecture.kernel_size", choices=(3, 5, 7)),
        Dimension(name="architecture.dense", choices=(64, 128, 256, 512)),
        Dimension(name="architecture.dropout", choices=(0.0, 0.25, 0.5)),
    )
    suited = tuple(dimension for dimension in network if dimension.name.partition(".")[2] in own)
    if suited:
        spaces["network"] = suited
    if {"second_dense", "activation"} <= own:
        spaces["report"] = report_space()
    return spaces


def _setting(architecture: str, name: str) -> Setting | None:
    """The setting of a dotted name; None for one that there is not, which the specs refuse in their words."""
    setting = find_setting(name, architecture)
    if setting is None and name.startswith("architecture."):
        field = name.partition(".")[2]
        raise SpecError(f"{architecture} has no setting '{field}'. Choose another one, or another network.")
    return setting


def _read(setting: Setting | None, piece: str, architecture: str) -> Any:
    if setting is not None and setting.path.startswith("architecture."):
        return setting.parse(piece, architecture)
    if piece.lower() in _WORDS or (setting is not None and piece == setting.empty):
        return _WORDS.get(piece.lower())
    for kind in (int, float):
        try:
            return kind(piece)
        except ValueError:
            continue
    return piece
