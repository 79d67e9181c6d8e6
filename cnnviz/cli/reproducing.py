"""Reproductions with their progress on stderr: over all their runs, with the time left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.progress import Progress as Bar

from cnnviz.cli import whole
from cnnviz.cli.bar import bar
from cnnviz.cli.console import say
from cnnviz.errors import CnnvizError, StorageError
from cnnviz.studies.detached import working
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.progress import Progress, look
from cnnviz.studies.recipe import Recipe, ScaleName
from cnnviz.studies.reproduce import Step, Tell, asked, note_failure, reproduce
from cnnviz.studies.timing import TimeLeft, distinct


def run_all(
    recipes: Sequence[Recipe],
    scale: ScaleName,
    seeds: int | None,
    show: Callable[[StudyDirectory], None] | None,
) -> list[StudyDirectory]:
    """Reproduce one after the other; `show` is called with each when it has ended.

    Raises:
        CnnvizError: one of them can't be begun at all.
    """
    studies = [study for recipe in recipes if (study := asked(recipe, scale, seeds))]
    members, left = distinct(studies), TimeLeft()
    done = []
    with bar() as shown:
        task = shown.add_task("", total=None)
        for place, recipe in enumerate(recipes, start=1):
            told = ""

            def tell(step: Step, place: int = place) -> None:
                nonlocal told
                progress = look(members)
                line = f"{step.recipe} ({place} of {len(recipes)}): {_line(step, progress, left)}"
                share = whole.share(progress)
                shown.update(task, description=line, completed=share or 0.0, total=share and 1.0)
                told = _say(shown, line, step, told)

            folder = _reproduce(recipe, scale, tell, seeds, alone=len(recipes) == 1)
            done.append(folder)
            if show:
                shown.stop()
                show(folder)
                shown.start()
    return done


def _reproduce(
    recipe: Recipe, scale: ScaleName, tell: Tell, seeds: int | None, *, alone: bool
) -> StudyDirectory:
    """Of many, one that can't be begun is noted in its results, and the others follow."""
    try:
        return reproduce(recipe.id, scale, tell, seeds)
    except StorageError:
        raise
    except CnnvizError as error:
        folder = StudyDirectory.reproduction(recipe.id, scale)
        if alone or working(folder):
            raise
        return note_failure(recipe, scale, str(error))


def _say(shown: Bar, line: str, step: Step, told: str) -> str:
    """In a log file, one line whenever the stage or the number of finished runs has changed."""
    mark = f"{step.recipe} {step.stage} {step.progress.done if step.progress else ''}"
    if shown.disable and mark != told:
        say(line)
    return mark


def _line(step: Step, progress: Progress, left: TimeLeft) -> str:
    if step.progress is None:
        return step.stage + (f" {100 * step.share:.0f} %" if step.share is not None else "")
    return whole.line(step.stage, progress, left)
