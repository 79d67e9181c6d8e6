"""Overview: every experiment of the reports in one line, as far as it was run here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from cnnviz import words
from cnnviz.errors import RunError
from cnnviz.reports.drawings.transfer_scores import TransferOptions, read_transfer
from cnnviz.reports.library import recipes
from cnnviz.reports.recipe import SCALES, Recipe, RecipeVariant, ScaleName, read_options, report_says
from cnnviz.reports.reproduction_job import ReproductionJob
from cnnviz.reports.results import Row
from cnnviz.studies.intervals import spread_share
from cnnviz.studies.transfer.transfer_spec import Score

_ACCURACY: Literal["test_accuracy"] = "test_accuracy"


class Line(NamedTuple):
    """One experiment. `state`: the largest scale run to its end, "incomplete" where only begun, or ""."""

    id: str
    title: str
    state: str
    scale: str = ""  # whose results these are
    seeds: int = 0
    measured: str = ""
    published: str = ""
    verdicts: tuple[str, ...] = ()
    made: str = ""

    @property
    def judged(self) -> bool:
        """Whether a claim of it was decided."""
        return any(word != "not enough evidence" for word in self.verdicts)


def overview() -> list[Line]:
    """All experiments in the order of the reports."""
    return [_line(recipes().get(name)) for name in recipes()]


def reached(recipe_id: str) -> str:
    """The largest scale at which an experiment was run to its end here; "incomplete" where only begun."""
    states = {scale: ReproductionJob.at(recipe_id, scale).status().state for scale in SCALES}
    done = [scale for scale in SCALES if states[scale] == "done"]
    return done[-1] if done else "incomplete" if any(state != "waiting" for state in states.values()) else ""


def best_scale(recipe_id: str) -> ScaleName | None:
    """The largest scale run to its end, else the largest that was begun; None where there is nothing."""
    state = reached(recipe_id)
    begun = [s for s in SCALES if ReproductionJob.at(recipe_id, s).status().state != "waiting"]
    return next((scale for scale in SCALES if scale == state), begun[-1] if begun else None)


def most_telling(lines: Sequence[Line]) -> Line | None:
    """The one to open first: of those run in the last hour of work, one with numbers and a decided claim."""
    ran = [line for line in lines if line.made and line.state != "incomplete"]
    if not ran:
        return None
    last = datetime.fromisoformat(max(line.made for line in ran))
    recent = [line for line in ran if last - datetime.fromisoformat(line.made) <= timedelta(hours=1)]
    return max(recent, key=lambda line: (line.judged, bool(line.measured), line.made))


def _line(recipe: Recipe) -> Line:
    state, scale = reached(recipe.id), best_scale(recipe.id)
    line = Line(recipe.id, recipe.title, state, scale or "")
    try:
        results = ReproductionJob.at(recipe.id, scale).kept_results() if scale else None
    except RunError:
        results = None  # the page of the experiment says that its results are damaged
    if scale is None or results is None:
        return line
    measured, published = _headline(recipe, scale, results.rows)
    return line._replace(
        seeds=len(results.seeds),
        measured=measured,
        published=published,
        verdicts=tuple(claim.verdict for claim in results.claims),
        made=results.made,
    )


def _headline(recipe: Recipe, scale: ScaleName, rows: Sequence[Row]) -> tuple[str, str]:
    """The number that stands for all, measured and published, each with what it belongs to."""
    if recipe.kind == "search":
        return "", ""  # its base is only where it begins
    score = _score(recipe, scale) if recipe.kind == "transfer" else None
    if score:
        return score
    variants = {variant.label: variant for variant in recipe.variants}
    ran = [row for row in rows if _ACCURACY in row.measured and row.label in variants]
    if not ran:
        return "", ""
    row = max(ran, key=lambda row: _rank(variants[row.label]))
    variant, measured = variants[row.label], row.measured[_ACCURACY]
    name, published = recipe.name(variant, scale), variant.published.get(_ACCURACY)
    says = report_says(variant.label, name)
    beside = "" if published is None else words.given_percent(published) + (f" ({says})" if says else "")
    return f"{spread_share(measured)} · {name}", beside


def _rank(variant: RecipeVariant) -> tuple[bool, bool, float]:
    """An experiment's own variants first, of them the one with the best published accuracy."""
    published = variant.published.get(_ACCURACY)
    return not variant.origin, published is not None, published or 0.0


def _score(recipe: Recipe, scale: ScaleName) -> tuple[str, str] | None:
    """Of fixed features: the score by the report's protocol, and whose features they were."""
    protocol = read_options(TransferOptions, recipe.options).published_protocol
    results = read_transfer(ReproductionJob.at(recipe.id, scale).path)
    found = results.protocols.get(protocol) if results and protocol else None
    if not results or not isinstance(found, Score):
        return None
    whose = f"{words.percent(found.score)} · features of {results.extractor.title}"
    return whose, f"{words.given_percent(recipe.published.get('score'))} (ImageNet's)"
