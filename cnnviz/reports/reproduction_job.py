"""A report's experiment as a job: its folder, what is asked, and the work from start to end.

Train what is missing, look inside the networks, draw, judge the claims, keep it all in results.json.
Drawings bring plotly along; they are imported by the process at work alone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Self, get_args

from cnnviz import paths
from cnnviz.errors import CnnvizError, RunError, SpecError, UnknownNameError
from cnnviz.jobs.job import Report, Stopped
from cnnviz.jobs.kinds import KINDS
from cnnviz.jobs.status import JobStatus
from cnnviz.registry import did_you_mean
from cnnviz.reports.library import find, recipes
from cnnviz.reports.recipe import Recipe, ScaleName
from cnnviz.runs import atomic
from cnnviz.specs import Spec
from cnnviz.studies.study import Progress, Study, train
from cnnviz.studies.study_spec import StudySpec
from cnnviz.studies.sweep.sweep_job import status_in_results

if TYPE_CHECKING:
    from cnnviz.reports.outcome import Outcome
    from cnnviz.reports.results import Results


class ReproductionSpec(Spec):
    """Which experiment, how much of it. `seeds`: how many, 0, 1, …; None: those of the recipe's scale."""

    always_in_json = "seeds"
    recipe: str
    scale: ScaleName
    seeds: int | None = None

    @property
    def title(self) -> str:
        """`E8, smoke`."""
        return f"{self.recipe}, {self.scale}"


@KINDS.register("reproduction", order=40)
class ReproductionJob(Study[ReproductionSpec]):
    """An experiment of the reports: published numbers beside measured ones, and its claims judged."""

    asked_as, place, noun = ReproductionSpec, ".reproductions", "reproduction"
    #: The recipe, where it is not the registered one of that name.
    own_recipe: Recipe | None = None

    @classmethod
    def at(cls, recipe: str, scale: str, root: Path | None = None) -> Self:
        """The job of one experiment at one scale; it need not be there yet."""
        return cls((root or paths.runs_dir()) / cls.place / f"{recipe}-{scale}")

    @classmethod
    def example(cls) -> ReproductionSpec:
        """The first experiment, where there is one, at the smallest scale."""
        return ReproductionSpec(recipe=recipes().names()[0], scale="smoke")

    @classmethod
    def id_of(cls, asked: ReproductionSpec, place: Path) -> str:
        """`E8-smoke`: other seeds are asked in the same folder."""
        return f"{asked.recipe}-{asked.scale}"

    @classmethod
    def create(cls, asked: ReproductionSpec, root: Path | None = None) -> Self:
        """Make the folder, or find it, and write what is asked now."""
        job = super().create(asked, root)
        if job.spec() != asked:
            job.ask(asked)
        return job

    @classmethod
    def all(cls, root: Path | None = None) -> list[Self]:
        """All that were run here, whole or in part, by ID and scale."""
        folder = (root or paths.runs_dir()) / cls.place
        asked, results = atomic.whole(folder, "*/asked.json"), atomic.whole(folder, "*/results.json")
        return [cls(path) for path in sorted({file.parent for file in [*asked, *results]})]

    def spec(self) -> ReproductionSpec:
        """Read what is asked; a folder made before version 0.2 says it by its name alone."""
        if self.exists:
            return super().spec()
        recipe, _, scale = self.id.rpartition("-")
        return ReproductionSpec.parse({"recipe": recipe, "scale": scale})

    def recipe(self) -> Recipe:
        """The experiment.

        Raises:
            UnknownNameError: there is none of that name any more.
        """
        return self.own_recipe or recipes().get(self.spec().recipe)

    def work(self, report: Report) -> list[str]:
        """Train what is missing, look inside the networks, draw, judge the claims, keep it all.

        Returns:
            What could not be done.
        Raises:
            Stopped, KeyboardInterrupt: after its runs have stopped and the results say what there is.
            CnnvizError: nothing of it can be done here.
        """
        from cnnviz.reports.drawings import draw_all
        from cnnviz.reports.outcome import read_outcome
        from cnnviz.reports.results import results_of

        recipe, scale = self.recipe(), self.spec().scale
        study = runs_of(recipe, scale, self.spec().seeds)
        self.plan(study)
        before = self._kept()
        try:
            progress = train(self, report) if study else Progress(())
            problems = _look(read_outcome(recipe, scale, self, study), report)
        except (Stopped, KeyboardInterrupt):
            outcome = read_outcome(recipe, scale, self, study)
            self.save_results(results_of(outcome, "stopped", draw_all(outcome), {}, before))
            raise
        outcome = read_outcome(recipe, scale, self, study)
        report("drawing")
        drawn = draw_all(outcome)
        whole = (
            progress.done == progress.total and not problems and not any(drawing.problem for drawing in drawn)
        )
        results = results_of(outcome, "done" if whole else "incomplete", drawn, problems, before)
        self.save_results(results)
        return [] if whole else list(results.problems) or ["Some runs have not ended."]

    def results(self) -> Results | None:
        """What came out, with metrics that were added since; None where nothing has yet.

        Raises:
            RunError: the file is damaged.
        """
        kept = self.kept_results()
        return kept.completed(self.root) if kept else None

    def kept_results(self) -> Results | None:
        """What came out as it was kept, without a look at the runs.

        Raises:
            RunError: the file is damaged.
        """
        from cnnviz.reports.results import Results

        found = self.read_kept("results.json", Results)
        # Version 0.1 noted its process in the file before there was anything else.
        return found if found and "rows" in found.model_fields_set else None

    def _kept(self) -> Results | None:
        """What came out before; None where that is damaged, as it is made anew."""
        try:
            return self.kept_results()
        except RunError:
            return None

    def results_now(self) -> Results:
        """What came out so far, under the state and the problems that the job ended with."""
        from cnnviz.reports.results import Results

        status, recipe, before = self.status(), self.recipe(), self._kept()
        before = before.completed(self.root) if before else None
        nothing = Results(recipe=recipe.id, title=recipe.title, scale=self.spec().scale, state="")
        return (before or nothing).model_copy(update={"state": status.state, "problems": status.problems})

    def earlier_status(self) -> JobStatus | None:
        """Before version 0.2 results.json said how it stood, too."""
        return status_in_results(self)


def reproduce(
    experiment: Recipe | str,
    scale: ScaleName,
    listen: Callable[[JobStatus], None] = lambda status: None,
    seeds: int | None = None,
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
    from cnnviz.reports.drawings import prepare_all
    from cnnviz.reports.drawings.networks import look_for_claims

    problems = prepare_all(outcome, report)
    try:
        look_for_claims(outcome)
    except CnnvizError as error:
        problems["claims"] = str(error)
    return problems
