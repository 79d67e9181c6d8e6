"""The registry of drawers, and what a drawer gives back.

A drawer is a function `draw(outcome) -> list[Drawing]`, registered under the name by which recipes ask
for it. It reads run directories, data sets and the study's folder, never Keras. What needs Keras or much
time is done once by a preparation of the same name, `prepare(outcome, tell)`, which writes into the
study's folder; `prepared` reads it back. A preparation named like a recipe's kind ("search", "transfer")
is done before those of its drawings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from cnnviz.errors import CnnvizError
from cnnviz.registry import Registry
from cnnviz.reports.outcome import Outcome
from cnnviz.runs import atomic

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


class Stopped(Exception):  # noqa: N818  (a wish that was heard, no error)
    """Somebody wished that nothing further is prepared; raised by `Tell`, kept by no preparation."""


Drawer = Callable[[Outcome], list[Drawing]]
#: Says what is being done, and how much of it is done (0–1) where that is known.
Tell = Callable[[str, float | None], None]
Preparation = Callable[[Outcome, Tell], None]
DRAWINGS: Registry[Drawer] = Registry("drawing")
PREPARATIONS: Registry[Preparation] = Registry("preparation")


class Drawn(NamedTuple):
    """What one name of a recipe's `draw` gave; `problem` where it could not be drawn."""

    name: str
    drawings: tuple[Drawing, ...]
    problem: str = ""


def draw_all(outcome: Outcome, names: Sequence[str] | None = None) -> tuple[Drawn, ...]:
    """Draw all that the recipe asks for; one that can't be drawn says why, and the others are shown."""
    return tuple(_draw(name, outcome) for name in (outcome.recipe.draw if names is None else names))


def prepare_all(outcome: Outcome, tell: Tell = lambda text, share: None) -> dict[str, str]:
    """Do what the recipe's drawings need done beforehand; returns what could not be, by name."""
    problems: dict[str, str] = {}
    for name in (outcome.recipe.kind, *outcome.recipe.draw):
        if name in PREPARATIONS:
            tell(f"preparing {name.replace('_', ' ')}", None)
            try:
                PREPARATIONS.get(name)(outcome, tell)
            except CnnvizError as error:
                problems[name] = str(error)
    return problems


def _draw(name: str, outcome: Outcome) -> Drawn:
    try:
        return Drawn(name, tuple(DRAWINGS.get(name)(outcome)))
    except CnnvizError as error:
        return Drawn(name, (), str(error))


def keep(outcome: Outcome, name: str, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays for a drawing into the study's folder, whole."""
    with atomic.replacing(outcome.folder.path / f"{name}.npz") as beside:
        np.savez_compressed(beside, allow_pickle=False, **arrays)


def prepared(outcome: Outcome, name: str) -> dict[str, np.ndarray]:
    """Read what `keep` wrote; empty where nothing was prepared, or where it is damaged."""
    path = outcome.folder.path / f"{name}.npz"
    if not path.exists():
        return {}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}
    except Exception:  # noqa: BLE001  (zipfile and numpy raise half a dozen kinds; it is made again)
        return {}
