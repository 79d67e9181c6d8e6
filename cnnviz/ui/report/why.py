"""Why? One image beside what the network makes of it: layers, Grad-CAM and its scores, in a dialog."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import words
from cnnviz.figures import explanation_figures
from cnnviz.figures.report_figures import probability_figure
from cnnviz.runs import RunSummary
from cnnviz.ui import navigation, show
from cnnviz.ui.component import data_url
from cnnviz.ui.explain.explain_answers import Explained
from cnnviz.ui.explain.score_words import score_words
from cnnviz.ui.feature_maps import overview
from cnnviz.ui.feature_maps.subjects import Looked, Subject, look

#: The first method to look at: quick, and known.
_METHOD = "grad-cam"
_SIDE = 160


def button(
    run: RunSummary, split: str, index: int, true: int, pixels: NDArray[np.uint8], *, key: str
) -> None:
    """A button that opens the dialog for an image of a run's split.

    Args:
        split: "test" or "train".
        index: of the image in the data set's full split.
        true: label of its class.
        pixels: uint8, shape (H, W, C).
    """
    text = "Grad-CAM, its scores and all layers, without leaving this page"
    if st.button("Why?", key=key, help=text):
        _dialog(run, split, index, true, pixels)


@st.dialog("Why?", width="large")
def _dialog(run: RunSummary, split: str, index: int, true: int, pixels: NDArray[np.uint8]) -> None:
    with show.guard():
        subject = Subject(run)
        names = subject.class_names
        looked = look(subject, pixels)
        label = int(looked.overview.probabilities.argmax())
        _answer(looked, names, true, label)
        _layers(looked)
    query = {"run": run.id, "split": split, "index": str(index)}
    with show.row():
        navigation.link("feature_maps", "All its feature maps", query)
        navigation.link("feature_maps", "All explanations", {**query, "look": "explain"})


def _answer(looked: Looked, names: tuple[str, ...], true: int, label: int) -> None:
    """The image, Grad-CAM over it, and all probabilities; below, what the scores say."""
    explained = Explained(looked, label, _METHOD)
    left, right = st.columns([1, 1], gap="medium")
    with right:
        probabilities = looked.overview.probabilities
        share = words.percent(float(probabilities[label]))
        show.figure(
            probability_figure(probabilities, names, true),
            key="why_probabilities",
            alt=f"{names[label]} {share}, true class {names[true]} "
            f"{words.percent(float(probabilities[true]))}.",
        )
    with left, st.spinner("Grad-CAM …"):
        found = explained.attribution()
        limit = explanation_figures.limit_of(found.values)
        tile = explanation_figures.tile_png(looked.image, found.values, signed=found.signed, limit=limit)
        height, width = looked.image.shape[:2]
        factor = max(1, _SIDE // max(height, width))
        size = f'width="{width * factor}" height="{height * factor}" style="image-rendering:pixelated"'
        name = html.escape(names[label])
        pictures = (
            (explanation_figures.image_png(looked.image), f"true class: {html.escape(names[true])}"),
            (tile, f"Grad-CAM for “{name}”"),
        )
        st.html(
            '<div style="display:flex;flex-wrap:wrap;gap:12px">'
            + "".join(
                f'<figure style="margin:0"><img src="{data_url(png)}" {size} alt="{text}">'
                f"<figcaption>{text}</figcaption></figure>"
                for png, text in pictures
            )
            + "</div>"
        )
    st.markdown(
        f"The network says **{show.plain(names[label])}** ({share}). Bright: what speaks for it by Grad-CAM."
    )
    if not found.values.any():
        st.caption("The map is 0 everywhere: Grad-CAM finds nothing in this image that speaks for the class.")
        return
    with st.spinner("Scores …"):
        scores = score_words(explained.scores(), explained.random_order(), names[label])
    st.markdown(show.plain(scores))  # no caption: in a dark dialog that is too faint


def _layers(looked: Looked) -> None:
    """The liveliest map of every layer, in one row."""
    pictures = "".join(
        f'<figure style="margin:0" title="{html.escape(each.tile.hint)}"><img src="{data_url(each.png)}" '
        f'width="{each.sizes[-1][0]}" height="{each.sizes[-1][1]}" style="image-rendering:pixelated" '
        f'alt="{html.escape(each.tile.hint)}"></figure>'
        for each in overview.thumbnails(looked)
    )
    st.markdown("From the image to the answer: of every layer the map that varies most. Hover for its name.")
    st.html(f'<div style="display:flex;gap:10px;align-items:center;overflow-x:auto">{pictures}</div>')
