"""What came out of a sweep, as frozen types: kept in results.json, printed by `--json`, drawn by the page.

`rows_of` gathers each variant's numbers over its seeds, and `gather` joins all of it. `judge` compares
variants in pairs: both were trained with the same seeds on the same images, so their accuracies are
compared seed by seed; of many pairs some would differ by chance alone, so their p-values are corrected
together. That speaks of other seeds on these test images; `images_low` to `images_high` speaks of other
images as well. A verdict counts where the number of seeds was fixed before anybody looked: `preliminary`
says where it was not. `trends_of` follows a number that is varied: each seed's runs give a slope of their
own, by least squares, and the interval is over the seeds' slopes, so that what a seed shares by all its runs
counts once.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import combinations, islice
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz import datasets, metrics, words
from cnnviz.architectures import summarise
from cnnviz.errors import CnnvizError, RunError
from cnnviz.metrics import METRICS
from cnnviz.runs import RunDirectory, RunSummary
from cnnviz.specs import ExperimentSpec, Spec
from cnnviz.studies.intervals import (
    LEVEL,
    Interval,
    Measure,
    crossed_interval,
    holm,
    least_difference,
    same_sign,
    t_interval,
    why_no_interval,
)
from cnnviz.studies.search.search_space import setting_words
from cnnviz.studies.study import Progress, Study, added_metrics, why_lacking
from cnnviz.studies.study_spec import SettingValue, StudySpec
from cnnviz.studies.sweep.sweep_question import phrase, value_words

Axis = Literal["linear", "log", "steps"]
Word = Literal["more than chance", "could be chance", "not enough evidence"]
#: What trends are judged by; all other metrics of `cnnviz.metrics` are gathered beside them.
JUDGED = ("test_accuracy", "steady_seconds")


class Factor(Spec):
    """A setting that varies: its values in the order of the study, the same in words, and how far apart."""

    name: str
    words: str
    values: tuple[SettingValue, ...]
    texts: tuple[str, ...]
    axis: Axis | None

    def text_of(self, row: RowResult) -> str:
        """The row's value of it, in words."""
        return self.texts[self.values.index(row.settings[self.name])]


class OverSeeds(Spec):
    """Mean, sample deviation and 95 % interval of the mean over `n` seeds; the latter None for one seed."""

    mean: float
    deviation: float | None
    low: float | None
    high: float | None
    n: int

    @classmethod
    def of(cls, values: Collection[float], metric: str = "") -> OverSeeds | None:
        """Of one value a seed; None without any.

        Args:
            metric: the interval ends where this one does: of few seeds Student's t knows no bounds.
        """
        measure, interval = Measure.of(values), t_interval(list(values))
        if measure is None:
            return None
        ends: dict[str, float | None] = {"low": None, "high": None}
        if interval:
            low, high = (METRICS.get(metric).low, METRICS.get(metric).high) if metric else (None, None)
            ends["low"] = interval.low if low is None else max(low, interval.low)
            ends["high"] = interval.high if high is None else min(high, interval.high)
        return cls.parse(asdict(measure) | ends)


class RowResult(Spec):
    """One variant; seeds are text, as JSON has them. `runs`: ids by seed. `values`: by metric and seed.

    Results of earlier versions have no `metrics`: test accuracy and training time alone.
    """

    label: str
    settings: dict[str, SettingValue]
    params: int | None
    runs: dict[str, str]
    values: dict[str, dict[str, float]]
    test_accuracy: OverSeeds | None
    fit_seconds: OverSeeds | None
    metrics: dict[str, OverSeeds] = Field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def over_seeds(self, metric: str) -> OverSeeds | None:
        """A metric over the seeds; None before the first run has ended, or where no run has it."""
        judged = {"test_accuracy": self.test_accuracy, "fit_seconds": self.fit_seconds}
        return judged[metric] if metric in judged else self.metrics.get(metric)

    def completed(self, root: Path) -> tuple[RowResult, tuple[str, ...]]:
        """With the metrics that were added since, and the names of those that can't be computed any more."""
        runs = {int(seed): run for seed, run in self.runs.items()}
        added = added_metrics(runs, self.values.keys(), root)
        values = {name: {str(seed): one for seed, one in of.items()} for name, of in added.values.items()}
        over = {name: over for name, of in added.values.items() if (over := OverSeeds.of(of.values(), name))}
        row = self.but(values={**self.values, **values}, metrics={**self.metrics, **over})
        return row, added.lacking

    def measure(self, metric: str) -> Measure | None:
        """The same as it is said in words."""
        over = self.over_seeds(metric)
        return Measure(over.mean, over.deviation, over.n) if over else None


class Pair(Spec):
    """Test accuracy of `second` minus that of `first`, in shares, with its 95 % interval.

    `name`: the difference in words. `p_value` is of this pair alone, `p_together` corrected by Holm for all
    pairs of the study. `images_low` and `images_high` are the interval over other seeds and other test images
    alike. `times` says how often as long the training of `second` takes, tracing left out, `times_low` and
    `times_high` are the interval of that, from the logarithms of the seeds' ratios.
    """

    name: str
    first: str
    second: str
    estimate: float | None
    low: float | None = None
    high: float | None = None
    n: int
    p_value: float | None = None
    p_together: float | None = None
    verdict: Word
    test: str = "none"
    reason: str
    images: int | None = None
    images_low: float | None = None
    images_high: float | None = None
    times: float | None = None
    times_low: float | None = None
    times_high: float | None = None


class Trend(Spec):
    """Slope of a metric along a factor: accuracy in shares or time in seconds, for each `unit`.

    `at`: the value of the other factor, in words; empty where there is none.
    """

    factor: str
    at: str
    metric: str
    unit: str
    estimate: float
    low: float
    high: float
    n: int
    test: str = "t-interval of the seeds' slopes, 95 %"


class SweepResults(Spec):
    """All that came out so far. `least_difference`: of repeats, what would just be more than chance.

    `baseline`: accuracy of always saying the most frequent class, where all runs share it. `lacking`: a
    sentence about metrics that were added since and can't be computed any more. `preliminary`: why the
    verdicts don't count yet, or any more; "" where they do. `unjudged`: pairs beyond `MOST_PAIRS`.
    """

    study: str
    title: str
    factors: tuple[Factor, ...]
    seeds: tuple[int, ...]
    done: int
    total: int
    rows: tuple[RowResult, ...]
    pairs: tuple[Pair, ...]
    trends: tuple[Trend, ...]
    least_difference: float | None
    baseline: float | None
    problems: tuple[str, ...]
    lacking: str = Field(default="", exclude_if=lambda sentence: not sentence)
    preliminary: str = ""
    unjudged: int = 0

    @classmethod
    def read(cls, data: Mapping[str, object], root: Path) -> SweepResults | None:
        """Read a file; None where nothing was measured. Version 0.1 said how the sweep stood in it, too.

        Metrics that were added since are computed from the runs beside which the sweep lies.

        Args:
            root: the folder of runs.
        Raises:
            SpecError: it is damaged.
        """
        if "rows" not in data:
            return None
        found = cls.parse({name: value for name, value in data.items() if name not in ("state", "process")})
        if all(name in row.values for row in found.rows for name in METRICS):
            return found
        rows, lacking = zip(*(row.completed(root) for row in found.rows), strict=True)
        return found.but(rows=rows, lacking=why_lacking({name for names in lacking for name in names}))


def gather(sweep: Study[StudySpec], looked_at: Sequence[int] = ()) -> SweepResults:
    """Collect what there is so far, whether the study is finished or not.

    Args:
        looked_at: with how many of these seeds the same variants were judged before.
    Raises:
        RunError: its folder is damaged.
    """
    study, progress = sweep.study(), sweep.progress()
    rows = rows_of(study, progress)
    pairs = judge(rows)
    return SweepResults(
        study=sweep.id,
        title=study.title,
        factors=tuple(_factor(name, rows) for name in study.factors),
        seeds=study.seeds,
        done=progress.done,
        total=progress.total,
        rows=tuple(row.result() for row in rows),
        pairs=pairs,
        trends=trends_of(rows, study.factors),
        least_difference=_least(rows),
        baseline=_baseline(rows),
        problems=tuple(dict.fromkeys(f"{row.label}: {one}" for row in rows for one in row.problems)),
        preliminary=preliminary(len(study.seeds), progress.done, progress.total, looked_at) if pairs else "",
        unjudged=sum(1 for _ in _pairs(rows)) - len(pairs),
    )


def preliminary(seeds: int, done: int, total: int, looked_at: Sequence[int] = ()) -> str:
    """Why verdicts do not count; "" where the number of seeds was fixed before anybody looked.

    Whoever looks again and again while seeds are added, and stops where a difference shows, finds one by
    chance alone far more often than in 5 of 100: with looks at 3, 5 and 10 seeds in about 12. So the first
    look at all seeds that were asked for counts, and every other one is preliminary. Where seeds were added,
    a repeat with fresh ones decides anew.

    Args:
        looked_at: with how many of these seeds the same variants were judged before.
    """
    if done < total:
        return (
            f"Preliminary: {done} of {total} runs are done. Verdicts count when all {seeds} seeds are: who "
            "stops where a difference shows finds too many."
        )
    if looked_at:
        before = words.listed([str(n) for n in sorted(looked_at)])
        return (
            f"Preliminary: the same was judged with {before} seeds before {seeds} were asked for. Added "
            "seeds make chance findings likelier than 5 of 100; to be sure, repeat it from another first "
            "seed, with a number of seeds that stays."
        )
    return ""


def _factor(name: str, rows: tuple[Row, ...]) -> Factor:
    values = tuple(dict.fromkeys(row.settings[name] for row in rows))
    texts = tuple(value_words(name, value) for value in values)
    return Factor(name=name, words=setting_words(name), values=values, texts=texts, axis=axis_of(values))


def _least(rows: tuple[Row, ...]) -> float | None:
    """For repeats of one setting: the difference to another one that would just be more than chance."""
    values = list(rows[0].values("test_accuracy").values()) if len(rows) == 1 else []
    if len(values) < 2:
        return None
    return least_difference(statistics.stdev(values), len(values))


def _baseline(rows: tuple[Row, ...]) -> float | None:
    """Accuracy of always saying the most frequent class, where all runs share it."""
    found = {run.figures.baseline_accuracy for row in rows for run in row.runs.values()}
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Row:
    """One variant: its own settings, the finished run of every seed, and why seeds have none."""

    label: str
    settings: Mapping[str, SettingValue]
    experiment: ExperimentSpec
    runs: Mapping[int, RunSummary]
    problems: tuple[str, ...] = ()

    def values(self, metric: str) -> dict[int, float]:
        """A metric of every seed's run that has it."""
        found = {seed: metrics.known(run, metric) for seed, run in self.runs.items()}
        return {seed: float(value) for seed, value in found.items() if value is not None}

    def over_seeds(self, metric: str) -> OverSeeds | None:
        """Mean, deviation and interval of a metric; None without a run."""
        return OverSeeds.of(self.values(metric).values(), metric)

    @property
    def params(self) -> int | None:
        """Parameters of the network; None where its data set is gone."""
        try:
            facts = datasets.facts(self.experiment.dataset)
            network = summarise(self.experiment.architecture, facts.input_shape, len(facts.class_names))
        except CnnvizError:
            return None
        return network.total_params

    def result(self) -> RowResult:
        """What is kept of it."""
        return RowResult(
            label=self.label,
            settings=dict(self.settings),
            params=self.params,
            runs={str(seed): run.id for seed, run in self.runs.items()},
            values={
                metric: {str(seed): value for seed, value in self.values(metric).items()}
                for metric in METRICS
            },
            metrics={metric: over for metric in METRICS if (over := self.over_seeds(metric)) is not None},
            test_accuracy=self.over_seeds("test_accuracy"),
            fit_seconds=self.over_seeds("fit_seconds"),
            problems=self.problems,
        )


def rows_of(study: StudySpec, progress: Progress) -> tuple[Row, ...]:
    """All variants of a study with what there is so far."""
    return tuple(
        Row(variant.label, variant.settings, variant.experiment, *progress.of(variant.label))
        for variant in study.variants
    )


def levels(rows: Sequence[Row], factor: str) -> list[SettingValue]:
    """The values of a factor, in the order of the study."""
    return list(dict.fromkeys(row.settings[factor] for row in rows))


TEST = "paired t-test over seeds, two-sided"
SIGN_TEST = "exact sign test over seeds, two-sided: the same difference in every one"
#: More pairs than this nobody reads, and none would be more than chance after the correction.
MOST_PAIRS = 100


def judge(rows: Sequence[Row]) -> tuple[Pair, ...]:
    """Judge all pairs of variants that differ in one setting alone."""
    chosen = list(islice(_pairs(rows), MOST_PAIRS))
    differences = [_differences(first, second) for first, second in chosen]
    intervals = [t_interval(one) or _alike(one) for one in differences]
    alone = {place: one.p_value for place, one in enumerate(intervals) if one and one.p_value is not None}
    together = dict(zip(alone, holm(list(alone.values())), strict=True))
    right = {row.label: _right(row) for row in rows}
    return tuple(
        _pair(first, second, differences[place], intervals[place], together.get(place)).but(
            **_over_images(right[first.label], right[second.label])
        )
        for place, (first, second) in enumerate(chosen)
    )


def _alike(differences: Sequence[float]) -> Interval | None:
    """Where every seed gave the same difference: judged by its sign, if there are seeds enough for that."""
    p_value = same_sign(differences)
    if p_value is None or p_value >= 1 - LEVEL:
        return None
    value = differences[0]
    return Interval(value, value, value, len(differences), p_value)


#: By seed: numbers of the test images, and which were right.
Right = dict[int, tuple[NDArray[np.int64], NDArray[np.bool_]]]


def _right(row: Row) -> Right:
    """Which test images every seed's run got right; runs that keep no predictions are left out."""
    found: Right = {}
    for seed, run in row.runs.items():
        try:
            file = (run.path / "predictions.npz").stat()
            found[seed] = _right_of(run.path, (file.st_mtime_ns, file.st_size))
        except (OSError, RunError):
            continue  # none are kept, or damaged: the run's own pages say so
    return found


@lru_cache(maxsize=2048)
def _right_of(path: Path, stamp: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """As `_right`, of one run; a sweep gathers after every run that ends, and reads each once."""
    kept = RunDirectory(path).predictions("test") or {}
    if "test_labels" not in kept:
        raise RunError(f"Run {path.name} keeps no predictions.")
    return kept["test_indices"], kept["test_probabilities"].argmax(axis=1) == kept["test_labels"]


def _over_images(first: Right, second: Right) -> dict[str, object]:
    """The interval over other seeds and other images; {} where the runs' test images are not the same."""
    seeds = sorted(first.keys() & second.keys())
    if len(seeds) < 2:
        return {}
    images = first[seeds[0]][0]
    if any(not np.array_equal(images, of[seed][0]) for of in (first, second) for seed in seeds):
        return {}
    differences = np.stack([second[seed][1].astype(np.int8) - first[seed][1] for seed in seeds])
    interval = crossed_interval(differences)
    if interval is None:
        return {}
    low, high = max(-1.0, interval.low), min(1.0, interval.high)
    return {"images": len(images), "images_low": low, "images_high": high}


def _pairs(rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    for first, second in combinations(rows, 2):
        different = [name for name, value in first.settings.items() if second.settings.get(name) != value]
        if len(different) == 1 or not first.settings:
            yield first, second


def _name(first: Row, second: Row) -> str:
    """`Kernel size 5×5 − 3×3, 40,000 training images`: what differs, then what both share."""
    if not first.settings:
        return f"{second.label} − {first.label}"
    text, shared = "", []
    for name, value in first.settings.items():
        other = second.settings[name]
        if other == value:
            shared.append(phrase(name, value))
        else:
            text = f"{setting_words(name)} {value_words(name, other)} − {value_words(name, value)}"
    return ", ".join([text[:1].upper() + text[1:], *shared])


def _differences(first: Row, second: Row) -> list[float]:
    a, b = first.values("test_accuracy"), second.values("test_accuracy")
    return [b[seed] - a[seed] for seed in sorted(a.keys() & b.keys())]


def _times(first: Row, second: Row) -> dict[str, float]:
    """How often as long the second takes, with its interval, as far as it is known; as `Pair` has it."""
    a, b = first.values("steady_seconds"), second.values("steady_seconds")
    logs = [math.log(b[seed] / a[seed]) for seed in a.keys() & b.keys() if a[seed] > 0 and b[seed] > 0]
    if not logs:
        return {}
    times, interval = {"times": math.exp(statistics.fmean(logs))}, t_interval(logs)
    if interval:
        times |= {"times_low": math.exp(interval.low), "times_high": math.exp(interval.high)}
    return times


def _pair(
    first: Row, second: Row, differences: list[float], interval: Interval | None, together: float | None
) -> Pair:
    n, judged = len(differences), {}
    if interval is None:
        estimate = sum(differences) / n if n else None
        word, reason = "not enough evidence", why_no_interval(n)
        if n > 1 and not any(differences):
            word, reason = "could be chance", "No seed shows any difference."
    else:
        test = TEST if interval.low < interval.high else SIGN_TEST
        estimate, judged = interval.estimate, interval._asdict() | {"p_together": together, "test": test}
        word, reason = _word(interval, together)
    named = {"name": _name(first, second), "first": first.label, "second": second.label}
    verdict = {"estimate": estimate, "n": n, "verdict": word, "reason": reason}
    return Pair.parse({**judged, **named, **verdict, **_times(first, second)})


def _word(interval: Interval, together: float | None) -> tuple[Word, str]:
    """The verdict on a difference that has an interval, and why it is no other."""
    if together is not None and together < 1 - LEVEL:
        return "more than chance", ""
    if interval.low <= 0 <= interval.high:
        return "could be chance", "More seeds may decide."
    return "could be chance", "Alone it would be more than chance, among so many pairs it is not."


#: From so many times the smallest value on, doublings tell more than differences.
_WIDE = 8


def axis_of(values: Sequence[SettingValue]) -> Axis | None:
    """How far apart values stand: by difference, by doublings, or one step each; None: not numbers."""
    numbers = _numbers(values)
    if len(numbers) < len(values) or not numbers:
        return None
    positive = [number for number in numbers if number > 0]
    if not positive or max(positive) < _WIDE * min(positive):
        return "linear"
    return "log" if len(positive) == len(numbers) else "steps"


def trends_of(rows: Sequence[Row], factors: Sequence[str]) -> tuple[Trend, ...]:
    """Trends along every factor with at least three numbers, for each value of the other factor."""
    found = []
    for factor in factors:
        values = levels(rows, factor)
        axis = axis_of(values)
        if axis is None or len(values) < 3:
            continue
        for at, some in _by_other(rows, factor, factors).items():
            for metric in JUDGED:
                # Time grows with the number itself, accuracy by doublings.
                along: Axis = "linear" if axis == "log" and metric == "steady_seconds" else axis
                trend = _trend(some, factor, at, metric, along, _numbers(values))
                found += [trend] if trend else []
    return tuple(found)


def _trend(
    rows: Sequence[Row], factor: str, at: str, metric: str, axis: Axis, numbers: list[float]
) -> Trend | None:
    places, unit = _places(numbers, axis, factor)
    by_row = [row.values(metric) for row in rows]
    whole = sorted(set(by_row[0]).intersection(*by_row))
    slopes = [float(np.polyfit(places, [values[seed] for values in by_row], 1)[0]) for seed in whole]
    interval = t_interval(slopes)
    if interval is None:
        return None
    found = {name: number for name, number in interval._asdict().items() if name != "p_value"}
    return Trend.parse({"factor": factor, "at": at, "metric": metric, "unit": unit, **found})


def _places(numbers: list[float], axis: Axis, factor: str) -> tuple[list[float], str]:
    """Where the values stand, so that the slope is for each unit, and the unit in words."""
    words = setting_words(factor)
    if axis == "log":
        return [math.log2(number) for number in numbers], f"doubling of {words}"
    if axis == "steps":
        return [float(place) for place in range(len(numbers))], f"step of {words}"
    unit = 10.0 ** math.floor(math.log10(max(numbers) - min(numbers)))
    return [number / unit for number in numbers], f"{unit:,g} of {words}"


def _by_other(rows: Sequence[Row], factor: str, factors: Sequence[str]) -> Mapping[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        at = " · ".join(phrase(name, row.settings[name]) for name in factors if name != factor)
        groups.setdefault(at, []).append(row)
    return groups


def _numbers(values: Sequence[SettingValue]) -> list[float]:
    """The values that are numbers; yes and no are none."""
    return [float(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
