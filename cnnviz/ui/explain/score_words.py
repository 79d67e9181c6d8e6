"""Deletion and insertion of an explanation, in words."""

from __future__ import annotations

from cnnviz.inspection.explanations.checks import Faithfulness

#: Areas are shown with three digits: what looks alike is alike.
_DIGITS = 3


def score_words(own: Faithfulness, chance: Faithfulness, class_name: str) -> str:
    """Two sentences: what covering and showing the marked pixels did, beside random orders.

    Args:
        own, chance: of the explanation's order of the pixels, and the mean of random ones.
        class_name: whose probability was followed; no Markdown.
    """
    covered, shown = own.deletion.area, own.insertion.area
    by_chance, shown_by_chance = chance.deletion.area, chance.insertion.area
    first = (
        f"Cover the marked pixels first, and the probability of “{class_name}” is "
        f"{_percent(covered)} on average on the way to a covered image (deletion), "
        f"{_percent(by_chance)} with random pixels: {_better(by_chance - covered)}."
    )
    second = (
        f"Show them first in a blurred image, and it is {_percent(shown)} (insertion), "
        f"{_percent(shown_by_chance)} with random pixels: {_better(shown - shown_by_chance)}."
    )
    return f"{first} {second}"


def _percent(area: float) -> str:
    """The area under a curve of probabilities from 0 to 1 is their mean."""
    return f"{100 * area:.1f} %"


def _better(gain: float) -> str:
    gain = round(gain, _DIGITS)
    if gain > 0:
        return "the map points to pixels that the network does use"
    if gain < 0:
        return "the map does worse than chance here, so don't trust it"
    return "no better than chance"
