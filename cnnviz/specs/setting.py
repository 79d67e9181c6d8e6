"""Setting: one thing that a person can set, described once, where it is defined.

A field of a spec carries its words, and so does an argument of an architecture's builder:

    epochs: Annotated[
        int, Setting("Epochs", "How often training sees every training image.", phrase="{} epochs")
    ] = Field(default=5, ge=1, le=10_000)

Kind, range, choices and default are read from the definition itself and never written twice. The sidebar
draws its widget from the setting and keeps it in the link; searches and sweeps read values with it; Compare,
sweeps and `cnnviz settings` say it in its words. A new field is there in all of them; one without words is
refused.
"""

from __future__ import annotations

import inspect
import math
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cnnviz.errors import EntryError, SpecError
from cnnviz.registry import did_you_mean

T = TypeVar("T", int, float)
Kind = Literal["int", "float", "bool", "choice", "ints", "text"]
SettingValue = bool | int | float | str | tuple[int, ...] | None
_EMPTY = ("none", "default", "")
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_KIND_WORDS: dict[Kind, str] = {
    "int": "a whole number",
    "float": "a number",
    "bool": "yes or no",
    "choice": "one of the choices",
    "ints": "whole numbers separated by commas",
    "text": "a text",
}
#: In sight always, not in a fold.
IN_SIGHT = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a person can set.

    What its author writes:

    Attributes:
        label: as a widget bears it: `Batch size`.
        help: one or two sentences for whoever hovers over it.
        unit: behind the label in brackets, and behind values: `degrees`.
        group: title of the fold of the sidebar that holds it; IN_SIGHT: none; None: no plain widget of the
            sidebar: a study sets it, or a page in a way of its own.
        key: its name in links; the field's name where it says nothing.
        step: by which a widget's value goes up and down.
        minimum, maximum: narrower than what is allowed, or, for an argument of a builder, what is allowed.
            For `ints` the range holds for each number, `lengths` for how many there are.
        choices: where the type does not list them.
        names: words for choices that do not speak for themselves.
        empty: what it means to leave it empty: `all`, `off`; "" where it can't be.
        noun: in the middle of a sentence: `training images`; the field's name where it says nothing.
        form: how a value is written beside its setting: `{0}×{0}`.
        phrase: a value that stands alone: `{} kernels`; the noun before it where it says nothing.
        varied: whether searches and sweeps offer it.
        tries: values to begin with, in a sweep.

    What is read from the definition: `name` (of the field), `path` (`training.batch_size`, as `--set` takes
    it), `kind`, `default`.
    """

    label: str
    help: str
    _: KW_ONLY
    unit: str = ""
    group: str | None = IN_SIGHT
    key: str = ""
    step: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    lengths: tuple[int, int] = (1, 8)
    choices: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    empty: str = ""
    noun: str = ""
    form: str = "{}"
    phrase: str = ""
    varied: bool = True
    tries: tuple[SettingValue, ...] = ()
    name: str = ""
    path: str = ""
    kind: Kind = "text"
    default: Any = None

    @property
    def title(self) -> str:
        """The label with its unit: `Rotation (degrees)`."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def options(self) -> tuple[str, ...]:
        """What a select box offers: the choices, before them the word for leaving it empty."""
        return (self.empty, *self.choices) if self.empty else self.choices

    def shown(self, value: Any) -> Any:
        """What a widget holds for a spec's value: a word for an empty choice, `32, 64` for numbers."""
        if value is None and self.kind == "choice":
            return self.empty
        return ", ".join(str(number) for number in value) if isinstance(value, tuple) else value

    def meant(self, value: Any) -> Any:
        """What a spec gets for a widget's value."""
        return None if self.empty and value == self.empty else value

    def say(self, value: object) -> str:
        """A value as people read it beside its setting: `5×5`, `5,000`, `0.25`, `yes`, `32, 64`, `all`."""
        if value is None:
            return self.empty or "none"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int):
            return self.form.format(f"{value:,}")
        if isinstance(value, float):
            return self.form.format(f"{value:g}")
        return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)

    def say_alone(self, value: object) -> str:
        """A value that stands without its setting: `5×5 kernels`, `1 epoch`, `L1 penalty 0.01`."""
        phrase, text = self.phrase or f"{self.noun} {{}}", self.say(value)
        return phrase.format(text).removesuffix("s" if text == "1" and phrase.startswith("{} ") else "")

    def parse(self, value: object, owner: str = "") -> Any:
        """Check a value, or the text of one (`"5"`, `"32,64"`, `"yes"`), and bring it to its one form.

        Args:
            owner: whose setting it is, for the message; "": the dotted name says it.
        Raises:
            SpecError: the wrong kind or out of range; the message says what is allowed.
        """
        if self.empty and (value is None or str(value).strip().lower() in (self.empty, *_EMPTY)):
            return None
        try:
            return self._convert(value)
        except (ValueError, TypeError, OverflowError) as error:
            subject = f"{self.name} of {owner}" if owner else self.path or self.name
            near = did_you_mean(str(value), self.options) if self.kind == "choice" else ""
            raise SpecError(
                f"{subject} must be {self.allowed()}; received {str(value)[:60]!r}.{near}"
            ) from error

    def allowed(self) -> str:
        """What may be entered, as one phrase: `a whole number from 1 to 255`."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.options)
        text = _KIND_WORDS[self.kind]
        if self.kind == "ints":
            low, high = self.lengths
            text = f"{low} to {high} {text}" if low != high else f"{low} {text}"
            text += ", each"
        if self.minimum is None or self.maximum is None:
            return text
        return f"{text} from {_plain(self.minimum)} to {_plain(self.maximum)}"

    def _convert(self, value: object) -> SettingValue:
        if self.kind == "bool":
            return _boolean(value)
        if self.kind == "choice":
            return self._choice(value)
        if self.kind == "ints":
            return self._several(value)
        if self.kind == "int":
            return self._within(_whole(value))
        return self._within(_real(value)) if self.kind == "float" else str(value)

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


def _plain(number: float) -> str:
    """Without an exponent where it is whole: `2147483647`, `0.25`, `1e-07`."""
    return f"{number:.0f}" if number == int(number) else f"{number:g}"


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


def settings_of_spec(model: type[BaseModel], group: str) -> tuple[Setting, ...]:
    """The settings of a spec's fields, those of specs within it among them, in their order.

    Args:
        group: what stands before the fields' names in a dotted name: `training`.
    Raises:
        EntryError: a field has no `Setting`, or one that contradicts its type; the message says which.
    """
    found: list[Setting] = []
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            found += settings_of_spec(info.annotation, f"{group}.{name}")
        else:
            found.append(_of_field(info, name, f"{group}.{name}"))
    return tuple(found)


def settings_of_builder(builder: Callable[..., Any]) -> tuple[Setting, ...]:
    """The settings of an architecture: the keyword-only arguments of its builder, in their order.

    Raises:
        EntryError: an argument has no default or no `Setting`, or one that contradicts its type.
    """
    hints = get_type_hints(builder, include_extras=True)
    found = []
    for name, argument in inspect.signature(builder).parameters.items():
        if argument.kind is not argument.KEYWORD_ONLY or argument.default is argument.empty:
            raise EntryError(
                f"the argument '{name}' must be keyword-only and have a default: write `*` before it and a "
                "value behind it"
            )
        annotation = hints.get(name, str)
        metadata = annotation.__metadata__ if get_origin(annotation) is Annotated else ()
        bare = annotation.__origin__ if metadata else annotation
        found.append(_filled(metadata, bare, argument.default, name, f"architecture.{name}"))
    return tuple(found)


def _of_field(info: FieldInfo, name: str, path: str) -> Setting:
    return _filled(info.metadata, info.annotation, info.get_default(call_default_factory=True), name, path)


def _filled(metadata: Any, annotation: Any, default: Any, name: str, path: str) -> Setting:
    """The author's words with what the definition says itself."""
    written = next((item for item in metadata if isinstance(item, Setting)), None)
    if written is None:
        raise EntryError(
            f"'{path}' has no words: annotate it as `{name}: Annotated[…, Setting('Label', 'What it does.')]`"
        )
    bare, may_be_empty = _without_none(annotation)
    choices = written.choices or tuple(map(str, get_args(bare) if get_origin(bare) is Literal else ()))
    setting = replace(
        written,
        name=name,
        path=path,
        kind=_kind(bare, choices),
        default=default,
        choices=choices,
        key=written.key or name,
        noun=written.noun or name.replace("_", " "),
        minimum=_bound(metadata, written.minimum, "ge"),
        maximum=_bound(metadata, written.maximum, "le"),
    )
    if problems := list(_problems(setting, may_be_empty)):
        raise EntryError(f"the setting '{path}': {'; '.join(problems)}")
    return setting


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """`int | None` → (int, True)."""
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [kind for kind in get_args(annotation) if kind is not type(None)]
        return (inner[0] if len(inner) == 1 else annotation), len(inner) < len(get_args(annotation))
    return annotation, False


def _kind(annotation: Any, choices: tuple[str, ...]) -> Kind:
    if choices:
        return "choice"
    if get_origin(annotation) is tuple:
        return "ints"
    plain: dict[Any, Kind] = {bool: "bool", int: "int", float: "float"}
    return plain.get(annotation, "text")


def _bound(metadata: Any, written: float | None, constraint: Literal["ge", "le"]) -> float | None:
    """The author's bound, else that of `Field(ge=…)`, which pydantic keeps among the metadata."""
    if written is not None:
        return written
    found = (getattr(item, constraint, None) for item in metadata)
    return next((bound for bound in found if bound is not None), None)


def _problems(setting: Setting, may_be_empty: bool) -> Iterator[str]:
    """What contradicts itself in a setting, a sentence a mistake."""
    if not setting.label or not setting.help.endswith("."):
        yield "write a label, and a help of whole sentences"
    if may_be_empty != bool(setting.empty):
        yield (
            "say in `empty` what it means to leave it empty"
            if may_be_empty
            else "it can't be left empty: take `empty` away, or allow None"
        )
    if setting.kind == "choice" and (strange := set(setting.names) - set(setting.options)):
        yield f"`names` has words for {sorted(strange)}, which are no choices"
    if setting.minimum is not None and setting.maximum is not None and setting.minimum > setting.maximum:
        yield f"its range ends at {setting.maximum:g}, before it begins at {setting.minimum:g}"
    for value in (setting.default, *setting.tries):
        if value is None and may_be_empty:
            continue
        try:
            setting.parse(value)
        except SpecError as error:
            yield f"its default or one of its tries is not allowed ({error})"


def by_path(*groups: tuple[Setting, ...]) -> Mapping[str, Setting]:
    """Settings by their dotted name.

    Raises:
        EntryError: two have the same name in links.
    """
    found: dict[str, Setting] = {}
    keys: dict[str, str] = {}
    for setting in (setting for group in groups for setting in group):
        if other := keys.get(setting.key):
            raise EntryError(
                f"the settings '{other}' and '{setting.path}' are both called '{setting.key}' in links: give "
                "one of them another `key`"
            )
        found[setting.path], keys[setting.key] = setting, setting.path
    return MappingProxyType(found)
