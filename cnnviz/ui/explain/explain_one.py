"""The chosen method, large: image, map, overlay, its numbers, its words and settings, and its tests."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import words
from cnnviz.figures import explanation_figures
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.checks import (
    DELETION_PAPER,
    RANDOM_ORDERS,
    RANDOMISATION_PAPER,
    Faithfulness,
    Stage,
)
from cnnviz.inspection.explanations.method import Attribution
from cnnviz.ui import linked, show
from cnnviz.ui.component import component, data_url
from cnnviz.ui.explain import method_settings
from cnnviz.ui.explain.explain_answers import Explained
from cnnviz.ui.explain.score_words import score_words

_component = component("overlay", __file__, "overlay.css", "overlay.js")
_CHECKS = {"scores": "Deletion and insertion", "random": "Randomised weights"}
_LARGE = 320


def render(explained: Sequence[Explained], class_name: str) -> None:
    """One network beside the method's words; two share the width, with the words below them."""
    first = explained[0]
    layers = [layer.name for layer in first.looked.overview.layers if layer.spatial]
    if len(explained) == 1:
        left, right = st.columns([2.5, 1], gap="medium")
        places = [left]
    else:
        places = list(st.columns(2, gap="large"))
        right = st.container(gap="xsmall")
    with right, st.container(gap="xsmall"):
        method_settings.words_of(first.about)
        defaults = METHODS.get(first.method).defaults(first.looked.image.shape)
        method_settings.controls(first.method, defaults, layers)
    for i, (each, place) in enumerate(zip(explained, places, strict=True)):
        with place, show.guard():
            _pictures(each, class_name, key=f"explain_overlay_{'ab'[i]}")


def tests(explained: Sequence[Explained]) -> None:
    """Curves of deletion and insertion, or the sanity check, of each network's explanation."""
    check = linked.segments("Test of the explanation", _CHECKS, key="check")
    for i, (each, place) in enumerate(zip(explained, st.columns(len(explained), gap="large"), strict=True)):
        with place, show.guard():
            if check == "random":
                _randomised(each)
            else:
                _curves(each, colour=i)


def _pictures(explained: Explained, class_name: str, *, key: str) -> None:
    """Image, map, and the map over the grey image with a slider for its opacity; values on hover."""
    title, image = explained.about.title, explained.looked.image
    with st.spinner(f"{title}: asking the network …"):
        answer = explained.attribution()
    values, signed, limit = answer.values, answer.signed, explanation_figures.limit_of(answer.values)
    pictures = (
        explanation_figures.image_png(image),
        explanation_figures.heat_png(values, signed=signed, limit=limit, dark=show.dark()),
        explanation_figures.grey_png(image),
        explanation_figures.overlay_png(values, signed=signed, limit=limit),
    )
    data = {
        "pictures": [data_url(png) for png in pictures],
        "alt": ["the image", f"{title} for {class_name}", "the map over the image in grey"],
        "most": max(1, _LARGE // max(values.shape)),
        "width": values.shape[1],
        "height": values.shape[0],
        "values": [float(f"{value:.3g}") for value in values.ravel()],
    }
    _component(key=key, data=data)
    top = words.significant(limit)
    show.colour_bar(signed, (f"−{top} against", "0", f"for {top}") if signed else ("0", top), width=420)
    st.caption(_described(answer, class_name))


def _described(answer: Attribution, class_name: str) -> str:
    """Unit, size and, where there is one, the completeness error."""
    parts = [f"in {answer.unit}, for “{class_name}”"]
    if not answer.values.any():
        parts.append("0 everywhere: this method finds nothing that speaks for the class")
    if answer.coarse and answer.coarse != answer.values.shape:
        rows, columns = answer.coarse
        height, width = answer.values.shape
        parts.append(f"{rows}×{columns} values, interpolated to {height}×{width}")
    if complete := answer.completeness:
        relative = "" if complete.relative is None else f" ({words.percent(complete.relative, 2)})"
        parts.append(
            f"completeness error {words.significant(complete.error)}{relative}: the map adds up to "
            f"{words.significant(complete.total)}, the score rises from the baseline by "
            f"{words.significant(complete.difference)}"
        )
    return " · ".join(parts)


_TILE = 96
#: Above, a map hardly changes with the weights; below, it follows them.
_ALIKE, _UNLIKE = 0.7, 0.3


_Line = tuple[NDArray[np.float32], NDArray[np.float32]]  # shares, probabilities


def _lines(scores: Faithfulness) -> tuple[_Line, _Line]:
    deletion, insertion = scores
    return (deletion.shares, deletion.probabilities), (insertion.shares, insertion.probabilities)


def _curves(explained: Explained, colour: int) -> None:
    own, chance = explained.scores(), explained.random_order()
    show.figure(
        explanation_figures.faithfulness_figure(_lines(own), _lines(chance), colour=colour),
        key=f"explain_curves_{'ab'[colour]}",
        alt=f"{explained.about.title}: deletion area {own.deletion.area:.3f}, insertion area "
        f"{own.insertion.area:.3f}; in random order {chance.deletion.area:.3f} and "
        f"{chance.insertion.area:.3f}.",
    )
    st.markdown(show.plain(score_words(own, chance, explained.looked.subject.class_names[explained.label])))
    paper = DELETION_PAPER
    st.caption(
        "Deletion: the most important pixels first become the image's mean colour; lower is better. "
        "Insertion: they are put into the image blurred with an eighth of its side; higher is better. "
        f"Dotted: mean of {RANDOM_ORDERS} random orders. [{paper.short}]({paper.url})"
    )


def _randomised(explained: Explained) -> None:
    trained = explained.attribution()
    with st.spinner("Giving ever more layers random weights, and explaining again …"):
        stages = explained.randomised()
    height, width = explained.looked.image.shape[:2]
    factor = max(1, _TILE // max(height, width))
    size = f'width="{width * factor}" height="{height * factor}"'

    def figure(values: NDArray[np.floating], text: str, title: str) -> str:
        heat = explanation_figures.heat_png(
            values, signed=trained.signed, limit=explanation_figures.limit_of(values), dark=show.dark()
        )
        return (
            f'<figure title="{html.escape(title)}"><img src="{data_url(heat)}" {size} '
            f'alt="{html.escape(title)}"><figcaption>{text}</figcaption></figure>'
        )

    shown = [figure(trained.values, "trained<br>&nbsp;", "the trained network")]
    for stage in stages:
        random = words.plural(len(stage.layers), "random layer")
        names = ", ".join(stage.layers)
        shown.append(figure(stage.values, f"{random}<br>{_number(stage)}", f"random weights in: {names}"))
    st.html(f'<div class="cnnviz-frames">{"".join(shown)}</div>')
    st.markdown(_meaning(stages))
    paper = RANDOMISATION_PAPER
    st.caption(
        "From the classifier down, ever more layers get weights as at the beginning of a training, and the "
        "explanation is made again, each map on its own scale. Below each: Spearman's rank correlation of "
        f"the magnitudes with the trained network's map. [{paper.short}]({paper.url})"
    )


def _number(stage: Stage) -> str:
    return "undefined" if math.isnan(stage.correlation) else words.minus(f"{stage.correlation:+.2f}")


def _meaning(stages: Sequence[Stage]) -> str:
    """What the last correlation says about the method."""
    last = stages[-1].correlation
    if math.isnan(last):
        return "With all weights random one map is the same everywhere: there is no rank correlation."
    text = f"With all weights random the rank correlation is {_number(stages[-1])}: "
    if abs(last) >= _ALIKE:
        return text + "the map hardly changes. It shows the image, not what this network has learnt."
    if abs(last) <= _UNLIKE:
        return text + "the map depends on the weights, as an explanation must."
    return text + "the map depends on the weights in part; the rest is image and architecture."
