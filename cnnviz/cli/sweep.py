"""`sweep`, `studies`: one setting varied, or one experiment repeated, with several seeds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cnnviz import words
from cnnviz.cli.console import AsJson, emit, table
from cnnviz.cli.training import Settings
from cnnviz.errors import CnnvizError, SpecError

if TYPE_CHECKING:
    from cnnviz.studies.study_spec import StudySpec
    from cnnviz.studies.sweep.sweep_job import SweepJob
    from cnnviz.studies.sweep.sweep_results import SweepResults


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(sweep)
    app.command()(studies)


def sweep(
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GROUP.NAME=VALUES",
            help="What is varied: architecture.kernel_size=3,5,7. Twice: all combinations. "
            "Without it the experiment is repeated.",
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="How often each setting is trained.")] = 3,
    dataset: Annotated[str, typer.Option(help="As `cnnviz datasets` lists it.")] = "digits",
    architecture: Annotated[str, typer.Option(help="As `cnnviz architectures` lists it.")] = "two-pairs",
    settings: Settings = None,
    name: Annotated[str, typer.Option(help="A title for the study.")] = "",
    json: AsJson = False,
) -> None:
    """Train an experiment with several values of a setting and several seeds, and compare.

    Ctrl-C stops it; the same command goes on where it was. What was trained already is not trained again.
    """
    from cnnviz.cli.jobs import follow
    from cnnviz.studies.sweep.sweep_job import SweepJob
    from cnnviz.studies.sweep.sweep_question import check

    study = _study(over or [], seeds, dataset, architecture, settings or [], name)
    check(study)
    job = SweepJob.create(study)
    status = follow(job, here=True)
    results = job.results()
    if json:
        emit({**(results.model_dump(mode="json") if results else {}), "state": status.state})
    elif results:
        print(f"{results.title} · {status.state}, {results.done} of {results.total} runs\n")
        _show(results)
    if status.state != "done":
        raise CnnvizError(f"The sweep is {status.state}: {status.reason} The same command goes on.")


def _study(
    over: list[str], seeds: int, dataset: str, architecture: str, settings: list[str], name: str
) -> StudySpec:
    from cnnviz.cli.set_option import experiment
    from cnnviz.studies.sweep.sweep_question import read_factor, study_of

    base = experiment(dataset, architecture, settings)
    factors = []
    for text in over:
        setting, equals, values = text.partition("=")
        if not equals or "." not in setting:
            raise SpecError(f"--over takes group.name=values, as architecture.kernel_size=3,5; got '{text}'.")
        factors.append(read_factor(architecture, setting.strip(), values))
    first = base.training.seed
    return study_of(base, factors, range(first, first + seeds), name)


def _show(results: SweepResults) -> None:
    """The table, the verdicts and the trends, for people."""
    from cnnviz.studies.intervals import measured_seconds, measured_share
    from cnnviz.studies.sweep.sweep_shown import (
        highest,
        least,
        pair_sentence,
        time_sentence,
        trend_sentence,
        unjudged,
    )

    table(
        ("setting", "test accuracy", "training time", "parameters"),
        (
            (
                row.label,
                measured_share(row.measure("test_accuracy")),
                measured_seconds(row.measure("fit_seconds")),
                words.count(row.params),
            )
            for row in results.rows
        ),
    )
    pairs = results.pairs
    lines = [pair_sentence(pair, len(pairs)) for pair in pairs]
    if len(pairs) > 1 and len(results.seeds) == 1:
        lines = ["One seed: differences can't be told from chance. Repeat with more: --seeds 3"]
    if len(pairs) == 1:
        lines += filter(None, [time_sentence(pairs[0])])
    lines += [trend_sentence(trend) for trend in results.trends]
    notes = [unjudged(results), highest(results), results.preliminary] if len(results.seeds) > 1 else []
    lines += filter(None, [*notes, least(results), results.lacking])
    if lines:
        print("\n" + "\n".join(lines))


def studies(json: AsJson = False) -> None:
    """List the sweeps and repeats, newest first, and how far they are."""
    from cnnviz.studies.sweep.sweep_job import SweepJob

    rows = [_Row.of(sweep) for sweep in SweepJob.all()]
    if json:
        emit([asdict(row) for row in rows])
        return
    table(
        ("study", "title", "settings", "seeds", "runs done", "state"),
        (
            (
                row.study,
                row.title,
                row.settings,
                row.seeds,
                f"{row.done} of {row.total}",
                row.problem or row.state,
            )
            for row in rows
        ),
    )


@dataclass(frozen=True)
class _Row:
    """One study; a damaged one is listed with its problem."""

    study: str
    title: str = ""
    settings: int | None = None
    seeds: int | None = None
    done: int | None = None
    total: int | None = None
    state: str = "damaged"
    problem: str | None = None

    @classmethod
    def of(cls, sweep: SweepJob) -> _Row:
        try:
            spec, progress, state = sweep.spec(), sweep.progress(), sweep.status().state
        except CnnvizError as error:
            return cls(sweep.id, problem=str(error))
        counts = len(spec.variants), len(spec.seeds), progress.done, progress.total
        return cls(sweep.id, spec.title, *counts, state)
