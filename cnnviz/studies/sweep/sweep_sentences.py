"""Verdicts in one sentence each, for the page and the command line alike; from results as plain data."""

from __future__ import annotations

from cnnviz import words
from cnnviz.studies.sweep.sweep_results import Pair, SweepResults, Trend


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
    return f"{pair_numbers(pair, pairs)}: {pair.verdict}. {pair.reason}".strip()


def pair_numbers(pair: Pair, pairs: int) -> str:
    """The same without what it means."""
    if pair.estimate is None:
        return f"{pair.name}: not known yet"
    found = f"{pair.name}: {words.points(pair.estimate)} points"
    if pair.low is None or pair.p_together is None:
        return f"{found}, {seeds(pair.n)}, no interval"
    interval = f"95 % {words.points(pair.low)} … {words.points(pair.high)}"
    test = f"paired t-test, {words.p_value(pair.p_together)}" + (f" among {pairs} pairs" if pairs > 1 else "")
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
        f"{100 * found:.1f} points to be told apart (t-test, 5 %)."
    )
