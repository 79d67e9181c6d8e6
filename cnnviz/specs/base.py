"""The common ground of all specs: frozen, strict about unknown keys, one canonical JSON."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cnnviz.errors import SpecError
from cnnviz.registry import did_you_mean

#: Seeds are what numpy, Keras and TensorFlow all take.
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Spec(BaseModel):
    """A frozen value object that travels as JSON between app, worker, command line and cluster.

    Its canonical JSON leaves out what stands at its default. So a field that is added changes neither JSON
    nor hash of what was asked before it was there, and results of then are found again. The price: a default
    never changes, because what was left out would be read as something else (`tests/specs/test_frozen.py`).

    Attributes:
        always_in_json: fields that stand in the JSON at their default, too, because versions up to 0.2 wrote
            them so: that keeps old hashes as they were. A new field or spec never needs it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    always_in_json: ClassVar[str] = ""

    @classmethod
    def parse(cls, data: Any) -> Self:
        """Validate plain data (from JSON, a link or `--set`), with one sentence a mistake.

        Raises:
            SpecError: what is wrong, where, and what is allowed.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise SpecError(explain(error, cls)) from error

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            SpecError: not JSON, or not this spec.
        """
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise SpecError(f"This is not JSON: {error}.") from error
        except RecursionError as error:
            raise SpecError("This is nested too deeply to be a spec.") from error
        return cls.parse(data)

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no blanks, without what stands at its default (see above)."""
        data = _without_defaults(self, self.model_dump(mode="json"))
        return json.dumps(data, sort_keys=True, separators=(",", ":"))

    def hash(self) -> str:
        """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def but(self, **changes: Any) -> Self:
        """Return a validated copy with some fields changed.

        Raises:
            SpecError: a change is not allowed.
        """
        return self.parse({**self.model_dump(), **changes})


@cache
def _left_out_at(spec: type[Spec]) -> dict[str, Any]:
    """Fields that the canonical JSON leaves out where they stand at their default, with it."""
    always = {name for base in spec.__mro__ for name in vars(base).get("always_in_json", "").split()}
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in spec.model_fields.items()
        if not field.is_required() and name not in always
    }


def _without_defaults(value: Any, data: Any) -> Any:
    """What pydantic made of a value, without the fields of specs within it that stand at their default."""
    if isinstance(value, Spec):
        left_out, fields = _left_out_at(type(value)), vars(value)
        return {
            name: _without_defaults(fields[name], part)
            for name, part in data.items()
            if name not in left_out or fields[name] != left_out[name]
        }
    if isinstance(value, tuple | list):
        return [_without_defaults(item, part) for item, part in zip(value, data, strict=True)]
    if isinstance(value, dict):
        items = zip(value.values(), data.items(), strict=True)  # pydantic has made texts of the keys
        return {key: _without_defaults(item, part) for item, (key, part) in items}
    return data


def explain(error: ValidationError, cls: type) -> str:
    """Turn pydantic's list of mistakes into sentences a user can act on."""
    return " ".join(_sentence(dict(item), cls) for item in error.errors(include_url=False)[:3])


def _sentence(item: dict[str, Any], cls: type) -> str:
    where = ".".join(str(part) for part in item["loc"]) or cls.__name__
    if item["type"] == "extra_forbidden":
        name = str(item["loc"][-1])
        return f"'{where}' is not a setting.{did_you_mean(name, _fields(cls, item['loc'][:-1]))}"
    if item["type"] == "value_error":
        cause = item.get("ctx", {}).get("error")
        text = str(cause or item["msg"])
        return text if isinstance(cause, SpecError) else f"{where}: {text}."
    if item["type"] == "missing":
        return f"{where} is missing."  # what was received is the whole of the other fields
    message = item["msg"].replace("Input should be", "must be")
    received = repr(item.get("input"))
    return f"{where} {message[0].lower()}{message[1:]}; received {received[:80]}."


def _fields(cls: type, location: tuple[Any, ...]) -> list[str]:
    """Names of the fields at `location`, as far as it leads through plain nested specs."""
    for part in location:
        field = getattr(cls, "model_fields", {}).get(str(part))
        annotation = field.annotation if field else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        cls = annotation
    return list(getattr(cls, "model_fields", ()))
