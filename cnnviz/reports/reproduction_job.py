"""A report's experiment as a job: its folder, and what is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from cnnviz import paths
from cnnviz.jobs.job import Report
from cnnviz.jobs.kinds import KINDS
from cnnviz.jobs.status import JobStatus
from cnnviz.reports.library import recipes
from cnnviz.reports.recipe import Recipe, ScaleName
from cnnviz.specs import Spec
from cnnviz.studies.study import Study
from cnnviz.studies.sweep.sweep_job import status_in_results


class ReproductionSpec(Spec):
    """Which experiment, how much of it. `seeds`: how many, 0, 1, …; None: those of the recipe's scale."""

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
        found = {path.parent for name in ("asked.json", "results.json") for path in folder.glob(f"*/{name}")}
        return [cls(path) for path in sorted(found) if path.name[0] != "."]

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
        """Train what is missing, look inside the networks, draw, judge the claims."""
        from cnnviz.reports.reproduce import work

        return work(self, report)

    def results(self) -> dict[str, Any] | None:
        """What came out; None before.

        Raises:
            RunError: the file is damaged.
        """
        return self.saved_results()

    def earlier_status(self) -> JobStatus | None:
        """Before version 0.2 results.json said how it stood, too."""
        return status_in_results(self)
