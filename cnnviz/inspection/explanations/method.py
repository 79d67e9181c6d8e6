"""The registry of explanation methods: each with its paper, its limits and its settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import JsonValue
from pydantic.fields import FieldInfo

from cnnviz.inspection.explanations.differentiable import Differentiable, Floats
from cnnviz.inspection.explanations.results import Attribution
from cnnviz.registry import Registry
from cnnviz.specs.base import Spec


class Paper(NamedTuple):
    """Where a method comes from."""

    authors: str
    year: int
    title: str
    arxiv: str

    @property
    def url(self) -> str:
        """Address of the paper."""
        return f"https://arxiv.org/abs/{self.arxiv}"

    @property
    def short(self) -> str:
        """`Selvaraju et al. 2017, arXiv:1610.02391`."""
        return f"{self.authors} {self.year}, arXiv:{self.arxiv}"


class About(NamedTuple):
    """A method in words, and the type of its settings (all have defaults)."""

    title: str
    paper: Paper
    idea: str  # what it does, in a sentence
    limits: str  # what it can't do, in a sentence
    settings: type[Spec]


#: (network, image (H, W, C) from 0 to 1, class, settings) → attribution.
Explain = Callable[[Differentiable, Floats, int, Any], Attribution]


class Method(NamedTuple):
    """A way to explain one image."""

    about: About
    explain: Explain
    #: Settings that suit images of a shape (H, W, C), where the plain defaults do not.
    suited: Callable[[tuple[int, int, int]], Spec] | None = None

    def defaults(self, shape: tuple[int, int, int]) -> Spec:
        """Settings to begin with for images of this shape."""
        return self.suited(shape) if self.suited else self.about.settings()


METHODS: Registry[Method] = Registry("explanation")
#: Marks a setting whose value is the name of a layer with maps.
LAYER: dict[str, JsonValue] = {"kind": "layer"}


def is_layer(field: FieldInfo) -> bool:
    """Whether a setting's value is the name of a layer with maps."""
    return field.json_schema_extra == LAYER


def method(
    name: str, about: About, *, suited: Callable[[tuple[int, int, int]], Spec] | None = None
) -> Callable[[Explain], Explain]:
    """Register the decorated function as the explanation `name`."""

    def add(explain: Explain) -> Explain:
        METHODS.add(name, Method(about, explain, suited))
        return explain

    return add
