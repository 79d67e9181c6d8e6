"""Results of a sweep as they are shown: verdicts in sentences, points of figures, mean curves, CSV."""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections.abc import Iterable, Sequence

from cnnviz import words
from cnnviz.figures.sweep_figures import Group, Setting
from cnnviz.metrics import METRICS
from cnnviz.runs import EpochRecord
from cnnviz.studies.sweep.sweep_results import Factor, Pair, RowResult, SweepResults, Trend


def seeds(n: int) -> str:
    """`1` → `one seed`, `3` → `3 seeds`."""
    return "one seed" if n == 1 else f"{n} seeds"


#: A paired difference that is just more than chance, in standard deviations of the seeds' differences:
#: the 97.5 % quantile of Student's t with n − 1 degrees of freedom, over √n; for n seeds.
NEEDED = {2: 8.98, 3: 2.48, 4: 1.59, 5: 1.24, 6: 1.05, 8: 0.84, 10: 0.72, 20: 0.47}


def advice(pair: Pair, pairs: int) -> str:
    """Why a difference is not shown to be more than chance, and what may decide it; empty where it is.

    Args:
        pairs: how many pairs the study has; among several the correction asks for more than `NEEDED`.
    """
    if pair.verdict == "more than chance" or pair.estimate is None:
        return ""
    n = pair.n
    if pair.low is None or pair.high is None or pairs > 1 or n not in NEEDED:
        return pair.reason
    if pair.low > 0 or pair.high < 0:
        return pair.reason
    more = 5 if n < 5 else 10 if n < 10 else 20
    if more == n:
        return pair.reason
    return (
        f"With {seeds(n)} a difference is more than chance from {NEEDED[n]:.1f} times its spread over the "
        f"seeds on, with {seeds(more)} from {NEEDED[more]:.1f} times on."
    )


def pair_sentence(pair: Pair, pairs: int) -> str:
    """`Kernel size 5×5 − 3×3: −4.1 points, 95 % −6.0 … −2.2, 3 seeds, paired t-test, p = 0.01: …`.

    Args:
        pairs: how many pairs the study has; of several, the p-value is the corrected one.
    """
    if pair.low is None:
        return f"{pair_numbers(pair, pairs)}. {pair.reason}"
    sentences = (f"{pair_numbers(pair, pairs)}: {pair.verdict}.", pair.reason, images_sentence(pair))
    return " ".join(filter(None, sentences))


def images_sentence(pair: Pair) -> str:
    """What holds over other seeds and other test images alike; empty where that is not known."""
    if pair.images_low is None or pair.images_high is None:
        return ""
    interval = f"95 % {words.points(pair.images_low)} … {words.points(pair.images_high)}"
    text = f"Over other seeds and other test images than these {words.count(pair.images)}: {interval}"
    if pair.verdict == "more than chance" and pair.images_low <= 0 <= pair.images_high:
        return f"{text}; on other images it may be otherwise."
    return f"{text}."


def highest(results: SweepResults) -> str:
    """That the highest of several is partly luck; empty for one or two settings."""
    rows = [row for row in results.rows if row.test_accuracy]
    if len(rows) < 3:
        return ""
    means = {row.label: row.test_accuracy.mean for row in rows if row.test_accuracy}
    return (
        f"{max(means, key=means.__getitem__)} is the highest of {len(rows)} by the very test images that it "
        "is judged on: part of its lead is luck, and elsewhere it will be a little lower."
    )


def unjudged(results: SweepResults) -> str:
    """That pairs beyond a limit were not judged; empty where all were."""
    if not results.unjudged:
        return ""
    total = len(results.pairs) + results.unjudged
    return f"The first {len(results.pairs)} of {words.count(total)} pairs are judged: vary fewer values."


def pair_numbers(pair: Pair, pairs: int) -> str:
    """The same without what it means."""
    if pair.estimate is None:
        return f"{pair.name}: not known yet"
    found = f"{pair.name}: {words.points(pair.estimate)} points"
    if pair.low is None or pair.p_together is None:
        return f"{found}, {seeds(pair.n)}, no interval"
    interval = f"95 % {words.points(pair.low)} … {words.points(pair.high)}"
    name = "sign test" if pair.low == pair.high else "paired t-test"
    test = f"{name}, {words.p_value(pair.p_together)}" + (f" among {pairs} pairs" if pairs > 1 else "")
    return f"{found}, {interval}, {seeds(pair.n)}, {test}"


def time_sentence(pair: Pair) -> str:
    """`Training takes 2.29 × as long with maps shrink by max (95 % 1.41 … 3.71).`; empty where not known."""
    if pair.times is None:
        return ""
    interval = ""
    if pair.times_low is not None:
        interval = f" (95 % {pair.times_low:.2f} … {pair.times_high:.2f})"
    return f"Training takes {pair.times:.2f} × as long with {pair.second}{interval}."


def trend_sentence(trend: Trend) -> str:
    """`Test accuracy: +1.2 points for each doubling of training images (95 % +0.9 … +1.5, 3 seeds).`"""
    accuracy = trend.metric == "test_accuracy"
    subject = "Test accuracy" if accuracy else "Training time"
    at = f" ({trend.at})" if trend.at else ""
    slope, low, high = (
        words.points(value) if accuracy else words.signed(value, 2)
        for value in (trend.estimate, trend.low, trend.high)
    )
    unit = "points" if accuracy else "s"
    interval = f"95 % {low} … {high}, {seeds(trend.n)}"
    return f"{subject}{at}: {slope} {unit} for each {trend.unit} ({interval})."


def least(results: SweepResults) -> str:
    """For repeats: how large a difference must be to be more than chance; empty where it is not known."""
    found = results.least_difference
    if found is None:
        return ""
    n = len(results.rows[0].runs)
    return (
        f"With a spread like this, two settings with {seeds(n)} each would have to differ by about "
        f"{100 * found:.1f} points to be told apart (paired t-test, 5 %)."
    )


# Points and lines -----------------------------------------------------------------------------------


def places_of(found: SweepResults) -> list[Setting]:
    """The values of the first setting on the horizontal axis; of repeats, one place."""
    if not found.factors:
        return [Setting(0.0, "", (), ())]
    factor = found.factors[0]
    return [Setting(_place_of(factor, number), text, (), ()) for number, text in enumerate(factor.texts)]


def groups_of(found: SweepResults, metric: str) -> list[Group]:
    """What every setting reached, one group for each value of the second setting."""
    factors = found.factors
    places = places_of(found)
    if not factors:
        return [Group("", [_setting(found.rows[0], places[0], metric)])]
    first = factors[0]
    groups: dict[str, list[Setting]] = {}
    for row in found.rows:
        place = places[first.values.index(row.settings[first.name])]
        name = factors[1].text_of(row) if len(factors) > 1 else ""
        groups.setdefault(name, []).append(_setting(row, place, metric))
    return [Group(name, settings) for name, settings in groups.items()]


def _setting(row: RowResult, place: Setting, metric: str) -> Setting:
    values, over = row.values.get(metric, {}), row.over_seeds(metric)
    return Setting(
        place.place,
        place.text,
        [int(seed) for seed in values],
        list(values.values()),
        over.mean if over else None,
        over.low if over else None,
        over.high if over else None,
    )


def _place_of(factor: Factor, number: int) -> float:
    """Where a value stands: by its size, by doublings, or one step each."""
    value = factor.values[number]
    if not isinstance(value, int | float) or factor.axis not in ("linear", "log"):
        return float(number)
    return float(value) if factor.axis == "linear" else math.log2(value)


def mean_epochs(journals: Sequence[Sequence[EpochRecord]]) -> list[EpochRecord]:
    """Average journals of several seeds; an epoch counts as far as all seeds reached it.

    Args:
        journals: one a seed.
    Returns:
        Epochs with their means; a number that one seed lacks in an epoch is None there.
    """
    return [
        EpochRecord(
            epochs[0].epoch,
            loss=_mean(epoch.loss for epoch in epochs),
            accuracy=_mean(epoch.accuracy for epoch in epochs),
            val_loss=_mean(epoch.val_loss for epoch in epochs),
            val_accuracy=_mean(epoch.val_accuracy for epoch in epochs),
            elapsed=statistics.fmean(epoch.elapsed for epoch in epochs),
        )
        for epochs in zip(*journals, strict=False)
    ]


def _mean(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else statistics.fmean(value for value in known if value is not None)


def csv_text(results: SweepResults) -> str:
    """Write one line a finished run: its settings, seed, id, all metrics, parameters."""
    names = [factor.name for factor in results.factors]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    # What no run has (an onset of overfitting, say) is no column; parameters stand at the end.
    measured = [name for name in METRICS if any(row.values.get(name) for row in results.rows)]
    measured = [name for name in measured if name != "params"]
    writer.writerow([*names, "seed", "run", *measured, "parameters"])
    for row in results.rows:
        values = (row.settings[name] for name in names)
        own = [" ".join(map(str, value)) if isinstance(value, tuple) else value for value in values]
        for seed, run in row.runs.items():
            numbers = [row.values.get(metric, {}).get(seed, "") for metric in measured]
            writer.writerow([*own, seed, run, *numbers, row.params])
    return out.getvalue()
