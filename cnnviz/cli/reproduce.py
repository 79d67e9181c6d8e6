"""`recipes`, `reproduce`: experiments of the reports and of one's own, published numbers beside measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cnnviz.cli.console import AsJson, emit, say, table
from cnnviz.errors import CnnvizError, SpecError, StorageError

if TYPE_CHECKING:
    from cnnviz.jobs.status import JobStatus
    from cnnviz.reports.recipe import Recipe, ScaleName
    from cnnviz.reports.reproduction_job import ReproductionJob
    from cnnviz.reports.results import Results


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(recipes)
    app.command()(reproduce)


def recipes(json: AsJson = False) -> None:
    """List the experiments of the reports and your own: ID, title, kind, and how much each scale runs.

    A file of your own that can't be used is left out, with a line that says why, and the exit code is 2.
    """
    from cnnviz.reports.library import library

    known = library()
    for problem in known.problems:
        say(f"cnnviz: {problem}")
    rows = [_Recipe.of(recipe, known.report_of[recipe.id].title) for recipe in known.recipes.values()]
    if json:
        listed = [asdict(row) for row in rows]
        nothing: dict[str, None] = dict.fromkeys(listed[0])
        emit([*listed, *({**nothing, "problem": problem} for problem in known.problems)])
    else:
        _recipe_table(rows)
    if known.problems:
        raise typer.Exit(2)


def _recipe_table(rows: Sequence[_Recipe]) -> None:
    table(
        ("ID", "title", "kind", "runs: smoke", "lecture", "full", "done here"),
        (
            (
                row.id,
                row.title,
                row.kind,
                *(scale.runs for scale in row.scales.values()),
                ", ".join(name for name, scale in row.scales.items() if scale.state == "done"),
            )
            for row in rows
        ),
    )


@dataclass(frozen=True)
class _Scale:
    """How much of an experiment a scale runs, and how it stands here; None: never begun."""

    runs: int
    seeds: tuple[int, ...]
    state: str | None

    @classmethod
    def of(cls, recipe: Recipe, scale: ScaleName) -> _Scale:
        from cnnviz.reports.reproduction_job import ReproductionJob

        study, state = recipe.study(scale), ReproductionJob.at(recipe.id, scale).status().state
        runs, seeds = (len(study.members()), study.seeds) if study else (0, ())
        return cls(runs, seeds, None if state == "waiting" else state)


@dataclass(frozen=True)
class _Recipe:
    """One experiment, as `recipes --json` prints it."""

    id: str
    title: str
    report: str
    question: str
    kind: str
    source: str
    draws: tuple[str, ...]
    claims: tuple[str, ...]
    scales: dict[str, _Scale]
    problem: str | None = None

    @classmethod
    def of(cls, recipe: Recipe, report: str) -> _Recipe:
        from cnnviz.reports.recipe import SCALES

        claims = tuple(claim.text for claim in recipe.claims)
        scales: dict[str, _Scale] = {scale: _Scale.of(recipe, scale) for scale in SCALES}
        words = recipe.question, recipe.kind, recipe.source
        return cls(recipe.id, recipe.title, report, *words, recipe.draw, claims, scales)


def reproduce(
    experiments: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="As `cnnviz recipes` lists them: E8")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All experiments of all reports.")] = False,
    scale: Annotated[
        str, typer.Option(metavar="smoke|lecture|full", help="Seconds, minutes, or as published.")
    ] = "smoke",
    seeds: Annotated[
        int | None, typer.Option(min=1, max=100, help="So many seeds. Default: as the recipe says.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Run experiments, and print published beside measured numbers and the claims' verdicts.

    What is finished already is not trained again, so an interrupted reproduction goes on where it was.
    """
    from cnnviz.reports.library import find, reports
    from cnnviz.reports.reproduction_job import scale_named

    size = scale_named(scale)
    if bool(experiments) == everything:
        raise SpecError("Name experiments, for example `cnnviz reproduce E8`, or take --all of them.")
    if everything:
        chosen = [recipe for report in reports() for recipe in report.recipes]
    else:
        chosen = [find(name) for name in experiments or ()]
    results = run_all(chosen, size, seeds, show=None if json else _show)
    if json:
        plain = [result.model_dump(mode="json") for result in results]
        emit(plain[0] if len(plain) == 1 and not everything else plain)
    elif everything:
        print()
        table(
            ("ID", "title", "state", "runs", "verdicts"),
            (
                (
                    result.recipe,
                    result.title,
                    result.state,
                    result.trainings,
                    "; ".join(c.verdict for c in result.claims),
                )
                for result in results
            ),
        )
    incomplete = [result for result in results if result.state != "done"]
    for result in incomplete:
        say(f"cnnviz: {result.recipe} is {result.state}: {' '.join(result.problems)}")
    if incomplete:
        raise typer.Exit(2)


def _show(job: ReproductionJob, results: Results) -> None:
    """Print one experiment's tables and verdicts for people."""
    from cnnviz.reports.claims import evidence
    from cnnviz.reports.drawings import draw_all
    from cnnviz.reports.library import find
    from cnnviz.reports.outcome import read_outcome

    recipe = find(results.recipe)
    print(f"\n{recipe.id} {recipe.title} · scale: {results.scale} · {results.state}\n{recipe.question}\n")
    outcome = read_outcome(recipe, job.spec().scale, job)
    for drawn in draw_all(outcome):
        for drawing in drawn.drawings:
            if drawing.table:
                print(f"\n{drawing.title}")
                table(drawing.table.headings, drawing.table.rows)
                if drawing.note:
                    print(drawing.note)
            else:
                print(f"[{drawing.kind}] {drawing.title}")
    for claim in results.claims:
        print(f"\n{claim.text} → {claim.verdict}\n  {evidence(claim)}")
    if recipe.notes:
        print(f"\n{' '.join(recipe.notes.split())}")


def run_all(
    recipes: Sequence[Recipe],
    scale: ScaleName,
    seeds: int | None,
    show: Callable[[ReproductionJob, Results], None] | None,
) -> list[Results]:
    """Reproduce one after the other, and return what came out of each, with its state and problems.

    Args:
        show: called with each when it has ended.
    Raises:
        CnnvizError: one of them can't be begun at all.
    """
    from cnnviz.cli.jobs import follow, line
    from cnnviz.reports.reproduction_job import job_of, runs_of
    from cnnviz.studies.study import TimeLeft, distinct, look

    studies = [study for recipe in recipes if (study := runs_of(recipe, scale, seeds))]
    members, left = distinct(studies), TimeLeft()
    ended = []
    for place, recipe in enumerate(recipes, start=1):

        def of_all(status: JobStatus, lead: str = f"{recipe.id} ({place} of {len(recipes)}): ") -> str:
            """While runs are trained, the progress over those of all experiments."""
            if status.unit == "run":
                progress = look(members)
                counts = {"done": progress.done, "total": progress.total, "left": left(progress)}
                status = status.but(**counts)
            return lead + line(status)

        job = job_of(recipe, scale, seeds)
        try:
            follow(job, here=True, show=of_all)
        except StorageError:
            raise
        except CnnvizError:
            # Of many, one that can't be done says so in its status, and the others follow.
            if len(recipes) == 1:
                raise
        ended.append(job.results_now())
        if show:
            show(job, ended[-1])
    return ended
