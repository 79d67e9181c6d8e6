"""Rows: one variant of a study with the numbers of all its seeds, read from run directories alone."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz import datasets
from cnnviz.architectures import summarise
from cnnviz.errors import CnnvizError
from cnnviz.runs import RunSummary
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.intervals import t_interval
from cnnviz.studies.study import Progress
from cnnviz.studies.study_spec import SettingValue, StudySpec

#: What is measured, as a run's report names it: accuracy on the test images, seconds of training.
METRICS = ("test_accuracy", "fit_seconds")


@dataclass(frozen=True, slots=True)
class Row:
    """One variant: its own settings, the finished run of every seed, and why seeds have none."""

    label: str
    settings: Mapping[str, SettingValue]
    experiment: ExperimentSpec
    runs: Mapping[int, RunSummary]
    problems: tuple[str, ...] = ()

    def values(self, metric: str) -> dict[int, float]:
        """A number of the report of every seed's run that has it."""
        found = {seed: getattr(run.figures, metric) for seed, run in self.runs.items()}
        return {seed: float(value) for seed, value in found.items() if value is not None}

    def measure(self, metric: str) -> dict[str, Any] | None:
        """Mean, deviation and 95 % interval of the mean over seeds; those are null for one seed."""
        values = list(self.values(metric).values())
        if not values:
            return None
        interval = t_interval(values)
        return {
            "mean": statistics.fmean(values),
            "deviation": statistics.stdev(values) if len(values) > 1 else None,
            "low": interval.low if interval else None,
            "high": interval.high if interval else None,
            "n": len(values),
        }

    @property
    def params(self) -> int | None:
        """Parameters of the network; None where its data set is gone."""
        try:
            facts = datasets.facts(self.experiment.dataset)
            network = summarise(self.experiment.architecture, facts.input_shape, len(facts.class_names))
        except CnnvizError:
            return None
        return network.total_params

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; seeds as text, as JSON wants them."""
        return {
            "label": self.label,
            "settings": {name: _plain(value) for name, value in self.settings.items()},
            "params": self.params,
            "runs": {str(seed): run.id for seed, run in self.runs.items()},
            "values": {metric: _by_text(self.values(metric)) for metric in METRICS},
            **{metric: self.measure(metric) for metric in METRICS},
            "problems": list(self.problems),
        }


def rows_of(study: StudySpec, progress: Progress) -> tuple[Row, ...]:
    """All variants of a study with what there is so far."""
    found = []
    for variant in study.variants:
        members = [(member, run) for member, run in progress.members if member.label == variant.label]
        runs = {member.seed: run for member, run in members if run and run.state == "done" and run.report}
        problems = dict.fromkeys(filter(None, (progress.problem(*one) for one in members)))
        found.append(Row(variant.label, variant.settings, variant.experiment, runs, tuple(problems)))
    return tuple(found)


def levels(rows: Sequence[Row], factor: str) -> list[SettingValue]:
    """The values of a factor, in the order of the study."""
    return list(dict.fromkeys(row.settings[factor] for row in rows))


def _by_text(values: Mapping[int, float]) -> dict[str, float]:
    return {str(seed): value for seed, value in values.items()}


def _plain(value: SettingValue) -> Any:
    return list(value) if isinstance(value, tuple) else value
