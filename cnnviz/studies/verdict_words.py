"""Verdicts as people read them: what was compared, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from cnnviz.studies.schema import Claim, Metric

Unit = Literal["points", "s", "times", ""]

#: Every metric that a claim may be about, as a noun.
METRICS: dict[Metric, str] = {
    "test_accuracy": "test accuracy",
    "test_loss": "test loss",
    "train_accuracy": "training accuracy",
    "generalization_gap": "distance from training to test accuracy",
    "parting_epoch": "last epoch before overfitting",
    "fit_seconds": "training time",
    "seconds_per_epoch": "time of an epoch",
    "images_per_second": "images per second",
    "params": "number of parameters",
    "trainable_params": "number of trained parameters",
    "macs": "number of multiply-adds",
    "weights_rms": "root mean square of the weights",
    "map_sharpness": "sharpness of the maps",
}
_SHARES = ("test_accuracy", "train_accuracy", "generalization_gap")
_SECONDS = ("fit_seconds", "seconds_per_epoch")


def quantity(claim: Claim, name_of: Callable[[str], str] = str) -> str:
    """What a claim's estimate and interval are of.

    Args:
        name_of: what a variant's label is called at the scale that was run.
    """
    word = METRICS[claim.metric]
    if claim.relation == "proportional":
        return f"exponent of the {word} against the number of training images (1: proportional)"
    between = "divided by" if claim.relation == "ratio" else "minus"
    first, second = name_of(claim.first), name_of(claim.second)
    return f"{word} of “{first}” {between} that of “{second}”"


def unit(claim: Claim) -> Unit:
    """What a claim's estimate is counted in."""
    if claim.relation == "ratio":
        return "times"
    if claim.relation == "proportional":
        return ""
    return "points" if claim.metric in _SHARES else "s" if claim.metric in _SECONDS else ""


def evidence(verdict: Mapping[str, Any]) -> str:
    """All that stands behind a verdict in one or two sentences.

    Args:
        verdict: as results.json holds it.
    """
    estimate, low, high = verdict["estimate"], verdict["low"], verdict["high"]
    if estimate is None:
        return str(verdict["reason"])
    of, kind = str(verdict["quantity"]), verdict.get("unit", "")
    found = f"{of[0].upper()}{of[1:]}: {_number(estimate, kind, verdict)}"
    if low is not None and low != high:
        ends = f"{_number(low, kind, verdict, False)} to {_number(high, kind, verdict, False)}"
        found += f" (95 % interval {ends}, n = {verdict['n']})"
    p = verdict.get("p_value")
    chance = "" if p is None else f", p {'< 0.001' if p < 0.001 else f'= {p:.2g}'}"
    return " ".join(filter(None, (f"{found}. Test: {verdict['test']}{chance}.", str(verdict["reason"]))))


def _number(value: float, kind: str, verdict: Mapping[str, Any], named: bool = True) -> str:
    """`0.0206` in points → `+2.1 points`; differences carry their sign, ratios and exponents none."""
    if kind == "points":
        text = f"{100 * value:+.1f}"
    elif kind == "times" or verdict["quantity"].startswith("exponent"):
        text = f"{value:.3g}"
    elif float(value).is_integer():
        text = f"{value:+,.0f}"
    else:
        text = f"{value:+.3g}"
    return f"{text}{f' {kind}' if kind and named else ''}".replace("-", "−")
