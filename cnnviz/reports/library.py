"""The library of experiments: those of the five reports, and a person's own, by ID.

A report is one TOML file in `recipes/`. A person's own experiments stand in files of the same form in the
data folder, `experiments/*.toml` (docs/experiments.md); they are read again when one of them changes, and
one that can't be used is left out with a sentence that says where and why.

A recipe says what to run, what was published, and what to draw; its scales say how much of it is run:
`smoke` in seconds on any machine, `lecture` in minutes on two cores, `full` as published. What a file may
leave out is filled in here: the report's base settings, scales, hardware and source, and the variants
that an experiment takes from others (`uses`), in the `order` in which they are to be compared.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from cnnviz import datasets, paths
from cnnviz.errors import CnnvizError, EntryError, SpecError, UnknownNameError
from cnnviz.registry import Registry, did_you_mean
from cnnviz.reports.recipe import SCALES, Recipe, RecipeVariant, Scale, ScaleName, Settings, Written
from cnnviz.specs import Spec

KEYS = ("a", "b", "c", "d", "e")
#: How the reports' experiments are numbered; no other may be called like that.
_NUMBERED = re.compile(r"[A-Ea-e]\d{1,2}")


class Library(NamedTuple):
    """All that can be reproduced here.

    Attributes:
        reports: the five, then one for each file of a person's own.
        recipes: all experiments by ID, in the order of the reports.
        report_of: by ID of an experiment.
        problems: a sentence for each own file that can't be used.
    """

    reports: tuple[Report, ...]
    recipes: Registry[Recipe]
    report_of: Mapping[str, Report]
    problems: tuple[str, ...]


class Report(Spec):
    """A file of experiments: one of the five reports, or (without a key) a person's own."""

    key: str = Field(default="", pattern=r"^[A-Z]?$")
    title: str = Field(min_length=1)
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
    experiment: tuple[dict[str, object], ...] = Field(min_length=1, description="`Entry` says of what")

    @property
    def heading(self) -> str:
        """`Report A: …`, or the title alone."""
        return f"Report {self.key}: {self.title}" if self.key else self.title

    @property
    def source(self) -> str:
        """Author, year and title in one line."""
        return ", ".join(str(part) for part in (self.author, self.year, self.title) if part)

    @cached_property
    def recipes(self) -> tuple[Recipe, ...]:
        """Its experiments, complete.

        Raises:
            SpecError: one is not valid.
        """
        known: dict[str, Entry] = {}
        for written in self.experiment:
            key = str(written.get("id", "an experiment without an ID"))
            if key in known:
                file = f"Report {self.key}" if self.key else "The file"
                raise SpecError(f"{file} has two experiments {key}. Give each its own ID.")
            if self.key and not re.fullmatch(rf"{self.key}\d{{1,2}}", key):
                raise SpecError(f"Report {self.key} has an experiment '{key}'. Number it {self.key}1, …")
            with _named(key):
                known[key] = self._with_base(Entry.parse(written))
        scales: dict[str, dict[ScaleName, Scale]] = {}
        recipes = []
        for key, entry in known.items():
            with _named(key):
                scales[key] = {name: self._scale(entry, name, scales) for name in SCALES}
                variants = _ordered(entry, known)
                whole = entry.model_copy(update={"scales": scales[key], "variants": variants})
                recipes.append(Recipe.parse(whole.model_dump(exclude={"order"})))
        return tuple(recipes)

    def _with_base(self, entry: Entry) -> Entry:
        """With what it leaves to the report, and its own variants with all their settings."""
        base = {**self.base, **entry.base}
        heads = {"source": self.source, "published_on": self.hardware}
        claims = [
            claim if claim.id else claim.model_copy(update={"id": f"{entry.id}-claim-{place}"})
            for place, claim in enumerate(entry.claims, start=1)
        ]
        variants = [variant.model_copy(update={"set": {**base, **variant.set}}) for variant in entry.variants]
        filled = {"base": base, "claims": tuple(claims), "variants": tuple(variants)}
        left_out = {name: head for name, head in heads.items() if name not in entry.model_fields_set}
        return entry.model_copy(update={**left_out, **filled})

    def _scale(self, entry: Entry, name: ScaleName, above: Mapping[str, Mapping[ScaleName, Scale]]) -> Scale:
        """The scale of the first experiment that it uses, else the report's, and over it its own.

        With the variants come their amounts, so that the runs are the same ones and not trained twice.
        """
        own = entry.scales.get(name, Scale())
        if not entry.uses:
            return own.over(self.scales.get(name, Scale()))
        first = entry.uses[0].partition("/")[0]
        if first not in above:
            raise SpecError(f"{entry.id} uses {first} first, which must stand above it in the file.")
        taken = above[first][name].model_dump(exclude_unset=True, exclude={"variants", "options"})
        return own.over(Scale(**taken))


class Entry(Written):
    """An experiment of a file. `order`: labels of all its variants, as they are to be compared."""

    order: tuple[str, ...] = ()


@contextmanager
def _named(key: str) -> Iterator[None]:
    """What is refused within says which experiment it is about."""
    try:
        yield
    except SpecError as error:
        raise SpecError(_with_place(key, error)) from error


def _with_place(key: str, error: Exception) -> str:
    """A refusal that says which experiment it is about."""
    # What was received may name it too, but does not say so to a reader.
    named = re.search(rf"\b{re.escape(key)}\b", str(error).partition("received")[0])
    return str(error) if named else f"{key}: {error}"


def _ordered(entry: Entry, known: Mapping[str, Entry]) -> tuple[RecipeVariant, ...]:
    """Its variants as `order` lists their labels, where it does; else those taken from others first.

    Raises:
        SpecError: `order` does not list each variant once, or there is nothing to take.
    """
    taken = [variant for use in entry.uses for variant in _taken(use, entry, known)]
    variants = (*taken, *entry.variants)
    if "order" not in entry.model_fields_set:
        return variants
    by_label = {variant.label: variant for variant in variants}
    if sorted(by_label) != sorted(entry.order):
        raise SpecError(f"{entry.id}: 'order' must list each variant once: {', '.join(by_label)}.")
    return tuple(by_label[label] for label in entry.order)


def _taken(use: str, entry: Entry, known: Mapping[str, Entry]) -> list[RecipeVariant]:
    """The variants that "A3" or "A7/2 epochs" names, each marked with its origin."""
    key, _, label = use.partition("/")
    own = known[key].variants if key in known else ()
    taken = [variant.model_copy(update={"origin": key}) for variant in own if label in ("", variant.label)]
    if not taken:
        names = [f"{other}/{variant.label}" for other in known for variant in known[other].variants]
        raise SpecError(
            f"{entry.id} uses '{use}', which is no variant of this report.{did_you_mean(use, names)}"
        )
    for variant in taken:
        strange = [name for name in entry.base if name not in variant.set]
        if strange:
            raise SpecError(
                f"{entry.id} uses '{use}', which leaves {strange[0]} open, but sets it in its own base. "
                "Set it in its own variants."
            )
    return taken


@cache
def reports() -> tuple[Report, ...]:
    """The five reports, read from the package."""
    folder = resources.files("cnnviz.reports") / "recipes"
    return tuple(Report.parse(tomllib.loads((folder / f"{key}.toml").read_text("utf-8"))) for key in KEYS)


def library() -> Library:
    """The five reports and a person's own files, as they are now."""
    folder = own_folder()
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".toml" and path.is_file())
        seen = tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
        # An experiment may need an image folder that appears in the data folder later.
        beside = folder.parent.stat().st_mtime_ns if files else 0
    except OSError:
        return _read((), 0)
    return _read(seen, beside)


def own_folder() -> Path:
    """Where a person's own experiments are looked for; it need not be there."""
    return paths.data_dir() / "experiments"


def recipes() -> Registry[Recipe]:
    """All experiments by ID, in the order of the reports, a person's own last.

    Raises:
        SpecError: a recipe of the reports is not valid.
    """
    return library().recipes


def find(name: str) -> Recipe:
    """The experiment of that ID, in capitals or not.

    Raises:
        UnknownNameError: there is none; the message says what of a person's own files was left out.
    """
    known = library()
    same = {key.casefold(): key for key in known.recipes}
    try:
        return known.recipes.get(same.get(name.casefold(), name))
    except UnknownNameError as error:
        raise UnknownNameError(" ".join([str(error), *known.problems])) from None


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[Path, int, int], ...], beside: int) -> Library:
    """All experiments; `files` and `beside` change with what a person has in the data folder."""
    known: Registry[Recipe] = Registry("experiment")
    if files:
        # Drawings bring plotly along, which nobody needs who has no experiments of his own.
        importlib.import_module("cnnviz.reports.drawings")
    shelf, report_of, problems = list(reports()), {}, []
    for report in reports():
        for entry in report.recipes:
            known.add(entry.id, entry)
            report_of[entry.id] = report
    origin: dict[str, str] = {}
    for path, _, _ in files:
        try:
            report = _own(path, origin)
        except EntryError as error:
            problems.append(f"experiments/{path.name} is left out, for what it asks for is wrong: {error}")
            continue
        except CnnvizError as error:
            reason = str(error) if str(error).endswith((".", "?")) else f"{error}."
            problems.append(f"experiments/{path.name} is left out: {reason} Mend the file and look again.")
            continue
        shelf.append(report)
        for entry in report.recipes:
            known.add(entry.id, entry)
            report_of[entry.id] = report
            origin[entry.id.casefold()] = path.name
    return Library(tuple(shelf), known, report_of, tuple(problems))


def _own(path: Path, origin: Mapping[str, str]) -> Report:
    """Read and check a file of a person's own.

    Args:
        origin: by ID, the file of each own experiment that was read before.
    Raises:
        CnnvizError: what is wrong, where in the file, and what to do.
    """
    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise SpecError("it is not a text in UTF-8; save it as one") from error
    except OSError as error:
        raise SpecError(f"it can't be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"this is not TOML: {error}") from error
    if data.get("key"):
        raise SpecError("'key' belongs to the five reports; leave it out")
    if not data.get("experiment"):
        raise SpecError("it holds no experiment; begin one with the line [[experiment]]")
    report = Report.parse({"title": path.stem, **data})
    try:
        found = report.recipes
    except SpecError as error:
        ids = [str(entry.get("id", "")) for entry in report.experiment]
        named = next((key for key in ids if key and re.search(rf"\b{re.escape(key)}\b", str(error))), "")
        raise SpecError(f"{_line(text, named)}{error}") from error
    for entry in found:
        try:
            _check_own(entry, origin)
        except EntryError:
            raise
        except CnnvizError as error:
            raise SpecError(f"{_line(text, entry.id)}{_with_place(entry.id, error)}") from error
    return report


def _line(text: str, key: str) -> str:
    """`line 12, ` where the experiment begins."""
    match = re.search(rf"^\s*id\s*=\s*[\"']{re.escape(key)}[\"']", text, re.MULTILINE)
    return f"line {text.count(chr(10), 0, match.end()) + 1}, " if match else ""


def _check_own(recipe: Recipe, origin: Mapping[str, str]) -> None:
    """What is known of the five reports by their tests: that it can be run and drawn at every scale."""
    if _NUMBERED.fullmatch(recipe.id):
        raise SpecError(f"'{recipe.id}' is an ID of the reports; choose another, such as 'my-{recipe.id}'")
    if file := origin.get(recipe.id.casefold()):
        raise SpecError(f"experiments/{file} has an experiment '{recipe.id}' already; choose another ID")
    from cnnviz.reports.drawings import check
    from cnnviz.reports.outcome import planned_outcome

    check(recipe)
    for scale in SCALES:
        planned = planned_outcome(recipe, scale, own_folder())
        datasets.facts(planned.dataset)
        for row in planned.rows:
            try:
                recipe.experiment(row.variant, scale)
                _ = row.network  # that its layers fit the images
            except CnnvizError as error:
                raise SpecError(f"variant '{row.label}': {error}") from error
