"""What came out of a reproduction: results.json, written and read in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import cnnviz
from cnnviz.errors import RunError
from cnnviz.metrics import METRICS
from cnnviz.reports.claims import Verdict, judge_all
from cnnviz.reports.drawings import Drawn
from cnnviz.reports.outcome import Outcome, VariantOutcome, differences
from cnnviz.reports.recipe import LOOKED_UP
from cnnviz.reports.reproduction_job import ReproductionJob
from cnnviz.specs.base import explain
from cnnviz.studies.intervals import Measure


class _Kept(BaseModel):
    """Frozen and checked when it is read; what another version kept besides is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class KeptMeasure(_Kept):
    """A metric over the seeds; see `Measure`."""

    mean: float
    deviation: float | None
    n: int

    @property
    def measure(self) -> Measure:
        """As words are made of it."""
        return Measure(self.mean, self.deviation, self.n)


class Row(_Kept):
    """One variant: its numbers by metric, and its runs' ids by seed."""

    label: str
    name: str = ""
    published: dict[str, float] = Field(default_factory=dict)
    measured: dict[str, KeptMeasure] = Field(default_factory=dict)
    runs: dict[int, str] = Field(default_factory=dict)
    changes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class KeptDrawing(_Kept):
    """What is to be seen, in words."""

    title: str
    kind: str
    alt: str = ""
    note: str = ""


class KeptDrawn(_Kept):
    """What one name of the recipe's `draw` gave; `problem` where it could not be drawn."""

    name: str
    problem: str = ""
    drawings: tuple[KeptDrawing, ...] = ()


class KeptEnvironment(_Kept):
    """What runs ran on."""

    device: str | None = None
    device_kind: str | None = None
    threads: int | None = None
    versions: dict[str, str] = Field(default_factory=dict)


class KeptEnvironments(_Kept):
    """The version of cnnviz that drew and judged, and what the runs ran on, each combination once."""

    cnnviz: str = ""
    runs: tuple[KeptEnvironment, ...] = ()


class Results(_Kept):
    """All of a reproduction that is worth keeping.

    Attributes:
        state: "done", "incomplete" (something failed; the rest is there) or "stopped".
        problems: what could not be done, a sentence each.
        differences: what differs from what was published, a sentence each.
        made: when, as ISO 8601 in UTC.
    """

    recipe: str
    title: str = ""
    question: str = ""
    scale: str
    state: str
    seeds: tuple[int, ...] = ()
    rows: tuple[Row, ...] = ()
    claims: tuple[Verdict, ...] = ()
    drawings: tuple[KeptDrawn, ...] = ()
    problems: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    environment: KeptEnvironments = KeptEnvironments()
    made: str = ""

    @property
    def trainings(self) -> int:
        """How many runs stand behind it."""
        return sum(len(row.runs) for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return self.model_dump(mode="json")


def read_results(job: ReproductionJob) -> Results | None:
    """What came out; None where nothing has yet.

    Raises:
        RunError: the file is damaged.
    """
    data = job.results()
    # Version 0.1 noted its process in the file before there was anything else.
    if data is None or "rows" not in data:
        return None
    try:
        return Results.model_validate(data)
    except ValidationError as error:
        raise RunError(
            f"results.json of {job.noun} {job.id} is damaged: {explain(error, Results)}"
        ) from error


def results_now(job: ReproductionJob) -> Results:
    """What came out so far, under the state and the problems that the job ended with."""
    status, recipe = job.status(), job.recipe()
    ended = {"state": status.state, "problems": status.problems}
    try:
        before = read_results(job)
    except RunError:
        before = None  # the next reproduction makes it anew
    nothing = Results(recipe=recipe.id, title=recipe.title, scale=job.spec().scale, state="")
    return (before or nothing).model_copy(update=ended)


def results_of(outcome: Outcome, state: str, drawn: Sequence[Drawn], problems: Mapping[str, str]) -> Results:
    """Gather what is worth keeping of an outcome.

    Args:
        state: as `Results` has it.
        drawn: what the recipe's drawings gave.
        problems: what could not be prepared, by name.
    """
    recipe = outcome.recipe
    failed = {one.name: one.problem for one in drawn if one.problem}
    of_rows = [f"{row.name}: {problem}" for row in outcome.rows for problem in row.problems]
    of_names = [f"{name.replace('_', ' ')}: {problem}" for name, problem in {**failed, **problems}.items()]
    environments = tuple(
        KeptEnvironment(
            device=one.device, device_kind=one.device_kind, threads=one.threads, versions=dict(one.versions)
        )
        for one in outcome.environments
    )
    return Results(
        recipe=recipe.id,
        title=recipe.title,
        question=recipe.question,
        scale=outcome.scale,
        state=state,
        seeds=outcome.seeds,
        rows=tuple(map(_row, outcome.rows)),
        claims=judge_all(outcome),
        drawings=tuple(map(_drawn, drawn)),
        problems=(*of_rows, *of_names),
        differences=differences(outcome),
        environment=KeptEnvironments(cnnviz=cnnviz.__version__, runs=environments),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _row(row: VariantOutcome) -> Row:
    measured = {name: measure for name in (*METRICS, *LOOKED_UP) if (measure := row.measure(name))}
    return Row(
        label=row.label,
        name=row.name,
        published=dict(row.published),
        measured={name: KeptMeasure(**measure._asdict()) for name, measure in measured.items()},
        runs={seed: run.id for seed, run in row.runs.items()},
        changes=row.changes,
        problems=row.problems,
    )


def _drawn(drawn: Drawn) -> KeptDrawn:
    drawings = (
        KeptDrawing(title=one.title, kind=one.kind, alt=one.alt, note=one.note) for one in drawn.drawings
    )
    return KeptDrawn(name=drawn.name, problem=drawn.problem, drawings=tuple(drawings))
