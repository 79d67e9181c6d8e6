"""The registry of named architectures, and `make`, which turns a name and values into a network.

An entry stands beside its builder: `@architecture("lenet", …)` above a function whose keyword-only
arguments are the parameters. The defaults are the function's own, so they are written once.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, TypeVar

from cnnviz.errors import SpecError
from cnnviz.registry import LAST, Registry, did_you_mean
from cnnviz.specs import ArchitectureSpec, ParameterValue, TrainingSpec

Builder = Callable[..., ArchitectureSpec]
Suggestion = bool | int | float | str


@dataclass(frozen=True, slots=True)
class ArchitectureEntry:
    """A named architecture: what it is, where it comes from, what can be set, how it is best trained."""

    name: str
    title: str
    description: str
    reports: tuple[str, ...]
    dataset: str
    builder: Builder
    parameters: tuple[Parameter, ...] = ()
    #: TrainingSpec fields that suit it (as its report trained it, where the report says so).
    defaults: Mapping[str, Suggestion] = field(default_factory=dict)

    def values(self, chosen: Mapping[str, object] = MappingProxyType({})) -> dict[str, ParameterValue]:
        """Return every parameter's value: the chosen ones checked, the others at their default.

        Raises:
            SpecError: an unknown parameter, or a value of the wrong kind or range.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in chosen:
            if name not in known:
                raise SpecError(
                    f"{self.name} has no parameter '{name}'.{did_you_mean(name, known)} "
                    f"It has: {', '.join(known) or 'none'}."
                )
        return {
            name: parameter.parse(chosen[name], self.name) if name in chosen else parameter.default
            for name, parameter in known.items()
        }


ARCHITECTURES: Registry[ArchitectureEntry] = Registry("architecture")


def architecture(
    name: str,
    *,
    order: int = LAST,
    title: str,
    description: str,
    reports: Sequence[str],
    dataset: str,
    parameters: Sequence[Parameter] = (),
    defaults: Mapping[str, Suggestion] = MappingProxyType({}),
) -> Callable[[Builder], Builder]:
    """Register the decorated builder; its keyword arguments are the parameters, with their defaults."""
    TrainingSpec.parse(dict(defaults))

    def add(builder: Builder) -> Builder:
        signature = inspect.signature(builder).parameters
        if list(signature) != [parameter.name for parameter in parameters]:
            raise ValueError(f"{name}: the parameters {list(signature)} and their descriptions differ.")
        filled = tuple(replace(item, default=signature[item.name].default) for item in parameters)
        ARCHITECTURES.add(
            name,
            ArchitectureEntry(
                name, title, description, tuple(reports), dataset, builder, filled, dict(defaults)
            ),
            order=order,
        )
        return builder

    return add


def make(name: str, /, **parameters: object) -> ArchitectureSpec:
    """Build the named architecture with these parameters.

    The spec remembers the parameters that differ from the defaults, so that the plain network and
    the one with its defaults written out are the same spec.

    Raises:
        UnknownNameError: no architecture of this name.
        SpecError: an unknown parameter, a value out of range, or values that do not fit together.
    """
    entry = ARCHITECTURES.get(name)
    values = entry.values(parameters)
    spec = entry.builder(**values)
    changed = {item.name: values[item.name] for item in entry.parameters if values[item.name] != item.default}
    return spec.but(name=name, parameters=changed)


def parameter_values(spec: ArchitectureSpec) -> dict[str, ParameterValue]:
    """Return all parameters of a spec made by `make`, defaults included; empty for a custom network."""
    if spec.name not in ARCHITECTURES:
        return dict(spec.parameters)
    return ARCHITECTURES.get(spec.name).values(spec.parameters)


T = TypeVar("T", int, float)
Kind = Literal["int", "float", "bool", "choice", "ints"]
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "yes or no",
    "choice": "one of the choices",
    "ints": "whole numbers separated by commas",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A setting of an architecture. For `ints`, the range holds for each number, `lengths` for how many."""

    name: str
    label: str
    help: str
    kind: Kind
    default: ParameterValue = 0
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    lengths: tuple[int, int] = (1, 8)

    def parse(self, value: object, owner: str) -> ParameterValue:
        """Check a value, or the text of one (`"5"`, `"32,64"`, `"yes"`), and bring it to its one form.

        Raises:
            SpecError: the wrong kind or out of range; the message names `owner` and what is allowed.
        """
        try:
            return self._convert(value)
        except (ValueError, TypeError, OverflowError) as error:
            raise SpecError(
                f"{self.name} of {owner} must be {self.allowed()}; received {str(value)[:60]!r}."
            ) from error

    def allowed(self) -> str:
        """What may be entered, as one phrase: `a whole number from 1 to 255`."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        text = _WORDS[self.kind]
        if self.kind == "ints":
            low, high = self.lengths
            text = f"{low} to {high} {text}" if low != high else f"{low} {text}"
            text += ", each"
        if self.minimum is None or self.maximum is None:
            return text
        return f"{text} from {self.minimum:g} to {self.maximum:g}"

    def _convert(self, value: object) -> ParameterValue:
        if self.kind == "bool":
            return _boolean(value)
        if self.kind == "choice":
            return self._choice(value)
        if self.kind == "ints":
            return self._several(value)
        if self.kind == "int":
            return self._within(_whole(value))
        return self._within(_real(value))

    def _choice(self, value: object) -> str:
        if value not in self.choices:
            raise ValueError(value)
        return str(value)

    def _several(self, value: object) -> tuple[int, ...]:
        if isinstance(value, str):
            items: list[object] = [*value.strip("()[] ").rstrip(",").split(",")] if value.strip() else []
        else:
            items = list(value) if isinstance(value, list | tuple) else [value]
        low, high = self.lengths
        if not low <= len(items) <= high:
            raise ValueError(value)
        return tuple(self._within(_whole(item)) for item in items)

    def _within(self, number: T) -> T:
        too_low = self.minimum is not None and number < self.minimum
        too_high = self.maximum is not None and number > self.maximum
        if too_low or too_high or not math.isfinite(number):
            raise ValueError(number)
        return number


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _YES + _NO:
        raise ValueError(value)
    return word in _YES


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(value)
    number = int(value) if isinstance(value, str) else value
    if number != int(number):
        raise ValueError(value)
    return int(number)


def _real(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(value)
    return float(value)
