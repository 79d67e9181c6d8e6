"""Activation maximisation: an image made from noise that maximises a class's score or a map."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnnviz import words
from cnnviz.figures import explanation_figures
from cnnviz.inspection.explanations.maximisation import ABOUT, MaximisationSettings, Maximised
from cnnviz.inspection.questions import Maximise
from cnnviz.ui import linked, show
from cnnviz.ui.asking import ask
from cnnviz.ui.component import data_url
from cnnviz.ui.explain import method_settings
from cnnviz.ui.feature_maps.layer_choice import MAP_KEY
from cnnviz.ui.feature_maps.subjects import Looked

TARGET_KEY = "target"
_CLASS, _NAME = "class", "maximisation"
_SMALL, _LARGE = 96, 224


def render(looked: Sequence[Looked], layer: str | None, unit: int, class_names: Sequence[str]) -> None:
    """Start, way and final image of each network, for class `unit` or for map `unit` of a layer."""
    defaults = MaximisationSettings()
    settings = method_settings.chosen(_NAME, defaults)
    method_settings.tell_refused(_NAME, ABOUT.title, defaults)
    left, right = st.columns([2.5, 1], gap="medium")
    with right, st.container(gap="xsmall"):
        method_settings.words_of(ABOUT)
        method_settings.controls(_NAME, defaults, ())
    found: list[tuple[str, Maximised]] = []
    with left:
        for one in looked:
            with show.guard():
                with st.spinner(f"{settings.steps} steps up the gradient …"):
                    answer = ask(Maximise(one.weights, unit, layer, settings))
                found.append((one.subject.title, answer))
                if len(looked) > 1:
                    st.markdown(f"**{one.subject.title}**")
                st.html(_frames(answer))
                st.caption(_described(answer, layer, unit, class_names))
        if found:
            show.figure(
                explanation_figures.ascent_figure(
                    [one.scores for _, one in found],
                    [name for name, _ in found],
                    "score" if layer is None else "mean of the map",
                ),
                key="explain_ascent",
                alt="The number that is raised, by step.",
            )


def pick(looked: Looked) -> tuple[str, int] | None:
    """What is to be maximised: a map or unit of a layer, or a class (None); it stands in the link."""
    layers = {layer.name: layer for layer in looked.overview.layers[:-1]}
    with st.container(width=230):
        target = linked.select(
            "Maximise",
            [_CLASS, *layers],
            key=TARGET_KEY,
            default=_CLASS,
            label_visibility="collapsed",
            names=lambda name: "a class" if name == _CLASS else f"a map of {name}",
        )
    if target == _CLASS:
        return None
    depth = layers[target].depth
    if not 1 <= int(st.session_state.get(MAP_KEY) or 1) <= depth:
        st.session_state[MAP_KEY] = 1
    number = st.number_input(
        "Map", 1, depth, step=1, key=MAP_KEY, **linked.IN_LINK, width=110, label_visibility="collapsed"
    )
    return target, int(number) - 1


def _frames(found: Maximised) -> str:
    """The start and the way small, the final image large."""
    height, width = found.frames.shape[1:3]
    way, final = [], ""
    for step, frame in zip(found.frame_steps, found.frames, strict=True):
        last = step == found.frame_steps[-1]
        factor = max(1, (_LARGE if last else _SMALL) // max(height, width))
        name = "start" if step == 0 else f"step {step}"
        score = words.significant(float(found.scores[step])).replace("-", "−")
        figure = (
            f'<figure><img src="{data_url(explanation_figures.image_png(frame))}" width="{width * factor}" '
            f'height="{height * factor}" alt="{name}"><figcaption>{name}: {score}</figcaption></figure>'
        )
        if last:
            final = figure
        else:
            way.append(figure)
    return f'<div class="cnnviz-frames"><div class="way">{"".join(way)}</div>{final}</div>'


def _described(found: Maximised, layer: str | None, unit: int, class_names: Sequence[str]) -> str:
    first, last = (words.significant(float(found.scores[i])).replace("-", "−") for i in (0, -1))
    what = (
        f"score of “{class_names[unit]}”"
        if layer is None
        else f"mean of map {unit + 1} of {layer}, before its activation function,"
    )
    said = int(found.probabilities.argmax())
    share = words.percent(float(found.probabilities[said]))
    text = (
        f"The {what} rises from {first} to {last}. The network calls this image {class_names[said]}: {share}."
    )
    if found.scores[-1] <= found.scores[0]:
        text = f"The {what} stays at {first}: nothing near this start wakes it. Try another seed."
    return text
