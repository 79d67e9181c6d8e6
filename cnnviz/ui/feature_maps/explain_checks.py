"""Tests of an explanation: deletion and insertion curves, and the sanity check with randomised weights."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import words
from cnnviz.figures import explanations
from cnnviz.inspection.explanations import METHODS, faithfulness, sanity
from cnnviz.inspection.explanations.results import Faithfulness, Stage
from cnnviz.specs.base import Spec
from cnnviz.ui import show
from cnnviz.ui.feature_maps import explain_answers
from cnnviz.ui.feature_maps.explain_parts import data_url
from cnnviz.ui.feature_maps.view import Looked

_Line = tuple[NDArray[np.float32], NDArray[np.float32]]  # shares, probabilities
_TILE = 96
#: Above, a map hardly changes with the weights; below, it follows them.
_ALIKE, _UNLIKE = 0.7, 0.3


def render(looked: Looked, label: int, method: str, settings: Spec, check: str, *, colour: int) -> None:
    """The chosen test ("scores" or "random") of one network's explanation."""
    if check == "random":
        _randomised(looked, label, method, settings)
    else:
        _curves(looked, label, method, settings, colour)


def _curves(looked: Looked, label: int, method: str, settings: Spec, colour: int) -> None:
    own = explain_answers.scores(looked, label, method, settings)
    chance = explain_answers.random_order(looked, label)
    title = METHODS.get(method).about.title
    show.figure(
        explanations.faithfulness_figure(_pair(own), _pair(chance), colour=colour),
        key=f"explain_curves_{'ab'[colour]}",
        alt=f"{title}: deletion area {own.deletion.area:.3f}, insertion area {own.insertion.area:.3f}; "
        f"in random order {chance.deletion.area:.3f} and {chance.insertion.area:.3f}.",
    )
    paper = faithfulness.PAPER
    st.caption(
        "Deletion: the most important pixels first become the image's mean colour; lower is better. "
        "Insertion: they are put into the image blurred with an eighth of its side; higher is better. "
        f"Dotted: mean of {faithfulness.RANDOM_ORDERS} random orders. [{paper.short}]({paper.url})"
    )


def _pair(found: Faithfulness) -> tuple[_Line, _Line]:
    deletion, insertion = found
    return (deletion.shares, deletion.probabilities), (insertion.shares, insertion.probabilities)


def _randomised(looked: Looked, label: int, method: str, settings: Spec) -> None:
    trained = explain_answers.explained(looked, label, method, settings)
    with st.spinner("Giving ever more layers random weights, and explaining again …"):
        stages = explain_answers.randomised(looked, label, method, settings)
    height, width = looked.image.shape[:2]
    factor = max(1, _TILE // max(height, width))
    size = f'width="{width * factor}" height="{height * factor}"'

    def figure(values: NDArray[np.floating], text: str, title: str) -> str:
        heat = explanations.heat_png(
            values, signed=trained.signed, limit=explanations.limit_of(values), dark=show.dark()
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
    paper = sanity.PAPER
    st.caption(
        "From the classifier down, ever more layers get weights as at the beginning of a training, and the "
        "explanation is made again, each map on its own scale. Below each: Spearman's rank correlation of "
        f"the magnitudes with the trained network's map. [{paper.short}]({paper.url})"
    )


def _number(stage: Stage) -> str:
    return "undefined" if math.isnan(stage.correlation) else f"{stage.correlation:+.2f}".replace("-", "−")


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
