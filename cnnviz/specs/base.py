"""The common ground of all specs: frozen, strict about unknown keys, one canonical JSON."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cnnviz.errors import SpecError
from cnnviz.registry import did_you_mean

#: Seeds are what numpy, Keras and TensorFlow all take.
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


def unset(value: Any) -> bool:
    """For `exclude_if`: a field that few specs use is left out of JSON and hash where it is not set."""
    return value is None


class Spec(BaseModel):
    """A frozen value object that travels as JSON between app, worker, command line and cluster."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

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
        return cls.parse(data)

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no blanks, defaults written out (but those of rare fields)."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    def hash(self) -> str:
        """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def but(self, **changes: Any) -> Self:
        """Return a validated copy with some fields changed.

        Raises:
            SpecError: a change is not allowed.
        """
        return self.parse({**self.model_dump(), **changes})


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
