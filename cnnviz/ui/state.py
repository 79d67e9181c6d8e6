"""What the sidebar holds, as specs. Widgets keep the values; this module only reads them.

Every key stands in the link where it differs from its default, so that a link is an experiment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import streamlit as st

from cnnviz import architectures, datasets
from cnnviz.architectures import ARCHITECTURES, NETWORK, NetworkSummary
from cnnviz.architectures.layer_training import counted
from cnnviz.datasets import Facts
from cnnviz.errors import CnnvizError
from cnnviz.specs import (
    SETTINGS,
    WITH_MOMENTUM,
    ArchitectureSpec,
    DatasetSpec,
    ExperimentSpec,
    Setting,
    TrainingSpec,
)
from cnnviz.ui import cache, linked

DATASET_KEY, SIZE_KEY, LABELS_KEY = (SETTINGS[f"dataset.{name}"].key for name in ("name", "size", "labels"))
ARCHITECTURE_KEY = NETWORK.key
#: Settings of images and training with a widget in the sidebar, in its order; a network's own come with it.
WIDGETS = tuple(item for item in SETTINGS.values() if item.group is not None)
#: Settings of images with a widget where the chosen data set leaves that choice: those of own images.
OWN_IMAGES = tuple(SETTINGS[f"dataset.{name}"] for name in ("color_mode", "classes_from", "leave_out_bad"))
#: What this machine offers is a choice, though the spec takes any text.
CHOSEN_HERE = ("training.device",)
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


def default_of(setting: Setting, architecture: str = "") -> Any:
    """What a widget starts with: for training what suits the architecture, else the spec's default."""
    suggested = ARCHITECTURES.get(architecture).defaults if architecture in ARCHITECTURES else {}
    value = suggested.get(setting.name) if setting.path == f"training.{setting.name}" else None
    return setting.shown(setting.default if value is None else value)


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


def _fields(values: Mapping[str, Any], group: str, architecture: str) -> dict[str, Any]:
    """The fields of a spec from its settings' widgets; those of a spec within it in a dict of their own."""
    fields: dict[str, Any] = {}
    for item in WIDGETS:
        first, *inner, name = item.path.split(".")
        if first == group:
            place = fields
            for part in inner:
                place = place.setdefault(part, {})
            place[name] = item.meant(values.get(item.key, default_of(item, architecture)))
    return fields


def _dataset(values: Mapping[str, Any]) -> DatasetSpec:
    fields = _fields(values, "dataset", "")
    name = str(values.get(DATASET_KEY) or DEFAULT_DATASET)
    return DatasetSpec.parse({**fields, "name": name, **_choices_of(name, values)})


def _choices_of(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What this data set leaves to choose; another one's choice is no choice here."""
    entry = datasets.entry(name)
    size, labels = values.get(SIZE_KEY), values.get(LABELS_KEY)
    sizes = [str(side) for side in entry.sizes]
    return {
        "size": int(str(size)) if str(size) in sizes and str(size) != sizes[0] else None,
        "labels": labels if labels and entry.has_coarse else "fine",
        **{
            item.name: values[item.key] if entry.own_images and item.key in values else item.default
            for item in OWN_IMAGES
        },
    }


def _architecture(values: Mapping[str, Any], name: str) -> ArchitectureSpec:
    entry = ARCHITECTURES.get(name)
    chosen = {item.name: value for item in entry.parameters if (value := values.get(item.key)) is not None}
    return architectures.make(name, **chosen)


def _training(values: Mapping[str, Any], name: str) -> TrainingSpec:
    fields = _fields(values, "training", name)
    if fields["optimizer"] not in WITH_MOMENTUM:
        fields["momentum"] = 0.0  # its widget is greyed out, and keeps the value for later
    return TrainingSpec.parse(fields)


def values_of(experiment: ExperimentSpec) -> dict[str, Any]:
    """The keyed values that make this experiment: `from_values` brings it back.

    Raises:
        UnknownNameError: its network was not made from a registered architecture.
    """
    entry = ARCHITECTURES.get(experiment.architecture.name)
    values = {item.key: item.shown(attrgetter(item.path)(experiment)) for item in WIDGETS}
    parameters = entry.values(experiment.architecture.parameters)
    values |= {item.key: item.shown(parameters[item.name]) for item in entry.parameters}
    values |= {DATASET_KEY: experiment.dataset.name, ARCHITECTURE_KEY: entry.name}
    if experiment.dataset.size is not None:
        values[SIZE_KEY] = str(experiment.dataset.size)
    if experiment.dataset.labels != "fine":
        values[LABELS_KEY] = experiment.dataset.labels
    for item in OWN_IMAGES:
        if (value := attrgetter(item.path)(experiment)) != item.default:
            values[item.key] = value
    return values


def into_sidebar(experiment: ExperimentSpec) -> None:
    """Set every widget of the sidebar to this experiment's value.

    For callbacks, because widgets take values only before they are drawn.

    Raises:
        UnknownNameError: its network was not made from a registered architecture.
    """
    entry = ARCHITECTURES.get(experiment.architecture.name)
    numbers = {item.key for item in (*WIDGETS, *OWN_IMAGES, *entry.parameters) if not stands_by_name(item)}
    for key, value in values_of(experiment).items():
        if key in numbers:
            st.session_state[key] = value
        else:
            linked.put(key, str(value))


def stands_by_name(item: Setting) -> bool:
    """Whether its widget is a `linked.select`, whose value stands in the link by its name."""
    return item.kind == "choice" or item.path in CHOSEN_HERE
