"""Parameter: one thing that a named architecture lets a person choose, with its range and its words.

The sidebar draws its widget from it, the command line and links parse their text with it, and `make`
checks every value against it: three doors, one truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeVar

from cnnviz.errors import SpecError
from cnnviz.specs import ParameterValue

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
