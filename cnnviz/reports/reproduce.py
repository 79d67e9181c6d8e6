"""reproduce: one experiment of the reports from start to end, and again from where it was cut.

Called by `cnnviz reproduce` and, as a process of its own (`python -m cnnviz.reports.reproduce E8 smoke`),
by the page. Stages: train what is missing, look inside the networks, draw, judge the claims; then
results.json says "done", "incomplete" or "stopped". While it works, the file holds the process's id.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple, get_args

from cnnviz.errors import CnnvizError, RunError, SpecError, UnknownNameError
from cnnviz.registry import did_you_mean
from cnnviz.reports.drawings import Stopped, draw_all, prepare_all
from cnnviz.reports.drawings.networks import look_for_claims
from cnnviz.reports.library import find
from cnnviz.reports.outcome import Outcome, read_outcome
from cnnviz.reports.recipe import Recipe, ScaleName
from cnnviz.reports.results import results_of
from cnnviz.studies import runner
from cnnviz.studies.detached import Stage, note_stage, own_process, working
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.progress import Progress
from cnnviz.studies.spec import StudySpec


class Step(NamedTuple):
    """Where a reproduction is: the stage in words, and the state of its runs while they are trained."""

    recipe: str
    stage: str
    progress: Progress | None = None
    share: float | None = None  # of the stage, 0–1, where known


Tell = Callable[[Step], None]


def reproduce(
    recipe_id: str, scale: ScaleName, tell: Tell = lambda step: None, seeds: int | None = None
) -> StudyDirectory:
    """Run an experiment of the library to its end; see `reproduce_recipe`.

    Raises:
        UnknownNameError: no such experiment.
    """
    return reproduce_recipe(find(recipe_id), scale, tell, seeds)


def reproduce_recipe(
    recipe: Recipe, scale: ScaleName, tell: Tell = lambda step: None, seeds: int | None = None
) -> StudyDirectory:
    """Run an experiment to its end; what is finished already is not trained again.

    A member that fails, or that can't be trained here, is reported in the results, and the others go on.

    Args:
        tell: called often while it works.
        seeds: how many seeds, 0, 1, …; None: those of the recipe's scale.
    Raises:
        KeyboardInterrupt: after its runs have stopped and the results say so.
        RunError: another process is reproducing it at this scale.
        CnnvizError: nothing of it can be done here.
    """
    folder = StudyDirectory.reproduction(recipe.id, scale)
    other = working(folder)
    if other:
        raise RunError(
            f"{recipe.id} is being reproduced at the scale {scale} already, by process {other}. "
            "Wait for its end."
        )
    study = asked(recipe, scale, seeds)
    state = {"recipe": recipe.id, "scale": scale, "state": "running", "process": own_process()}
    folder.save_results({**_earlier(folder), **state})
    if study:
        folder.ask(study)
        progress = _train(recipe, scale, folder, study, tell)
    else:
        (folder.path / "study.json").unlink(missing_ok=True)
        folder.wish_stop(False)
        progress = Progress((), stopped=False)
    _finish(recipe, scale, folder, study, progress, tell)
    return folder


def _train(
    recipe: Recipe, scale: ScaleName, folder: StudyDirectory, study: StudySpec, tell: Tell
) -> Progress:
    """Train what is missing. Ctrl-C stops the runs cleanly, and keeps what there is."""
    try:
        runner.resume(folder)
        return runner.follow(folder, lambda now: tell(Step(recipe.id, "training", now)))
    except KeyboardInterrupt:
        runner.stop(folder)
        progress = runner.follow(folder, lambda now: tell(Step(recipe.id, "stopping", now)))
        _finish(recipe, scale, folder, study, progress, tell)
        raise


def asked(recipe: Recipe, scale: ScaleName, seeds: int | None = None) -> StudySpec | None:
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


def _finish(
    recipe: Recipe,
    scale: ScaleName,
    folder: StudyDirectory,
    study: StudySpec | None,
    progress: Progress,
    tell: Tell,
) -> None:
    outcome = read_outcome(recipe, scale, folder, study)
    problems, stopped, interrupted = {}, progress.stopped, False
    if not stopped:
        try:
            problems = _look(outcome, tell)
        except (Stopped, KeyboardInterrupt) as cut:
            stopped, interrupted = True, isinstance(cut, KeyboardInterrupt)
        outcome = read_outcome(recipe, scale, folder, study)
    tell(Step(recipe.id, "drawing"))
    drawn = draw_all(outcome)
    whole = progress.done == progress.total and not problems and not any(one.problem for one in drawn)
    state = "stopped" if stopped else "done" if whole else "incomplete"
    folder.save_results(results_of(outcome, state, drawn, problems))
    if interrupted:
        raise KeyboardInterrupt


def _look(outcome: Outcome, tell: Tell) -> dict[str, str]:
    """Do what needs Keras or much time, through other processes; returns what could not be done.

    Raises:
        Stopped: somebody wished it.
    """
    name = outcome.recipe.id

    def told(text: str, share: float | None) -> None:
        if outcome.folder.stop_wished():
            raise Stopped
        tell(Step(name, text, share=share))

    problems = prepare_all(outcome, told)
    try:
        look_for_claims(outcome)
    except CnnvizError as error:
        problems["claims"] = str(error)
    return problems


def _earlier(folder: StudyDirectory) -> dict[str, Any]:
    """What came out before, to be shown until there is something newer; damaged results are made anew."""
    try:
        return folder.results() or {}
    except RunError:
        return {}


def note_failure(recipe: Recipe, scale: ScaleName, reason: str) -> StudyDirectory:
    """Say in its results why an experiment could not be run; what came out before stays."""
    folder = StudyDirectory.reproduction(recipe.id, scale)
    empty: dict[str, Any] = {"rows": [], "claims": [], "drawings": [], "differences": []}
    told = {"recipe": recipe.id, "title": recipe.title, "scale": scale, "process": None}
    folder.save_results({**empty, **_earlier(folder), **told, "state": "failed", "problems": [reason]})
    return folder


def _noting(recipe: Recipe, scale: ScaleName) -> Tell:
    """Note the stages that the runs themselves don't tell, each once, for the page to show."""
    folder, told = StudyDirectory.reproduction(recipe.id, scale), Stage("starting")

    def tell(step: Step) -> None:
        nonlocal told
        stage = Stage(step.stage, None if step.share is None else round(step.share, 2))
        if step.progress is None and stage != told:
            told = stage
            note_stage(folder, stage)

    return tell


def main(arguments: list[str]) -> int:
    """Reproduce `ID scale [seeds]`; a problem becomes the state "failed" with its reason."""
    recipe_id, name, *seeds = arguments
    try:
        recipe, scale = find(recipe_id), scale_named(name)
    except CnnvizError as error:
        print(error, file=sys.stderr, flush=True)
        return 2
    try:
        reproduce_recipe(recipe, scale, _noting(recipe, scale), int(seeds[0]) if seeds else None)
    except CnnvizError as error:
        print(error, file=sys.stderr, flush=True)
        if not working(StudyDirectory.reproduction(recipe.id, scale)):
            note_failure(recipe, scale, str(error))
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
