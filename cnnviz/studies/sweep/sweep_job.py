"""A sweep as a job: train what is missing, keep the results up to date."""

from __future__ import annotations

from pydantic import ConfigDict

from cnnviz.errors import RunError, SpecError
from cnnviz.jobs.job import Report, Stopped
from cnnviz.jobs.kinds import KINDS
from cnnviz.jobs.status import EarlierProcess, JobStatus, State
from cnnviz.specs import Spec
from cnnviz.studies.study import AnyStudy, Progress, Study, train
from cnnviz.studies.study_spec import StudySpec, Variant, experiment_of
from cnnviz.studies.sweep import sweep_results
from cnnviz.studies.sweep.sweep_results import SweepResults


@KINDS.register("sweep", order=10)
class SweepJob(Study[StudySpec]):
    """One setting or two varied over values, or one experiment repeated, each with several seeds."""

    asked_as, asked_in, place, noun = StudySpec, "study.json", ".studies", "sweep"

    @classmethod
    def example(cls) -> StudySpec:
        """One variant of the smallest network, once."""
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
        found = sweep_results.gather(self, self.looked_at())
        self.save_results(found)
        return found

    def looked_at(self) -> tuple[int, ...]:
        """With how many of its seeds two or more of its variants were judged by other sweeps before."""
        study, counts = self.study(), set[int]()
        mine = {variant.experiment.hash() for variant in study.variants}
        for other in type(self).all(self.root):
            if other.id == self.id:
                continue
            try:
                asked = other.study()
                fewer = len(asked.seeds) > 1 and set(asked.seeds) < set(study.seeds)
                shared = mine & {variant.experiment.hash() for variant in asked.variants} if fewer else ()
                results = other.results() if len(shared) > 1 else None
            except RunError:
                continue  # damaged: the list of sweeps says so
            if results and results.done == results.total:
                counts.add(len(asked.seeds))
        return tuple(sorted(counts))

    def results(self) -> SweepResults | None:
        """What came out so far; None before.

        Raises:
            RunError: the file is damaged.
        """
        try:
            return SweepResults.read(self.read_kept("results.json", dict[str, object]) or {}, self.root)
        except SpecError as error:
            raise RunError(f"results.json of sweep {self.id} is damaged: {error}") from error

    def earlier_status(self) -> JobStatus | None:
        """Before version 0.2 results.json said how the sweep stood, too."""
        return status_in_results(self)


class _Stated(Spec):
    """What results.json of a study held before version 0.2 of how it stood."""

    model_config = ConfigDict(extra="ignore")
    state: State | None = None
    process: EarlierProcess | None = None
    problems: tuple[str, ...] = ()
    done: int = 0
    total: int = 0


def status_in_results(study: AnyStudy) -> JobStatus | None:
    """How a study stood whose results.json says it; None where there is none, or damaged."""
    try:
        kept = study.read_kept("results.json", _Stated)
    except RunError:
        return None
    if kept is None or kept.state is None:
        return None
    return JobStatus(
        state=kept.state,
        problems=kept.problems if kept.state in ("incomplete", "failed") else (),
        worker=kept.process.mark if kept.process else None,
        done=kept.done,
        total=kept.total,
    )
