"""Recipe: one experiment as a spec, with its variants, claims and scales.

A scale never runs more than was published, and never so little that nothing could be learned; what it
changes is stated beside every number that it gives, and a variant is called by what is really run. Where the
published data set lies on this machine it is the one that is used, at every scale; another takes its place
only where it does not.

Checked here: labels that exist, scales that are complete, claims that can be decided. Where recipes come
from is the business of `reports.library`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from cnnviz import datasets
from cnnviz.errors import SpecError
from cnnviz.metrics import METRICS
from cnnviz.registry import did_you_mean
from cnnviz.specs import DatasetSpec, ExperimentSpec, Spec, TrainingSpec
from cnnviz.specs.base import Seed
from cnnviz.studies.study_spec import SettingValue, StudySpec, Variant, experiment_of

S = TypeVar("S", bound=Spec)
#: What a recipe does: train runs; count layers; show images; convolve; search; use trained features.
Kind = Literal["training", "counting", "images", "convolution", "search", "transfer"]
#: Numbers that no run keeps: they are looked up inside its network once it is trained.
LOOKED_UP = {"weights_rms": "root mean square of the weights", "map_sharpness": "sharpness of the maps"}
#: Numbers of one network each, one for every image that is looked at: their chance lies in the images.
PER_IMAGE = {
    "black_maps": "share of black maps of the first convolution",
    "first_detail": "share of the image that the maps of the first convolution hold",
    "last_detail": "share of the image that the maps of the last convolution hold",
}
#: Numbers of one classifier, one for every fold that it is scored on.
PER_FOLD = {"transfer_score": "cross-validated score"}
SAMPLED = {**PER_IMAGE, **PER_FOLD}
#: What a claim about transfer may compare besides variants.
IMAGENET_NETWORK, CHOSEN, ALL = "ImageNet", "chosen features", "all features"
BESIDE = (IMAGENET_NETWORK, CHOSEN, ALL)


def _known_metric(name: str) -> str:
    known = [*METRICS, *LOOKED_UP, *SAMPLED]
    if name not in known:
        raise SpecError(f"There is no metric '{name}'.{did_you_mean(name, known)} Known: {', '.join(known)}.")
    return name


#: What can be measured of a run, so that a claim can be decided by it: see `cnnviz.metrics`.
MetricName = Annotated[str, AfterValidator(_known_metric)]


def metric_noun(name: str) -> str:
    """A metric within a sentence: `test accuracy`."""
    return {**LOOKED_UP, **SAMPLED}.get(name) or METRICS.get(name).noun


Settings = dict[str, SettingValue]
#: What a kind and its drawings are told; whoever takes them has a spec for them (`read_options`).
Options = dict[str, object]
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
    instead: dict[str, Settings] = Field(
        default_factory=dict,
        description="by the name of a data set: what is put over where it is not on this machine",
    )
    train_share: float = Field(default=1.0, gt=0, le=1, description="share of each variant's training images")
    train_at_most: int | None = Field(default=None, ge=LEAST_IMAGES)
    epochs_share: float = Field(default=1.0, gt=0, le=1, description="share of each variant's epochs")
    epochs_at_most: int | None = Field(default=None, ge=1)
    seeds: tuple[Seed, ...] = (0,)
    variants: tuple[str, ...] = Field(default=(), description="labels of those that are run; none: all")
    options: Options = Field(default_factory=dict, description="put over the options of the recipe")

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, instead in _RULED.items():
            if name in self.set:
                raise SpecError(f"A scale must not set {name} itself: use {instead}.")
        return self

    def over(self, other: Scale) -> Scale:
        """Both in one: what this one says counts, but tables (`set`, `instead`, `options`) are merged."""
        tables = {
            "set": {**other.set, **self.set},
            "instead": {**other.instead, **self.instead},
            "options": {**other.options, **self.options},
        }
        own, below = (scale.model_dump(exclude_unset=True) for scale in (self, other))
        return Scale.parse({name: tables.get(name, value) for name, value in {**below, **own}.items()})

    def stand_in(self, settings: Settings) -> Settings:
        """What is put over where the data set of `settings` is not on this machine; {} where it is."""
        name = _dataset(settings)
        found = self.instead.get(name, {})
        return found if found and datasets.availability(name) == "download" else {}

    def applied(self, settings: Settings, train_images: int, available: int | None = None) -> Settings:
        """The settings of one variant at this scale, on the data set that it names.

        Args:
            train_images: training images of the data set as published, where a variant takes all.
            available: training images of the data set that takes its place.
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


class RecipeVariant(Spec):
    """One network or setting of an experiment, with what was published about it."""

    label: str = Field(min_length=1, max_length=60)
    set: Settings = Field(default_factory=dict, description="over the base; complete once it is read")
    at: dict[ScaleName, Settings] = Field(
        default_factory=dict, description="put over at one scale, where the network itself is too large"
    )
    published: dict[MetricName, float] = Field(default_factory=dict, description="shares, seconds, counts")
    layers: tuple[int, ...] = Field(
        default=(), description="published parameters of each layer that has any, from first to last"
    )
    origin: str = Field(default="", description="ID of the experiment that it was taken from; empty: own")


class Claim(Spec):
    """A sentence that can be tested: for one seed after the other, is `metric` of `first` above `second`'s?

    `relation`: "greater" or "less" compare `first` with `second`; "ratio" asks whether first / second is
    at least `factor`, or, with `margin`, whether it is `factor` (1.8 and 0.1: from 1.8 / 1.1 to 1.8 · 1.1);
    "proportional" whether `metric` grows in proportion to `against` over all variants (the exponent within
    `margin` of 1); "similar" whether the difference is surely smaller than `margin`, to either side;
    "not less" whether `first` is surely not lower by `margin` or more, however much higher it is.

    Gains are compared where `first_over` and `second_over` name what each is better than: is `first` further
    above `first_over` than `second` above `second_over`?

    `second_metric`: of `second`, where it is another one than that of `first`.
    """

    id: str = Field(default="", pattern=r"^([A-Za-z][A-Za-z0-9-]{0,80})?$")
    text: str
    metric: MetricName = "test_accuracy"
    relation: Literal["greater", "less", "ratio", "proportional", "similar", "not less"] = "greater"
    first: str = ""
    second: str = ""
    first_over: str = ""
    second_over: str = ""
    second_metric: Literal[""] | MetricName = ""
    factor: float = Field(default=0.0, ge=0)
    margin: float = Field(default=0.0, ge=0)
    against: Literal["", "n_train"] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        margins = {"similar": "margin", "not less": "margin"}
        needed = ({"ratio": "factor", "proportional": "against"} | margins).get(self.relation)
        if needed and not getattr(self, needed):
            raise SpecError(f"Claim {self.id}: the relation '{self.relation}' needs '{needed}'.")
        pair = bool(self.first) + bool(self.second)
        if pair != (0 if self.relation == "proportional" else 2):
            raise SpecError(
                f"Claim {self.id}: name the variants 'first' and 'second', or none of them where it is "
                "about all ('proportional')."
            )
        if bool(self.first_over) != bool(self.second_over) or (self.first_over and self._not_gains):
            raise SpecError(
                f"Claim {self.id}: name both 'first_over' and 'second_over' or none, and 'greater' or 'less'."
            )
        return self

    @property
    def _not_gains(self) -> bool:
        return self.relation not in ("greater", "less")

    @property
    def compared(self) -> tuple[str, ...]:
        """Labels of all that it compares; none where it is about all variants."""
        return tuple(filter(None, (self.first, self.second, self.first_over, self.second_over)))

    @property
    def metrics(self) -> tuple[MetricName, ...]:
        """What is measured of them."""
        return (self.metric, self.second_metric) if self.second_metric else (self.metric,)


class Written(Spec):
    """An experiment as a file may write it; what it leaves out `reports.library` fills in."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,19}$")
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
    draw: tuple[str, ...] = Field(min_length=1, description="names of entries of reports.drawings, in order")
    published: dict[str, float] = Field(default_factory=dict, description="what belongs to no single variant")
    options: Options = Field(
        default_factory=dict, description="what its kind and its drawings are told; see `check_options`"
    )
    scales: dict[ScaleName, Scale] = Field(default_factory=dict)
    claims: tuple[Claim, ...] = ()


class Recipe(Written):
    """One experiment, of a report or of a person's own, complete."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = [scale for scale in SCALES if scale not in self.scales]
        if missing:
            raise SpecError(f"Recipe {self.id} lacks the scale '{missing[0]}'.")
        labels = [variant.label for variant in self.variants]
        for label in labels:
            if labels.count(label) > 1:
                raise SpecError(f"Recipe {self.id} has two variants called '{label}'.")
        for claim in self.claims:
            if not claim.id.startswith(f"{self.id}-"):
                raise SpecError(
                    f"Claim {claim.id} does not belong to {self.id}: begin its ID with '{self.id}-'."
                )
        named = [(f"Claim {claim.id}", name) for claim in self.claims for name in claim.compared]
        named += [(f"Scale {key} of {self.id}", name) for key in SCALES for name in self.scales[key].variants]
        beside = BESIDE if self.kind == "transfer" else ()
        for where, label in named:
            if label not in (*labels, *beside):
                raise SpecError(f"{where} names '{label}', which is no variant. There are: {labels}.")
        return self

    @property
    def trains(self) -> bool:
        """Whether it needs trained runs; those that only count, or show a convolution, do not."""
        return bool(self.variants) and self.kind not in ("counting", "convolution")

    @property
    def compares(self) -> bool:
        """Whether anything was published that can stand beside what is measured."""
        return bool(self.published) or any(variant.published for variant in self.variants)

    def chosen(self, scale: ScaleName) -> tuple[RecipeVariant, ...]:
        """The variants that belong to a scale."""
        labels = self.scales[scale].variants
        return tuple(variant for variant in self.variants if not labels or variant.label in labels)

    def options_at(self, scale: ScaleName) -> Options:
        """The options, with what the scale puts over them."""
        return {**self.options, **self.scales[scale].options}

    def check_options(self, specs: Sequence[type[Spec]]) -> None:
        """Check the options at every scale by the specs that its kind and its drawings read them with.

        Raises:
            SpecError: an option that none of them has, or a value that one of them refuses.
        """
        known = [name for spec in specs for name in option_names(spec)]
        for scale in SCALES:
            options = self.options_at(scale)
            for name in options:
                if name not in known:
                    hint = did_you_mean(name, known)
                    raise SpecError(
                        f"{self.id}: nothing that it draws has the option '{name}'.{hint} "
                        f"There are: {', '.join(dict.fromkeys(known)) or 'none'}."
                    )
            for spec in specs:
                try:
                    read_options(spec, options)
                except SpecError as error:
                    raise SpecError(f"{self.id}, options: {error}") from error

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
        narrower = any(setting.startswith("architecture.") for setting in variant.at.get(scale, {}))
        return f"{name}, narrower" if narrower else name

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

    def settings_at(self, settings: Settings, scale: ScaleName) -> Settings:
        """Settings as published, at a scale and with the data that there are on this machine."""
        size = self.scales[scale]
        instead = size.stand_in(settings)
        available = _images({**settings, **size.set, **instead})
        return {**size.applied(settings, _images(settings), available), **instead}

    def _scaled(self, variant: RecipeVariant, scale: ScaleName) -> Settings:
        return {**self.settings_at(variant.set, scale), **variant.at.get(scale, {})}


def option_names(spec: type[Spec]) -> list[str]:
    """What a recipe calls the fields of a spec of options."""
    return [field.alias or name for name, field in spec.model_fields.items()]


def read_options(spec: type[S], options: Mapping[str, object]) -> S:
    """Those of a recipe's options that `spec` has.

    Raises:
        SpecError: a value is refused, or one that is needed is missing.
    """
    return spec.parse({name: options[name] for name in option_names(spec) if name in options})


def _dataset(settings: Settings) -> str:
    return str(settings.get("dataset.name", DatasetSpec().name))


def _images(settings: Settings) -> int:
    return datasets.entry(_dataset(settings)).n_train


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


_BETWEEN = ", "
_AMOUNT = re.compile(r"[\d,]+ epochs?|n = [\d,]+")


def name_at(label: str, published: Mapping[str, SettingValue], run: Mapping[str, SettingValue]) -> str:
    """`VGG16, 10 epochs` → `VGG16, 5 epochs`, `strides, n = 5,000` → `strides, n = 125`.

    Args:
        label: as the recipe has it, with the report's numbers.
        published: all settings of the variant as published.
        run: the same at the scale.
    """
    return _BETWEEN.join(_part(part, published, run) for part in label.split(_BETWEEN))


def _part(part: str, published: Mapping[str, SettingValue], run: Mapping[str, SettingValue]) -> str:
    epochs, size = published.get("training.epochs"), published.get("dataset.train_size")
    if part == f"{epochs} epochs":
        fewer = run.get("training.epochs")
        return f"{fewer} epoch" if fewer == 1 else f"{fewer} epochs"
    if size is not None and part == f"n = {size:,}":
        return f"n = {run.get('dataset.train_size', size):,}"
    return part


def report_says(label: str, name: str) -> str:
    """What the label names and the name does not: `10 epochs`; "" where both are the same."""
    return _BETWEEN.join(part for part in label.split(_BETWEEN) if part not in name.split(_BETWEEN))


def network_in(label: str) -> str:
    """The label without its epochs and images, which a network's arithmetic doesn't know; may be ""."""
    return _BETWEEN.join(part for part in label.split(_BETWEEN) if not _AMOUNT.fullmatch(part))
