"""A transfer as a job, and what it keeps.

<job's folder>/spec.json       what was asked
               results.json    scores, times, chosen features; replaced whole
               selection.npz   chi-square and p-value of every feature
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz import datasets, paths
from cnnviz.datasets.official import missing_message
from cnnviz.errors import DataMissingError, RunError
from cnnviz.jobs.job import Job, Report, Stopped
from cnnviz.jobs.kinds import KINDS
from cnnviz.jobs.status import EarlierProcess, JobStatus, State
from cnnviz.runs import atomic
from cnnviz.specs import DatasetSpec
from cnnviz.studies.transfer.transfer_spec import IMAGENET, TransferResults, TransferSpec, planned
from cnnviz.training import devices


class _Progress(EarlierProcess):
    """What progress.json held: how it stood."""

    started: float | None = Field(default=None, alias="born")
    state: State | Literal["new"] = "new"
    reason: str | None = None


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
        found = atomic.whole((root or paths.runs_dir()) / cls.place, "*/results.json")
        newest = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
        return [cls(path.parent) for path in newest]

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
        from cnnviz.studies.transfer.transfer_work import transfer  # scikit-learn: in this process alone

        results, selection = transfer(self.spec(), report)
        self.save(results, selection._asdict())

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
        return TransferResults.read(self.path / "results.json")

    def save(self, results: TransferResults, arrays: dict[str, NDArray[Any]]) -> None:
        """Replace what came out; the arrays first, so that results never stand without them."""
        with atomic.replacing(self.path / "selection.npz") as beside:
            np.savez(beside, allow_pickle=False, **arrays)
        atomic.write_text(self.path / "results.json", results.to_json())

    def selection(self) -> dict[str, NDArray[Any]]:
        """Chi-square `scores` and `p_values` (F,), `chosen` features (K,); empty where there is none."""
        try:
            with (self.path / "selection.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
                return {name: kept[name] for name in kept.files}
        except Exception:  # noqa: BLE001  (numpy and zipfile raise half a dozen kinds; it is made again)
            return {}

    def earlier_status(self) -> JobStatus | None:
        """Before version 0.2 progress.json said how it stood."""
        try:
            kept = self.read_kept("progress.json", _Progress)
        except RunError:
            return None
        if kept is None:
            return None
        return JobStatus(
            state="waiting" if kept.state == "new" else kept.state,
            problems=(kept.reason,) if kept.reason and kept.state == "failed" else (),
            worker=kept.mark,
        )
