"""Rows of a space as people write them: a setting, its values as text, and spaces to begin with.

Values are choices (`Adam, SGD`; lists of numbers with semicolons: `32, 64; 64, 128`) or a range
(`0.0001 … 0.1`, also with two dots).
"""

from __future__ import annotations

import re
from typing import Any

from cnnviz.architectures import ARCHITECTURES
from cnnviz.errors import SpecError
from cnnviz.specs import Setting
from cnnviz.studies.search.dimension import Dimension, text
from cnnviz.studies.search.space import report_space
from cnnviz.studies.study_spec import SettingValue

_TRAINING = (
    "optimizer",
    "learning_rate",
    "batch_size",
    "epochs",
    "momentum",
    "weight_decay",
    "schedule",
    "label_smoothing",
    "l1",
    "l2",
    "regularize",
)
_AUGMENTATION = ("rotation", "width_shift", "height_shift", "zoom", "horizontal_flip", "brightness")
_WHOLE = ("training.batch_size", "training.epochs", "dataset.train_size")
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"^\s*({_NUMBER})\s*(?:…|\.\.\.?|–)\s*({_NUMBER})\s*$")
_WORDS: dict[str, SettingValue] = {"default": None, "none": None, "yes": True, "no": False}


def setting_names(architecture: str) -> tuple[str, ...]:
    """All settings that can be searched with a named network: its own, those of training, and the size."""
    own = tuple(f"architecture.{one.name}" for one in ARCHITECTURES.get(architecture).parameters)
    training = tuple(f"training.{name}" for name in _TRAINING)
    changes = tuple(f"training.augmentation.{name}" for name in _AUGMENTATION)
    return (*own, *training, *changes, "dataset.train_size")


def read_row(architecture: str, name: str, values: str, *, log: bool = False) -> Dimension:
    """Make a dimension of a row.

    Raises:
        SpecError: the values can't be read, or are not allowed.
    """
    parameter = _parameter(architecture, name)
    several = parameter is not None and parameter.kind == "ints"
    found = None if several else _RANGE.match(values)
    if found:
        whole = name in _WHOLE or (parameter is not None and parameter.kind == "int")
        low, high = float(found[1]), float(found[2])
        return Dimension.parse({"name": name, "low": low, "high": high, "log": log, "whole": whole})
    pieces = [piece.strip() for piece in re.split(";" if several or ";" in values else ",", values)]
    choices = [_read(parameter, piece, architecture) for piece in pieces if piece]
    return Dimension.parse({"name": name, "choices": choices})


def values_text(dimension: Dimension) -> str:
    """The values as `read_row` reads them."""
    if not dimension.choices:
        return f"{dimension.low:g} … {dimension.high:g}"
    between = "; " if any(isinstance(choice, tuple) for choice in dimension.choices) else ", "
    return between.join(text(choice) for choice in dimension.choices)


def presets(architecture: str) -> dict[str, tuple[Dimension, ...]]:
    """Spaces to begin with, by name, as far as they suit the network; "report" is report B's (B4)."""
    own = {one.name for one in ARCHITECTURES.get(architecture).parameters if one.kind != "ints"}
    found: dict[str, tuple[Dimension, ...]] = {
        "training": (
            Dimension(name="training.optimizer", choices=("SGD", "RMSprop", "Adam", "Adamax")),
            Dimension(name="training.learning_rate", low=1e-4, high=0.1, log=True),
        )
    }
    network = (
        Dimension(name="architecture.kernel_size", choices=(3, 5, 7)),
        Dimension(name="architecture.dense", choices=(64, 128, 256, 512)),
        Dimension(name="architecture.dropout", choices=(0.0, 0.25, 0.5)),
    )
    suited = tuple(one for one in network if one.name.partition(".")[2] in own)
    if suited:
        found["network"] = suited
    if {"second_dense", "activation"} <= own:
        found["report"] = report_space()
    return found


def _parameter(architecture: str, name: str) -> Setting | None:
    group, _, field = name.partition(".")
    if group != "architecture":
        return None
    found = {one.name: one for one in ARCHITECTURES.get(architecture).parameters}.get(field)
    if found is None:
        raise SpecError(f"{architecture} has no setting '{field}'. Choose another one, or another network.")
    return found


def _read(parameter: Setting | None, piece: str, architecture: str) -> Any:
    if parameter is not None:
        return parameter.parse(piece, architecture)
    if piece.lower() in _WORDS:
        return _WORDS[piece.lower()]
    for kind in (int, float):
        try:
            return kind(piece)
        except ValueError:
            continue
    return piece
