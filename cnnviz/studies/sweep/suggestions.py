"""What can be varied, in plain words, and values to begin with that suit the experiment."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from cnnviz import datasets
from cnnviz.architectures import ARCHITECTURES, parameter_values, summarise
from cnnviz.errors import CnnvizError
from cnnviz.specs import ExperimentSpec, Setting
from cnnviz.studies.search.dimension import text
from cnnviz.studies.search.space import settings_of
from cnnviz.studies.study_spec import SettingValue, experiment_of
from cnnviz.studies.sweep.asked import applied, read_factor
from cnnviz.studies.sweep.wording import AUGMENTATION, setting_words
from cnnviz.training import devices

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
_FIXED = {
    AUGMENTATION: "off, on",
    "training.l1": "0, 0.0001, 0.001, 0.01",
    "training.l2": "0, 0.0001, 0.001, 0.01",
    "training.optimizer": "SGD, RMSprop, Adam",
    "training.learning_rate": "0.0001, 0.001, 0.01",
}
_KERNELS, _SMALL_KERNELS = (3, 5, 7), (1, 2, 3)
_MOST_CHOICES = 4


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
    return (*first, *device, *threads, *rest, "architecture.name")


def suggested_title(experiment: ExperimentSpec, name: str) -> str:
    """A setting as a list of choices has it: `Kernel size`."""
    parameter = _parameter(experiment, name)
    words = parameter.label if parameter else setting_words(name)
    return words[0].upper() + words[1:]


def suggested_values(experiment: ExperimentSpec, name: str) -> str:
    """Values to begin with, as `read_factor` reads them; only those that the network and the images allow."""
    found = [one for one in _candidates(experiment, name) if _possible(experiment, name, one)]
    if name == "architecture.kernel_size" and len(found) < 2:
        found = [one for one in _SMALL_KERNELS if _possible(experiment, name, one)]
    between = "; " if any(isinstance(one, tuple) for one in found) else ", "
    return between.join(dict.fromkeys(text(one) for one in found))


def _candidates(experiment: ExperimentSpec, name: str) -> Iterable[SettingValue]:
    training, parameter = experiment.training, _parameter(experiment, name)
    if name in _FIXED:
        return read_factor(experiment.architecture.name, name, _FIXED[name]).choices
    if parameter is not None:
        return _of_network(parameter, parameter_values(experiment.architecture)[parameter.name])
    if name == "training.epochs":
        return _around(training.epochs)
    if name == "training.batch_size":
        return _around(training.batch_size)
    if name == "training.device":
        return [device.id for device in devices.devices()]
    if name == "training.threads":
        return [2**power for power in range(int(math.log2(devices.usable_threads())) + 1)]
    if name == "dataset.train_size":
        return _sizes(experiment)
    others = [known for known in ("lenet", "two-pairs", "strided") if known != experiment.architecture.name]
    return [experiment.architecture.name, *others]


def _of_network(parameter: Setting, value: Any) -> Sequence[SettingValue]:
    if parameter.name == "kernel_size":
        return _KERNELS
    if parameter.kind == "ints":
        return [tuple(max(1, round(one * factor)) for one in value) for factor in (0.5, 1, 2)]
    if parameter.kind == "int":
        return _around(value) if value else (0, 128, 512)
    if parameter.kind == "bool":
        return (False, True)
    if parameter.kind == "choice":
        return parameter.choices[:_MOST_CHOICES]
    return (0.0, 0.0001, 0.01) if parameter.name == "l1" else (0.0, 0.25, 0.5)


def _around(value: int) -> Sequence[int]:
    """Half, the value, and twice."""
    return (1, 2, 4) if value == 1 else (value // 2, value, 2 * value)


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


def _parameter(experiment: ExperimentSpec, name: str) -> Setting | None:
    group, _, field = name.partition(".")
    network = experiment.architecture.name
    if group != "architecture" or network not in ARCHITECTURES:
        return None
    return next((one for one in ARCHITECTURES.get(network).parameters if one.name == field), None)
