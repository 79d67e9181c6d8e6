"""Recipes: the reports' experiments as data, one TOML file a report in `recipes/`, read once.

A recipe says what to run, what was published, and what to draw; its scales say how much of it is run:
`smoke` in seconds on any machine, `lecture` in minutes on two cores, `full` as published. What a file may
leave out is filled in here: the report's base settings, scales, hardware and source, and the variants
that an experiment takes from others (`uses`), in the `order` in which they are to be compared.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import Field

from cnnviz.errors import SpecError
from cnnviz.registry import Registry, did_you_mean
from cnnviz.reports.recipe import SCALES, Recipe, Scale, ScaleName, Settings, merged
from cnnviz.specs import Spec

KEYS = ("a", "b", "c", "d", "e")


class Report(Spec):
    """One of the five reports: its title, author and experiments."""

    key: Literal["A", "B", "C", "D", "E"]
    title: str
    author: str = ""
    year: int | None = None
    hardware: str = Field(
        default="", description="of the published times, where an experiment names no other"
    )
    notes: str = Field(default="", description="what holds for the whole report")
    base: Settings = Field(default_factory=dict, description="under the base of every experiment")
    scales: dict[ScaleName, Scale] = Field(
        default_factory=dict, description="under those of every experiment"
    )
    experiment: tuple[dict[str, Any], ...]

    @property
    def source(self) -> str:
        """Author, year and title in one line."""
        return ", ".join(str(part) for part in (self.author, self.year, self.title) if part)

    def recipes(self) -> tuple[Recipe, ...]:
        """Its experiments, complete.

        Raises:
            SpecError: one is not valid.
        """
        known: dict[str, dict[str, Any]] = {}
        for entry in self.experiment:
            key = str(entry.get("id"))
            if key in known:
                raise SpecError(f"Report {self.key} has two experiments {key}. Give each its own ID.")
            known[key] = self._with_base(entry)
        for entry in known.values():
            entry["scales"] = {name: self._scale(entry, name, known) for name in SCALES}
        return tuple(Recipe.parse(self._complete(entry, known)) for entry in known.values())

    def _with_base(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Its own variants with all their settings."""
        base = {**self.base, **entry.get("base", {})}
        variants = [
            {**variant, "set": {**base, **variant.get("set", {})}} for variant in entry.get("variants", ())
        ]
        return {**entry, "base": base, "variants": variants}

    def _scale(
        self, entry: dict[str, Any], name: ScaleName, known: Mapping[str, dict[str, Any]]
    ) -> dict[str, Any]:
        """The scale of the first experiment that it uses, else the report's, and over it its own.

        With the variants come their amounts, so that the runs are the same ones and not trained twice.
        """
        own = dict(entry.get("scales", {}).get(name, {}))
        if not entry.get("uses"):
            shared = self.scales.get(name, Scale()).model_dump(exclude_unset=True)
            return merged(shared, own)
        first = str(entry["uses"][0]).partition("/")[0]
        above = list(known)[: list(known).index(entry["id"])]
        if first not in above:
            raise SpecError(f"{entry['id']} uses {first} first, which must stand above it in the file.")
        taken = known[first]["scales"][name]
        return merged({key: taken[key] for key in taken if key not in ("variants", "options")}, own)

    def _complete(self, entry: dict[str, Any], known: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
        """With everything that was left out, as `Recipe` wants it."""
        taken = [variant for use in entry.get("uses", ()) for variant in _taken(str(use), known, entry)]
        own = {key: value for key, value in entry.items() if key != "order"}
        return {
            "source": self.source,
            "published_on": self.hardware,
            **own,
            "variants": _ordered([*taken, *entry["variants"]], entry),
        }


def _ordered(variants: list[dict[str, Any]], entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """As `order` lists their labels, where an experiment does; else those taken from others first.

    Raises:
        SpecError: `order` does not list each variant once.
    """
    if "order" not in entry:
        return variants
    found = {str(variant.get("label")): variant for variant in variants}
    if sorted(found) != sorted(entry["order"]):
        raise SpecError(f"{entry['id']}: 'order' must list each variant once: {', '.join(found)}.")
    return [found[label] for label in entry["order"]]


def _taken(use: str, known: Mapping[str, dict[str, Any]], entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The variants that "A3" or "A7/2 epochs" names, each marked with its origin."""
    key, _, label = use.partition("/")
    variants = known.get(key, {}).get("variants", [])
    found = [{**variant, "origin": key} for variant in variants if label in ("", variant.get("label"))]
    if not found:
        names = [f"{one}/{v.get('label')}" for one, other in known.items() for v in other["variants"]]
        raise SpecError(
            f"{entry['id']} uses '{use}', which is no variant of this report.{did_you_mean(use, names)}"
        )
    for variant in found:
        strange = [name for name in entry["base"] if name not in variant["set"]]
        if strange:
            raise SpecError(
                f"{entry['id']} uses '{use}', which leaves {strange[0]} open, but sets it in its own base. "
                "Set it in its own variants."
            )
    return found


@cache
def reports() -> tuple[Report, ...]:
    """All five reports, read from the package."""
    folder = resources.files("cnnviz.reports") / "recipes"
    return tuple(Report.parse(tomllib.loads((folder / f"{key}.toml").read_text("utf-8"))) for key in KEYS)


@cache
def recipes() -> Registry[Recipe]:
    """All experiments by ID, in the order of the reports.

    Raises:
        SpecError: a recipe is not valid.
    """
    known: Registry[Recipe] = Registry("experiment")
    for report in reports():
        for recipe in report.recipes():
            known.add(recipe.id, recipe)
    return known
