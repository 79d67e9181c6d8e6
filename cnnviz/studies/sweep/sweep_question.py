"""What a sweep asks: from what a person varies to the study, what is offered to vary, and how it is said.

One variant a value, or a combination of values of two settings.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from cnnviz import datasets
from cnnviz.architectures import ARCHITECTURES, find_setting, parameter_values, summarise
from cnnviz.errors import CnnvizError, SpecError
from cnnviz.specs import SETTINGS, WITH_MOMENTUM, ExperimentSpec, Setting
from cnnviz.studies.search.search_space import (
    Dimension,
    Settings,
    merged,
    read_row,
    setting_words,
    settings_of,
    text,
)
from cnnviz.studies.study import check as check_experiment
from cnnviz.studies.study_spec import MOST_RUNS, SettingValue, StudySpec, Variant, experiment_of
from cnnviz.training import devices

AUGMENTATION = "training.augmentation"
#: More than two at once nobody can read off a figure.
MOST_FACTORS = 2
_NETWORK = "architecture.name"
#: What "augmentation on" means where the base has none: small changes that suit digits as well.
STANDARD: Settings = {
    f"{AUGMENTATION}.rotation": 10.0,
    f"{AUGMENTATION}.width_shift": 0.1,
    f"{AUGMENTATION}.height_shift": 0.1,
}
_SWITCH = {"on": "on", "yes": "on", "off": "off", "no": "off"}
#: These first, in this order; then what else the network has.
_FIRST = (
    "architecture.kernel_size",
    "architecture.filters",
    "architecture.blocks",
    "dataset.train_size",
    AUGMENTATION,
    "training.l1",
    "training.l2",
    "architecture.dropout",
    "architecture.pooling",
    "architecture.stride",
    "training.epochs",
    "training.optimizer",
    "training.learning_rate",
    "training.batch_size",
)
_MOST_CHOICES = 4


def read_factor(architecture: str, name: str, values: str) -> Dimension:
    """Read what is varied: a dotted setting and its values, `3, 5, 7`.

    Lists of numbers are separated by semicolons: `16, 32; 32, 64`. `training.augmentation` takes off and
    on; on is the base's augmentation, else a small rotation and shift.

    Raises:
        SpecError: the values can't be read, are fewer than two, or the setting can't be varied.
    """
    pieces = [piece.strip().lower() for piece in values.split(",") if piece.strip()]
    if name == AUGMENTATION:
        for piece in pieces:
            if piece not in _SWITCH:
                raise SpecError(f"augmentation takes off and on; received '{piece}'.")
        return Dimension(name=name, choices=tuple(_SWITCH[piece] for piece in pieces))
    if name == _NETWORK:
        return Dimension(name=name, choices=tuple(pieces))
    row = read_row(architecture, name, values)
    if not row.choices:
        raise SpecError(f"{setting_words(name)} takes single values, for example 0.001, 0.01, 0.1.")
    return row


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
    # Before thousands of networks are made only to be refused.
    if math.prod(len(factor.choices) for factor in factors) * len(seeds) > MOST_RUNS:
        raise SpecError(f"These are more than {MOST_RUNS} runs. Take fewer values or seeds.")
    plain = settings_of(base) if factors else {}
    variants = []
    for values in itertools.product(*(factor.choices for factor in factors)):
        settings = dict(zip(names, values, strict=True))
        experiment = experiment_of(applied(plain, settings)) if factors else base
        variants.append(Variant(label=label(settings)[:120], experiment=experiment, settings=settings))
    what = ", ".join(setting_words(name) for name in names) or "repeats"
    images = datasets.entry(base.dataset.name).title
    return StudySpec.parse(
        {
            "title": (title or f"{what[0].upper()}{what[1:]} · {images}")[:80],
            "variants": variants,
            "seeds": tuple(seeds),
            "factors": tuple(names),
        }
    )


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


# What is offered to vary -----------------------------------------------------------------------------


def suggested_settings(experiment: ExperimentSpec) -> tuple[str, ...]:
    """Dotted names of what can be varied, what matters most first; none for a custom network."""
    network = experiment.architecture.name
    if network not in ARCHITECTURES:
        return ()
    own = [f"architecture.{one.name}" for one in ARCHITECTURES.get(network).parameters]
    common = [name for name in _FIRST if not name.startswith("architecture.")]
    first = [name for name in _FIRST if name in own or name in common]
    device = ["training.device"] if len(devices.devices()) > 1 else []
    threads = ["training.threads"] if devices.usable_threads() > 1 else []
    rest = [name for name in own if name not in first]
    others = [
        path
        for path, setting in SETTINGS.items()
        if setting.varied
        and path not in first
        and (path != "training.momentum" or experiment.training.optimizer in WITH_MOMENTUM)
    ]
    return (*first, *device, *threads, *rest, _NETWORK, *others)


def suggested_title(experiment: ExperimentSpec, name: str) -> str:
    """A setting as a list of choices has it: `Kernel size`."""
    setting = find_setting(name, experiment.architecture.name)
    words = setting.label if setting and name.startswith("architecture.") else setting_words(name)
    return words[0].upper() + words[1:]


def suggested_values(experiment: ExperimentSpec, name: str) -> str:
    """Values to begin with, as `read_factor` reads them; only those that the network and the images allow."""
    values = [value for value in _candidates(experiment, name) if _possible(experiment, name, value)]
    setting = find_setting(name, experiment.architecture.name)
    if len(values) < 2 and setting and setting.kind == "int" and setting.minimum is not None:
        # Too large for small images, as kernels can be: the least that there are.
        least = int(setting.minimum)
        values = [value for value in range(least, least + 3) if _possible(experiment, name, value)]
    between = "; " if any(isinstance(value, tuple) for value in values) else ", "
    return between.join(dict.fromkeys(text(value) for value in values))


def _candidates(experiment: ExperimentSpec, name: str) -> Iterable[SettingValue]:
    if name == AUGMENTATION:
        return ("off", "on")
    if name == "training.device":
        return [device.id for device in devices.devices()]
    if name == "training.threads":
        return [2**power for power in range(int(math.log2(devices.usable_threads())) + 1)]
    if name == "dataset.train_size":
        return _sizes(experiment)
    network = experiment.architecture.name
    if name == _NETWORK:
        return [network, *(known for known in ("lenet", "two-pairs", "strided") if known != network)]
    setting = find_setting(name, network)
    if setting is None:
        return ()
    if name.startswith("architecture."):
        return _around_setting(setting, parameter_values(experiment.architecture)[setting.name])
    return _around_setting(setting, attrgetter(name)(experiment))


def _around_setting(setting: Setting, value: Any) -> Sequence[SettingValue]:
    """Values that a setting's author names, else some around the one of the experiment, by its kind."""
    if setting.tries:
        return setting.tries
    if setting.kind == "bool":
        return (False, True)
    if setting.kind == "choice":
        return setting.choices[:_MOST_CHOICES]
    if setting.kind == "ints":
        return [tuple(max(1, round(number * factor)) for number in value) for factor in (0.5, 1, 2)]
    if setting.kind == "int":
        around = (1, 2, 4) if value == 1 else (value // 2, value, 2 * value)
        return around if value else (0, 128, 512)
    return (value / 2, value, 2 * value) if value else (0.0, 0.25, 0.5)


def _sizes(experiment: ExperimentSpec) -> Sequence[int]:
    """Eighth, quarter, half and all of the training images, all taken down to one round digit."""
    full = datasets.facts(experiment.dataset.but(train_size=None)).n_train_full
    step = 10 ** int(math.log10(full))
    most = full // step * step
    return [most // 8, most // 4, most // 2, most]


def _possible(experiment: ExperimentSpec, name: str, value: SettingValue) -> bool:
    try:
        tried = experiment_of(applied(settings_of(experiment), {name: value}))
        facts = datasets.facts(tried.dataset)
        summarise(tried.architecture, facts.input_shape, len(facts.class_names))
    except CnnvizError:
        return False
    return tried.training.batch_size <= facts.n_train


# Settings and values in words --------------------------------------------------------------------------


def value_words(name: str, value: SettingValue) -> str:
    """A value beside its setting, as on an axis: `5×5`, `5,000`, `all`."""
    setting = find_setting(name)
    return setting.say(value) if setting else text(value)


def phrase(name: str, value: SettingValue) -> str:
    """A value that stands alone: `5×5 kernels`, `L1 penalty 0.01`."""
    if name == AUGMENTATION:
        return "augmented" if value == "on" else "not augmented"
    setting = find_setting(name)
    return setting.say_alone(value) if setting else f"{setting_words(name)} {text(value)}"


def label(settings: Mapping[str, SettingValue]) -> str:
    """All that one variant has of its own; where nothing is varied, that it is repeated."""
    return " · ".join(phrase(name, value) for name, value in settings.items()) or "as set"
