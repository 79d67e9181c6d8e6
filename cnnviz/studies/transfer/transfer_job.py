"""A transfer as a job, and what it keeps.

<job's folder>/spec.json       what was asked
               results.json    scores, times, chosen features; replaced whole
               selection.npz   chi-square and p-value of every feature
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz import datasets, paths
from cnnviz.datasets.official import missing_message
from cnnviz.errors import DataMissingError, RunError
from cnnviz.jobs.job import Job, Report, Stopped
from cnnviz.jobs.kinds import KINDS
from cnnviz.jobs.status import JobStatus
from cnnviz.runs import atomic
from cnnviz.specs import DatasetSpec, Spec
from cnnviz.studies.transfer.transfer_spec import IMAGENET, Protocol, TransferSpec, planned
from cnnviz.training import devices

#: What a study of the reports keeps of its transfer.
KEPT = "transfer.json"


def _empty(value: Any) -> bool:
    return not value


class ExtractorUsed(Spec):
    """Whose features they are. `stamp` changes with the weights; `official`: whether ImageNet's file is."""

    id: str
    title: str
    layer: str
    official: bool | None
    adapted: str
    stamp: str


class ImagesUsed(Spec):
    """The data set. `baseline`: accuracy on its test images of always saying the most frequent class."""

    name: str
    title: str
    n_train: int
    n_test: int
    origin: str
    baseline: float


class Score(Spec):
    """What one protocol measured; times in seconds.

    Attributes:
        score: share of images classified correctly; over folds their mean.
        spread: standard deviation over the folds (divided by their number, as numpy does); None for one.
        low, high: 95 % interval of the accuracy on `n` images; None over folds.
        converged: whether the solver has come to its end everywhere.
    """

    score: float
    spread: float | None
    low: float | None
    high: float | None
    n: int
    n_fit: int
    folds: int
    fit_seconds: float
    fit_seconds_spread: float | None
    score_seconds: float
    score_seconds_spread: float | None
    converged: bool
    scores: tuple[float, ...]

    @property
    def interval(self) -> tuple[float, float]:
        """What surrounds the score: the standard deviation over folds, else the 95 % interval."""
        if self.spread is not None:
            return self.score - self.spread, self.score + self.spread
        low, high = self.low, self.high
        return (self.score if low is None else low), (self.score if high is None else high)


class Unscored(Spec):
    """Why a protocol could not be run."""

    problem: str


class Seconds(Spec):
    """How long the parts took; features that were kept from before tell how long they had taken."""

    features: float
    from_cache: bool
    selection: float


class Chosen(Spec):
    """Of `width` features, of which `constant` are 0 everywhere, the chosen ones, the best first."""

    width: int
    constant: int
    chosen: tuple[int, ...]


class TransferResults(Spec):
    """All that came out. `note`: why a report's experiment took another network than the report."""

    extractor: ExtractorUsed
    dataset: ImagesUsed
    classifier: str
    features: int
    versions: dict[str, str]
    device: str
    seconds: Seconds
    made: str
    protocols: dict[Protocol, Score | Unscored]
    selection: Chosen
    note: str = Field(default="", exclude_if=_empty)

    def score(self, protocol: Protocol) -> Score | None:
        """What a protocol measured; None where it could not be run."""
        found = self.protocols[protocol]
        return found if isinstance(found, Score) else None

    def problem(self, protocol: Protocol) -> str:
        """Why a protocol could not be run; "" where it was."""
        found = self.protocols[protocol]
        return found.problem if isinstance(found, Unscored) else ""


@KINDS.register("transfer", order=30)
class TransferJob(Job[TransferSpec]):
    """Features of a network that is not trained again, chosen by chi-square, classified by a linear SVM."""

    asked_as, asked_in, place, noun = TransferSpec, "spec.json", ".transfers", "transfer"

    @classmethod
    def id_of(cls, asked: TransferSpec, place: Path) -> str:
        """Sixteen digits of what is asked, whenever that was."""
        return asked.hash()[:16]

    @classmethod
    def example(cls) -> TransferSpec:
        """ImageNet's features of the built-in digits."""
        return TransferSpec(dataset=DatasetSpec(name="digits"))

    @classmethod
    def create(cls, asked: TransferSpec, root: Path | None = None) -> Self:
        """Check a transfer and make its folder, or find the one that asks exactly the same.

        Raises:
            CnnvizError: it is impossible, or its images are not on this machine.
        """
        whole = planned(asked)
        if datasets.availability(whole.dataset.name) == "download":
            raise DataMissingError(missing_message(datasets.entry(whole.dataset.name)))
        return super().create(whole, root)

    @classmethod
    def with_results(cls, root: Path | None = None) -> list[Self]:
        """All that have results, the newest first."""
        found = ((root or paths.runs_dir()) / cls.place).glob("*/results.json")
        newest = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
        return [cls(path.parent) for path in newest if path.parent.name[0] != "."]

    def title(self) -> str:
        """`imagenet → cifar10, 100 features`."""
        spec = self.spec()
        source = "ImageNet's VGG16" if spec.extractor == IMAGENET else spec.extractor
        return f"{source} → {spec.dataset.name}, {spec.features} features"

    def environment(self) -> Mapping[str, str]:
        """The device must stand there before Keras is imported."""
        return devices.environment(devices.resolve("auto"))

    def work(self, report: Report) -> None:
        """Compute features, or take those that are kept; choose, fit, score."""
        from cnnviz.studies.transfer.transfer_work import work

        work(self, report)

    def finish(self, tell: Callable[[JobStatus], None] = lambda status: None) -> TransferResults:
        """Start it, unless it is at work already, wait for its end, and return what came out.

        Args:
            tell: called with the status meanwhile; what it raises ends the work in order, and passes on.
        Raises:
            RunError: it failed or was stopped; the message is its reason.
        """
        if not self.status().active:
            self.start()
        try:
            ended = self.wait(tell)
        except (KeyboardInterrupt, Stopped):
            self.stop()
            self.wait()
            raise
        results = self.results()
        if ended.state != "done" or results is None:
            raise RunError(ended.reason or f"The transfer was {ended.state}. Start it again.")
        return results

    def results(self) -> TransferResults | None:
        """What came out; None before, or where it is damaged (it can be made again)."""
        return _results_in(self.path / "results.json")

    def save(self, results: TransferResults, arrays: dict[str, NDArray[Any]]) -> None:
        """Replace what came out; the arrays first, so that results never stand without them."""
        with atomic.replacing(self.path / "selection.npz") as beside:
            np.savez(beside, allow_pickle=False, **arrays)
        atomic.write_text(self.path / "results.json", results.to_json())

    def selection(self) -> dict[str, NDArray[Any]]:
        """Chi-square (`scores`), `p_values` and `chosen` features; empty where there are none."""
        try:
            with (self.path / "selection.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
                return {name: kept[name] for name in kept.files}
        except Exception:  # noqa: BLE001  (numpy and zipfile raise half a dozen kinds; it is made again)
            return {}

    def earlier_status(self) -> JobStatus | None:
        """Before version 0.2 progress.json said how it stood."""
        try:
            found = json.loads((self.path / "progress.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(found, dict):
            return None
        state, reason = found.get("state", "new"), found.get("reason")
        return JobStatus.parse(
            {
                "state": "waiting" if state == "new" else state,
                "problems": [reason] if reason and state == "failed" else [],
                "worker": (found["pid"], found["born"]) if found.get("pid") else None,
            }
        )


def read_transfer(study: Path) -> TransferResults | None:
    """What a study of the reports keeps of its transfer; None before, or where it is damaged."""
    return _results_in(study / KEPT)


def keep_transfer(study: Path, results: TransferResults) -> None:
    """Keep it in a study of the reports."""
    atomic.write_text(study / KEPT, results.to_json())


def _results_in(file: Path) -> TransferResults | None:
    try:
        return TransferResults.from_json(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
