"""The work of a reproduction: one experiment of the reports from start to end, or from where it was cut.

Train what is missing, look inside the networks, draw, judge the claims, keep it all in results.json.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from cnnviz.errors import CnnvizError, SpecError, UnknownNameError
from cnnviz.jobs.job import Report, Stopped
from cnnviz.jobs.status import JobStatus
from cnnviz.registry import did_you_mean
from cnnviz.reports.drawings import draw_all, prepare_all
from cnnviz.reports.drawings.networks import look_for_claims
from cnnviz.reports.library import find
from cnnviz.reports.outcome import Outcome, read_outcome
from cnnviz.reports.recipe import Recipe, ScaleName
from cnnviz.reports.reproduction_job import ReproductionJob, ReproductionSpec
from cnnviz.reports.results import results_of
from cnnviz.studies.study import Progress, train
from cnnviz.studies.study_spec import StudySpec

Listen = Callable[[JobStatus], None]


def reproduce(
    experiment: Recipe | str, scale: ScaleName, listen: Listen = lambda status: None, seeds: int | None = None
) -> ReproductionJob:
    """Run an experiment, or the one of an ID, to its end in this process; nothing finished is trained again.

    A member that fails, or that can't be trained here, is reported in the results, and the others go on.

    Args:
        listen: called often while it works.
        seeds: how many seeds, 0, 1, …; None: those of the recipe's scale.
    Raises:
        KeyboardInterrupt: after its runs have stopped and the results say so.
        UnknownNameError: no such experiment.
        RunError: another process is reproducing it at this scale.
        CnnvizError: nothing of it can be done here.
    """
    recipe = find(experiment) if isinstance(experiment, str) else experiment
    job = job_of(recipe, scale, seeds)
    job.run(listen)
    return job


def job_of(recipe: Recipe, scale: ScaleName, seeds: int | None = None) -> ReproductionJob:
    """The job that reproduces an experiment.

    Raises:
        SpecError: a number of seeds below 1, or a variant is impossible.
    """
    runs_of(recipe, scale, seeds)  # refuses before anything is written
    job = ReproductionJob.create(ReproductionSpec(recipe=recipe.id, scale=scale, seeds=seeds))
    job.own_recipe = recipe
    return job


def work(job: ReproductionJob, report: Report) -> list[str]:
    """Do it; returns what could not be done.

    Raises:
        Stopped, KeyboardInterrupt: after its runs have stopped and the results say what there is.
        CnnvizError: nothing of it can be done here.
    """
    recipe, scale = job.recipe(), job.spec().scale
    study = runs_of(recipe, scale, job.spec().seeds)
    job.plan(study)
    problems: dict[str, str] = {}
    try:
        progress = train(job, report) if study else Progress(())
        problems = _look(read_outcome(recipe, scale, job, study), report)
    except (Stopped, KeyboardInterrupt):
        outcome = read_outcome(recipe, scale, job, study)
        job.save_results(results_of(outcome, "stopped", draw_all(outcome), {}).as_dict())
        raise
    outcome = read_outcome(recipe, scale, job, study)
    report("drawing")
    drawn = draw_all(outcome)
    whole = progress.done == progress.total and not problems and not any(one.problem for one in drawn)
    results = results_of(outcome, "done" if whole else "incomplete", drawn, problems)
    job.save_results(results.as_dict())
    return [] if whole else list(results.problems) or ["Some runs have not ended."]


def runs_of(recipe: Recipe, scale: ScaleName, seeds: int | None = None) -> StudySpec | None:
    """The runs of a recipe at a scale, with so many seeds; None where nothing is trained.

    Raises:
        SpecError: a number of seeds below 1, or a variant is impossible.
    """
    study = recipe.study(scale)
    if study is None or seeds is None:
        return study
    if seeds < 1:
        raise SpecError(f"At least one seed is needed; received {seeds}.")
    return study.but(seeds=tuple(range(seeds)))


def scale_named(name: str) -> ScaleName:
    """Check a scale's name.

    Raises:
        UnknownNameError: there is no such scale.
    """
    known: tuple[ScaleName, ...] = get_args(ScaleName)
    for scale in known:
        if scale == name:
            return scale
    raise UnknownNameError(
        f"There is no scale '{name}'.{did_you_mean(name, known)} Known: {', '.join(known)}."
    )


def _look(outcome: Outcome, report: Report) -> dict[str, str]:
    """Do what needs Keras or much time, through other processes; returns what could not be done.

    Raises:
        Stopped: somebody wished it.
    """
    problems = prepare_all(outcome, report)
    try:
        look_for_claims(outcome)
    except CnnvizError as error:
        problems["claims"] = str(error)
    return problems
