"""The chosen method, large: image, map, overlay, its numbers, its words and settings, and its tests."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnnviz import words
from cnnviz.figures import explanations, maps
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.results import Attribution
from cnnviz.specs.base import Spec
from cnnviz.ui import show
from cnnviz.ui.feature_maps import explain_answers, explain_checks, explain_settings
from cnnviz.ui.feature_maps.explain_parts import overlay
from cnnviz.ui.feature_maps.view import Looked
from cnnviz.ui.linked import segments

_CHECKS = {"scores": "Deletion and insertion", "random": "Randomised weights"}
_LARGE = 320


def render(looked: Sequence[Looked], label: int, class_names: Sequence[str], method: str) -> None:
    """One network beside the method's words; two share the width, with the words below them."""
    entry = METHODS.get(method)
    defaults = entry.defaults(looked[0].image.shape)
    settings = explain_settings.chosen(method, defaults)
    layers = [layer.name for layer in looked[0].overview.layers if layer.spatial]
    if len(looked) == 1:
        left, right = st.columns([2.5, 1], gap="medium")
        places = [left]
    else:
        places = list(st.columns(2, gap="large"))
        right = st.container(gap="xsmall")
    with right, st.container(gap="xsmall"):
        explain_settings.words_of(entry.about)
        explain_settings.controls(method, defaults, layers)
    for i, (one, place) in enumerate(zip(looked, places, strict=True)):
        with place, show.guard():
            _pictures(one, label, class_names[label], method, settings, side="ab"[i])


def tests(looked: Sequence[Looked], label: int, method: str) -> None:
    """Curves of deletion and insertion, or the sanity check, of each network's explanation."""
    settings = explain_settings.chosen(method, METHODS.get(method).defaults(looked[0].image.shape))
    check = segments("Test of the explanation", _CHECKS, key="check")
    for i, (one, place) in enumerate(zip(looked, st.columns(len(looked), gap="large"), strict=True)):
        with place, show.guard():
            explain_checks.render(one, label, method, settings, check, colour=i)


def _pictures(looked: Looked, label: int, class_name: str, method: str, settings: Spec, *, side: str) -> None:
    title = METHODS.get(method).about.title
    with st.spinner(f"{title}: asking the network …"):
        found = explain_answers.explained(looked, label, method, settings)
    limit = explanations.limit_of(found.values)
    dark = show.dark()
    overlay(
        explanations.image_png(looked.image),
        explanations.heat_png(found.values, signed=found.signed, limit=limit, dark=dark),
        explanations.grey_png(looked.image),
        explanations.overlay_png(found.values, signed=found.signed, limit=limit),
        found.values,
        key=f"explain_overlay_{side}",
        alt=["the image", f"{title} for {class_name}", "the map over the image in grey"],
        most=max(1, _LARGE // max(found.values.shape)),
    )
    st.html(_colour_bar(found, limit, dark=dark))
    st.caption(_described(found, class_name))


def _colour_bar(found: Attribution, limit: float, *, dark: bool) -> str:
    stops = maps.palette(found.signed, dark=dark)[:: maps.LEVELS // 12]
    colours = ",".join(f"rgb({r},{g},{b})" for r, g, b in stops)
    top = words.significant(limit)
    ends = (f"−{top} against", "0", f"for {top}") if found.signed else ("0", top)
    return (
        '<div class="cnnviz-scale" style="max-width:420px">'
        f'<i style="background:linear-gradient(90deg,{colours})"></i>'
        f"<p>{''.join(f'<span>{end}</span>' for end in ends)}</p></div>"
    )


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
