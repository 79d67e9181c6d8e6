"""`--set training.epochs=2`: text to values, values to specs.

A setting is `group.name=value`; the groups are the fields of an experiment. Values are read as JSON
reads them (2, 0.5, true, null, [20,50]); `20,50` is a list of integers too, a setting's own word for
leaving it empty (`all`, `off`) is null, and anything else is text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from pydantic import JsonValue

from cnnviz.errors import SpecError
from cnnviz.specs import SETTINGS, ExperimentSpec

_WORDS: dict[str, JsonValue] = {"true": True, "false": False, "null": None, "none": None}


def value(text: str) -> JsonValue:
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


def pairs(settings: Iterable[str]) -> dict[str, JsonValue]:
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


def architecture_parameters(settings: Iterable[str]) -> dict[str, JsonValue]:
    """Read the settings of `describe`: `kernel_size=5` or `architecture.kernel_size=5`."""
    return {name.removeprefix("architecture."): given for name, given in pairs(settings).items()}


def experiment(dataset: str, architecture: str, settings: Iterable[str]) -> ExperimentSpec:
    """Build an experiment as the sidebar does: the architecture's own suggestions, then the settings.

    Raises:
        CnnvizError: an unknown name or an impossible value.
    """
    from cnnviz.architectures import ARCHITECTURES
    from cnnviz.studies.study_spec import experiment_of

    defaults = ARCHITECTURES.get(architecture).defaults
    asked = pairs(settings)
    if "architecture.name" in asked:
        raise SpecError("The network is chosen by --architecture; leave architecture.name out of --set.")
    return experiment_of(
        {
            "dataset.name": dataset,
            "architecture.name": architecture,
            **{f"training.{name}": value for name, value in defaults.items()},
            **{name: None if _says_empty(name, given) else given for name, given in asked.items()},
        }
    )


def _says_empty(name: str, given: object) -> bool:
    """Whether a value is the setting's own word for leaving it empty: `all`, `off`."""
    setting = SETTINGS.get(name)
    return bool(setting and setting.empty) and given == SETTINGS[name].empty
