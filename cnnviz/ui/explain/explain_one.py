"""The chosen method, large: image, map, overlay, its numbers, its words and settings, and its tests."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

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
from cnnviz.specs.base import Spec
from cnnviz.ui import show
from cnnviz.ui.component import component, data_url
from cnnviz.ui.explain import explain_answers, method_settings
from cnnviz.ui.feature_maps.subjects import Looked
from cnnviz.ui.linked import segments

_component = component("overlay", __file__, "overlay.css", "overlay.js")
_CHECKS = {"scores": "Deletion and insertion", "random": "Randomised weights"}
_LARGE = 320


def render(looked: Sequence[Looked], label: int, class_names: Sequence[str], method: str) -> None:
    """One network beside the method's words; two share the width, with the words below them."""
    entry = METHODS.get(method)
    defaults = entry.defaults(looked[0].image.shape)
    settings = method_settings.chosen(method, defaults)
    layers = [layer.name for layer in looked[0].overview.layers if layer.spatial]
    if len(looked) == 1:
        left, right = st.columns([2.5, 1], gap="medium")
        places = [left]
    else:
        places = list(st.columns(2, gap="large"))
        right = st.container(gap="xsmall")
    with right, st.container(gap="xsmall"):
        method_settings.words_of(entry.about)
        method_settings.controls(method, defaults, layers)
    for i, (one, place) in enumerate(zip(looked, places, strict=True)):
        with place, show.guard():
            _pictures(one, label, class_names[label], method, settings, side="ab"[i])


def tests(looked: Sequence[Looked], label: int, method: str) -> None:
    """Curves of deletion and insertion, or the sanity check, of each network's explanation."""
    settings = method_settings.chosen(method, METHODS.get(method).defaults(looked[0].image.shape))
    check = segments("Test of the explanation", _CHECKS, key="check")
    for i, (one, place) in enumerate(zip(looked, st.columns(len(looked), gap="large"), strict=True)):
        with place, show.guard():
            check_of(one, label, method, settings, check, colour=i)


def _pictures(looked: Looked, label: int, class_name: str, method: str, settings: Spec, *, side: str) -> None:
    title = METHODS.get(method).about.title
    with st.spinner(f"{title}: asking the network …"):
        found = explain_answers.explained(looked, label, method, settings)
    limit = explanation_figures.limit_of(found.values)
    dark = show.dark()
    _overlay(
        explanation_figures.image_png(looked.image),
        explanation_figures.heat_png(found.values, signed=found.signed, limit=limit, dark=dark),
        explanation_figures.grey_png(looked.image),
        explanation_figures.overlay_png(found.values, signed=found.signed, limit=limit),
        found.values,
        key=f"explain_overlay_{side}",
        alt=["the image", f"{title} for {class_name}", "the map over the image in grey"],
        most=max(1, _LARGE // max(found.values.shape)),
    )
    top = words.significant(limit)
    limits = (f"−{top} against", "0", f"for {top}") if found.signed else ("0", top)
    show.colour_bar(found.signed, limits, width=420)
    st.caption(_described(found, class_name))


def _described(found: Attribution, class_name: str) -> str:
    """Unit, size and, where there is one, the completeness error."""
    parts = [f"in {found.unit}, for “{class_name}”"]
    if not found.values.any():
        parts.append("0 everywhere: this method finds nothing that speaks for the class")
    if found.coarse and found.coarse != found.values.shape:
        rows, columns = found.coarse
        height, width = found.values.shape
        parts.append(f"{rows}×{columns} values, interpolated to {height}×{width}")
    if complete := found.completeness:
        relative = "" if complete.relative is None else f" ({words.percent(complete.relative, 2)})"
        parts.append(
            f"completeness error {words.significant(complete.error)}{relative}: the map adds up to "
            f"{words.significant(complete.total)}, the score rises from the baseline by "
            f"{words.significant(complete.difference)}"
        )
    return " · ".join(parts)


_Line = tuple[NDArray[np.float32], NDArray[np.float32]]  # shares, probabilities
_TILE = 96
#: Above, a map hardly changes with the weights; below, it follows them.
_ALIKE, _UNLIKE = 0.7, 0.3


def check_of(looked: Looked, label: int, method: str, settings: Spec, check: str, *, colour: int) -> None:
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
        explanation_figures.faithfulness_figure(_pair(own), _pair(chance), colour=colour),
        key=f"explain_curves_{'ab'[colour]}",
        alt=f"{title}: deletion area {own.deletion.area:.3f}, insertion area {own.insertion.area:.3f}; "
        f"in random order {chance.deletion.area:.3f} and {chance.insertion.area:.3f}.",
    )
    paper = DELETION_PAPER
    st.caption(
        "Deletion: the most important pixels first become the image's mean colour; lower is better. "
        "Insertion: they are put into the image blurred with an eighth of its side; higher is better. "
        f"Dotted: mean of {RANDOM_ORDERS} random orders. [{paper.short}]({paper.url})"
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


def _overlay(
    image: bytes,
    heat: bytes,
    grey: bytes,
    over: bytes,
    values: NDArray[np.floating],
    *,
    key: str,
    alt: Sequence[str],
    most: int,
) -> None:
    """Image, map, and the map over the grey image with a slider for its opacity; values on hover.

    Args:
        values: (H, W), read out under the pointer.
        alt: what the three pictures show.
        most: the largest factor of enlargement.
    """
    height, width = values.shape
    data: dict[str, Any] = {
        "pictures": [data_url(png) for png in (image, heat, grey, over)],
        "alt": list(alt),
        "most": most,
        "width": width,
        "height": height,
        "values": [float(f"{v:.3g}") for v in values.ravel()],
    }
    _component(key=key, data=data)
