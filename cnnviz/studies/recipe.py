"""Recipes: the reports' experiments as data, one TOML file a report, validated here.

A recipe says what to run, what was published, and what to draw; its scales say how much of it is run:
`smoke` in seconds on any machine, `lecture` in minutes on two cores, `full` as published.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from cnnviz.errors import SpecError
from cnnviz.registry import Registry
from cnnviz.specs import Spec
from cnnviz.specs.base import Seed
from cnnviz.studies.spec import SettingValue, StudySpec, Variant, experiment_of

Settings = dict[str, SettingValue]
ScaleName = Literal["smoke", "lecture", "full"]
SCALES: tuple[ScaleName, ...] = ("smoke", "lecture", "full")
REPORTS = ("a", "b", "c", "d", "e")
#: What a recipe does: train runs; count layers; show images; convolve; open a network; search; transfer.
Kind = Literal["training", "counting", "images", "convolution", "search", "transfer"]


class Scale(Spec):
    """How much of an experiment is run. What it changes is stated beside every number it gives."""

    set: Settings = Field(default_factory=dict, description="settings put over those of every variant")
    train_share: float = Field(default=1.0, gt=0, le=1, description="share of each variant's training images")
    train_at_most: int | None = Field(default=None, ge=20)
    epochs_share: float = Field(default=1.0, gt=0, le=1, description="share of each variant's epochs")
    epochs_at_most: int | None = Field(default=None, ge=1)
    seeds: tuple[Seed, ...] = (0,)
    variants: tuple[str, ...] = Field(default=(), description="labels of those that are run; none: all")

    def applied(self, settings: Settings, train_images: int) -> Settings:
        """The settings of one variant at this scale.

        Args:
            train_images: training images of the data set as published, where a variant takes all.
        """
        size = settings.get("dataset.train_size") or train_images
        epochs = settings.get("training.epochs", 5)
        assert isinstance(size, int)
        assert isinstance(epochs, int)
        smaller = min(round(size * self.train_share), self.train_at_most or size)
        fewer = max(1, min(round(epochs * self.epochs_share), self.epochs_at_most or epochs))
        changed: Settings = {**settings, "training.epochs": fewer}
        if smaller < size:
            changed["dataset.train_size"] = smaller
        return {**changed, **self.set}


class RecipeVariant(Spec):
    """One network or setting of an experiment, with what was published about it."""

    label: str
    set: Settings = Field(default_factory=dict)
    published: dict[str, float] = Field(
        default_factory=dict, description="test_accuracy (share), test_loss, fit_seconds, params, …"
    )


class Claim(Spec):
    """A sentence that can be tested: for one seed after the other, is `metric` of `first` above `second`'s?

    `relation`: "greater" or "less" compare `first` with `second`; "ratio" asks whether first / second is
    at least `factor` (1.8: "1.8 times slower"); "proportional" whether `metric` grows in proportion to
    `against` over all variants; "similar" whether the difference is surely smaller than `margin`.
    """

    id: str
    text: str
    metric: str = "test_accuracy"
    relation: Literal["greater", "less", "ratio", "proportional", "similar"] = "greater"
    first: str = ""
    second: str = ""
    factor: float = Field(default=1.0, gt=0)
    margin: float = Field(default=0.0, ge=0)
    against: str = ""


class Recipe(Spec):
    """One experiment of a report."""

    id: str = Field(pattern=r"^[A-E]\d{1,2}$")
    title: str
    question: str
    kind: Kind
    source: str = ""
    notes: str = ""
    published_on: str = Field(default="", description="hardware of the published numbers")
    base: Settings = Field(default_factory=dict)
    variants: tuple[RecipeVariant, ...] = ()
    draw: tuple[str, ...] = Field(min_length=1, description="names of studies.drawing entries, in order")
    options: dict[str, Any] = Field(default_factory=dict, description="for kinds other than training")
    scales: dict[ScaleName, Scale] = Field(default_factory=dict)
    claims: tuple[Claim, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = [scale for scale in SCALES if scale not in self.scales]
        if missing:
            raise SpecError(f"Recipe {self.id} lacks the scale '{missing[0]}'.")
        labels = {variant.label for variant in self.variants}
        for claim in self.claims:
            for label in (claim.first, claim.second):
                if label and label not in labels:
                    raise SpecError(f"Claim {claim.id} of {self.id} names no variant: '{label}'.")
        return self

    def study(self, scale: ScaleName) -> StudySpec | None:
        """The runs of this recipe at a scale; None where it trains nothing.

        Raises:
            SpecError, DataError: a variant is impossible.
        """
        if not self.variants or self.kind not in ("training", "images"):
            return None
        size = self.scales[scale]
        chosen = [variant for variant in self.variants if not size.variants or variant.label in size.variants]
        return StudySpec(
            title=f"{self.id} {self.title}", question=self.question, recipe=self.id, scale=scale,
            seeds=size.seeds,
            variants=tuple(
                Variant(label=variant.label, experiment=experiment_of(self._settings(variant, size)))
                for variant in chosen
            ),
        )  # fmt: skip

    def _settings(self, variant: RecipeVariant, scale: Scale) -> Settings:
        from cnnviz import datasets

        settings = {**self.base, **variant.set}
        published = datasets.entry(str(settings.get("dataset.name", "digits")))
        return scale.applied(settings, published.n_train)


class Report(Spec):
    """One of the five reports: its title, author and experiments."""

    key: Literal["A", "B", "C", "D", "E"]
    title: str
    author: str
    year: int | None = None
    hardware: str = ""
    scales: dict[ScaleName, Scale] = Field(
        default_factory=dict, description="for experiments without own ones"
    )
    experiment: tuple[dict[str, Any], ...]

    def recipes(self) -> tuple[Recipe, ...]:
        """Its experiments, with the report's scales where they have none of their own."""
        shared = {name: scale.model_dump(exclude_unset=True) for name, scale in self.scales.items()}
        return tuple(
            Recipe.parse({**entry, "scales": {**shared, **entry.get("scales", {})}})
            for entry in self.experiment
        )


@cache
def reports() -> tuple[Report, ...]:
    """All five reports, read from the package."""
    folder = resources.files("cnnviz.studies") / "recipes"
    return tuple(Report.parse(tomllib.loads((folder / f"{key}.toml").read_text("utf-8"))) for key in REPORTS)


@cache
def recipes() -> Registry[Recipe]:
    """All experiments by ID, in the order of the reports.

    Raises:
        SpecError: a recipe is not valid.
    """
    known: Registry[Recipe] = Registry("experiment")
    for report in reports():
        for recipe in report.recipes():
            known.add(recipe.id, recipe)
    return known
