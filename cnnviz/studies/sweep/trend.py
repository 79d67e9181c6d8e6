"""Trends: how accuracy and time follow a number that is varied.

Each seed's runs give a slope of their own, by least squares; the interval is over the seeds' slopes. So
what a seed shares by all its runs counts once, not once a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from cnnviz.studies.intervals import t_interval
from cnnviz.studies.study_spec import SettingValue
from cnnviz.studies.sweep.measures import METRICS, Row, levels
from cnnviz.studies.sweep.wording import phrase, setting_words

Axis = Literal["linear", "log", "steps"]
#: From so many times the smallest value on, doublings tell more than differences.
_WIDE = 8
TEST = "t-interval of the seeds' slopes, 95 %"


class Trend(NamedTuple):
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
    test: str = TEST

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return dict(self._asdict())


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
            for metric in METRICS:
                # Time grows with the number itself, accuracy by doublings.
                along: Axis = "linear" if axis == "log" and metric == "fit_seconds" else axis
                trend = _trend(some, factor, at, metric, along, _numbers(values))
                found += [trend] if trend else []
    return tuple(found)


def _trend(
    rows: Sequence[Row], factor: str, at: str, metric: str, axis: Axis, numbers: list[float]
) -> Trend | None:
    places, unit = _places(numbers, axis, factor)
    by_row = [row.values(metric) for row in rows]
    whole = [seed for seed in by_row[0] if all(seed in values for values in by_row)] if by_row else []
    slopes = [float(np.polyfit(places, [values[seed] for values in by_row], 1)[0]) for seed in whole]
    interval = t_interval(slopes)
    if interval is None:
        return None
    return Trend(factor, at, metric, unit, interval.estimate, interval.low, interval.high, interval.n)


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
