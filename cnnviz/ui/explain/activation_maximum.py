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
    titles, scores = [], []
    with left:
        for each in looked:
            with show.guard():
                with st.spinner(f"{settings.steps} steps up the gradient …"):
                    answer = ask(Maximise(each.weights, unit, layer, settings))
                titles.append(each.subject.title)
                scores.append(answer.scores)
                if len(looked) > 1:
                    st.markdown(f"**{show.plain(each.subject.title)}**")
                st.html(_frames(answer))
                st.caption(_described(answer, layer, unit, [show.plain(name) for name in class_names]))
        if scores:
            raised = "score" if layer is None else "mean of the map"
            show.figure(
                explanation_figures.ascent_figure(scores, titles, raised),
                key="explain_ascent",
                alt="The number that is raised, by step.",
            )


def pick(looked: Looked) -> tuple[str, int] | None:
    """What is to be maximised: a map or unit of a layer, or a class (None); it stands in the link."""
    layers = {layer.name: layer for layer in looked.overview.layers[:-1]}
    target = linked.select(
        "Maximise",
        [_CLASS, *layers],
        key=TARGET_KEY,
        default=_CLASS,
        names=lambda name: "a class" if name == _CLASS else f"a map of {name}",
        hidden=True,
        width=230,
    )
    if target == _CLASS:
        return None
    return target, linked.number("Map", 1, layers[target].depth, key=MAP_KEY, hidden=True, width=110) - 1


def _frames(answer: Maximised) -> str:
    """The start and the way small, the final image large."""
    height, width = answer.frames.shape[1:3]
    way, final = [], ""
    for step, frame in zip(answer.frame_steps, answer.frames, strict=True):
        last = step == answer.frame_steps[-1]
        factor = max(1, (_LARGE if last else _SMALL) // max(height, width))
        name = "start" if step == 0 else f"step {step}"
        score = words.significant(float(answer.scores[step]))
        figure = (
            f'<figure><img src="{data_url(explanation_figures.image_png(frame))}" width="{width * factor}" '
            f'height="{height * factor}" alt="{name}"><figcaption>{name}: {score}</figcaption></figure>'
        )
        if last:
            final = figure
        else:
            way.append(figure)
    return f'<div class="cnnviz-frames"><div class="way">{"".join(way)}</div>{final}</div>'


def _described(answer: Maximised, layer: str | None, unit: int, class_names: Sequence[str]) -> str:
    first, last = (words.significant(float(answer.scores[i])) for i in (0, -1))
    what = f"score of “{class_names[unit]}”"
    if layer is not None:
        what = f"mean of map {unit + 1} of {layer}, before its activation function,"
    if answer.scores[-1] <= answer.scores[0]:
        return f"The {what} stays at {first}: nothing near this start wakes it. Try another seed."
    top = int(answer.probabilities.argmax())
    share = words.percent(float(answer.probabilities[top]))
    return (
        f"The {what} rises from {first} to {last}. The network calls this image {class_names[top]}: {share}."
    )
