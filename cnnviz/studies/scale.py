"""Scale: how much of a recipe is run, and what that changes in plain words.

A scale never runs more than was published, and never so little that nothing could be learned; what it
changes is stated beside every number that it gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from cnnviz import datasets
from cnnviz.errors import SpecError
from cnnviz.specs import DatasetSpec, Spec, TrainingSpec
from cnnviz.specs.base import Seed
from cnnviz.studies.spec import SettingValue

Settings = dict[str, SettingValue]
ScaleName = Literal["smoke", "lecture", "full"]
SCALES: tuple[ScaleName, ...] = ("smoke", "lecture", "full")
#: Fewer training images than these are no training: ten classes with two images each.
LEAST_IMAGES = 20
#: Settings with a rule of their own, which `set` must not go round.
_RULED = {
    "dataset.train_size": "train_share or train_at_most",
    "training.epochs": "epochs_share or epochs_at_most",
    "training.seed": "seeds",
}


class Scale(Spec):
    """How much of an experiment is run."""

    set: Settings = Field(default_factory=dict, description="settings put over those of every variant")
    train_share: float = Field(default=1.0, gt=0, le=1, description="share of each variant's training images")
    train_at_most: int | None = Field(default=None, ge=LEAST_IMAGES)
    epochs_share: float = Field(default=1.0, gt=0, le=1, description="share of each variant's epochs")
    epochs_at_most: int | None = Field(default=None, ge=1)
    seeds: tuple[Seed, ...] = (0,)
    variants: tuple[str, ...] = Field(default=(), description="labels of those that are run; none: all")
    options: dict[str, Any] = Field(default_factory=dict, description="put over the options of the recipe")

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, instead in _RULED.items():
            if name in self.set:
                raise SpecError(f"A scale must not set {name} itself: use {instead}.")
        return self

    def applied(self, settings: Settings, train_images: int, available: int | None = None) -> Settings:
        """The settings of one variant at this scale.

        Args:
            train_images: training images of the data set as published, where a variant takes all.
            available: training images of the data set that this scale puts in its place.
        Returns:
            settings with at most as many images and epochs as published, at least `LEAST_IMAGES`
            images (or as many as published, if that is less) and one epoch.
        """
        size = _whole(settings.get("dataset.train_size"), train_images)
        epochs = _whole(settings.get("training.epochs"), TrainingSpec().epochs)
        wanted = max(round(size * self.train_share), LEAST_IMAGES)
        smaller = min(wanted, size, self.train_at_most or size, available or size)
        fewer = min(max(round(epochs * self.epochs_share), 1), self.epochs_at_most or epochs)
        changed: Settings = {**settings, "training.epochs": fewer}
        if smaller < size:
            changed["dataset.train_size"] = smaller
        return {**changed, **self.set}


def _whole(value: SettingValue, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise SpecError(f"A number of images or epochs must be a whole number; received {value!r}.")
    return value


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Plain data of two scales in one: `over` counts, but tables in it (`set`, `options`) are merged too."""
    result = {**under, **over}
    for key in ("set", "options"):
        if key in under and key in over:
            result[key] = {**under[key], **over[key]}
    return result


def differences(published: Settings, run: Settings, train_images: int) -> tuple[str, ...]:
    """What a scale has changed, one phrase a setting: "500 of 50,000 training images", "1 of 2 epochs".

    Args:
        train_images: training images of the data set as published, where `published` takes all.
    """
    phrases = []
    for name, value in run.items():
        before = published.get(name)
        if value == before:
            continue
        if name == "dataset.train_size":
            phrases.append(f"{value:,} of {before or train_images:,} training images")
        elif name == "training.epochs":
            phrases.append(f"{value} of {before} epochs")
        elif name == "dataset.name":
            phrases.append(f"data set {_title(value)} in place of {_title(before)}")
        elif name == "dataset.test_size":
            phrases.append(f"{value:,} test images")
        else:
            phrases.append(_phrase(name.rpartition(".")[2].replace("_", " "), value, before))
    return tuple(phrases)


def _phrase(name: str, value: SettingValue, before: SettingValue) -> str:
    """`filters 8, 16 in place of 64, 128`."""
    return f"{name} {_text(value)}" + ("" if before is None else f" in place of {_text(before)}")


def _title(name: SettingValue) -> str:
    """A data set as people call it."""
    return datasets.entry(str(name or DatasetSpec().name)).title


def _text(value: SettingValue) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
