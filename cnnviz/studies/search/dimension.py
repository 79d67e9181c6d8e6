"""Dimension: one setting that a search varies, over choices or over a range, and its values as text."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from cnnviz.errors import SpecError
from cnnviz.specs import Spec
from cnnviz.studies.study_spec import SettingValue

Settings = dict[str, SettingValue]
#: Decided by the search itself, or no part of what is compared.
_REFUSED = ("dataset.folds", "dataset.fold", "dataset.validation_split", "dataset.test_size", "dataset.name")


class Dimension(Spec):
    """A dotted setting with its `choices`, or with a range from `low` to `high`.

    `log`: drawn evenly by magnitude, as learning rates should be. `whole`: whole numbers only.
    `points`: how many values of the range a grid takes.
    """

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
        return self.name.rpartition(".")[2].replace("_", " ")

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
