"""VariantOutcome: one variant of an experiment, its published numbers and the runs of all its seeds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from cnnviz import datasets
from cnnviz.architectures import NetworkSummary, summarise
from cnnviz.architectures.layer_training import counted
from cnnviz.evaluation import parting_epoch
from cnnviz.runs import RunSummary
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.naming import report_says
from cnnviz.studies.recipe import Metric, RecipeVariant
from cnnviz.studies.spec import experiment_of

#: Numbers of a network's arithmetic, as its summary names them: the same for every seed and machine.
COUNTED = {"params": "total_params", "trainable_params": "trainable_params", "macs": "macs"}


class Measure(NamedTuple):
    """One number of one variant, measured with several seeds."""

    mean: float
    deviation: float | None  # sample standard deviation; None for one seed
    n: int


@dataclass(frozen=True)
class VariantOutcome:
    """One variant: what was published, what was asked here, and the run of every seed.

    Attributes:
        variant: its label, its published numbers and all its settings as published.
        experiment: the same at this scale; None where nothing is trained.
        runs: seed → its finished run; a seed without one is not in it.
        problems: why seeds have none.
        changes: how this scale differs from what was published, in phrases.
        named: what it is called at this scale, where that is not its label.
        looks: run id → numbers found inside its network (`weights_rms`, `map_sharpness`).
    """

    variant: RecipeVariant
    experiment: ExperimentSpec | None = None
    runs: Mapping[int, RunSummary] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    looks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    named: str = ""

    @property
    def label(self) -> str:
        """Its key in the recipe; it may name more epochs or images than were run: see `name`."""
        return self.variant.label

    @property
    def name(self) -> str:
        """What people read: the label with the epochs and images of this scale."""
        return self.named or self.label

    @property
    def report_says(self) -> str:
        """What the report's number belongs to, where that is not what the name says: `10 epochs`; or ""."""
        return report_says(self.label, self.name)

    @property
    def published(self) -> Mapping[Metric, float]:
        """The report's numbers, by metric."""
        return self.variant.published

    @cached_property
    def as_published(self) -> ExperimentSpec | None:
        """The experiment as the report has it; None where its settings name no network."""
        return experiment_of(self.variant.set) if "architecture.name" in self.variant.set else None

    @property
    def run(self) -> RunSummary | None:
        """The run of the first seed that has one: the one to look at more closely."""
        return next(iter(self.runs.values()), None)

    @cached_property
    def network(self) -> NetworkSummary | None:
        """Layers and counts of the network as published; None where there is no network.

        Raises:
            SpecError, DataError: the network is impossible for its data set.
        """
        if self.as_published is None:
            return None
        facts, network = datasets.facts(self.as_published.dataset), self.as_published.architecture
        whole = summarise(network, facts.input_shape, len(facts.class_names))
        return counted(whole, network, self.as_published.training)

    def values(self, metric: str) -> dict[int, float]:
        """`metric` of every seed's run that has it; counts come from the published network's arithmetic.

        Metrics: every number of a run's report (`test_accuracy`, `test_loss`, `train_accuracy`,
        `fit_seconds`, `images_per_second`, …), counts (`params`, `trainable_params`, `macs`),
        `seconds_per_epoch`, `generalization_gap` (training minus test accuracy), `parting_epoch` (where
        overfitting begins), and what was looked up inside the networks: `weights_rms`, `map_sharpness`.
        """
        if metric in COUNTED:
            return {0: float(getattr(self.network, COUNTED[metric]))} if self.network else {}
        found = {seed: _value(run, metric, self.looks.get(run.id, {})) for seed, run in self.runs.items()}
        return {seed: value for seed, value in found.items() if value is not None and math.isfinite(value)}

    def measure(self, metric: str) -> Measure | None:
        """Mean and spread of `metric` over the seeds; None where no run has it."""
        values = list(self.values(metric).values())
        if not values:
            return None
        spread = statistics.stdev(values) if len(values) > 1 else None
        return Measure(statistics.fmean(values), spread, len(values))


def _value(run: RunSummary, metric: str, looks: Mapping[str, float]) -> float | None:
    report = run.report or {}
    if metric in report:
        value = report[metric]
        return None if value is None else float(value)
    if metric == "seconds_per_epoch":
        return float(report["fit_seconds"]) / report["epochs"] if report.get("epochs") else None
    if metric == "generalization_gap":
        train, test = report.get("train_accuracy"), report.get("test_accuracy")
        return None if train is None or test is None else float(train) - float(test)
    if metric == "parting_epoch":
        epochs = run.directory.epochs()
        return parting_epoch([one.get("loss") for one in epochs], [one.get("val_loss") for one in epochs])
    return looks.get(metric)
