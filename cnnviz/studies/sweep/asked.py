"""From what a person varies to the study: one variant a value, or a combination of values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from cnnviz import datasets
from cnnviz.errors import SpecError
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.search.dimension import Dimension, Settings
from cnnviz.studies.search.rows import read_row
from cnnviz.studies.search.space import merged, settings_of
from cnnviz.studies.study import check as check_experiment
from cnnviz.studies.study_spec import MOST_RUNS, SettingValue, StudySpec, Variant, experiment_of
from cnnviz.studies.sweep.wording import AUGMENTATION, label, setting_words

#: More than two at once nobody can read off a figure.
MOST_FACTORS = 2
_NETWORK = "architecture.name"
#: What "augmentation on" means where the base has none: small changes that suit digits as well.
STANDARD: Settings = {
    f"{AUGMENTATION}.rotation": 10.0,
    f"{AUGMENTATION}.width_shift": 0.1,
    f"{AUGMENTATION}.height_shift": 0.1,
}
_ON, _OFF = ("on", "yes"), ("off", "no")


def read_factor(architecture: str, name: str, values: str) -> Dimension:
    """Read what is varied: a dotted setting and its values, `3, 5, 7`.

    Lists of numbers are separated by semicolons: `16, 32; 32, 64`. `training.augmentation` takes off and
    on; on is the base's augmentation, else a small rotation and shift.

    Raises:
        SpecError: the values can't be read, are fewer than two, or the setting can't be varied.
    """
    pieces = [piece.strip().lower() for piece in values.split(",") if piece.strip()]
    if name == AUGMENTATION:
        return Dimension(name=name, choices=tuple(_switch(piece) for piece in pieces))
    if name == _NETWORK:
        return Dimension(name=name, choices=tuple(pieces))
    found = read_row(architecture, name, values)
    if not found.choices:
        raise SpecError(f"{setting_words(name)} takes single values, for example 0.001, 0.01, 0.1.")
    return found


def _switch(piece: str) -> str:
    if piece not in _ON + _OFF:
        raise SpecError(f"augmentation takes off and on; received '{piece}'.")
    return "on" if piece in _ON else "off"


def study_of(
    base: ExperimentSpec, factors: Sequence[Dimension], seeds: Sequence[int], title: str = ""
) -> StudySpec:
    """The study of all combinations of the factors' values, each with every seed.

    Args:
        base: all that is not varied.
        factors: none: the base alone, repeated.
    Raises:
        SpecError: a setting is unknown or not allowed, or occurs twice.
    """
    names = [factor.name for factor in factors]
    for name in names:
        if names.count(name) > 1:
            raise SpecError(f"{setting_words(name)} is varied twice. Give all its values at once.")
    if len(names) > MOST_FACTORS:
        raise SpecError(f"At most {MOST_FACTORS} settings can be varied at once; received {len(names)}.")
    _refuse_too_many(factors, seeds)
    plain = settings_of(base) if factors else {}
    variants = []
    for values in itertools.product(*(factor.choices for factor in factors)):
        settings = dict(zip(names, values, strict=True))
        experiment = experiment_of(applied(plain, settings)) if factors else base
        variants.append(Variant(label=label(settings)[:120], experiment=experiment, settings=settings))
    return StudySpec.parse(
        {
            "title": (title or _title(base, names))[:80],
            "variants": variants,
            "seeds": tuple(seeds),
            "factors": tuple(names),
        }
    )


def _refuse_too_many(factors: Sequence[Dimension], seeds: Sequence[int]) -> None:
    """Before thousands of networks are made only to be refused."""
    if math.prod(len(factor.choices) for factor in factors) * len(seeds) > MOST_RUNS:
        raise SpecError(f"These are more than {MOST_RUNS} runs. Take fewer values or seeds.")


def check(study: StudySpec) -> None:
    """Say before anything is queued what one of the variants lacks.

    Raises:
        CnnvizError: a variant can't be trained on this machine.
    """
    for variant in study.variants:
        check_experiment(variant.experiment)


def applied(base: Mapping[str, SettingValue], settings: Mapping[str, SettingValue]) -> Settings:
    """The base with a variant's own values; another network keeps none of the base's parameters."""
    kept, own = dict(base), dict(settings)
    network = own.get(_NETWORK, base.get(_NETWORK))
    if network != base.get(_NETWORK):
        kept = {name: value for name, value in kept.items() if not name.startswith("architecture.")}
    switch = own.pop(AUGMENTATION, None)
    changes = {name: value for name, value in kept.items() if name.startswith(f"{AUGMENTATION}.")}
    if switch == "off":
        kept = {name: value for name, value in kept.items() if name not in changes}
    elif switch == "on" and not changes:
        kept |= STANDARD
    return merged(kept, own)


def _title(base: ExperimentSpec, names: Sequence[str]) -> str:
    what = ", ".join(setting_words(name) for name in names) or "repeats"
    return f"{what[0].upper()}{what[1:]} · {datasets.entry(base.dataset.name).title}"
