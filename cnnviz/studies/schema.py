"""Recipe: one experiment of a report as a spec, with its variants, claims and scales.

Checked here: labels that exist, scales that are complete, claims that can be decided. Where recipes come
from is the business of `studies.recipe`.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from cnnviz import datasets
from cnnviz.errors import SpecError
from cnnviz.specs import DatasetSpec, ExperimentSpec, Spec
from cnnviz.studies.naming import name_at
from cnnviz.studies.scale import SCALES, Scale, ScaleName, Settings, differences
from cnnviz.studies.spec import StudySpec, Variant, experiment_of

#: What a recipe does: train runs; count layers; show images; convolve; search; use trained features.
Kind = Literal["training", "counting", "images", "convolution", "search", "transfer"]
#: What can be measured of a run (see `Outcome`), so that a claim can be decided by it.
Metric = Literal[
    "test_accuracy",
    "test_loss",
    "train_accuracy",
    "generalization_gap",
    "parting_epoch",
    "fit_seconds",
    "seconds_per_epoch",
    "images_per_second",
    "params",
    "trainable_params",
    "macs",
    "weights_rms",
    "map_sharpness",
]


class RecipeVariant(Spec):
    """One network or setting of an experiment, with what was published about it."""

    label: str = Field(min_length=1, max_length=60)
    set: Settings = Field(default_factory=dict, description="over the base; complete once it is read")
    at: dict[ScaleName, Settings] = Field(
        default_factory=dict, description="put over at one scale, where the network itself is too large"
    )
    published: dict[Metric, float] = Field(default_factory=dict, description="shares, seconds, counts")
    origin: str = Field(default="", description="ID of the experiment that it was taken from; empty: own")


class Claim(Spec):
    """A sentence that can be tested: for one seed after the other, is `metric` of `first` above `second`'s?

    `relation`: "greater" or "less" compare `first` with `second`; "ratio" asks whether first / second is
    at least `factor` (1.8: "1.8 times slower"); "proportional" whether `metric` grows in proportion to
    `against` over all variants (the exponent within `margin` of 1); "similar" whether the difference is
    surely smaller than `margin`.
    """

    id: str = Field(pattern=r"^[A-E]\d{1,2}-[a-z0-9-]+$")
    text: str
    metric: Metric = "test_accuracy"
    relation: Literal["greater", "less", "ratio", "proportional", "similar"] = "greater"
    first: str = ""
    second: str = ""
    factor: float = Field(default=0.0, ge=0)
    margin: float = Field(default=0.0, ge=0)
    against: Literal["", "n_train"] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        needed = {"ratio": "factor", "similar": "margin", "proportional": "against"}.get(self.relation)
        if needed and not getattr(self, needed):
            raise SpecError(f"Claim {self.id}: the relation '{self.relation}' needs '{needed}'.")
        pair = bool(self.first) + bool(self.second)
        if pair != (0 if self.relation == "proportional" else 2):
            raise SpecError(
                f"Claim {self.id}: name the variants 'first' and 'second', or none of them where it is "
                "about all ('proportional')."
            )
        return self


class Recipe(Spec):
    """One experiment of a report."""

    id: str = Field(pattern=r"^[A-E]\d{1,2}$")
    title: str = Field(min_length=1, max_length=120)
    question: str = Field(min_length=1, max_length=400)
    kind: Kind
    source: str = ""
    notes: str = ""
    published_on: str = Field(default="", description="hardware of the published numbers")
    base: Settings = Field(default_factory=dict)
    uses: tuple[str, ...] = Field(
        default=(), description='experiments whose own variants are taken too: "A3", or one: "A7/2 epochs"'
    )
    variants: tuple[RecipeVariant, ...] = ()
    draw: tuple[str, ...] = Field(min_length=1, description="names of studies.drawing entries, in order")
    published: dict[str, float] = Field(default_factory=dict, description="what belongs to no single variant")
    options: dict[str, Any] = Field(
        default_factory=dict,
        description="what its kind and drawings need; `layers`: published parameters of each layer, by label",
    )
    scales: dict[ScaleName, Scale] = Field(default_factory=dict)
    claims: tuple[Claim, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = [scale for scale in SCALES if scale not in self.scales]
        if missing:
            raise SpecError(f"Recipe {self.id} lacks the scale '{missing[0]}'.")
        labels = [variant.label for variant in self.variants]
        for label in labels:
            if labels.count(label) > 1:
                raise SpecError(f"Recipe {self.id} has two variants called '{label}'.")
        named = [(f"Claim {claim.id}", name) for claim in self.claims for name in (claim.first, claim.second)]
        named += [(f"Scale {key} of {self.id}", name) for key in SCALES for name in self.scales[key].variants]
        for where, label in named:
            if label and label not in labels:
                raise SpecError(f"{where} names '{label}', which is no variant. There are: {labels}.")
        return self

    @property
    def trains(self) -> bool:
        """Whether it needs trained runs; those that only count, or show a convolution, do not."""
        return bool(self.variants) and self.kind not in ("counting", "convolution")

    def chosen(self, scale: ScaleName) -> tuple[RecipeVariant, ...]:
        """The variants that belong to a scale."""
        labels = self.scales[scale].variants
        return tuple(variant for variant in self.variants if not labels or variant.label in labels)

    def options_at(self, scale: ScaleName) -> dict[str, Any]:
        """The options, with what the scale puts over them."""
        return {**self.options, **self.scales[scale].options}

    def experiment(self, variant: RecipeVariant, scale: ScaleName) -> ExperimentSpec:
        """One variant at a scale, with seed 0.

        Raises:
            SpecError, UnknownNameError: the variant is impossible.
        """
        return experiment_of(self._scaled(variant, scale))

    def changes(self, variant: RecipeVariant, scale: ScaleName) -> tuple[str, ...]:
        """How a variant at a scale differs from the published one, in phrases; none at full scale."""
        return differences(variant.set, self._scaled(variant, scale), _images(variant.set))

    def name(self, variant: RecipeVariant, scale: ScaleName) -> str:
        """What a variant is called at a scale: its label, with the epochs and images that are really run.

        A network that is made smaller at this scale says so.
        """
        name = name_at(variant.label, variant.set, self._scaled(variant, scale))
        return f"{name}, narrower" if variant.at.get(scale) else name

    def study(self, scale: ScaleName) -> StudySpec | None:
        """The runs of this recipe at a scale; None where nothing is trained.

        Raises:
            SpecError, UnknownNameError: a variant is impossible.
        """
        if not self.trains:
            return None
        variants = tuple(
            Variant(
                label=variant.label,
                name=self.name(variant, scale),
                experiment=self.experiment(variant, scale),
            )
            for variant in self.chosen(scale)
        )
        return StudySpec(
            title=f"{self.id} {self.title}",
            question=self.question,
            recipe=self.id,
            scale=scale,
            seeds=self.scales[scale].seeds,
            variants=variants,
        )

    def _scaled(self, variant: RecipeVariant, scale: ScaleName) -> Settings:
        size = self.scales[scale]
        replaced = {**variant.set, **size.set}
        settings = size.applied(variant.set, _images(variant.set), available=_images(replaced))
        return {**settings, **variant.at.get(scale, {})}


def _images(settings: Settings) -> int:
    return datasets.entry(str(settings.get("dataset.name", DatasetSpec().name))).n_train
