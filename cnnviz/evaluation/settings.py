"""What was set in a run, as short texts, and in which of it several runs differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cnnviz import datasets
from cnnviz.architectures import ARCHITECTURES
from cnnviz.specs import ArchitectureSpec, ExperimentSpec

#: Shown under another name than the spec's.
_NAMES = {
    "name": "data set",
    "train_size": "training images",
    "test_size": "test images",
    "l1": "L1",
    "l2": "L2",
}
#: Where nothing is set, all there are.
_ALL = ("train_size", "test_size")


class Contrast(NamedTuple):
    """Settings of several experiments: those that differ, and those that all share."""

    differing: dict[str, list[str]]  # setting → one text an experiment, in their order
    common: dict[str, str]


def settings_of(experiment: ExperimentSpec) -> dict[str, str]:
    """List every setting of an experiment by name, in the order of the specs."""
    architecture, training = experiment.architecture, experiment.training
    chosen = experiment.dataset.model_dump()
    rows = {
        _name(key): "all" if value is None and key in _ALL else _text(value) for key, value in chosen.items()
    }
    rows["data set"] = _title(experiment.dataset.name)
    rows["split seed"] = rows.pop("seed")
    rows["network"] = _network(architecture.name)
    rows |= {_name(key): _text(value) for key, value in _parameters(architecture).items()}
    rows["layers"] = str(len(architecture.layers))
    plain = training.model_dump(exclude={"augmentation", "learning_rate"})
    rows["learning rate"] = _text(training.rate)
    rows |= {_name(key): _text(value) for key, value in plain.items()}
    rows["augmentation"] = training.augmentation.label()
    return rows


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
    common = {name: texts[0] for name, texts in columns.items() if texts and name not in differing}
    return Contrast(differing, common)


def _parameters(architecture: ArchitectureSpec) -> dict[str, Any]:
    """All parameters of the builder, those left at their defaults too."""
    if architecture.name not in ARCHITECTURES:
        return dict(architecture.parameters)
    defaults = {one.name: one.default for one in ARCHITECTURES.get(architecture.name).parameters}
    return defaults | dict(architecture.parameters)


def _title(dataset: str) -> str:
    return datasets.entry(dataset).title if dataset in datasets.names() else dataset


def _network(name: str) -> str:
    return ARCHITECTURES.get(name).title if name in ARCHITECTURES else name


def _name(key: str) -> str:
    return _NAMES.get(key, key.replace("_", " "))


def _text(value: Any) -> str:
    if value is None:
        return "default"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value))
    return str(value)
