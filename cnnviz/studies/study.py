"""Study: many runs with one question, and a job that trains what is missing of them.

    <job's folder>/study.json     which runs: variants and seeds
                   results.json   what came out (tables, verdicts); replaced whole
                   refused.json   members that this machine can't train, with the reasons

A study owns no runs. Each member is found by its experiment's hash among all runs, so that what was
trained already, for whatever reason, is not trained again, and deleting a study costs no result.
Sweeps and the reports' experiments are studies.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from cnnviz import datasets, metrics, paths, words
from cnnviz.datasets.official import missing_message
from cnnviz.engine import Engine, engine
from cnnviz.engine.estimate import training_seconds
from cnnviz.engine.processes import locked
from cnnviz.errors import CnnvizError, DataMissingError, RunError, StorageError
from cnnviz.evaluation import is_same_data
from cnnviz.jobs.job import Job, Report, Stopped
from cnnviz.metrics import METRICS
from cnnviz.runs import RunSummary, Status, atomic, load_summary
from cnnviz.specs import ExperimentSpec, Spec
from cnnviz.studies.study_spec import Member, StudySpec
from cnnviz.training import checks

A = TypeVar("A", bound=Spec)
_STUDY = "study.json"
_PERIOD_SECONDS = 0.5
_NAME_LENGTH = 120  # of RunSpec.name


class Study(Job[A]):
    """A job whose work is, first of all, to train the members of a study."""

    def study(self) -> StudySpec:
        """Read which runs it has.

        Raises:
            RunError: the file is missing or damaged.
        """
        return self._members()[0]

    def _members(self) -> tuple[StudySpec, list[Member]]:
        path = self.path / _STUDY
        try:
            stat = path.stat()
            return _read(path, (stat.st_mtime_ns, stat.st_size))
        except (OSError, ValueError) as error:
            raise RunError(f"study.json of {self.noun} {self.id} can't be read: {error}") from error

    def plan(self, study: StudySpec | None) -> None:
        """Write which runs it has, in place of those before; None: none at all."""
        if study:
            atomic.write_text(paths.ensure(self.path) / _STUDY, study.to_json())
        else:
            (self.path / _STUDY).unlink(missing_ok=True)

    def progress(self) -> Progress:
        """Find the run of every member: the finished one, else the newest."""
        return look(self._members()[1], self.root, self.refused())

    def refuse(self, reasons: Mapping[str, str]) -> None:
        """Keep why members, by label, can't be trained on this machine."""
        if dict(reasons) != self.refused():
            atomic.write_json(self.path / "refused.json", dict(reasons))

    def refused(self) -> dict[str, str]:
        """What `refuse` kept."""
        return self.read_kept("refused.json", dict[str, str]) or {}

    def save_results(self, results: BaseModel) -> None:
        """Replace what came out."""
        atomic.write_json(paths.ensure(self.path) / "results.json", results.model_dump(mode="json"))


AnyStudy = Study[Any]


@lru_cache(maxsize=64)
def _read(path: Path, stamp: tuple[int, int]) -> tuple[StudySpec, list[Member]]:
    """The spec and its members, whose hashes are worked out once; read again when the file was replaced."""
    del stamp
    spec = StudySpec.from_json(path.read_text("utf-8"))
    return spec, spec.members()


# Metrics that came after its results -------------------------------------------------------------------


class Added(NamedTuple):
    """Metrics that results lack because they were kept before there was such a metric.

    `values`: by metric, then seed, from what the runs keep. `lacking`: metrics that follow from predictions,
    which some run does not keep any more.
    """

    values: dict[str, dict[int, float]]
    lacking: tuple[str, ...]


def added_metrics(runs: Mapping[int, str], known: Collection[str], root: Path) -> Added:
    """Compute the metrics that one variant's results lack, as far as its runs allow.

    Args:
        runs: run ids by seed.
        known: names of the metrics that there were when the results were kept.
    """
    names = [name for name in METRICS if name not in known]
    values: dict[str, dict[int, float]] = {name: {} for name in names}
    lacking = set()
    for seed, run_id in runs.items() if names else ():
        run, kept = load_summary(root / run_id), (root / run_id / "predictions.npz").exists()
        for name in names:
            if (number := metrics.known(run, name)) is not None:
                values[name][seed] = number
            elif run.damaged or (METRICS.get(name).of_predictions and not kept):
                lacking.add(name)  # else it is absent by right, as an onset of overfitting
    return Added(values, tuple(name for name in names if name in lacking))


def why_lacking(names: Collection[str]) -> str:
    """What is said of metrics that some runs can't give any more; "" where there are none."""
    if not names:
        return ""
    titles = words.listed([METRICS.get(name).noun for name in METRICS if name in names])
    return (
        f"Not known of all runs: {titles}. These were added to cnnviz after the results were kept, and runs "
        "that are deleted or keep no predictions can't give them. Train them again to have them."
    )


# How far its members are ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is. `refused`: why members, by label, can't be trained on this machine."""

    members: tuple[tuple[Member, RunSummary | None], ...]
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All members."""
        return len(self.members)

    @property
    def done(self) -> int:
        """Members with a finished run."""
        return sum(1 for _, run in self.members if run and run.state == "done")

    @property
    def failed(self) -> int:
        """Members whose run ended without being done, or that can't be trained here."""
        return sum(1 for member, run in self.members if self.problem(member, run))

    @property
    def active(self) -> int:
        """Members that run or wait in the queue."""
        return sum(1 for _, run in self.members if run and run.status and run.status.active)

    @property
    def share(self) -> float | None:
        """Share of the whole that is done, runs at work counted by their batches; None without members."""
        if not self.total:
            return None
        at_work = sum(share_done(run.status) for _, run in self.members if run)
        return min(1.0, (self.done + self.failed + at_work) / self.total)

    def of(self, label: str) -> tuple[dict[int, RunSummary], tuple[str, ...]]:
        """One variant: the finished run of every seed that has one, and why others have none."""
        members = [(member, run) for member, run in self.members if member.label == label]
        runs = {member.seed: run for member, run in members if run and run.state == "done" and run.report}
        return runs, tuple(dict.fromkeys(filter(None, (self.problem(*one) for one in members))))

    def problem(self, member: Member, run: RunSummary | None) -> str:
        """Why a member has no result and nobody works on one; "" where there is nothing to say."""
        if run is None:
            return self.refused.get(member.label, "")
        if run.damaged:
            return run.damaged
        ended = run.status is not None and run.status.finished and run.state != "done"
        return f"{run.state}: {run.reason}".removesuffix(": ") if ended else ""

    def at_work(self) -> str:
        """The run that is being trained, in words."""
        for member, run in self.members:
            if run and run.state == "running" and run.status:
                epochs = run.status.epochs
                epoch = f"epoch {max(1, run.status.epoch)} of {epochs}" if epochs else ""
                name = member.name or member.label
                return ", ".join(filter(None, (f"now {name}", f"seed {member.seed}", epoch)))
        return "the next run waits in the queue" if self.active else ""


def look(
    members: Iterable[Member], root: Path | None = None, refused: Mapping[str, str] | None = None
) -> Progress:
    """How far some members are, whatever studies they belong to: each one's finished run, else the newest.

    Args:
        refused: why members, by label, can't be trained on this machine.
    """
    folders = _folders_by_ending(root or paths.runs_dir())
    runs = ((member, _newest(folders.get(member.hash[:10], ()), member.hash)) for member in members)
    return Progress(tuple(runs), refused or {})


def _folders_by_ending(root: Path) -> dict[str, list[Path]]:
    """All run folders by the ten digits that their names end with, newest first."""
    found: dict[str, list[Path]] = defaultdict(list)
    try:
        names = [entry.name for entry in os.scandir(root) if entry.name[0] != "."]
    except FileNotFoundError:
        return found
    for name in sorted(names, reverse=True):
        found[name[-10:]].append(root / name)
    return found


def _newest(folders: list[Path] | tuple[()], mark: str) -> RunSummary | None:
    """The newest finished run, else the newest, of the experiment with this hash on the images of today."""
    runs = [load_summary(path) for path in folders]
    runs = [run for run in runs if not run.damaged and _hash(run.path) == mark and is_same_data(run)]
    return next((run for run in runs if run.state == "done" and run.report), runs[0] if runs else None)


@lru_cache(maxsize=20_000)
def _hash(path: Path) -> str:
    """Hash of a run's experiment; its spec.json is written once."""
    experiment = load_summary(path).experiment
    return experiment.hash() if experiment else ""


# How long they still take -----------------------------------------------------------------------------


class TimeLeft:
    """Seconds until a study is done; keeps its guesses until another run has finished."""

    def __init__(self) -> None:
        self._guesses: dict[str, float | None] = {}
        self._done = -1

    def __call__(self, progress: Progress) -> float | None:
        """Seconds left on one device; None where a member's time can't be guessed."""
        if progress.done != self._done:
            self._done, self._guesses = progress.done, {}
        left = 0.0
        for member, run in progress.members:
            if (run and run.state == "done") or progress.problem(member, run):
                continue
            guess = self._guess(member)
            if guess is None:
                return None
            left += (1 - share_done(run.status if run else None)) * guess
        return left

    def _guess(self, member: Member) -> float | None:
        if member.hash not in self._guesses:
            estimate = training_seconds(member.experiment)
            self._guesses[member.hash] = estimate.seconds if estimate else None
        return self._guesses[member.hash]


def share_done(status: Status | None) -> float:
    """Share of a run's batches that are done, 0–1."""
    if status is None or not (status.active and status.epoch and status.epochs):
        return 0.0
    within = status.batch / status.batches if status.batches else 0.0
    return min(1.0, (status.epoch - 1 + within) / status.epochs)


def distinct(studies: list[StudySpec]) -> list[Member]:
    """The members of several studies, each experiment once."""
    return list({member.hash: member for study in studies for member in study.members()}.values())


# Training them ----------------------------------------------------------------------------------------


def train(
    study: Study[A],
    report: Report,
    look_at: Callable[[Progress], None] = lambda progress: None,
    queue: Engine | None = None,
) -> Progress:
    """Train what is missing until nothing is active any more; finished runs are not trained again.

    Stopped and failed members go on from their checkpoints. A member that fails, or that can't be trained
    here, is shown with its reason, and the others go on.

    Args:
        look_at: called with the progress of the whole as often as `report`.
    Raises:
        Stopped, KeyboardInterrupt: after its own runs have stopped; they keep what they have.
        CnnvizError: the queue or the disk fails.
    """
    queue, left = queue or engine(), TimeLeft()

    def tell(stage: str, progress: Progress) -> None:
        look_at(progress)
        failed = f"{progress.failed} failed" if progress.failed and stage == "training" else ""
        report(
            stage,
            progress.share,
            done=progress.done,
            total=progress.total,
            unit="run",
            left=left(progress),
            detail=" · ".join(filter(None, (failed, progress.at_work()))),
        )

    try:
        tell("training", study.progress())  # a wish to stop is heard before anything is queued
        _take_up(study, queue)
        progress = advance(study, queue)
        while progress.active:
            tell("training", progress)
            time.sleep(_PERIOD_SECONDS)
            queue.tick()
            progress = study.progress()
        tell("training", progress)
    except (Stopped, KeyboardInterrupt):
        stop_runs(study, queue)
        while (progress := study.progress()).active:
            tell("stopping", progress)
            time.sleep(_PERIOD_SECONDS)
            queue.tick()
        look_at(progress)
        raise
    return progress


def _take_up(study: Study[A], queue: Engine) -> None:
    """Go on with stopped and failed members from their checkpoints."""
    queue.tick()
    with locked(study.path / "queue.lock"):
        for _, run in study.progress().members:
            if run and run.state in ("stopped", "failed", "interrupted"):
                try:
                    queue.resume(run.id)
                except CnnvizError:
                    # Impossible here (or at work again): its state and reason stay and are shown.
                    continue


def advance(study: Study[A], queue: Engine | None = None) -> Progress:
    """Queue every member without a run and resume those that were interrupted; doing it again does no harm.

    Runs that failed, or that a person stopped, are left as they are, and members that this machine can't
    train are refused: both are shown, with their reasons, and the others go on.

    Raises:
        StorageError: the disk takes no more.
    """
    queue = queue or engine()
    queue.tick()
    # Two processes may advance one study; without the lock both would queue the same member.
    with locked(study.path / "queue.lock"):
        spec = study.study()
        refused: dict[str, str] = {}
        for member, run in study.progress().members:
            try:
                if run is None:
                    check(member.experiment)
                    queue.submit(member.experiment, name=_name(spec, member), user=study.id)
                elif run.state == "interrupted":
                    queue.resume(run.id)
            except StorageError:
                raise
            except CnnvizError as error:
                refused[member.label] = str(error)
        study.refuse(refused)
    return study.progress()


def _name(spec: StudySpec, member: Member) -> str:
    """`E8 · max pooling · seed 1`; the seed where there are several: a study's runs are never named alike."""
    seed = f" · seed {member.seed}" if len(spec.seeds) > 1 else ""
    return f"{spec.recipe or spec.title} · {member.name or member.label}"[: _NAME_LENGTH - len(seed)] + seed


def check(experiment: ExperimentSpec) -> None:
    """Say before queueing what the worker would find out after it.

    Raises:
        CnnvizError: data are missing, the device is not there, or the network is impossible.
    """
    checks.check(experiment)
    if datasets.availability(experiment.dataset.name) == "download":
        raise DataMissingError(missing_message(datasets.entry(experiment.dataset.name)))


def stop_runs(study: Study[A], queue: Engine | None = None) -> None:
    """Stop its own runs at work; they keep what they have."""
    for _, run in study.progress().members:
        if run:
            stop_run(run, study.id, queue or engine())


def stop_run(run: RunSummary, user: str, queue: Engine) -> None:
    """Stop a run, unless it is at its end or somebody else's: that is not this job's to stop.

    Args:
        user: id of the job.
    """
    if run.user != user or not run.status or not run.status.active or run.state == "stopping":
        return
    try:
        queue.stop(run.id)
    except CnnvizError:
        # It has ended since the look at it, which is what was wished.
        if not run.directory.status().finished:
            raise
