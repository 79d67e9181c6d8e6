"""Setting: one thing that a person can set, described once, where it is defined.

A field of a spec carries its words, and so does an argument of an architecture's builder:

    clip_norm: Annotated[
        float | None,
        Setting(
            "Clip gradients",
            "Longest that a weight's gradient may be; a longer one is shortened. Empty: any length.",
            group=REGULARIZATION,  # the fold of the sidebar
            key="clip",  # in links
            empty="off",  # what None is called
            noun="longest gradient",  # in a sentence, and as a row of Compare
            tries=(0.5, 1.0, 5.0),  # what a sweep begins with
        ),
    ] = Field(default=None, gt=0, le=1000)

Kind, range, choices and default are read from the definition itself and never written twice. The sidebar
draws its widget from the setting and keeps it in the link; searches and sweeps read values with it; Compare,
sweeps and `cnnviz settings` say it in its words. A new field is there in all of them; one that has no words,
or contradicts itself, is refused with a sentence.

Its default is the training of all runs from before it was there: None, 0 or "off", so that they are what
they were, and their results are found again. It never changes after a release, because a spec's JSON leaves
it out (`base.py`).

What it does is one line in the process that trains. That of `clip_norm`, in `make_optimizer`
(`training/optimization.py`):

    settings["clipnorm"] = training.clip_norm

This is the way of a value: the sidebar's widget (`ui/sidebar.py`) → `TrainingSpec` (`ui/state.py`) →
`spec.json` of the run → `Training` (`training/fit.py`), which hands the spec to the network
(`architectures/build.py`), its loss, optimizer and schedule (`training/optimization.py`) and its augmentation
(`training/augmentation.py`). Those of images are heeded in `datasets/`. `tests/training/test_settings.py`
trains with each setting, and refuses one that nothing reads. The script on the page Architecture, which
trains with Keras alone, has a new setting only when `architectures/code.py` writes it, too.
"""

from __future__ import annotations

import inspect
import math
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from cnnviz.errors import EntryError, SpecError
from cnnviz.registry import did_you_mean, shown_path

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
        group: title of the fold of the sidebar that holds it (a new one makes a new fold); IN_SIGHT: none;
            None: no plain widget of the sidebar: a study sets it, or a page in a way of its own.
        key: its name in links; the field's name where it says nothing.
        step: by which a widget's value goes up and down.
        minimum, maximum: where `Field(ge=…, le=…)` does not say them: narrower than what is allowed, or, for
            an argument of a builder, what is allowed. For `ints` the range holds for each number, `lengths`
            for how many there are.
        choices: where the type does not list them.
        names: words for choices that do not speak for themselves.
        empty: what it means to leave it empty: `all`, `off`; "" where it can't be.
        noun: in the middle of a sentence, and as a row of Compare: `training images`; the field's name where
            it says nothing.
        form: how a value is written beside its setting: `{0}×{0}`.
        phrase: a value that stands alone: `{} kernels`; the noun before it where it says nothing.
        varied: whether searches and sweeps offer it.
        tries: values to begin with, in a sweep.

    What is read from the definition: `name` (of the field), `path` (`training.batch_size`, as `--set` takes
    it), `kind`, `default`, and `above` and `below`, bounds that are themselves not allowed
    (`Field(gt=…, lt=…)`); of whole numbers and where the author names a narrower end they are None.
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
    above: float | None = None
    below: float | None = None

    @property
    def title(self) -> str:
        """The label with its unit: `Rotation (degrees)`."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def options(self) -> tuple[str, ...]:
        """What a select box offers: the choices, before them the word for leaving it empty."""
        return (self.empty, *self.choices) if self.empty else self.choices

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """The least and the most that a widget lets in; an open end is refused when the value is read."""
        low = self.above if self.minimum is None else self.minimum
        return low, self.below if self.maximum is None else self.maximum

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
        if self.minimum is not None and self.maximum is not None:
            return f"{text} from {_plain(self.minimum)} to {_plain(self.maximum)}"
        bounds = {
            "of at least": self.minimum,
            "above": self.above,
            "of at most": self.maximum,
            "below": self.below,
        }
        ends = [f"{word} {_plain(bound)}" for word, bound in bounds.items() if bound is not None]
        return f"{text} {' and '.join(ends)}".rstrip()

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
        within = (
            (self.minimum is None or number >= self.minimum)
            and (self.above is None or number > self.above)
            and (self.maximum is None or number <= self.maximum)
            and (self.below is None or number < self.below)
        )
        if not within or not math.isfinite(number):
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
    settings: list[Setting] = []
    for name, info in model.model_fields.items():
        path, annotation = f"{group}.{name}", info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            settings += settings_of_spec(annotation, path)
            continue
        default = info.get_default(call_default_factory=True)
        try:
            settings.append(_filled(annotation, info.metadata, default, name, path))
        except EntryError as error:
            place = f"{model.__name__} in {shown_path(inspect.getfile(model))}"
            raise EntryError(f"The setting '{path}' ({place}) is refused: {error}.") from error
    return tuple(settings)


def settings_of_builder(builder: Callable[..., Any]) -> tuple[Setting, ...]:
    """The settings of an architecture: the keyword-only arguments of its builder, in their order.

    Raises:
        EntryError: an argument has no default or no `Setting`, or one that contradicts its type.
    """
    hints = get_type_hints(builder, include_extras=True)
    settings = []
    for name, argument in inspect.signature(builder).parameters.items():
        if argument.kind is not argument.KEYWORD_ONLY or argument.default is argument.empty:
            raise EntryError(
                f"the argument '{name}' must be keyword-only and have a default: write `*` before it and a "
                "value behind it"
            )
        try:
            setting = _filled(hints.get(name, str), (), argument.default, name, f"architecture.{name}")
        except EntryError as error:
            raise EntryError(f"the argument '{name}': {error}") from error
        settings.append(setting)
    return tuple(settings)


def _filled(annotation: Any, metadata: Sequence[Any], default: Any, name: str, path: str) -> Setting:
    """The author's words with what the definition says itself.

    Raises:
        EntryError: there are no words, or they contradict the definition; the message tells all mistakes.
    """
    kind, may_be_empty, further = _parts(annotation)
    metadata = [*metadata, *further]
    written = next((item for item in metadata if isinstance(item, Setting)), None)
    if written is None:
        raise EntryError(
            f"it has no words; annotate it as `{name}: Annotated[…, Setting('Label', 'What it does.')]`"
        )
    literals = get_args(kind) if get_origin(kind) is Literal else ()
    choices = written.choices or tuple(map(str, literals))
    setting = replace(
        written,
        name=name,
        path=path,
        kind="choice" if choices else _kind(kind),
        default=default,
        choices=choices,
        key=written.key or name,
        noun=written.noun or name.replace("_", " "),
        **_bounds(written, metadata, whole=kind is int),
    )
    problems = list(_problems(setting, may_be_empty))
    if not literals and kind is not str and _kind(kind) == "text":
        problems.append("no widget holds its type; take bool, int, float, str, a Literal or tuple[int, ...]")
    if literals and set(choices) - set(literals):
        problems.append("its choices are not those of its type; leave `choices` to Literal['one', 'another']")
    if problems:
        raise EntryError("; ".join(problems))
    return setting


def _parts(annotation: Any) -> tuple[Any, bool, list[Any]]:
    """The type itself, whether None is allowed beside it, and what is said of it.

    `Annotated[int, Field(ge=1)] | None` → (int, True, [Ge(ge=1)]).
    """
    if get_origin(annotation) is Annotated:
        kind, may_be_empty, metadata = _parts(annotation.__origin__)
        # pydantic's Field keeps its bounds in a list of its own.
        said = [part for item in annotation.__metadata__ for part in getattr(item, "metadata", [item])]
        return kind, may_be_empty, said + metadata
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not types.NoneType]
        if len(kinds) == 1:
            kind, _, metadata = _parts(kinds[0])
            return kind, True, metadata
    return annotation, False, []


def _kind(annotation: Any) -> Kind:
    plain: dict[Any, Kind] = {bool: "bool", int: "int", float: "float"}
    whole_numbers = get_origin(annotation) is tuple and set(get_args(annotation)) <= {int, ...}
    return "ints" if whole_numbers else plain.get(annotation, "text")


def _bounds(written: Setting, metadata: Sequence[Any], *, whole: bool) -> dict[str, Any]:
    """Both ends: the author's, else those of `Field(ge=…, lt=…)`, which pydantic keeps among the metadata."""

    def field(constraint: str) -> float | None:
        return next((getattr(item, constraint) for item in metadata if hasattr(item, constraint)), None)

    minimum = field("ge") if written.minimum is None else written.minimum
    maximum = field("le") if written.maximum is None else written.maximum
    above = field("gt") if minimum is None else None
    below = field("lt") if maximum is None else None
    if whole:  # above 0 begins with 1
        minimum, above = (minimum if above is None else above + 1), None
        maximum, below = (maximum if below is None else below - 1), None
    return {"minimum": minimum, "maximum": maximum, "above": above, "below": below}


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
        which = "one of its tries" if value in setting.tries else "its default"
        if isinstance(value, str) and setting.kind not in ("choice", "text"):
            yield f"{which} is the text '{value}'; write {_KIND_WORDS[setting.kind]}"
            continue
        try:
            setting.parse(value)
        except SpecError as error:
            yield f"{which} is not allowed ({str(error).rstrip('.')}); take another one, or widen the range"


def by_path(*groups: tuple[Setting, ...]) -> Mapping[str, Setting]:
    """Settings by their dotted name.

    Raises:
        EntryError: two have the same name in links, or in a sentence; or one stands alone in a fold whose
            title is nearly another's.
    """
    settings = {setting.path: setting for group in groups for setting in group}
    folds = Counter(setting.group for setting in settings.values() if setting.group)
    for setting in settings.values():
        others = [fold for fold in folds if fold != setting.group]
        if setting.group and folds[setting.group] == 1 and (near := did_you_mean(setting.group, others, 0.8)):
            raise EntryError(
                f"The setting '{setting.path}' is refused: it is alone in the fold '{setting.group}'.{near}"
            )
    for word, place in (("key", "in links"), ("noun", "in sentences and in Compare")):
        owners: dict[str, str] = {}
        for setting in (setting for group in groups for setting in group):
            name = getattr(setting, word)
            if name in owners:
                raise EntryError(
                    f"The settings '{owners[name]}' and '{setting.path}' are both called '{name}' {place}: "
                    f"give one of them another `{word}` where it is defined (cnnviz/specs/experiment.py)."
                )
            owners[name] = setting.path
    return MappingProxyType(settings)
