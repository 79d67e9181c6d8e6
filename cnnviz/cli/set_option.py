"""`--set training.epochs=2`: text to values, values to specs.

A setting is `group.name=value`; the groups are the fields of an experiment. Values are read as JSON
reads them (2, 0.5, true, null, [20,50]); `20,50` is a list of integers too, a setting's own word for
leaving it empty (`all`, `off`) is null, and anything else is text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from cnnviz.errors import SpecError
from cnnviz.registry import did_you_mean
from cnnviz.specs import SETTINGS, ArchitectureSpec, DatasetSpec, ExperimentSpec, TrainingSpec

_GROUPS = ("architecture", "dataset", "training")
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None, "none": None}


def value(text: str) -> Any:
    """Read a value: a number, a truth value, null, a list, else the text itself."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if re.fullmatch(r"-?\d+(,-?\d+)+,?", text):
        text = f"[{text.rstrip(',')}]"
    try:
        # NaN and Infinity stay text: no setting can have them, and the spec says so.
        return json.loads(text, parse_constant=str)
    except ValueError:
        return text


def pairs(settings: Iterable[str]) -> dict[str, Any]:
    """Split `name=value` texts; the last one of a name wins.

    Raises:
        SpecError: a text without a name or without "=".
    """
    result = {}
    for text in settings:
        name, equals, given = text.partition("=")
        if not equals or not name.strip():
            raise SpecError(f"--set takes name=value, for example training.epochs=2; received '{text}'.")
        result[name.strip()] = value(given.strip())
    return result


def architecture_parameters(settings: Iterable[str]) -> dict[str, Any]:
    """Read the settings of `describe`: `kernel_size=5` or `architecture.kernel_size=5`."""
    return {name.removeprefix("architecture."): given for name, given in pairs(settings).items()}


def experiment(dataset: str, architecture: str, settings: Iterable[str]) -> ExperimentSpec:
    """Build an experiment as the sidebar does: the architecture's own suggestions, then the settings.

    Raises:
        CnnvizError: an unknown name or an impossible value.
    """
    from cnnviz.architectures import ARCHITECTURES, make

    groups = _grouped(pairs(settings))
    entry = ARCHITECTURES.get(architecture)
    spec: ArchitectureSpec = make(architecture, **groups["architecture"])
    return ExperimentSpec.parse(
        {
            "dataset": DatasetSpec.parse({"name": dataset, **groups["dataset"]}).model_dump(),
            "architecture": spec.model_dump(),
            "training": TrainingSpec.parse({**entry.defaults, **groups["training"]}).model_dump(),
        }
    )


def _grouped(settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Sort settings into their groups; further dots lead into nested specs."""
    groups: dict[str, dict[str, Any]] = {group: {} for group in _GROUPS}
    for name, given in settings.items():
        group, *path = name.split(".")
        if group not in groups or not all(path) or not path:
            raise SpecError(_no_such_group(name, group))
        place = groups[group]
        for part in path[:-1]:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise SpecError(f"'{name}' leads into '{part}', which was set to a plain value before.")
        known = SETTINGS.get(name)
        place[path[-1]] = None if known and known.empty and given == known.empty else given
    return groups


def _no_such_group(name: str, group: str) -> str:
    if name in TrainingSpec.model_fields:
        return f"'{name}' lacks its group. Write --set training.{name}=…"
    if name in DatasetSpec.model_fields:
        return f"'{name}' lacks its group. Write --set dataset.{name}=…"
    return (
        f"'{name}' is not a setting: it must begin with architecture., dataset. or training.,"
        f" as in architecture.kernel_size=5.{did_you_mean(group, _GROUPS)}"
    )
