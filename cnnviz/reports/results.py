"""What came out of a reproduction, as frozen types: kept in results.json, printed by `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

import cnnviz
from cnnviz.metrics import METRICS
from cnnviz.reports.claims import Verdict, judge_all
from cnnviz.reports.drawings import Drawn
from cnnviz.reports.outcome import COUNTED, Outcome, VariantOutcome, differences
from cnnviz.reports.recipe import LOOKED_UP, SAMPLED, Recipe
from cnnviz.studies.intervals import Measure
from cnnviz.studies.study import added_metrics, why_lacking
from cnnviz.studies.sweep.sweep_results import preliminary


class _Kept(BaseModel):
    """Frozen and checked when it is read; what another version kept besides is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Row(_Kept):
    """One variant: its numbers by metric, and its runs' ids by seed."""

    label: str
    name: str = ""
    published: dict[str, float] = Field(default_factory=dict)
    measured: dict[str, Measure] = Field(default_factory=dict)
    runs: dict[int, str] = Field(default_factory=dict)
    changes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: VariantOutcome) -> Row:
        """What is worth keeping of a variant."""
        return cls(
            label=row.label,
            name=row.name,
            published=dict(row.published),
            measured={name: over for name in (*METRICS, *LOOKED_UP) if (over := row.measure(name))},
            runs={seed: run.id for seed, run in row.runs.items()},
            changes=row.changes,
            problems=row.problems,
        )


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

    @classmethod
    def of(cls, drawn: Drawn) -> KeptDrawn:
        """What is worth keeping of it."""
        shown = [KeptDrawing(title=o.title, kind=o.kind, alt=o.alt, note=o.note) for o in drawn.drawings]
        return cls(name=drawn.name, problem=drawn.problem, drawings=tuple(shown))


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
        metrics: those that there were then; version 0.1 did not say so.
        lacking: a sentence about metrics that were added since and can't be computed any more.
        looked_at: with how many of its seeds its claims were judged before.
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
    metrics: tuple[str, ...] = ()
    looked_at: tuple[int, ...] = ()
    lacking: str = Field(default="", exclude_if=lambda sentence: not sentence)

    @property
    def trainings(self) -> int:
        """How many runs stand behind it."""
        return sum(len(row.runs) for row in self.rows)

    def completed(self, root: Path) -> Results:
        """With the metrics that were added since, computed from the runs in a folder."""
        if set(METRICS) <= set(self.metrics):
            return self
        rows, lacking = [], set[str]()
        for row in self.rows:
            added = added_metrics(row.runs, {*self.metrics, *row.measured}, root)
            lacking.update(added.lacking)
            measured = {name: over for name, of in added.values.items() if (over := Measure.of(of.values()))}
            rows.append(row.model_copy(update={"measured": {**row.measured, **measured}}))
        return self.model_copy(update={"rows": tuple(rows), "lacking": why_lacking(lacking)})


def _looked_at(outcome: Outcome, before: Results | None) -> tuple[int, ...]:
    if before is None:
        return ()
    fewer = before.state == "done" and len(before.seeds) > 1 and set(before.seeds) < set(outcome.seeds)
    looked_at = (*before.looked_at, len(before.seeds)) if fewer else before.looked_at
    return tuple(sorted({n for n in looked_at if n < len(outcome.seeds)}))


def _by_seeds(recipe: Recipe) -> bool:
    """Whether any of its claims is judged over seeds."""
    exact = {*COUNTED, *SAMPLED}
    return any(claim.metric not in exact for claim in recipe.claims)


def results_of(
    outcome: Outcome,
    state: str,
    drawn: Sequence[Drawn],
    problems: Mapping[str, str],
    before: Results | None = None,
) -> Results:
    """Gather what is worth keeping of an outcome.

    Args:
        state: as `Results` has it.
        drawn: what the recipe's drawings gave.
        problems: what could not be prepared, by name.
        before: what was kept before, perhaps of fewer seeds.
    """
    recipe, looked_at = outcome.recipe, _looked_at(outcome, before)
    runs = sum(len(row.runs) for row in outcome.rows)
    # What can't be run here is not waited for.
    wanted = sum(len(row.runs) if row.problems else len(outcome.seeds) for row in outcome.rows)
    notes = preliminary(len(outcome.seeds), runs, wanted, looked_at) if _by_seeds(recipe) else ""
    failed = {drawing.name: drawing.problem for drawing in drawn if drawing.problem}
    of_rows = [f"{row.name}: {problem}" for row in outcome.rows for problem in row.problems]
    of_names = [f"{name.replace('_', ' ')}: {problem}" for name, problem in {**failed, **problems}.items()]
    environments = tuple(
        KeptEnvironment(
            device=environment.device,
            device_kind=environment.device_kind,
            threads=environment.threads,
            versions=dict(environment.versions),
        )
        for environment in outcome.environments
    )
    return Results(
        recipe=recipe.id,
        title=recipe.title,
        question=recipe.question,
        scale=outcome.scale,
        state=state,
        seeds=outcome.seeds,
        rows=tuple(map(Row.of, outcome.rows)),
        claims=judge_all(outcome),
        drawings=tuple(map(KeptDrawn.of, drawn)),
        problems=(*of_rows, *of_names),
        differences=tuple(filter(None, (*differences(outcome), notes))),
        looked_at=looked_at,
        environment=KeptEnvironments(cnnviz=cnnviz.__version__, runs=environments),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        metrics=METRICS.names(),
    )
