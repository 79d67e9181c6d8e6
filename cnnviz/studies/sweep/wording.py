"""Settings and their values in plain words: `5×5 kernels`, `5,000 training images`, `augmented`."""

from __future__ import annotations

from collections.abc import Mapping

from cnnviz.studies.search.dimension import text
from cnnviz.studies.study_spec import SettingValue

AUGMENTATION = "training.augmentation"
_NAMES = {
    "dataset.train_size": "training images",
    "training.l1": "L1 penalty",
    "training.l2": "L2 penalty",
    "training.threads": "CPU threads",
    "training.regularize": "penalised layers",
    "architecture.name": "network",
    "architecture.pooling": "maps shrink by",
    "architecture.l1": "L1 of the output",
    "architecture.batch_norm": "batch normalization",
}
#: Values that say in themselves what they are of.
_PHRASES = {
    "architecture.kernel_size": "{} kernels",
    "dataset.train_size": "{} training images",
    "training.epochs": "{} epochs",
    "training.threads": "{} threads",
    "training.optimizer": "{}",
    "training.device": "{}",
    "training.precision": "{}",
    "architecture.name": "{}",
}
_ALL = ("dataset.train_size", "dataset.test_size", "training.threads")


def setting_words(name: str) -> str:
    """A setting in words: `dataset.train_size` → `training images`."""
    return _NAMES.get(name, name.rpartition(".")[2].replace("_", " "))


def value_words(name: str, value: SettingValue) -> str:
    """A value beside its setting, as on an axis: `5×5`, `5,000`, `all`."""
    if name == "architecture.kernel_size":
        return f"{value}×{value}"
    if value is None and name in _ALL:
        return "all"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return text(value)


def phrase(name: str, value: SettingValue) -> str:
    """A value that stands alone: `5×5 kernels`, `L1 penalty 0.01`."""
    if name == AUGMENTATION:
        return "augmented" if value == "on" else "not augmented"
    if name == "training.epochs" and value == 1:
        return "1 epoch"
    shown = value_words(name, value)
    return _PHRASES.get(name, f"{setting_words(name)} {{}}").format(shown)


def label(settings: Mapping[str, SettingValue]) -> str:
    """All that one variant has of its own; where nothing is varied, that it is repeated."""
    return " · ".join(phrase(name, value) for name, value in settings.items()) or "as set"
