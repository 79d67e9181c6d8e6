"""What was set in a run, as short texts, and in which of it several runs differ."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from cnnviz import datasets
from cnnviz.architectures import ARCHITECTURES, find_setting
from cnnviz.specs import SETTINGS, ArchitectureSpec, ExperimentSpec, ParameterValue, Setting


class Contrast(NamedTuple):
    """Settings of several experiments: those that differ, and those that all share."""

    differing: dict[str, list[str]]  # setting → one text an experiment, in their order
    common: dict[str, str]


def settings_of(experiment: ExperimentSpec) -> dict[str, str]:
    """List every setting of an experiment in words, in the order of the specs; augmentation is one."""
    architecture, training = experiment.architecture, experiment.training
    rows = _said(experiment, "dataset.")
    rows["data set"] = _title(experiment.dataset.name)
    rows["network"] = _network(architecture.name)
    for name, value in _parameters(architecture).items():
        setting = find_setting(f"architecture.{name}") or Setting(name, "", noun=name.replace("_", " "))
        rows[setting.noun] = setting.say(value)
    rows["layers"] = str(len(architecture.layers))
    rows |= _said(experiment, "training.")
    rows["learning rate"] = SETTINGS["training.learning_rate"].say(training.rate)
    rows["augmentation"] = training.augmentation.label()
    return rows


def _parameters(architecture: ArchitectureSpec) -> dict[str, ParameterValue]:
    """All parameters of the builder, those left at their defaults too; an old run may have others."""
    own = ARCHITECTURES.get(architecture.name).parameters if architecture.name in ARCHITECTURES else ()
    return {item.name: item.default for item in own} | dict(architecture.parameters)


def _said(experiment: ExperimentSpec, group: str) -> dict[str, str]:
    """Settings of images or training with their values, without those of a spec within."""
    return {
        setting.noun: setting.say(attrgetter(path)(experiment))
        for path, setting in SETTINGS.items()
        if path.startswith(group) and path.count(".") == 1
    }


def contrast(experiments: Sequence[ExperimentSpec]) -> Contrast:
    """Tell which settings differ between experiments; a setting that one lacks is a dash there.

    Networks that differ in nothing but hand-edited layers differ in "layers" by their hash.
    """
    rows = [settings_of(experiment) for experiment in experiments]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name, "–") for row in rows] for name in names}
    differing = {name: texts for name, texts in columns.items() if len(set(texts)) > 1}
    hashes = [experiment.architecture.but(name="", parameters={}).hash()[:6] for experiment in experiments]
    builders = {(e.architecture.name, str(e.architecture.parameters)) for e in experiments}
    if len(set(hashes)) > 1 and len(builders) == 1:
        differing["layers"] = [f"{row['layers']} ({mark})" for row, mark in zip(rows, hashes, strict=True)]
    common = {name: texts[0] for name, texts in columns.items() if name not in differing}
    return Contrast(differing, common)


def _title(dataset: str) -> str:
    return datasets.entry(dataset).title if dataset in datasets.names() else dataset


def _network(name: str) -> str:
    return ARCHITECTURES.get(name).title if name in ARCHITECTURES else name
