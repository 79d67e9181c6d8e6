"""What the sidebar holds, as specs. Widgets keep the values; this module only reads them.

Every key stands in the link where it differs from its default, so that a link is an experiment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz import architectures, datasets
from cnnviz.architectures import ARCHITECTURES, NetworkSummary
from cnnviz.architectures.layer_training import counted
from cnnviz.datasets import Facts
from cnnviz.errors import CnnvizError
from cnnviz.specs import ArchitectureSpec, DatasetSpec, ExperimentSpec, TrainingSpec
from cnnviz.ui import cache, settings

DATASET_KEY, SIZE_KEY, LABELS_KEY, ARCHITECTURE_KEY = "dataset", "size", "labels", "network"
MOMENTUM_OPTIMIZERS = ("SGD", "RMSprop")
DEFAULT_DATASET, DEFAULT_ARCHITECTURE = "digits", "two-pairs"


@dataclass(frozen=True)
class Draft:
    """The experiment as it stands in the sidebar. `error` says why it can't be trained, where it can't."""

    dataset: DatasetSpec
    architecture: ArchitectureSpec | None
    training: TrainingSpec
    facts: Facts | None
    summary: NetworkSummary | None
    error: str | None

    @property
    def experiment(self) -> ExperimentSpec | None:
        """The whole, where it can be trained."""
        if self.error or self.architecture is None:
            return None
        return ExperimentSpec(dataset=self.dataset, architecture=self.architecture, training=self.training)


def parameter_key(architecture: str, parameter: str) -> str:
    """Key of an architecture's parameter; each architecture keeps its own values."""
    return f"{architecture}.{parameter}"


def training_default(setting: settings.Setting, architecture: str) -> Any:
    """What a training setting starts with: what suits the architecture, else the spec's default."""
    suggested = ARCHITECTURES.get(architecture).defaults if architecture in ARCHITECTURES else {}
    return suggested.get(setting.field, setting.default) if setting.group == "training" else setting.default


def draft() -> Draft:
    """Read the sidebar's widgets."""
    return from_values({str(key): value for key, value in st.session_state.items()})


def from_values(values: Mapping[str, Any]) -> Draft:
    """Make a draft from keyed values; a missing key means its default.

    A setting that no spec allows becomes the draft's error, and its spec falls back to the defaults:
    pages always have something to show.
    """
    errors: list[str] = []
    name = str(values.get(ARCHITECTURE_KEY) or DEFAULT_ARCHITECTURE)
    dataset = _attempt(lambda: _dataset(values), DatasetSpec(), errors)
    architecture = _attempt(lambda: _architecture(values, name), None, errors)
    training = _attempt(lambda: _training(values, name), TrainingSpec(), errors)
    facts = _attempt(lambda: datasets.facts(dataset), None, errors)
    summary = None
    if facts and architecture:
        shape, classes = facts.input_shape, len(facts.class_names)
        summary = _attempt(
            lambda: counted(cache.summary(architecture, shape, classes), architecture, training), None, errors
        )
    if not errors and architecture:
        _attempt(
            lambda: ExperimentSpec.parse(
                {"dataset": dataset, "architecture": architecture, "training": training}
            ),
            None,
            errors,
        )
    return Draft(dataset, architecture, training, facts, summary, errors[0] if errors else None)


def _attempt(make: Any, fallback: Any, errors: list[str]) -> Any:
    try:
        return make()
    except CnnvizError as error:
        errors.append(str(error))
        return fallback


def _fields(
    values: Mapping[str, Any], table: tuple[settings.Setting, ...], architecture: str
) -> dict[str, Any]:
    return {
        item.field: item.meant(values.get(item.key, training_default(item, architecture))) for item in table
    }


def _dataset(values: Mapping[str, Any]) -> DatasetSpec:
    fields = _fields(values, settings.DATASET, "")
    name = str(values.get(DATASET_KEY) or DEFAULT_DATASET)
    return DatasetSpec.parse({**fields, "name": name, **_choices_of(name, values)})


def _choices_of(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Size and labels, where this data set leaves the choice; another one's choice is no choice here."""
    entry = datasets.entry(name)
    size, labels = values.get(SIZE_KEY), values.get(LABELS_KEY)
    sizes = [str(side) for side in entry.sizes]
    return {
        "size": int(str(size)) if str(size) in sizes and str(size) != sizes[0] else None,
        "labels": labels if labels and entry.has_coarse else "fine",
    }


def _architecture(values: Mapping[str, Any], name: str) -> ArchitectureSpec:
    entry = ARCHITECTURES.get(name)
    chosen = {
        parameter.name: values[key]
        for parameter in entry.parameters
        if values.get(key := parameter_key(name, parameter.name)) is not None
    }
    return architectures.make(name, **chosen)


def _training(values: Mapping[str, Any], name: str) -> TrainingSpec:
    fields = _fields(values, settings.TRAINING, name)
    if fields["optimizer"] not in MOMENTUM_OPTIMIZERS:
        fields["momentum"] = 0.0  # its widget is greyed out, and keeps the value for later
    augmentation = {setting.field: fields.pop(setting.field) for setting in settings.AUGMENTATION}
    return TrainingSpec.parse({**fields, "augmentation": augmentation})


def values_of(experiment: ExperimentSpec) -> dict[str, Any]:
    """The keyed values that make this experiment: `from_values` brings it back.

    Raises:
        UnknownNameError: its network was not made from a registered architecture.
    """
    entry = ARCHITECTURES.get(experiment.architecture.name)
    groups = {
        "dataset": experiment.dataset,
        "training": experiment.training,
        "augmentation": experiment.training.augmentation,
    }
    values = {item.key: item.shown(getattr(groups[item.group], item.field)) for item in settings.ALL}
    for name, value in entry.values(experiment.architecture.parameters).items():
        shown = ", ".join(str(number) for number in value) if isinstance(value, tuple) else value
        values[parameter_key(entry.name, name)] = shown
    chosen = {DATASET_KEY: experiment.dataset.name, ARCHITECTURE_KEY: entry.name}
    if experiment.dataset.size is not None:
        chosen[SIZE_KEY] = str(experiment.dataset.size)
    if experiment.dataset.labels != "fine":
        chosen[LABELS_KEY] = experiment.dataset.labels
    return {**values, **chosen}
