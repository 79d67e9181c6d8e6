"""A sweep as a job: train what is missing, keep the results up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnviz.errors import RunError, SpecError
from cnnviz.jobs.job import Report, Stopped
from cnnviz.jobs.kinds import KINDS
from cnnviz.jobs.status import JobStatus
from cnnviz.studies.study import Progress, Study, train
from cnnviz.studies.study_spec import StudySpec

if TYPE_CHECKING:
    from cnnviz.studies.sweep.sweep_results import SweepResults


@KINDS.register("sweep", order=10)
class SweepJob(Study[StudySpec]):
    """One setting or two varied over values, or one experiment repeated, each with several seeds."""

    asked_as, asked_in, place, noun = StudySpec, "study.json", ".studies", "sweep"

    @classmethod
    def example(cls) -> StudySpec:
        """One variant of the smallest network, once."""
        from cnnviz.studies.study_spec import Variant, experiment_of

        experiment = experiment_of({"architecture.name": "one-convolution", "training.epochs": 1})
        return StudySpec(title="Once", variants=(Variant(label="as set", experiment=experiment),))

    def spec(self) -> StudySpec:
        """Read what is asked: a study."""
        return self.study()

    def work(self, report: Report) -> list[str]:
        """Train what is missing; results.json follows every run that ends."""
        before: tuple[int, int] | None = None

        def save_if_one_has_ended(progress: Progress) -> None:
            nonlocal before
            now = progress.done, progress.failed
            if before is not None and now != before:
                self.gather()
            before = now

        self.gather()
        try:
            progress = train(self, report, save_if_one_has_ended)
        except (Stopped, KeyboardInterrupt):
            self.gather()
            raise
        found = self.gather()
        if progress.done < progress.total:
            return list(found.problems) or ["Some runs have not ended."]
        return []

    def gather(self) -> SweepResults:
        """Collect what has come out so far, keep it and return it."""
        from cnnviz.studies.sweep.sweep_results import gather

        found = gather(self)
        self.save_results(found.model_dump(mode="json"))
        return found

    def results(self) -> SweepResults | None:
        """What came out so far; None before.

        Raises:
            RunError: the file is damaged.
        """
        from cnnviz.studies.sweep.sweep_results import SweepResults

        try:
            return SweepResults.read(self.saved_results() or {})
        except SpecError as error:
            raise RunError(f"results.json of sweep {self.id} is damaged: {error}") from error

    def earlier_status(self) -> JobStatus | None:
        """Before version 0.2 results.json said how the sweep stood, too."""
        return status_in_results(self)


def status_in_results(study: Study[Any]) -> JobStatus | None:
    """How a study stood whose results.json says it; None where there is none, or damaged."""
    try:
        found = study.saved_results()
    except RunError:
        return None
    if not found or "state" not in found:
        return None
    state, process = found["state"], found.get("process") or {}
    worker = (process["pid"], process["started"]) if {"pid", "started"} <= process.keys() else None
    problems = found.get("problems", []) if state in ("incomplete", "failed") else []
    counts = {"done": found.get("done", 0), "total": found.get("total", 0)}
    return JobStatus.parse({"state": state, "problems": problems, "worker": worker, **counts})
