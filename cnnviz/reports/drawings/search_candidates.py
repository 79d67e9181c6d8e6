"""The search of report B (B4): done once the base is trained, then its candidates, history and shares."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from cnnviz import words
from cnnviz.architectures import find_setting
from cnnviz.errors import RunError
from cnnviz.figures.search_figures import history_figure, importance_figure, parallel_figure
from cnnviz.jobs.job import Stopped
from cnnviz.jobs.status import JobStatus
from cnnviz.reports.drawing import PREPARATIONS, Cell, Drawing, Preparation, Table, Tell, drawing
from cnnviz.reports.outcome import Outcome
from cnnviz.specs import Spec
from cnnviz.specs.base import Seed
from cnnviz.studies.search import SearchJob, SearchSpec, settings_of
from cnnviz.studies.search.search_job import Candidate, ranked
from cnnviz.studies.search.search_shown import axes_of, trials_of
from cnnviz.studies.search.search_space import Method, text
from cnnviz.studies.study_spec import SettingValue

_PARALLEL = "Which settings go with which accuracy"
_ONLY_CANDIDATES = "Accuracies are means over folds of the training images; test images choose nothing."


class PublishedCandidate(Spec):
    """One that the report tried: its settings by their short names, mean and spread over its folds."""

    set: dict[str, SettingValue]
    accuracy: float = Field(ge=0, le=1)
    spread: float = Field(ge=0)


class SearchOptions(Spec):
    """The space of a search, and how it is searched; see `SearchSpec`."""

    space: dict[str, tuple[SettingValue, ...]] = Field(min_length=1, description="values by setting")
    epochs: int = Field(ge=1, description="of each candidate and fold")
    trials: int = Field(default=10, ge=2, le=500)
    folds: int = Field(default=3, ge=2, le=10)
    sampler: Method = "random"
    seed: Seed = 0
    frozen: Literal["", "base"] = Field(default="", description="what of the trained network is not trained")
    published_candidates: tuple[PublishedCandidate, ...] = Field(
        default=(), description="all that the report tried, in its order"
    )


def search(outcome: Outcome, tell: Tell) -> None:
    """Search around the trained base, or go on where it was cut.

    Raises:
        RunError: the base has not been trained, or another process is at work on the same search.
    """
    job = SearchJob.create(_spec(outcome), outcome.root)
    if job.status().active:
        raise RunError("The same search is at work already, see the page Search. Wait for its end.")
    if job.status().state == "done":
        return

    def listen(now: JobStatus) -> None:
        tell(f"candidate {min(now.done + 1, now.total)} of {now.total}", now.share)

    if job.run(listen).state == "stopped":
        raise Stopped


PREPARATIONS.add("search", Preparation(search, (SearchOptions,)))


def _spec(outcome: Outcome) -> SearchSpec:
    """The search that the recipe's options ask for at this scale, around the run of its first variant."""
    options, row = outcome.asked(SearchOptions), outcome.rows[0]
    if row.run is None or row.experiment is None:
        raise RunError(
            f"The base '{row.name}' has not been trained, so there is nothing to search behind it."
        )
    base: dict[str, Any] = {**settings_of(row.experiment), "training.epochs": options.epochs}
    if options.frozen == "base":
        base |= {"training.init_from": row.run.id, "training.freeze": "base"}
    return SearchSpec.parse(
        {
            "title": f"{outcome.recipe.id} {outcome.recipe.title}, {outcome.scale}"[:80],
            "base": base,
            "space": [{"name": name, "choices": choices} for name, choices in options.space.items()],
            "method": options.sampler,
            "candidates": options.trials,
            "folds": options.folds,
            "seed": options.seed,
        }
    )


def _found(outcome: Outcome) -> tuple[SearchJob, SearchSpec, tuple[Candidate, ...]]:
    spec = _spec(outcome)
    job = SearchJob.find(spec, outcome.root)
    if job is None or not job.candidates():
        raise RunError("The search has not been run yet. Run the experiment, then look again.")
    return job, spec, job.candidates()


@drawing("candidates", "a table of all candidates", kind="search")
def candidates(outcome: Outcome) -> list[Drawing]:
    """One row a candidate, the best first; and the report's own candidates, in the same order."""
    _, spec, tried = _found(outcome)
    order = ranked(tried)
    rows: list[tuple[Cell, ...]] = []
    for rank, candidate in [
        *enumerate(order, start=1),
        *((None, candidate) for candidate in tried if candidate not in order),
    ]:
        settings = (text(candidate.settings[dimension.name]) for dimension in spec.space)
        state = {"pruned": "given up early", "failed": f"failed: {candidate.reason}"}.get(candidate.state, "")
        rows.append((rank, *settings, words.percent_spread(candidate.mean, candidate.spread), state))
    headings = ("rank", *(dimension.label for dimension in spec.space), "accuracy", "")
    note = (
        f"{len(tried)} candidates, {spec.folds} folds each, epochs a fold: {spec.base['training.epochs']}, "
        f"scale: {outcome.scale}. {_ONLY_CANDIDATES} The frozen base has seen the images of every fold: "
        "compare the candidates with each other only."
    )
    title = f"All candidates, the best first (scale: {outcome.scale})"
    return [Drawing(title, table=Table(headings, tuple(rows)), alt=title, note=note), *published(outcome)]


def published(outcome: Outcome) -> list[Drawing]:
    """The candidates that the report tried, the best first; none where it prints none."""
    options = outcome.asked(SearchOptions)
    tried = sorted(options.published_candidates, key=lambda candidate: -candidate.accuracy)
    if not tried:
        return []
    settings = {name.rpartition(".")[2]: find_setting(name) for name in options.space}
    rows: list[tuple[Cell, ...]] = [
        (
            rank,
            *(text(candidate.set.get(name, words.NONE)) for name in settings),
            f"{words.percent(candidate.accuracy, 2)} ± {100 * candidate.spread:.2f}",
        )
        for rank, candidate in enumerate(tried, start=1)
    ]
    headings = ("rank", *(setting.label if setting else name for name, setting in settings.items()))
    title = f"Published: the report's {len(tried)} candidates, the best first"
    table = Table((*headings, "accuracy"), tuple(rows))
    return [Drawing(title, table=table, alt=title, note="Mean and standard deviation over its folds.")]


@drawing("search_history", "pictures of the search", kind="search")
def search_history(outcome: Outcome) -> list[Drawing]:
    """Accuracy in the order of trying, settings against accuracy, and what mattered, once it can be told."""
    job, spec, tried = _found(outcome)
    trials = trials_of(spec, tried)
    if not trials:
        raise RunError("No candidate has been trained to its end. The table says why.")
    shown = [
        ("Accuracy of every candidate", history_figure(trials, spec.folds)),
        (_PARALLEL, parallel_figure(trials, axes_of(spec, tried))),
    ]
    names = {dimension.name: dimension.label for dimension in spec.space}
    shares = {names[name]: share for name, share in job.importance().items() if name in names}
    if shares:
        shown.append(("What mattered", importance_figure(shares)))
    note = f"Scale: {outcome.scale}. {_ONLY_CANDIDATES}"
    return [
        Drawing(title, figure=figure, alt=f"{title} of the search", note=note, wide=title == _PARALLEL)
        for title, figure in shown
    ]
