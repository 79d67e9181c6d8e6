"""`search`: which settings suit best, judged by cross-validation on training images alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnnviz import metrics
from cnnviz.cli.console import AsJson, emit, say, table
from cnnviz.cli.training import Settings

if TYPE_CHECKING:
    from cnnviz.jobs.status import JobStatus, State
    from cnnviz.studies.search import Dimension, SearchJob

_WANTING = "Say what is searched: --over training.optimizer=Adam,SGD or --space report."


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(search)


def search(
    dataset: Annotated[str, typer.Option(help="As `cnnviz datasets` lists it.")] = "digits",
    architecture: Annotated[str, typer.Option(help="As `cnnviz architectures` lists it.")] = "two-pairs",
    settings: Settings = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GROUP.NAME=VALUES",
            help="Choices (training.optimizer=Adam,SGD) or a range (training.learning_rate=0.0001..0.1).",
        ),
    ] = None,
    log: Annotated[list[str] | None, typer.Option(help="Ranges to be drawn by powers of ten.")] = None,
    space: Annotated[
        str, typer.Option(help="A ready space: training, network, report (report B's, for deep-pairs).")
    ] = "",
    method: Annotated[str, typer.Option(help="random, grid or tpe.")] = "random",
    candidates: Annotated[int, typer.Option(help="At most so many.")] = 12,
    folds: Annotated[int, typer.Option(help="Trainings of each candidate.")] = 3,
    base: Annotated[str, typer.Option(help="A finished run whose convolutions are used, frozen.")] = "",
    pruning: Annotated[bool, typer.Option(help="Give poor candidates up early.")] = True,
    objective: Annotated[
        str, typer.Option(help=f"What judges, of validation images: {', '.join(metrics.objectives())}.")
    ] = metrics.objectives()[0],
    seed: Annotated[int, typer.Option(help="Of the drawing of candidates.")] = 0,
    name: Annotated[str, typer.Option(help="A name to find it by.")] = "",
    json: AsJson = False,
) -> None:
    """Search for good settings; the same command again goes on where it was cut."""
    from cnnviz.cli.jobs import follow
    from cnnviz.cli.set_option import experiment
    from cnnviz.errors import RunError
    from cnnviz.runs import resolve
    from cnnviz.studies.search import SearchJob, SearchSpec, settings_of
    from cnnviz.training import checks

    shared = settings_of(experiment(dataset, architecture, settings or []))
    if base:
        shared |= {"training.init_from": resolve(base).id, "training.freeze": "base"}
    dimensions = _space(architecture, space, over or [], log or [])
    title = name or f"{', '.join(dimension.label for dimension in dimensions)} · {dataset}"
    spec = SearchSpec.parse(
        {
            "title": title[:80],
            "base": shared,
            "space": dimensions,
            "method": method,
            "candidates": candidates,
            "folds": folds,
            "pruning": pruning,
            "objective": objective,
            "seed": seed,
        }
    )
    spec.check()
    checks.check(spec.experiment({}, 1))
    job = SearchJob.create(spec)
    status = job.status()
    if status.state == "done":
        say(_line(status))
    else:
        status = follow(job, show=_line)
    if status.state == "failed":
        raise RunError(f"The search has failed: {status.reason}")
    _print(job, status.state, json)


def _space(architecture: str, ready: str, over: list[str], log: list[str]) -> list[Dimension]:
    """The ready space, with rows of one's own put over it.

    Raises:
        SpecError: nothing to search, or a row that can't be read.
        UnknownNameError: no such ready space for this network.
    """
    from cnnviz.errors import SpecError, UnknownNameError
    from cnnviz.registry import did_you_mean
    from cnnviz.studies.search.search_space import presets, read_row

    known = presets(architecture)
    if ready and ready not in known:
        raise UnknownNameError(
            f"There is no space '{ready}' for {architecture}.{did_you_mean(ready, known)} "
            f"Known: {', '.join(known)}."
        )
    rows = {dimension.name: dimension for dimension in known.get(ready, ())}
    for text in over:
        setting, equals, values = text.partition("=")
        if not equals or not values:
            raise SpecError(f"--over takes name=values (training.optimizer=Adam,SGD); received '{text}'.")
        rows[setting.strip()] = read_row(architecture, setting.strip(), values, log=setting.strip() in log)
    if not rows:
        raise SpecError(_WANTING)
    return list(rows.values())


def _line(status: JobStatus) -> str:
    parts = [f"{status.done} of {status.total} candidates tried" if status.total else status.stage]
    left = status.seconds_left
    parts += [f"about {left / 60:.0f} min left"] if left and left >= 90 else []
    return " · ".join([*parts, *filter(None, [status.detail])])


def _print(search: SearchJob, state: State, json: bool) -> None:
    from cnnviz.studies.search.search_job import ranked
    from cnnviz.studies.search.search_shown import judged_by
    from cnnviz.studies.search.search_space import text

    spec, candidates = search.spec(), search.candidates()
    first = ranked(candidates)
    others = [candidate for candidate in candidates if candidate not in first]
    if json:
        emit(
            {
                "search": spec.title,
                "state": state,
                "folds": spec.folds,
                "objective": spec.objective,
                "candidates": [
                    candidate.model_dump(mode="json", exclude={"curves"})
                    | {"mean": candidate.mean, "spread": candidate.spread}
                    for candidate in (*first, *others)
                ],
            }
        )
        return
    say(f"Mean and standard deviation of {spec.folds} folds of the training images; one seed each.")
    names = [dimension.name for dimension in spec.space]
    judged = judged_by(spec)
    unit, factor = (" (%)", 100) if judged.share else ("", 1)

    def shown(value: float | None) -> float | None:
        return None if value is None else round(factor * value, 2 if judged.share else 6)

    table(
        (
            "candidate",
            *(dimension.label for dimension in spec.space),
            f"{judged.noun}{unit}",
            f"±{unit}",
            "state",
        ),
        (
            (
                candidate.number,
                *(text(candidate.settings.get(name)) for name in names),
                shown(candidate.mean),
                shown(candidate.spread),
                f"failed: {candidate.reason}" if candidate.state == "failed" else candidate.state,
            )
            for candidate in (*first, *others)
        ),
    )
