"""Compare page: entries (a run, or runs that differ in nothing but the seed) and the table of them."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from cnnviz import metrics, words
from cnnviz.evaluation import accuracy_interval, contrast
from cnnviz.figures.comparison_figures import MOST_NAMED, Score
from cnnviz.metrics import METRICS
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

    def mean(self, metric: str) -> float | None:
        """Mean of a metric; None where a run lacks it."""
        values = self.values(metric)
        return statistics.fmean(values) if values else None

    def deviation(self, metric: str) -> float | None:
        """Its standard deviation over the seeds; None for one seed."""
        values = self.values(metric)
        return statistics.stdev(values) if len(values) > 1 else None

    def values(self, metric: str) -> list[float]:
        """A metric of every run; empty where one lacks it."""
        values = [metrics.known(run, metric) for run in self.runs]
        return [] if None in values else [value for value in values if value is not None]

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


#: Settings worth naming where all share them.
_SHARED = ("data set", "network", "kernel size", "epochs", "batch size", "optimizer", "augmentation", "seed")
#: Metrics with a column of their own here.
_OWN = ("test_accuracy", "fit_seconds", "params", "test_loss", "images_per_second")
_ONE_SEED = (
    "Each run is one training with one seed: small differences may be chance; only repeats with other seeds "
    "can tell."
)
_SEVERAL = (
    "Repeats stand together, as mean ± standard deviation over their seeds. The page Sweep tests, seed by "
    "seed, whether a difference is more than chance."
)
_COLUMNS: dict[str, Any] = {
    "Run": st.column_config.TextColumn(width=270),
    "No.": st.column_config.NumberColumn(width=50, help="As in the figure on the right."),
    "Test accuracy": st.column_config.ProgressColumn(
        min_value=0,
        max_value=100,
        format="%.1f %%",
        help="Share of the test images it gets right; of repeats the mean.",
    ),
    "95 % interval": st.column_config.TextColumn(
        help="Wilson's interval, from the number of test images: what other images would change, not what "
        "another seed would."
    ),
    "Over seeds": st.column_config.TextColumn(help="Standard deviation over the seeds, in points."),
    "Images/s": st.column_config.TextColumn(help="Training images a second."),
    "Test loss": st.column_config.TextColumn(help="Cross-entropy in nats: lower is better."),
}


def table(entries: list[Entry]) -> None:
    """Results of all entries, and those settings in which they differ."""
    scores = [score_of(entry) for entry in entries]
    several = any(score.seeds > 1 for score in scores)
    settings = contrast([entry.experiment for entry in entries])
    if several:
        settings.differing.pop("seed", None)
    more = {name: METRICS.get(name) for name in METRICS if name not in _OWN and METRICS.get(name).compared}
    rows = []
    for number, (entry, score) in enumerate(zip(entries, scores, strict=True), start=1):
        row: dict[str, object] = {"No.": number} if len(entries) > MOST_NAMED else {}
        row |= {"Run": entry.label, "Test accuracy": 100 * score.accuracy}
        if several:
            spread = f"± {50 * (score.high - score.low):.1f} ({score.seeds} seeds)"
            row["Over seeds"] = spread if score.seeds > 1 else "one seed"
        if any(score.seeds == 1 for score in scores):
            interval = words.percent_range(score.low, score.high)
            row["95 % interval"] = interval if score.seeds == 1 else words.NONE
        row |= {name[:1].upper() + name[1:]: texts[number - 1] for name, texts in settings.differing.items()}
        row |= {
            "Training time": words.duration(score.seconds),
            "Parameters": words.count(score.parameters),
            "Test loss": words.significant(entry.mean("test_loss")),
            "Images/s": words.significant(entry.mean("images_per_second")),
        }
        row |= {metric.title: metric.text(entry.mean(name)) for name, metric in more.items()}
        rows.append(row | {"Device": score.device})
    helps = {metric.title: st.column_config.TextColumn(help=metric.help) for metric in more.values()}
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="compare_table",
        column_config={**helps, **_COLUMNS},
        placeholder=words.NONE,
    )
    shared = [name for name in _SHARED if name in settings.common and not (several and name == "seed")]
    alike = " · ".join(f"{name} {settings.common[name]}" for name in shared) or "nothing"
    same = f"Alike in all: {alike}. " if len(entries) > 1 else ""
    st.caption(same + (_SEVERAL if several else _ONE_SEED))
