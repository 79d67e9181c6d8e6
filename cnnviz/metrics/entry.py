"""What a metric is: a number of a run, its words, which way is better, and how it is computed.

A stranger adds one in one file, and it appears in `cnnviz report` and `cnnviz runs --json`, on the Report and
Compare pages, in sweeps, in recipes' claims, in every CSV, and (of validation images) among what a search can
judge by; runs of long ago have it too:

    # cnnviz/metrics/registered/worst_class.py
    import numpy as np
    from cnnviz.evaluation import row_shares
    from cnnviz.metrics.entry import METRICS, Metric

    def worst_recall(matrix: np.ndarray) -> float:
        return float(row_shares(matrix).diagonal().min())

    METRICS.add("worst_recall", Metric(
        title="Worst recall", better="higher", of_matrix=worst_recall, help="Of the class it knows worst."
    ))

Everywhere matrices are (C, C) counts with true classes in rows, labels (N,) and probabilities (N, C).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from cnnviz import words
from cnnviz.evaluation import confusion_matrix
from cnnviz.registry import Registry, file_of, raised
from cnnviz.runs import RunSummary

#: "share": 0–1, shown in percent, differences in points; "count" and "epoch": whole numbers; "": none.
Unit = Literal["share", "nats", "s", "images/s", "count", "epoch", ""]
Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number of a run; exactly one of the three functions computes it.

    Attributes:
        title: as a heading: "Macro F1". In a sentence it begins small: see `noun`.
        better: "higher", "lower" or "neither" (a size, a count).
        help: one sentence, for tooltips.
        unit: how it is written.
        of_matrix: from the confusion matrix of the test images, int64 (C, C), rows true.
        of_probabilities: from their labels, int64 (N,), and probabilities, float (N, C).
        of_run: from what the run keeps; None where it lacks something.
        kept: where the report holds it already, of every split: `<split>_<kept>`, in place of computing it.
        low, high: the ends of what it can be; None: no end.
        classes: the fewest for which it says something; with less it is None.
        compared: whether it is a column of Compare's table of its own accord.
        proper: whether its title begins with somebody's name, which stays large in a sentence.
    """

    title: str
    better: Better
    help: str = ""
    unit: Unit = "share"
    of_matrix: Callable[[np.ndarray], float] | None = None
    of_probabilities: Callable[[np.ndarray, np.ndarray], float] | None = None
    of_run: Callable[[RunSummary], float | None] | None = None
    kept: str = ""
    low: float | None = 0.0
    high: float | None = None
    classes: int = 2
    compared: bool = True
    proper: bool = False

    @property
    def noun(self) -> str:
        """Its title within a sentence: `macro F1`; a name and what begins with two capitals stay."""
        stays = self.proper or self.title[1:2].isupper()
        return self.title if stays else self.title[:1].lower() + self.title[1:]

    @property
    def file(self) -> str:
        """Where the function that computes it is written."""
        function = self.of_matrix or self.of_probabilities or self.of_run
        return file_of(function) if function else ""

    @property
    def of_predictions(self) -> bool:
        """Whether it follows from saved predictions alone, so that any split of images has it."""
        return self.of_run is None

    def of(self, labels: np.ndarray, probabilities: np.ndarray) -> float | None:
        """Compute it from N ≥ 1 images.

        None where it isn't finite, says nothing of so few classes, or doesn't follow from predictions.

        Args:
            labels: int, shape (N,).
            probabilities: float, shape (N, C).
        """
        classes = probabilities.shape[1]
        if self.of_probabilities is None:
            return self.of_counts(confusion_matrix(labels, probabilities.argmax(axis=1), classes))
        if classes < self.classes:
            return None
        found = self.of_probabilities(labels, probabilities)
        return float(found) if math.isfinite(found) else None

    def of_counts(self, matrix: np.ndarray) -> float | None:
        """Compute it from a confusion matrix, int64 (C, C), rows true; None as in `of`."""
        if self.of_matrix is None or len(matrix) < self.classes:
            return None
        found = self.of_matrix(matrix)
        return float(found) if math.isfinite(found) else None

    def text(self, value: float | None) -> str:
        """Write a value for people: `97.8 %`, `3 min 12 s`, `1,250,858`; a dash for None."""
        if self.unit == "share":
            return words.percent(value)
        if self.unit == "s":
            return words.duration(value)
        return words.count(value) if self.unit in ("count", "epoch") else words.significant(value)


def _problems(name: str, metric: Metric) -> Iterator[str]:
    """What is wrong with a metric; tiny predictions are enough to see it."""
    if not metric.title.strip():
        yield "it has no title; give the words of its heading"
    elif any(metric.title.lower() == METRICS.get(other).title.lower() for other in METRICS):
        yield f"another metric has the title '{metric.title}'; nobody could tell them apart"
    if metric.better not in get_args(Better):
        yield (
            f"it doesn't say which way is better; write better='higher', 'lower' or 'neither', "
            f"not '{metric.better}'"
        )
    if metric.unit not in get_args(Unit):
        known = ", ".join(repr(unit) for unit in get_args(Unit))
        yield f"its unit '{metric.unit}' is none that numbers are written with here; take one of {known}"
    functions = metric.of_matrix, metric.of_probabilities, metric.of_run
    if len([function for function in functions if function]) != 1:
        yield "it is computed in none or several ways; give one of of_matrix, of_probabilities and of_run"
        return
    try:
        if metric.of_run is None:
            yield from _wrong_values(metric)
        elif (nothing := metric.of_run(RunSummary("", Path()))) is not None:
            yield f"it gives {nothing} for a run that keeps nothing; return None where something is missing"
    except Exception as error:  # noqa: BLE001  (whatever a stranger's function raises is its mistake)
        tried = "predictions of 12 classes" if metric.of_run is None else "a run that keeps nothing"
        yield f"it raises {raised(error, metric.file)} for {tried}; let it give a number, or None for a run"


#: Two images of each of twelve classes, told perfectly and wrong everywhere.
_LABELS = np.arange(24) % 12
_PERFECT, _WRONG = np.eye(12)[_LABELS], np.eye(12)[(_LABELS + 1) % 12]


def _wrong_values(metric: Metric) -> Iterator[str]:
    perfect, wrong = metric.of(_LABELS, _PERFECT), metric.of(_LABELS, _WRONG)
    if perfect is None:
        yield "it isn't finite for perfect predictions; say what a ratio without a denominator is"
        return
    if wrong is None:
        yield "it isn't finite where every prediction is wrong; say what a ratio without a denominator is"
        return
    for value in (perfect, wrong):
        high = 1.0 if metric.high is None and metric.unit == "share" else metric.high
        if (metric.low is not None and value < metric.low) or (high is not None and value > high):
            yield f"it gives {value:g}, outside {metric.low} to {high}; set low and high, or its unit"
    if (metric.better == "higher" and perfect <= wrong) or (metric.better == "lower" and perfect >= wrong):
        yield (
            f"it says that {metric.better} is better, but gives perfect predictions {perfect:g} "
            f"and wrong ones {wrong:g}; turn it round"
        )


METRICS: Registry[Metric] = Registry("metric", check=_problems)
