"""Verdicts on claims: "holds", "does not hold" or "not enough evidence", with interval, n and test.

The rule, the same for every claim: a 95 % interval of what the claim is about is computed from seeds in
pairs (both variants were trained with the same seed on the same images). The claim holds where the whole
interval lies on its side, does not hold where the whole interval lies on the other, and there is not
enough evidence in between, or where there is no interval. One seed has no interval.

Counts (parameters, multiply-adds) have no chance in them: they are compared exactly. What is looked up in one
network each, image by image, is paired by image, and a classifier's scores by fold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from cnnviz import words
from cnnviz.metrics import METRICS
from cnnviz.reports.outcome import COUNTED, Outcome, VariantOutcome
from cnnviz.reports.recipe import IMAGENET_NETWORK, PER_FOLD, PER_IMAGE, SAMPLED, Claim, metric_noun
from cnnviz.studies.intervals import (
    LEVEL,
    Interval,
    fold_interval,
    holm,
    same_sign,
    slope_interval,
    t_interval,
    why_no_interval,
)

Unit = Literal["points", "s", "times", ""]
Word = Literal["holds", "does not hold", "not enough evidence"]
#: Where a claim of proportionality names no margin: exponents from 0.9 to 1.1 count as 1.
EXPONENT_MARGIN = 0.1
EXACT = "exact count, no chance in it"


class Verdict(BaseModel):
    """What became of one claim. `quantity` says what estimate and interval are of, `unit` in what."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    text: str
    verdict: Word
    metric: str
    quantity: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    p_value: float | None = None
    test: str
    reason: str = ""
    unit: Unit = ""

    @property
    def exact(self) -> bool:
        """Whether it is a count, with no chance in it, at whatever scale."""
        return self.test == EXACT


def judge_all(outcome: Outcome) -> tuple[Verdict, ...]:
    """Judge every claim of the outcome's recipe, and say where the scale is not the report's."""
    claims = outcome.recipe.claims
    verdicts = corrected([judge(claim, outcome) for claim in claims])
    return tuple(_at_scale(*pair, outcome) for pair in zip(claims, verdicts, strict=True))


def corrected(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts of several claims about one experiment, corrected so that all hold together (Holm 1979).

    Those that come from a p-value are; what was decided alone and is not together lacks evidence.
    """
    tested = [verdict for verdict in verdicts if verdict.p_value is not None]
    if len(tested) < 2:
        return list(verdicts)
    together = iter(holm([present for verdict in tested if (present := verdict.p_value) is not None]))
    found = []
    for verdict in verdicts:
        if verdict.p_value is None:
            found.append(verdict)
            continue
        p, word, reason = next(together), verdict.verdict, verdict.reason
        if word != "not enough evidence" and p >= 1 - LEVEL:
            word = "not enough evidence"
            reason = f"Alone it would be decided ({words.p_value(verdict.p_value)}): more seeds may do."
        test = f"{verdict.test}, corrected for {len(tested)} claims (Holm)"
        found.append(
            verdict.model_copy(update={"p_value": p, "verdict": word, "reason": reason, "test": test})
        )
    return found


def _at_scale(claim: Claim, verdict: Verdict, outcome: Outcome) -> Verdict:
    verdict = verdict.model_copy(update={"quantity": quantity(claim, outcome.name_of)})
    rows = [row for row in outcome.rows if row.label in claim.compared] or outcome.rows
    changes = dict.fromkeys(change for row in rows for change in row.changes)
    if verdict.verdict == "not enough evidence" or verdict.metric in COUNTED or not changes:
        return verdict
    reason = f"At the scale {outcome.scale}, which is not the report's: {'; '.join(changes)}."
    return verdict.model_copy(update={"reason": reason})


def judge(claim: Claim, outcome: Outcome) -> Verdict:
    """Judge one claim by what was measured."""
    if claim.relation == "proportional":
        return _proportional(claim, outcome.rows)
    metrics = (claim.metric, claim.second_metric or claim.metric)
    sides = []
    for label, over, metric in zip(
        (claim.first, claim.second), (claim.first_over, claim.second_over), metrics, strict=True
    ):
        found = [(name, _values(outcome, name, metric)) for name in (label, over) if name]
        for name, values in found:
            if not values:
                return _undecided(claim, _why_missing(name, metric, outcome))
        sides.append(_gain(*(values for _, values in found)))
    first, second = sides
    if claim.metric in COUNTED:
        return _counted(claim, first[0], second[0])
    pairs = [(first[seed], second[seed]) for seed in sorted(first.keys() & second.keys())]
    return _paired(claim, pairs)


def _gain(values: dict[int, float], over: dict[int, float] | None = None) -> dict[int, float]:
    """How far values lie above others, seed by seed; the values themselves where there are no others."""
    if over is None:
        return values
    return {seed: values[seed] - over[seed] for seed in values.keys() & over.keys()}


def _paired(claim: Claim, pairs: Sequence[tuple[float, float]]) -> Verdict:
    if claim.relation == "ratio":
        return _ratio(claim, pairs)
    interval = fold_interval if claim.metric in PER_FOLD else t_interval
    found = interval([a - b for a, b in pairs])
    if found is None and claim.relation in ("greater", "less"):
        return _alike(claim, [a - b for a, b in pairs])
    if found is None:
        return _undecided(claim, why_no_interval(len(pairs)), len(pairs))
    if claim.relation == "similar":
        return _similar(claim, found)
    if claim.relation == "not less":
        word = _side(found.low > -claim.margin, found.high < -claim.margin)
        test = f"one-sided paired t-test against −{_margin(claim)}, 2.5 %"
        return _verdict(claim, word, found._replace(p_value=None), test)
    above = claim.relation == "greater"
    word = _side(found.low > 0, found.high < 0) if above else _side(found.high < 0, found.low > 0)
    return _verdict(claim, word, found, f"paired t-test over {_pairs(claim)}, two-sided, 95 %")


def _alike(claim: Claim, differences: Sequence[float]) -> Verdict:
    """Where there is no spread: one seed, or the same difference in every one."""
    n, p_value = len(differences), same_sign(differences)
    if n > 1 and not any(differences):
        return _verdict(claim, "not enough evidence", None, "none", f"No difference in any of {n} seeds.", n)
    if p_value is None or p_value >= 1 - LEVEL:
        return _undecided(claim, why_no_interval(n), n)
    value = differences[0]
    word = _side((value > 0) == (claim.relation == "greater"), (value > 0) != (claim.relation == "greater"))
    found = Interval(value, value, value, n, p_value)
    return _verdict(claim, word, found, "exact sign test: the same difference in every seed")


def _pairs(claim: Claim) -> str:
    """What the compared numbers are paired by."""
    if claim.metric in PER_IMAGE:
        return "images, one network each"
    return "folds, corrected for what they share (Nadeau and Bengio)" if claim.metric in PER_FOLD else "seeds"


def _similar(claim: Claim, found: Interval) -> Verdict:
    margin = claim.margin
    inside = -margin < found.low and found.high < margin
    outside = found.low > margin or found.high < -margin
    test = f"two one-sided paired t-tests against ±{_margin(claim)}, 2.5 % each"
    return _verdict(claim, _side(inside, outside), found._replace(p_value=None), test)


def _margin(claim: Claim) -> str:
    return f"{100 * claim.margin:g} points" if unit(claim) == "points" else f"{claim.margin:g}"


def _ratio(claim: Claim, pairs: Sequence[tuple[float, float]]) -> Verdict:
    if any(a <= 0 or b <= 0 for a, b in pairs):
        return _undecided(claim, "A ratio needs positive numbers.", len(pairs))
    found = t_interval([math.log(a / b) for a, b in pairs])
    if found is None:
        return _undecided(claim, why_no_interval(len(pairs)), len(pairs))
    ratio = Interval(math.exp(found.estimate), math.exp(found.low), math.exp(found.high), found.n)
    factor = claim.factor
    if claim.margin:
        low, high = factor / (1 + claim.margin), factor * (1 + claim.margin)
        word = _side(low < ratio.low and ratio.high < high, ratio.low > high or ratio.high < low)
        test = (
            "two one-sided paired t-tests of the log ratio over seeds, 2.5 % each: "
            f"{factor:g} means {low:.3g} to {high:.3g}"
        )
        return _verdict(claim, word, ratio, test)
    word = _side(ratio.low >= factor, ratio.high < factor)
    test = f"paired t-interval of the log ratio over seeds, against {factor:g}"
    return _verdict(claim, word, ratio, test)


def _proportional(claim: Claim, rows: Sequence[VariantOutcome]) -> Verdict:
    points = [
        (x, y)
        for row in rows
        for seed, y in row.values(claim.metric).items()
        if (x := row.n_train.get(seed)) and y > 0
    ]
    found = slope_interval([math.log(x) for x, _ in points], [math.log(y) for _, y in points])
    if found is None:
        return _undecided(claim, "It takes at least three runs with two different sizes.", len(points))
    margin = claim.margin or EXPONENT_MARGIN
    low, high = 1 - margin, 1 + margin
    word = _side(low < found.low and found.high < high, found.low > high or found.high < low)
    test = f"a straight line through the logarithms, the interval of its slope against {low:g} to {high:g}"
    return _verdict(claim, word, found._replace(p_value=None), test)


def _counted(claim: Claim, a: float, b: float) -> Verdict:
    holds = {
        "greater": a > b,
        "less": a < b,
        "ratio": b > 0 and _in_ratio(a / b, claim),
        "similar": abs(a - b) < claim.margin,
        "not less": a - b > -claim.margin,
    }[claim.relation]
    value = a / b if claim.relation == "ratio" and b else a - b
    found = Interval(value, value, value, 1)
    return _verdict(claim, "holds" if holds else "does not hold", found, EXACT)


def _in_ratio(ratio: float, claim: Claim) -> bool:
    if not claim.margin:
        return ratio >= claim.factor
    return claim.factor / (1 + claim.margin) < ratio < claim.factor * (1 + claim.margin)


def _values(outcome: Outcome, label: str, metric: str) -> dict[int, float]:
    """By seed, or by image or fold."""
    if metric in SAMPLED:
        return dict(enumerate(outcome.samples.get(label, {}).get(metric, ())))
    row = outcome.row(label)
    return row.values(metric) if row else {}


def _side(holds: bool, fails: bool) -> Word:
    return "holds" if holds else "does not hold" if fails else "not enough evidence"


def _why_missing(label: str, metric: str, outcome: Outcome) -> str:
    row, name = outcome.row(label), outcome.name_of(label)
    if label == IMAGENET_NETWORK:
        return "ImageNet's weights are not on this machine, or were not looked into yet."
    if metric in PER_FOLD:
        return "The features have not been cross-validated yet."
    if row is None:
        return f"'{name}' is not run at the scale {outcome.scale}."
    if not row.runs:
        return " ".join([f"'{name}' has no finished run.", *row.problems[:1]])
    return f"The runs of '{name}' have no {metric_noun(metric)}."


def _undecided(claim: Claim, reason: str, n: int = 0) -> Verdict:
    return _verdict(claim, "not enough evidence", None, "none", reason, n)


def _verdict(
    claim: Claim, word: Word, interval: Interval | None, test: str, reason: str = "", n: int = 0
) -> Verdict:
    if interval and word == "not enough evidence":
        reason = "The interval reaches to both sides: more seeds may decide."
    measured = interval._asdict() if interval else {"n": n}
    return Verdict(
        id=claim.id,
        text=claim.text,
        verdict=word,
        metric=claim.metric,
        quantity=quantity(claim),
        test=test,
        reason=reason,
        unit=unit(claim),
        **measured,
    )


def quantity(claim: Claim, name_of: Callable[[str], str] = str) -> str:
    """What a claim's estimate and interval are of.

    Args:
        name_of: what a variant's label is called at the scale that was run.
    """
    word = metric_noun(claim.metric)
    if claim.relation == "proportional":
        return f"exponent of the {word} against the number of training images (1: proportional)"
    between = "divided by" if claim.relation == "ratio" else "minus"
    first, second, over, below = map(
        name_of, (claim.first, claim.second, claim.first_over, claim.second_over)
    )
    if claim.first_over:
        return f"gain in {word} of “{first}” over “{over}” {between} that of “{second}” over “{below}”"
    other = f"the {metric_noun(claim.second_metric)}" if claim.second_metric else "that"
    return f"{word} of “{first}” {between} {other} of “{second}”"


def unit(claim: Claim) -> Unit:
    """What a claim's estimate is counted in."""
    if claim.relation == "ratio":
        return "times"
    if claim.relation == "proportional":
        return ""
    if claim.metric in SAMPLED:
        return "points"
    kept = METRICS.get(claim.metric).unit if claim.metric in METRICS else ""
    return "points" if kept == "share" else "s" if kept == "s" else ""


def evidence(verdict: Verdict) -> str:
    """All that stands behind a verdict in one or two sentences."""
    if verdict.estimate is None:
        return verdict.reason
    of = verdict.quantity
    text = f"{of[0].upper()}{of[1:]}: {_number(verdict.estimate, verdict)}"
    if verdict.low is not None and verdict.high is not None and verdict.low != verdict.high:
        low, high = (_number(end, verdict, named=False) for end in (verdict.low, verdict.high))
        text += f" (95 % interval {low} to {high}, n = {verdict.n})"
    chance = "" if verdict.p_value is None else f", {words.p_value(verdict.p_value)}"
    return f"{text}. Test: {verdict.test}{chance}. {verdict.reason}".rstrip()


def _number(value: float, verdict: Verdict, named: bool = True) -> str:
    """`0.0206` in points → `+2.1 points`; differences carry their sign, ratios and exponents none."""
    if verdict.unit == "points":
        text = words.points(value)
    elif verdict.unit == "times" or verdict.quantity.startswith("exponent"):
        text = words.significant(value)
    else:
        text = words.signed(value)
    return f"{text} {verdict.unit}" if verdict.unit and named else text
