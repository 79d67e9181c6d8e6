'''The door for drawings: what recipes can draw, by name, and what a drawing gives back.

A drawing is a function from an outcome to things to look at. One file adds it; nothing else has to be
touched, and `tests/reports/test_drawing_contract.py` runs it with all others:

    # cnnviz/reports/drawings/loss_table.py
    from pydantic import Field
    from cnnviz.errors import RunError
    from cnnviz.reports.drawing import Drawing, Table, drawing
    from cnnviz.reports.outcome import Outcome
    from cnnviz.specs import DatasetSpec, Spec

    class LossOptions(Spec):
        digits: int = Field(default=3, ge=1, le=6)

    @drawing("loss_table", "the loss of every variant", options=LossOptions)
    def loss_table(outcome: Outcome) -> list[Drawing]:
        """Test loss of every variant, in the order of the recipe."""
        digits = outcome.asked(LossOptions).digits
        rows = tuple((row.name, f"{row.measure('test_loss').mean:.{digits}g}") for row in outcome.ran)
        if not rows:
            raise RunError("No variant has a finished run yet: there is no loss to show.")
        return [Drawing("Loss", table=Table(("variant", "loss"), rows), alt="A table of the test loss.")]

A recipe asks for it with `draw = ["loss_table"]` and may set `options = { digits = 2 }`. It reads run
directories, data sets and the study's folder, never Keras. `outcome.rows` are all variants, `outcome.ran`
those with a finished run; `row.measure(name)` is None where none of its runs has the metric. One that is
registered with `published="test_accuracy"` says that it shows published numbers: it must draw something
before anything has run, from `row.published`. What needs Keras or much time is done once by
its `prepare(outcome, tell)`, which writes into the study's folder with `keep`; `prepared` reads it back.
A preparation of a whole kind of experiment ("search", "transfer") is done before those of its drawings.
'''

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from pydantic import Field

from cnnviz import datasets
from cnnviz.errors import CnnvizError, SpecError
from cnnviz.jobs.job import Stopped
from cnnviz.metrics import METRICS
from cnnviz.registry import Registry, file_of, raised, shown_path
from cnnviz.reports.outcome import Outcome
from cnnviz.reports.recipe import Kind, Recipe
from cnnviz.runs import atomic
from cnnviz.specs import DatasetSpec, Spec

log = logging.getLogger(__name__)
Cell = str | int | float | None


class Table(NamedTuple):
    """Headings and rows; cells are texts as people read them, or plain numbers."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Drawing(NamedTuple):
    """One thing to look at: a figure, a table or a picture; `note` says what has to be known with it.

    `alt` says in one sentence what is to be seen, for those who don't see it; `wide` that half of a page
    is too narrow for it.
    """

    title: str
    figure: go.Figure | None = None
    table: Table | None = None
    png: bytes | None = None
    alt: str = ""
    note: str = ""
    wide: bool = False

    @property
    def kind(self) -> str:
        """What it holds: "figure", "table", "picture", or "note" where there is nothing to draw."""
        held = {"figure": self.figure, "table": self.table, "picture": self.png}
        return next((kind for kind, value in held.items() if value is not None), "note")


Drawer = Callable[[Outcome], list[Drawing]]
#: Says what is being done, and how much of it is done (0–1) where that is known; raises jobs' `Stopped`.
Tell = Callable[[str, float | None], None]
Prepare = Callable[[Outcome, Tell], None]


@dataclass(frozen=True)
class DrawingEntry:
    """One thing that recipes can draw.

    Attributes:
        draw: gives what is to be seen, or raises a CnnvizError that says why there is nothing.
        shown: what it is, for those who have not seen it yet: "curves of accuracy and loss".
        options: what a recipe may tell it, as specs with defaults; read with `outcome.asked`.
        prepare: what has to be done once beforehand.
        published: the metric whose published numbers it shows, even before anything is run.
        kind: the only kind of experiment that it belongs to; None: any.
    """

    draw: Drawer
    shown: str
    options: tuple[type[Spec], ...] = ()
    prepare: Prepare | None = None
    published: str | None = None
    kind: Kind | None = None


@dataclass(frozen=True)
class Preparation:
    """What a whole kind of experiment needs done before its drawings, and what a recipe may tell it."""

    prepare: Prepare
    options: tuple[type[Spec], ...] = ()


def _problems(name: str, entry: DrawingEntry) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        yield "its name is written with small letters, digits and '_', as recipes write it"
    if not (entry.draw.__doc__ or "").strip():
        yield "its function has no docstring; say in a sentence what is to be seen"
    if not entry.shown or entry.shown.endswith(".") or len(entry.shown) > 60:
        yield "`shown` ends the sentence 'To be shown: …'; write at most 60 letters without a full stop"
    needed = [
        parameter
        for parameter in inspect.signature(entry.draw).parameters.values()
        if parameter.default is parameter.empty
    ]
    if len(needed) != 1:
        yield "its function is called with the outcome alone; read options with `outcome.asked`"
    if entry.published is not None and entry.published not in METRICS:
        yield f"`published` names no metric: '{entry.published}'; take one that recipes publish"
    for spec in entry.options:
        if lacking := [field for field, info in spec.model_fields.items() if info.is_required()]:
            yield f"its option '{lacking[0]}' has no default; a recipe may leave all options out"


DRAWINGS: Registry[DrawingEntry] = Registry("drawing", check=_problems)
#: By kind of recipe.
PREPARATIONS: Registry[Preparation] = Registry("preparation")


def drawing(
    name: str,
    shown: str,
    *,
    options: type[Spec] | tuple[type[Spec], ...] = (),
    prepare: Prepare | None = None,
    published: str | None = None,
    kind: Kind | None = None,
) -> Callable[[Drawer], Drawer]:
    """Register the decorated function as a drawing; see `DrawingEntry` for the arguments.

    Raises:
        EntryError: it breaks the contract; the message says how to keep it.
    """

    def register(draw: Drawer) -> Drawer:
        read = options if isinstance(options, tuple) else (options,)
        DRAWINGS.add(name, DrawingEntry(draw, shown, read, prepare, published, kind))
        return draw

    return register


class Drawn(NamedTuple):
    """What one name of a recipe's `draw` gave; `problem` where it could not be drawn."""

    name: str
    drawings: tuple[Drawing, ...]
    problem: str = ""


def draw_all(outcome: Outcome, names: Sequence[str] | None = None) -> tuple[Drawn, ...]:
    """Draw all that the recipe asks for; one that can't be drawn says why, and the others are shown."""
    return tuple(_draw(name, outcome) for name in (outcome.recipe.draw if names is None else names))


def _draw(name: str, outcome: Outcome) -> Drawn:
    try:
        entry = DRAWINGS.get(name)
        drawings = entry.draw(outcome)
        if not isinstance(drawings, list) or not all(isinstance(drawing, Drawing) for drawing in drawings):
            raise TypeError(f"it gives {drawings!r:.60}, which is no list of Drawing")
        return Drawn(name, tuple(drawings))
    except CnnvizError as error:
        return Drawn(name, (), str(error))
    except Exception as error:  # noqa: BLE001  (whatever a stranger's drawing raises is its mistake)
        return Drawn(name, (), _broken(name, error, entry.draw))


def _broken(name: str, error: Exception, function: Callable[..., object]) -> str:
    """Whose mistake it is that something can't be drawn: not the recipe's."""
    file = file_of(function)
    log.info("the drawing '%s' breaks", name, exc_info=error)
    return f"The drawing '{name}' in {shown_path(file)} breaks: {raised(error, file)}. Mend it there."


def prepare_all(outcome: Outcome, tell: Tell = lambda text, share: None) -> dict[str, str]:
    """Do what the recipe's kind and drawings need done beforehand; returns what could not be, by name."""
    kind, steps = outcome.recipe.kind, {}
    if kind in PREPARATIONS:
        steps[str(kind)] = PREPARATIONS.get(kind).prepare
    for name in outcome.recipe.draw:
        if name in DRAWINGS and (prepare := DRAWINGS.get(name).prepare):
            steps[name] = prepare
    problems: dict[str, str] = {}
    for name, prepare in steps.items():
        tell(f"preparing {name.replace('_', ' ')}", None)
        try:
            prepare(outcome, tell)
        except CnnvizError as error:
            problems[name] = str(error)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001  (as in `_draw`)
            problems[name] = _broken(name, error, prepare)
    return problems


def keep(outcome: Outcome, name: str, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays for a drawing into the study's folder, whole."""
    with atomic.replacing(outcome.folder / f"{name}.npz") as beside:
        np.savez_compressed(beside, allow_pickle=False, **arrays)


def prepared(outcome: Outcome, name: str) -> dict[str, np.ndarray]:
    """Read what `keep` wrote; empty where nothing was prepared, or where it is damaged."""
    path = outcome.folder / f"{name}.npz"
    if not path.exists():
        return {}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}
    except Exception:  # noqa: BLE001  (zipfile and numpy raise half a dozen kinds; it is made again)
        return {}


class ImageOptions(Spec):
    """Which image is looked at, in the drawings that look at one."""

    split: Literal["train", "test"] = "train"
    image: int = Field(default=0, ge=0, description="its number in the split, from 0")


def image_of(outcome: Outcome, dataset: DatasetSpec | None = None) -> NDArray[np.uint8]:
    """The image that the recipe looks at, uint8, shape (H, W, C).

    Args:
        dataset: where a variant has other images than the first.
    Raises:
        SpecError: the data set has no such image.
    """
    dataset = dataset or outcome.dataset
    options, data = outcome.asked(ImageOptions), datasets.load(dataset)
    split = data.full_test if options.split == "test" else data.full_train
    if options.image >= len(split):
        raise SpecError(f"{dataset.name} has no image {options.image}; it has {len(split):,} there.")
    return split.images_at([options.image])[0]


def check(recipe: Recipe) -> None:
    """Check that all that a recipe draws exists, and that it understands the recipe's options.

    Raises:
        SpecError, UnknownNameError: what is wrong, with the nearest name that there is.
    """
    entries = [DRAWINGS.get(name) for name in recipe.draw]
    for name, entry in zip(recipe.draw, entries, strict=True):
        if entry.kind not in (None, recipe.kind):
            raise SpecError(
                f"{recipe.id} is of the kind '{recipe.kind}', but '{name}' is drawn of the kind "
                f"'{entry.kind}' alone. Change `kind`, or leave it out of `draw`."
            )
    specs = [spec for entry in entries for spec in entry.options]
    if recipe.kind in PREPARATIONS:
        specs += PREPARATIONS.get(recipe.kind).options
    recipe.check_options(specs)
