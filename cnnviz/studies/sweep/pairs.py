"""Pairs: is the difference of two variants more than chance?

Both were trained with the same seeds on the same images, so their accuracies are compared seed by seed.
Of many pairs some would differ by chance alone; their p-values are corrected together.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Literal, NamedTuple

from cnnviz.studies.intervals import LEVEL, Interval, holm, t_interval, why_no_interval
from cnnviz.studies.sweep.measures import Row
from cnnviz.studies.sweep.wording import phrase, setting_words, value_words

Word = Literal["more than chance", "could be chance", "not enough evidence"]
TEST = "paired t-test over seeds, two-sided"
#: More pairs than this nobody reads, and none would be more than chance after the correction.
MOST_PAIRS = 100


class Pair(NamedTuple):
    """Test accuracy of `second` minus that of `first`, in shares, with its 95 % interval.

    `name`: the difference in words. `p_value` is of this pair alone, `p_together` corrected by Holm for all
    pairs of the study. `times` says how often as long the training of `second` takes, `times_low` and
    `times_high` are the interval of that, from the logarithms of the seeds' ratios.
    """

    name: str
    first: str
    second: str
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    p_value: float | None
    p_together: float | None
    verdict: Word
    test: str
    reason: str
    times: float | None = None
    times_low: float | None = None
    times_high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return dict(self._asdict())


def judge(rows: Sequence[Row]) -> tuple[Pair, ...]:
    """Judge all pairs of variants that differ in one setting alone."""
    chosen = list(_pairs(rows))[:MOST_PAIRS]
    differences = [_differences(first, second) for first, second in chosen]
    found = [t_interval(one) for one in differences]
    tested = [place for place, one in enumerate(found) if one and one.p_value is not None]
    together = dict(zip(tested, holm([_p(found[place]) for place in tested]), strict=True))
    return tuple(
        _timed(_pair(first, second, differences[place], found[place], together.get(place)), first, second)
        for place, (first, second) in enumerate(chosen)
    )


def _pairs(rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    for first, second in combinations(rows, 2):
        different = [name for name, value in first.settings.items() if second.settings.get(name) != value]
        if len(different) == 1 or not first.settings:
            yield first, second


def _name(first: Row, second: Row) -> str:
    """`Kernel size 5×5 − 3×3, 40,000 training images`: what differs, then what both share."""
    if not first.settings:
        return f"{second.label} − {first.label}"
    words, shared = "", []
    for name, value in first.settings.items():
        other = second.settings[name]
        if other == value:
            shared.append(phrase(name, value))
        else:
            words = f"{setting_words(name)} {value_words(name, other)} − {value_words(name, value)}"
    return ", ".join([words[:1].upper() + words[1:], *shared])


def _differences(first: Row, second: Row) -> list[float]:
    a, b = first.values("test_accuracy"), second.values("test_accuracy")
    return [b[seed] - a[seed] for seed in sorted(a.keys() & b.keys())]


def _timed(pair: Pair, first: Row, second: Row) -> Pair:
    """The pair with the ratio of its training times, where both are known."""
    a, b = first.values("fit_seconds"), second.values("fit_seconds")
    logs = [math.log(b[seed] / a[seed]) for seed in a.keys() & b.keys() if a[seed] > 0 and b[seed] > 0]
    if not logs:
        return pair
    found, times = t_interval(logs), math.exp(statistics.fmean(logs))
    if found is None:
        return pair._replace(times=times)
    return pair._replace(times=times, times_low=math.exp(found.low), times_high=math.exp(found.high))


def _p(found: Interval | None) -> float:
    return found.p_value if found and found.p_value is not None else 1.0


def _pair(
    first: Row, second: Row, differences: list[float], found: Interval | None, together: float | None
) -> Pair:
    n, name = len(differences), _name(first, second)
    if found is None:
        estimate = sum(differences) / n if n else None
        reason = why_no_interval(n)
        return Pair(
            name,
            first.label,
            second.label,
            estimate,
            None,
            None,
            n,
            None,
            None,
            "not enough evidence",
            "none",
            reason,
        )
    word: Word = "could be chance"
    reason = "More seeds may decide." if found.low <= 0 <= found.high else ""
    if together is not None and together < 1 - LEVEL:
        word, reason = "more than chance", ""
    elif not reason:
        reason = "Alone it would be more than chance, among so many pairs it is not."
    return Pair(
        name,
        first.label,
        second.label,
        found.estimate,
        found.low,
        found.high,
        n,
        found.p_value,
        together,
        word,
        TEST,
        reason,
    )
