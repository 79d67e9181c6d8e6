"""The contract of questions, over every one that there is; a new one is found by itself."""

from __future__ import annotations

import dataclasses
import importlib
import pickle
import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnnviz
from cnnviz.architectures import make
from cnnviz.inspection.explanations.maximisation import MaximisationSettings
from cnnviz.inspection.explanations.saliency import ABOUT as SALIENCY
from cnnviz.inspection.questions import Question
from cnnviz.inspection.weights import Weights
from cnnviz.specs.base import Spec

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
ROOT = Path(cnnviz.__file__).parent


def every_question() -> list[type[Question[Any]]]:
    """All classes below Question in the sources, wherever they stand."""
    for file in sorted(ROOT.rglob("*.py")):
        if "(Question[" in file.read_text("utf-8"):
            importlib.import_module(".".join(["cnnviz", *file.relative_to(ROOT).with_suffix("").parts]))
    found: list[type[Question[Any]]] = []
    pending: list[type[Question[Any]]] = Question.__subclasses__()
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        if kind.__module__.startswith("cnnviz."):
            found.append(kind)
    return sorted(found, key=lambda kind: kind.__name__)


QUESTIONS = every_question()
#: What stands for a field of a name, where its type alone does not tell. A question with another field adds
#: a line here; nothing else is needed.
EXAMPLES: dict[str, Any] = {
    "layer": "block1_conv1",
    "layers": ("block1_conv1", "block1_conv2"),
    "method": "saliency",
    "at": (3, 4),
    "values": np.linspace(-1, 1, 256, dtype=np.float32).reshape(16, 16),
    "image": np.random.default_rng(0).integers(0, 256, (16, 16, 1), np.uint8),
    "images": np.random.default_rng(1).integers(0, 256, (3, 16, 16, 1), np.uint8),
    "settings": SALIENCY.settings(),
    "stamp": (1, 2),
    "count": 40,
    "bins": 8,
    "format": "keras",
    "architecture": make("one-convolution"),
    "input_shape": (16, 16, 1),
}


#: These write files; tests/exports asks them. Questions of other modules have tests of their own, too.
WRITING = {"Convert", "SaveNetwork"}


def example(kind: type[Question[Any]], run: Path, folder: Path) -> Question[Any]:
    """A question of this kind about a run, from the names and types of its fields."""
    values: dict[str, Any] = {}
    for name, hint in typing.get_type_hints(kind).items():
        if name in ("long", "steady", "keras"):
            continue
        if hint is Weights:
            values[name] = Weights.of(run)
        elif hint is MaximisationSettings:
            values[name] = MaximisationSettings(steps=2)
        elif name in EXAMPLES:
            values[name] = EXAMPLES[name]
        elif hint is Path:
            values[name] = run if name == "images_of" else folder / f"{name}.npz"
        elif hint in (int, int | None):
            values[name] = 2
        else:
            pytest.fail(f"{kind.__name__}.{name}: say in EXAMPLES what stands for it")
    return kind(**values)


def problems(value: object, hint: Any, where: str = "answer") -> Iterator[str]:
    """Where a value is not of the annotated type; looks into tuples, named ones too, and at dtypes."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if all(list(problems(value, one, where)) for one in arguments):
            yield f"{where} is {type(value).__name__}, none of {hint}"
    elif origin is np.ndarray:
        scalar = typing.get_args(arguments[1])[0]
        if not isinstance(value, np.ndarray):
            yield f"{where} is {type(value).__name__}, no array"
        elif not np.issubdtype(value.dtype, scalar):
            yield f"{where} is {value.dtype}, not {scalar.__name__}"
    elif origin is tuple:
        if not isinstance(value, tuple):
            yield f"{where} is {type(value).__name__}, no tuple"
            return
        kinds = arguments[:1] * len(value) if arguments[1:] == (...,) else arguments
        for i, (part, one) in enumerate(zip(value, kinds, strict=True)):
            yield from problems(part, one, f"{where}[{i}]")
    elif not isinstance(value, hint) and not (hint is float and isinstance(value, int)):
        yield f"{where} is {type(value).__name__}, not {hint.__name__}"
    elif hasattr(hint, "_fields"):
        for name, one in typing.get_type_hints(hint).items():
            yield from problems(getattr(value, name), one, f"{where}.{name}")


def answer_type(kind: type[Question[Any]]) -> Any:
    """What stands in the brackets of Question[…]."""
    bases = (base for one in kind.__mro__ for base in getattr(one, "__orig_bases__", ()))
    return next(typing.get_args(base)[0] for base in bases if typing.get_origin(base) is Question)


def test_the_questions_are_found():
    names = {kind.__name__ for kind in QUESTIONS}
    assert {"GetOverview", "Explain", "GetImagenetMaps"} <= names


@pytest.mark.parametrize("kind", QUESTIONS, ids=lambda kind: kind.__name__)
def test_every_question_is_plain_data_with_a_key_and_an_answer_of_its_type(kind, make_run, tmp_path):
    run, _ = make_run()
    asked = example(kind, run.path, tmp_path)
    assert kind.__doc__
    with pytest.raises(dataclasses.FrozenInstanceError):
        asked.anything = 1  # type: ignore[attr-defined]
    sent = pickle.loads(pickle.dumps(asked))  # so it travels to the process
    assert sent.key == asked.key
    assert len({sent.key, asked.key}) == 1  # hashable
    for field in dataclasses.fields(asked):
        changed = dataclasses.replace(asked, **{field.name: other(getattr(asked, field.name))})
        assert changed.key != asked.key, f"the answer would be kept although '{field.name}' has changed"
    hints = typing.get_type_hints(kind.answer)
    assert hints["return"] == answer_type(kind)
    if kind.__module__ == "cnnviz.inspection.questions" and kind.__name__ not in WRITING:
        found = asked.answer()
        assert not list(problems(found, hints["return"]))
        pickle.dumps(found)


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, np.ndarray):
        return value + value.dtype.type(1)
    if isinstance(value, Weights):
        return value._replace(stamp=(5, 5))
    if isinstance(value, MaximisationSettings):
        return value.but(steps=3)
    if isinstance(value, Spec):
        return MaximisationSettings()
    if isinstance(value, tuple):
        return (*value, value[0])
    if isinstance(value, Path):
        return value / "another"
    return value + type(value)(1) if not isinstance(value, str) else value + "x"


@pytest.mark.parametrize(
    ("value", "hint", "wrong"),
    [
        (np.zeros(3), np.ndarray[Any, np.dtype[np.float32]], "float64, not float32"),
        ((1, "a"), tuple[int, ...], r"answer\[1\] is str"),
        ((1, "a"), tuple[int, int], r"answer\[1\] is str"),
        (3, str | None, "none of"),
        (Weights(Path(), False, (1.5, 2)), Weights, r"answer\.stamp\[0\] is float"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_answer_would_be_noticed(value, hint, wrong):
    assert re.search(wrong, " ".join(problems(value, hint)))
