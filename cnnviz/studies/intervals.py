"""Intervals by Student's t: of a mean, and of the slope of a line; None where there is nothing to judge by.

scipy is imported when an interval is computed, never when the app starts.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz import words

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of one variant, measured with several seeds."""

    mean: float
    deviation: float | None  # sample standard deviation; None for one seed
    n: int

    @classmethod
    def of(cls, values: Collection[float]) -> Measure | None:
        """Of one value a seed; None without any."""
        spread = statistics.stdev(values) if len(values) > 1 else None
        return cls(statistics.fmean(values), spread, len(values)) if values else None


def measured_share(measure: Measure | None) -> str:
    """`66.2 % ± 0.4 (3 seeds)`; one seed has no spread, and says so."""
    return words.NONE if measure is None else f"{spread_share(measure)} ({words.plural(measure.n, 'seed')})"


def spread_share(measure: Measure | None) -> str:
    """`66.2 % ± 0.4`, where it is said elsewhere how many seeds that are."""
    return words.NONE if measure is None else words.percent_spread(measure.mean, measure.deviation)


def measured_seconds(measure: Measure | None) -> str:
    """`14.2 s ± 0.4 s`, `3 min 12 s ± 16 s`."""
    return words.NONE if measure is None else words.duration_spread(measure.mean, measure.deviation)


def measured_number(measure: Measure | None) -> str:
    """`1.24 ± 0.021`."""
    return words.NONE if measure is None else words.significant_spread(measure.mean, measure.deviation)


class Interval(NamedTuple):
    """An estimate with its interval, and in how many seeds (or points) it was measured."""

    estimate: float
    low: float
    high: float
    n: int
    p_value: float | None = None  # two-sided: how likely so far from 0 by chance alone


def t_interval(values: Sequence[float], level: float = LEVEL) -> Interval | None:
    """Mean with its interval by Student's t; None for fewer than two values, or where none differs.

    Equal differences in every seed have no spread to judge them by.
    """
    n = len(values)
    if n < 2 or not all(map(math.isfinite, values)):
        return None
    mean, deviation = statistics.fmean(values), statistics.stdev(values)
    # Equal but for rounding is equal.
    if deviation <= 1e-12 * max(abs(value) for value in values):
        return None
    return _student(mean, deviation / math.sqrt(n), n - 1, n, level)


def fold_interval(values: Sequence[float], level: float = LEVEL) -> Interval | None:
    """The same for one value a fold of a cross-validation; None where `t_interval` gives none.

    The folds share most of the images that they are fitted on, so that their values vary less than
    independent ones would; the variance is raised by n_test / n_train = 1 / (k − 1).

    Source: Nadeau and Bengio 2003, "Inference for the generalization error".
    """
    found, k = t_interval(values, level), len(values)
    if found is None:
        return None
    deviation = statistics.stdev(values)
    return _student(found.estimate, deviation * math.sqrt(1 / k + 1 / (k - 1)), k - 1, k, level)


def same_sign(values: Sequence[float]) -> float | None:
    """p-value of the exact sign test for differences that are the same in every seed, and not 0.

    These leave Student's t no spread; but chance alone seldom draws every sign alike: 2 · 0.5ⁿ. None for
    others.
    """
    n = len(values)
    alike = n > 1 and t_interval(values) is None and all(map(math.isfinite, values))
    return 2 * 0.5**n if alike and values[0] != 0 else None


def crossed_interval(differences: NDArray[np.number], level: float = LEVEL) -> Interval | None:
    """A mean difference with its interval over other seeds and other images alike.

    Both vary: the means of the seeds over the images, and the means of the images over the seeds. Their
    variances are added, which counts what only the two together cause twice and so is a little too wide;
    degrees of freedom by Satterthwaite.

    Args:
        differences: shape (seeds, images), each right minus right: −1, 0 or 1.
    Returns:
        None for fewer than two seeds or images, or where nothing differs.
    Source: two-way layouts as in Owen 2007, "The pigeonhole bootstrap".
    """
    seeds, images = differences.shape
    if min(seeds, images) < 2:
        return None
    values = differences.astype(float)
    of_seeds = float(values.mean(axis=1).var(ddof=1)) / seeds
    of_images = float(values.mean(axis=0).var(ddof=1)) / images
    error = of_seeds + of_images
    if not error:
        return None
    freedom = error**2 / (of_seeds**2 / (seeds - 1) + of_images**2 / (images - 1))
    return _student(float(values.mean()), math.sqrt(error), freedom, seeds, level)


def why_no_interval(n: int) -> str:
    """Why `t_interval` gave none for the differences of `n` seeds."""
    if n == 0:
        return "No seed has a finished run of both."
    if n == 1:
        return "One seed shows no spread: repeat with more seeds."
    return (
        "All seeds gave the same difference: there is no spread to judge it by, and the exact sign test "
        "needs 6 seeds."
    )


def least_difference(deviation: float, n: int, level: float = LEVEL) -> float | None:
    """Difference of two means over `n` seeds that the paired t-test would just call more than chance.

    The test judges the seeds' differences, n − 1 degrees of freedom. Where the two vary by themselves, as is
    assumed here, these spread √2 times as far as either.

    Args:
        deviation: standard deviation over the seeds, alike in both.
    Returns:
        None for fewer than two seeds.
    """
    if n < 2:
        return None
    # See `_student` for the choice of the import.
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, (1 + level) / 2)) * deviation * math.sqrt(2 / n)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values of several tests at once, corrected so that all hold together, in the given order.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure".
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    corrected, reached = [0.0] * len(p_values), 0.0
    for rank, position in enumerate(order):
        reached = max(reached, min(1.0, (len(p_values) - rank) * p_values[position]))
        corrected[position] = reached
    return corrected


def slope_interval(x: Sequence[float], y: Sequence[float], level: float = LEVEL) -> Interval | None:
    """Slope of the least-squares line with its interval; None without three points or two different x."""
    n = len(x)
    if n < 3 or len(set(x)) < 2:
        return None
    mean_x, mean_y = statistics.fmean(x), statistics.fmean(y)
    centred = [(a - mean_x, b - mean_y) for a, b in zip(x, y, strict=True)]
    square = math.fsum(a**2 for a, _ in centred)
    slope = math.fsum(a * b for a, b in centred) / square
    left = math.fsum((b - slope * a) ** 2 for a, b in centred)
    return _student(slope, math.sqrt(left / (n - 2) / square), n - 2, n, level)


def _student(estimate: float, error: float, freedom: float, n: int, level: float) -> Interval:
    # scipy.special rather than scipy.stats: a tenth of its import time.
    from scipy.special import stdtr, stdtrit

    reach = float(stdtrit(freedom, (1 + level) / 2)) * error
    p_value = 2 * float(stdtr(freedom, -abs(estimate) / error)) if error else None
    return Interval(estimate, estimate - reach, estimate + reach, n, p_value)
