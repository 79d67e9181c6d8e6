"""Compare page: what stands in one row: a run, or runs that differ in nothing but the seed."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from cnnviz.evaluation import accuracy_interval
from cnnviz.figures.comparison_figures import Score
from cnnviz.runs import RunSummary
from cnnviz.specs import ExperimentSpec
from cnnviz.ui.run_labels import colours_of, run_title, short_labels, titles

#: Letters that fit beside lines and points.
_MOST = 26
_SEED = re.compile(r" · seed \d+$")


class Entry(NamedTuple):
    """One row of the table, one curve, one point."""

    label: str
    short: str  # for figures
    runs: tuple[RunSummary, ...]  # several: repeats with other seeds
    colour: int

    def mean(self, figure: str) -> float | None:
        """Mean of a number of the report; None where a run lacks it."""
        values = self.values(figure)
        return statistics.fmean(values) if values else None

    def deviation(self, figure: str) -> float | None:
        """Its standard deviation over the seeds; None for one seed."""
        values = self.values(figure)
        return statistics.stdev(values) if len(values) > 1 else None

    def values(self, figure: str) -> list[float]:
        """A number of every run's report; empty where one lacks it."""
        found = [getattr(run.figures, figure) for run in self.runs]
        return [] if None in found else [float(value) for value in found if value is not None]

    @property
    def experiment(self) -> ExperimentSpec:
        """What was trained; of repeats, with the first seed."""
        return self.runs[0].directory.spec().experiment


def repeated(runs: Sequence[RunSummary]) -> bool:
    """Whether some of the runs differ in nothing but the seed."""
    keys = [_without_seed(run) for run in runs]
    return len(set(keys)) < len(keys)


def entries_of(runs: Sequence[RunSummary], *, together: bool) -> list[Entry]:
    """One entry a run, in their order; or one for all runs that differ in nothing but the seed."""
    groups: dict[str, list[RunSummary]] = {}
    for run in runs:
        groups.setdefault(_without_seed(run) if together else run.id, []).append(run)
    names = titles(runs)
    labels = [
        names[group[0].id] if len(group) == 1 else _SEED.sub("", run_title(group[0]))
        for group in groups.values()
    ]
    colours = colours_of([group[0].id for group in groups.values()])
    return [
        Entry(label, short, tuple(group), colours[group[0].id])
        for label, short, group in zip(labels, short_labels(labels, _MOST), groups.values(), strict=True)
    ]


def score_of(entry: Entry) -> Score:
    """What an entry reached and cost.

    The ends are those of the 95 % interval from the test images, of repeats the mean ± the standard
    deviation over the seeds.
    """
    report = entry.runs[0].figures
    accuracy = entry.mean("test_accuracy") or 0.0
    if len(entry.runs) == 1:
        n = report.n_test or 0
        interval = accuracy_interval(round(accuracy * n), n)
        low, high = interval.low, interval.high
    else:
        spread = entry.deviation("test_accuracy") or 0.0
        low, high = accuracy - spread, accuracy + spread
    return Score(
        entry.label,
        accuracy,
        low,
        high,
        entry.mean("fit_seconds") or 0.0,
        report.params or 0,
        entry.colour,
        entry.runs[0].environment.device_kind,
        report.epochs or 0,
        entry.experiment.training.augmentation.active,
        len(entry.runs),
        entry.short,
    )


def _without_seed(run: RunSummary) -> str:
    experiment = run.directory.spec().experiment
    return experiment.but(training={**experiment.training.model_dump(), "seed": 0}).hash()
