"""Report page, second part: the confusion matrix, the images of one cell, the probabilities of one image."""

from __future__ import annotations

import streamlit as st

from cnnviz import words
from cnnviz.datasets import Split
from cnnviz.evaluation import Evaluation, images_in_cell
from cnnviz.figures.report_figures import probability_figure
from cnnviz.figures.sprites import grid_png
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, navigation, show
from cnnviz.ui.report import choice, view
from cnnviz.ui.report.tiles import PAGE_SIZE, Pages, tiles


def render(run: RunSummary, result: Evaluation) -> None:
    """Matrix on the left, the chosen cell on the right."""
    choice.suggest(run, result)
    left, right = st.columns([1.2, 1], gap="medium")
    with right, st.container(gap="xsmall"):
        cell = choice.boxes(result)
        _cell(run, result, *cell)
    with left:
        choice.matrix(run, result, cell, result.split)


def _cell(run: RunSummary, result: Evaluation, true: int, predicted: int) -> None:
    places = images_in_cell(result.labels, result.probabilities, true, predicted)
    title = choice.headline(result, (true, predicted))
    if not len(places):
        st.caption("No image lies in this cell. Click a coloured one.")
        return
    pages = Pages.of("report", len(places), (run.id, result.split, true, predicted))
    shown = places[pages.first : pages.first + PAGE_SIZE]
    with show.guard():
        images = _images(run, result.split)
        tiles(
            images.images_at(result.indices[shown]),
            [_label(result, int(place), predicted) for place in shown],
            pages,
            alt=f"{title}: images {pages.first + 1} to {pages.first + len(shown)}",
        )
        pages.pagination()
        _image(run, result, images, int(places[pages.chosen]))


def _images(run: RunSummary, split: str) -> Split:
    dataset = cache.dataset(run.directory.spec().experiment.dataset)
    return dataset.full_test if split == "test" else dataset.full_train


def _label(result: Evaluation, place: int, predicted: int) -> str:
    return (
        f"image {result.indices[place]}: {words.percent(float(result.probabilities[place, predicted]))} sure"
    )


def _image(run: RunSummary, result: Evaluation, images: Split, place: int) -> None:
    """One image, large, beside the bars of all its probabilities."""
    index, true = int(result.indices[place]), int(result.labels[place])
    pixels = images.images_at([index])
    left, right = st.columns([1.05, 2.05])
    with left:
        factor = max(1, 128 // max(pixels.shape[1:3]))
        show.sprite(
            grid_png(pixels, columns=1, scale=factor, gap=0),
            key="report_chosen",
            alt=f"Image {index}, a {result.class_names[true]}",
            caption=f"{view.SPLIT_NAMES[result.split].lower()} image {index}",
        )
        st.page_link(
            navigation.page("feature_maps"),
            label="Its maps",
            help="What every layer sees in this image",
            query_params={"run": run.id, "split": result.split, "index": str(index)},
        )
    with right:
        probabilities = result.probabilities[place]
        said = int(probabilities.argmax())
        show.figure(
            probability_figure(probabilities, result.class_names, true),
            key="report_probabilities",
            alt=f"Image {index}: {result.class_names[said]} {words.percent(float(probabilities[said]))}, "
            f"true class {result.class_names[true]} {words.percent(float(probabilities[true]))}.",
        )
