"""What was set in a run, as short texts, and in which of it several runs differ."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from cnnviz import datasets, words
from cnnviz.architectures import ARCHITECTURES, find_setting
from cnnviz.architectures.layer_training import penalties
from cnnviz.specs import SETTINGS, Conv2D, Dense, ExperimentSpec, Setting


class Contrast(NamedTuple):
    """Settings of several experiments: those that differ, and those that all share."""

    differing: dict[str, list[str]]  # setting → one text an experiment, in their order
    common: dict[str, str]


def loss_words(experiment: ExperimentSpec | None) -> str:
    """What a run's loss is while it trains: `cross-entropy`, `cross-entropy with penalty`.

    Only runs of the same words have losses that can be compared. Of an unknown experiment it is plain.
    """
    if experiment is None:
        return "cross-entropy"
    training = experiment.training
    layers = [layer for layer in experiment.architecture.layers if isinstance(layer, Conv2D | Dense)]
    more = {
        "penalty": any(any(penalties(layer, training)) for layer in layers),
        "smoothed labels": bool(training.label_smoothing),
        "class weights": bool(training.class_weight),
    }
    named = [name for name, there in more.items() if there]
    return f"cross-entropy with {words.listed(named)}" if named else "cross-entropy"


def settings_of(experiment: ExperimentSpec) -> dict[str, str]:
    """List every setting of an experiment in words, in the order of the specs; augmentation is one."""
    architecture, training = experiment.architecture, experiment.training
    rows = _in_words(experiment, "dataset.")
    dataset, builder = experiment.dataset.name, None
    rows["data set"] = datasets.entry(dataset).title if dataset in datasets.names() else dataset
    if architecture.name in ARCHITECTURES:
        builder = ARCHITECTURES.get(architecture.name)
    rows["network"] = builder.title if builder else architecture.name
    # Those left at their defaults too; an old run may have others.
    parameters = {item.name: item.default for item in builder.parameters} if builder else {}
    for name, value in (parameters | dict(architecture.parameters)).items():
        setting = find_setting(f"architecture.{name}") or Setting(name, "", noun=name.replace("_", " "))
        rows[setting.noun] = setting.say(value)
    rows["layers"] = str(len(architecture.layers))
    rows |= _in_words(experiment, "training.")
    rows["learning rate"] = SETTINGS["training.learning_rate"].say(training.rate)
    rows["augmentation"] = training.augmentation.label()
    return rows


def _in_words(experiment: ExperimentSpec, group: str) -> dict[str, str]:
    """Settings of images or training with their values; all of augmentation is said in one row."""
    return {
        setting.noun: setting.say(attrgetter(path)(experiment))
        for path, setting in SETTINGS.items()
        if path.startswith(group) and not path.startswith("training.augmentation.")
    }


def contrast(experiments: Sequence[ExperimentSpec]) -> Contrast:
    """Tell which settings differ between experiments; a setting that one lacks is a dash there.

    Networks that differ in nothing but hand-edited layers differ in "layers" by their hash.
    """
    rows = [settings_of(experiment) for experiment in experiments]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name, words.NONE) for row in rows] for name in names}
    differing = {name: texts for name, texts in columns.items() if len(set(texts)) > 1}
    hashes = [experiment.architecture.but(name="", parameters={}).hash()[:6] for experiment in experiments]
    builders = {(e.architecture.name, str(e.architecture.parameters)) for e in experiments}
    if len(set(hashes)) > 1 and len(builders) == 1:
        differing["layers"] = [f"{row['layers']} ({mark})" for row, mark in zip(rows, hashes, strict=True)]
    common = {name: texts[0] for name, texts in columns.items() if name not in differing}
    return Contrast(differing, common)
