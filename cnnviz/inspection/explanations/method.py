"""The door for explanations: what a method may ask of a network, what it answers, and what its entry says.

A new method is one file in this folder; nothing else has to be touched. It then stands on the page, in the
link, and one contract test runs over it (the table in `docs/explanations.md` has it after `make docs`):

    # cnnviz/inspection/explanations/gradient_times_input.py
    from cnnviz.inspection.explanations.method import (
        About, Attribution, Differentiable, Floats, NoSettings, Paper, method,
    )

    ABOUT = About(
        title="Gradient × input",
        paper=Paper("Shrikumar et al.", 2016, "Not Just a Black Box", "1605.01713"),
        idea="The gradient times the pixel: what a pixel adds, as long as the network is near to linear.",
        limits="A black pixel gets nothing, whatever it means; as noisy as the gradient.",
    )

    @method("gradient-times-input", ABOUT)
    def explain(network: Differentiable, image: Floats, label: int, settings: NoSettings) -> Attribution:
        _, gradients = network.gradients(image[None], label)
        return Attribution((gradients[0] * image).sum(axis=-1), signed=True, unit="units of the score")

`idea` and `limits` are sentences of less than 120 characters that end with a full stop. What a person can set
is a spec, with a title and a description for each field, given as `About(…, settings=Smoothing)` and read
as `settings.samples`:

    class Smoothing(Spec):
        samples: int = Field(
            default=16, ge=1, le=64, title="Samples", description="Noisy copies of the image."
        )
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue
from pydantic.fields import FieldInfo

from cnnviz.errors import CnnvizError, EntryError
from cnnviz.inspection.wanted import UnwantedError
from cnnviz.registry import LAST, Registry, file_of, raised, shown_path
from cnnviz.specs.base import Spec

Floats = NDArray[np.float32]
_LONGEST = 120  # characters of a sentence that stands beside a picture


class Differentiable(Protocol):
    """A trained network as functions of images with brightness from 0 to 1; `passes.Passes` is the real one.

    A class's score is what goes into softmax (the logit), so that it does not saturate. Gradients are
    by brightness on the scale from 0 to 1. Asking never changes the network.
    """

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of an image."""

    @property
    def map_layers(self) -> tuple[str, ...]:
        """Names of the layers that answer with maps, from the image to the classifier."""

    @property
    def last_convolution(self) -> str | None:
        """Name of the last convolution; None where there is none."""

    def scores(self, images: Floats) -> Floats:
        """Scores of all classes: (N, H, W, C) → (N, classes)."""

    def probabilities(self, images: Floats) -> NDArray[np.float64]:
        """Probabilities of all classes: (N, H, W, C) → (N, classes)."""

    def gradients(self, images: Floats, unit: int, layer: str | None = None) -> tuple[Floats, Floats]:
        """How a number depends on the pixels.

        Args:
            images: (N, H, W, C).
            unit: a class, or a map (its mean is meant) or unit of `layer`.
            layer: name; None: the classes' scores.
        Returns:
            The number for each image, (N,), and its gradient, (N, H, W, C).
        """

    def features(self, image: Floats, label: int, layer: str) -> tuple[Floats, Floats]:
        """A layer's maps (H', W', K) for one image (H, W, C), and the gradient of a class's score by them."""


class Completeness(NamedTuple):
    """How well attributions add up to what they should: the score's difference from a baseline."""

    total: float  # sum of all attributions
    difference: float  # score of the image less score of the baseline

    @property
    def error(self) -> float:
        """|total − difference|, in units of the score."""
        return abs(self.total - self.difference)

    @property
    def relative(self) -> float | None:
        """The error as a share of |difference|; None where that is 0."""
        return self.error / abs(self.difference) if self.difference else None


class Attribution(NamedTuple):
    """How much each pixel matters for a class's score."""

    values: Floats  # (H, W), of the image's size
    signed: bool  # whether values below 0 mean "against the class"
    unit: str  # of the values, in words
    coarse: tuple[int, int] | None = None  # size of the map before it was enlarged to the image's
    completeness: Completeness | None = None


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


class NoSettings(Spec):
    """For methods without settings."""


class About(NamedTuple):
    """A method in words, and the type of its settings (all have defaults, a title and a description)."""

    title: str
    paper: Paper
    idea: str  # what it does, in a sentence
    limits: str  # what it can't do, in a sentence
    settings: type[Spec] = NoSettings


#: (network, image (H, W, C) float32 from 0 to 1, class, settings) → attribution (H, W) float32.
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

    def attribute(
        self, network: Differentiable, image: Floats, label: int, settings: Spec | None = None
    ) -> Attribution:
        """Explain an image, and hold the answer to the contract.

        Args:
            image: float32, shape (H, W, C), from 0 to 1.
            label: the class.
            settings: of the method; None: those that suit the image.
        Returns:
            values of shape (H, W); where the network's scores are not finite, neither are they.
        Raises:
            SpecError: a setting that the network or the image can't have.
            EntryError: the method breaks, or answers with another shape or type, or with negative values
                that it does not call signed.
        """
        try:
            found = self.explain(network, image, label, settings or self.defaults(network.shape))
            if not isinstance(found, Attribution):
                raise TypeError(f"it gives {type(found).__name__}, and no Attribution")
        except (CnnvizError, UnwantedError, MemoryError):
            raise
        except Exception as error:
            file = file_of(self.explain)
            whose = f"The explanation '{self.about.title}' in {shown_path(file)}"
            raise EntryError(f"{whose} breaks: {raised(error, file)}. Mend it there.") from error
        values, wrong = found.values, []
        if values.shape != image.shape[:2] or values.dtype != np.float32:
            size = "×".join(map(str, image.shape[:2]))
            wrong.append(
                f"it gives {values.dtype} of shape {values.shape} for an image of {size}; give one float32 a "
                "pixel"
            )
        elif not found.signed and values.min() < 0:
            wrong.append("it gives values below 0 without signed=True; say so, or cut them off")
        if wrong:
            whose = f"The explanation '{self.about.title}' in {shown_path(file_of(self.explain))}"
            raise EntryError(f"{whose} breaks its contract: {'; '.join(wrong)}.")
        return found


def about_problems(about: About) -> Iterator[str]:
    """What is wrong with a method's words or settings, a sentence a mistake."""
    if not about.title.strip():
        yield "it has no title; pages need one"
    arxiv, year = about.paper.arxiv, about.paper.year % 100
    if not re.fullmatch(r"\d{4}\.\d{4,5}", arxiv):
        yield f"'{arxiv}' is no number of arXiv; write it as 1610.02391"
    elif year not in (int(arxiv[:2]), int(arxiv[:2]) + 1):
        yield f"its paper is of {about.paper.year}, and arXiv:{arxiv} of 20{arxiv[:2]}; mend one of them"
    for name, sentence in (("idea", about.idea), ("limits", about.limits)):
        if not sentence.endswith(".") or len(sentence) >= _LONGEST:
            yield f"{name} must be a sentence of less than {_LONGEST} characters that ends with a full stop"
    for name, field in about.settings.model_fields.items():
        if field.is_required():
            yield f"its setting '{name}' has no default; every method can be tried without choosing first"
        if not field.title or not (field.description or "").endswith("."):
            yield f"its setting '{name}' needs a title, and a description that ends with a full stop"


def _problems(name: str, entry: Method) -> Iterator[str]:
    yield from about_problems(entry.about)
    if len(inspect.signature(entry.explain).parameters) != 4:
        yield "its function must take (network, image, label, settings)"


METHODS: Registry[Method] = Registry("explanation", check=_problems)
#: Marks a setting whose value is the name of a layer with maps.
LAYER: dict[str, JsonValue] = {"kind": "layer"}


def is_layer(field: FieldInfo) -> bool:
    """Whether a setting's value is the name of a layer with maps."""
    return field.json_schema_extra == LAYER


def method(
    name: str,
    about: About,
    *,
    suited: Callable[[tuple[int, int, int]], Spec] | None = None,
    order: int = LAST,
) -> Callable[[Explain], Explain]:
    """Register the decorated function as the explanation `name`.

    Args:
        suited: settings that suit images of a shape (H, W, C), where the plain defaults do not.
        order: its place on the page: quick methods come first, as tiles are filled one after the other.
    Raises:
        EntryError: the name is taken, or the entry breaks its contract.
    """

    def add(explain: Explain) -> Explain:
        METHODS.add(name, Method(about, explain, suited), order=order)
        return explain

    return add
