"""Before an experiment is run: its published numbers and pictures, its claims, and what will be drawn."""

from __future__ import annotations

from typing import NamedTuple

from cnnviz import words
from cnnviz.reports.claims import quantity
from cnnviz.reports.drawings import DRAWINGS, Cell, Drawing, Table, draw_all
from cnnviz.reports.drawings.predictions import published_reports
from cnnviz.reports.drawings.search_candidates import published as published_candidates
from cnnviz.reports.outcome import COUNTED, Outcome, amount_note
from cnnviz.reports.recipe import Claim

#: Published numbers that belong to no single variant.
_NUMBERS = {
    "score": "score, 5-fold cross-validation",
    "best_accuracy": "accuracy of the best candidate",
    "worst_accuracy": "accuracy of the worst candidate",
    "test_accuracy": "test accuracy",
    "fit_seconds": "time",
    "score_seconds": "time of scoring",
}


class Expected(NamedTuple):
    """A claim that was not tested yet, and what will decide it."""

    text: str
    decided_by: str


def drawings(planned: Outcome) -> list[Drawing]:
    """The published numbers as tables and pictures, with room for the measured ones.

    Args:
        planned: as `planned_outcome` gives it.
    """
    recipe = planned.recipe
    names = ["table"] if planned.study and _compared(planned) else []
    for name in recipe.draw:
        shown = DRAWINGS.get(name).published
        if shown and any(shown in row.published for row in planned.rows):
            names.append(name)
    found = [
        drawing._replace(note=amount_note(planned)) if drawn.name == "table" else drawing
        for drawn in draw_all(planned, names)
        for drawing in drawn.drawings
    ]
    searched = published_candidates(planned) if recipe.kind == "search" else []
    return [*_numbers(planned), *found, *published_reports(planned), *searched]


def _compared(planned: Outcome) -> bool:
    return "table" in planned.recipe.draw or any(row.published for row in planned.rows)


def _numbers(planned: Outcome) -> list[Drawing]:
    published = planned.recipe.published
    rows: list[tuple[Cell, ...]] = [
        (noun, _number(name, published), words.NONE) for name, noun in _NUMBERS.items() if name in published
    ]
    if not rows:
        return []
    subject = {"search": "The search", "transfer": "The features"}.get(planned.recipe.kind, "The baseline")
    table = Table(("number", "published", "measured"), tuple(rows))
    return [
        Drawing(f"{subject}: published beside measured", table=table, alt="A table of published numbers.")
    ]


def _number(name: str, published: dict[str, float]) -> str:
    value, spread = published[name], published.get(f"{name}_spread")
    if "seconds" in name:
        text = words.duration(value) if value >= 60 else f"{value:.3g} s"
        return text + ("" if spread is None else f" ± {spread:.2g}")
    return words.given_percent(value) + ("" if spread is None else f" ± {100 * spread:.3g}")


def claims(planned: Outcome) -> list[Expected]:
    """Every claim, and what will be compared to test it."""
    return [Expected(claim.text, _decided_by(claim, planned)) for claim in planned.recipe.claims]


def _decided_by(claim: Claim, planned: Outcome) -> str:
    what, seeds = quantity(claim, planned.name_of), len(planned.seeds)
    if claim.metric in COUNTED:
        return f"To be counted: {what}."
    if claim.relation == "proportional":
        return f"To be fitted: {what}."
    if seeds == 1:
        return f"To be compared: {what}. One seed shows no spread, so this scale can't decide it."
    return f"To be compared: {what}, over {words.plural(seeds, 'seed')} in pairs."


def shown(planned: Outcome) -> str:
    """What will be drawn, in one sentence."""
    return f"To be shown: {words.listed([DRAWINGS.get(name).shown for name in planned.recipe.draw])}."
