"""Report page, second part: the confusion matrix, the cell that is looked at, and the images behind it.

A cell is chosen by click, by name, or mistake by mistake. Of an earlier epoch only counts were kept: in place
of images the cell is followed through the epochs.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from cnnviz import words
from cnnviz.datasets import Split
from cnnviz.evaluation import EpochEvaluation, Evaluation, cell_by_epoch, images_in_cell, most_confused
from cnnviz.evaluation.resampling import clustered_order
from cnnviz.figures.confusion_figures import Cells, clicked_cell, confusion_figure
from cnnviz.figures.report_figures import cell_history_figure, probability_figure
from cnnviz.figures.sprites import grid_png
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, linked, navigation, show
from cnnviz.ui.components.image_pages import PAGE_SIZE, Pages
from cnnviz.ui.report import report_epochs, report_view, why
from cnnviz.ui.report.report_epochs import Kept

TRUE_KEY, PREDICTED_KEY = "true", "predicted"
_SUGGESTED_KEY = "report_suggested"
_MATRIX_HEIGHT = 440
CELLS_KEY, ORDER_KEY = "cells", "class_order"
#: What a number of a cell is, and the title above the matrix.
_CELLS: dict[Cells, tuple[str, str]] = {
    "counts": ("Counts", "Images: click a cell"),
    "true": ("Row %", "Per cent of the true class: click a cell"),
    "predicted": ("Column %", "Per cent of the predicted class: click a cell"),
}
_ORDERS = {"given": "Given", "clustered": "Clustered"}
#: So many mistakes the two arrows step through.
_MOST_STEPS = 50

#: The arrows' words are read aloud and shown on hover; there is no room for them beside the arrows.
_ARROWS = """<style>
:is(.st-key-report_before, .st-key-report_next) p { position: absolute; clip-path: inset(50%); }
</style>"""

Result = Evaluation | EpochEvaluation
Cell = tuple[int, int]


def choose_cell(names: tuple[str, ...], true: int, predicted: int) -> None:
    """Open a cell; for callbacks, before the page's widgets are drawn."""
    linked.put(TRUE_KEY, names[true])
    linked.put(PREDICTED_KEY, names[predicted])


def suggest(run: RunSummary, result: Result) -> None:
    """Start with the most frequent mistake, and follow it from run to run until a cell is chosen."""
    names = result.class_names
    now = tuple(linked.value(key) for key in (TRUE_KEY, PREDICTED_KEY))
    known = all(name in names for name in now)
    place = (run.id, "" if isinstance(result, EpochEvaluation) else result.split)
    for_place, suggested = st.session_state.get(_SUGGESTED_KEY, (None, None))
    # From epoch to epoch the eye stays on one cell.
    followed = for_place == place or not place[1]
    if known and (now != suggested or followed):
        return
    worst = most_confused(result.matrix, names, k=1)
    true, predicted = (worst[0].true, worst[0].predicted) if worst else (0, 0)
    choose_cell(names, true, predicted)
    st.session_state[_SUGGESTED_KEY] = place, (names[true], names[predicted])


def boxes(result: Result) -> Cell:
    """Two select boxes, the keyboard's way to a cell, and two arrows from mistake to mistake."""
    names = list(result.class_names)
    left, middle, right, back, on = st.columns(
        [1, 0.52, 1, 0.2, 0.2], vertical_alignment="center", gap="xxsmall"
    )
    with left:
        true = linked.select("True class", names, key=TRUE_KEY, hidden=True)
    middle.markdown("taken for", text_alignment="center")
    with right:
        predicted = linked.select("Predicted class", names, key=PREDICTED_KEY, hidden=True)
    st.html(_ARROWS)
    cell = names.index(true), names.index(predicted)
    mistakes = most_confused(result.matrix, names, k=_MOST_STEPS)
    pairs = [(mistake.true, mistake.predicted) for mistake in mistakes]
    place = pairs.index(cell) if cell in pairs else -1
    with back:
        _step("report_before", "chevron_left", "More frequent mistake", result, pairs, place - 1)
    with on:
        _step("report_next", "chevron_right", "Less frequent mistake", result, pairs, place + 1)
    return cell


def headline(result: Result, cell: Cell) -> str:
    """How many images lie in the cell; returns its title."""
    (true, predicted), names = cell, result.class_names
    title = (
        f"{names[true]}, recognised" if true == predicted else f"{names[true]} taken for {names[predicted]}"
    )
    images, support = int(result.matrix[true, predicted]), int(result.matrix[true].sum())
    share = f" ({words.percent(images / support)})" if support else ""
    st.markdown(f"**{show.plain(title)}: {images:,}** of {support:,}{share}")
    return title


def _step(key: str, icon: str, text: str, result: Result, pairs: list[Cell], place: int) -> None:
    there = pairs[place] if 0 <= place < len(pairs) else None
    st.button(
        text,
        icon=f":material/{icon}:",
        key=key,
        help=text,
        type="tertiary",
        disabled=there is None,
        on_click=choose_cell,
        args=(result.class_names, *(there or (0, 0))),
    )


def matrix(run: RunSummary, result: Result, cell: Cell, what: str, clustered_by: np.ndarray) -> None:
    """The confusion matrix in one of three units and two orders of the classes; a click opens a cell.

    Args:
        what: names the images, for the chart's key: "test", "train", or the epoch.
        clustered_by: (C, C), by which classes are clustered: of all epochs one, so that none jumps.
    """
    with show.row("xsmall"):
        texts: dict[str, str] = {name: text for name, (text, _) in _CELLS.items()}
        unit = linked.segments("Cells", texts, key=CELLS_KEY)
        ordered = linked.segments("Order of the classes", _ORDERS, key=ORDER_KEY)
    cells: Cells = next(name for name in _CELLS if name == unit)
    order = clustered_order(clustered_by) if ordered == "clustered" else np.arange(len(result.matrix))
    shown = result.matrix[np.ix_(order, order)]
    places = {int(place): i for i, place in enumerate(order)}
    # One chart a unit and order: a click is told by its place in the chart that was clicked.
    key = f"confusion_{run.id}_{what}_{unit}_{ordered}"

    def clicked() -> None:
        if opened := clicked_cell(st.session_state[key]["selection"]["points"], shown):
            choose_cell(result.class_names, int(order[opened[0]]), int(order[opened[1]]))

    worst = most_confused(result.matrix, result.class_names, k=3)
    pairs = ", ".join(f"{p.true_name} taken for {p.predicted_name} {p.images} times" for p in worst)
    show.figure(
        confusion_figure(
            shown,
            [result.class_names[place] for place in order],
            chosen=(places[cell[0]], places[cell[1]]),
            cells=cells,
            title=_CELLS[cells][1],
            height=_MATRIX_HEIGHT,
            dark=show.dark(),
        ),
        key=key,
        on_select=clicked,
        alt=f"Confusion matrix of {int(result.matrix.sum()):,} images in {len(result.class_names)} classes. "
        f"Most frequent mistakes: {pairs or 'none'}.",
    )


def render(run: RunSummary, result: Evaluation) -> None:
    """Matrix on the left, the chosen cell on the right."""
    suggest(run, result)
    left, right = st.columns([1.2, 1], gap="medium")
    with right, st.container(gap="xsmall"):
        cell = boxes(result)
        _cell(run, result, *cell)
    with left:
        matrix(run, result, cell, result.split, result.matrix)


def _cell(run: RunSummary, result: Evaluation, true: int, predicted: int) -> None:
    places = images_in_cell(result.labels, result.probabilities, true, predicted)
    title = headline(result, (true, predicted))
    if not len(places):
        st.caption("No image lies in this cell. Click a coloured one.")
        return
    pages = Pages.of("report", len(places), (run.id, result.split, true, predicted))
    shown = places[pages.first : pages.first + PAGE_SIZE]
    sure = result.probabilities[shown, predicted]
    with show.guard():
        dataset = cache.images_of(run)
        images = dataset.full_test if result.split == "test" else dataset.full_train
        pages.tiles(
            images.images_at(result.indices[shown]),
            [
                f"image {index}: {words.percent(float(share))} sure"
                for index, share in zip(result.indices[shown], sure, strict=True)
            ],
            alt=f"{title}: images {pages.first + 1} to {pages.first + len(shown)}",
        )
        pages.pagination()
        _image(run, result, images, int(places[pages.chosen]))


def _image(run: RunSummary, result: Evaluation, images: Split, place: int) -> None:
    """One image, large, beside the bars of all its probabilities."""
    index, true = int(result.indices[place]), int(result.labels[place])
    pixels = images.images_at([index])
    left, right = st.columns([1.3, 1.8])
    with left:
        factor = max(1, 128 // max(pixels.shape[1:3]))
        show.sprite(
            grid_png(pixels, columns=1, scale=factor, gap=0),
            key="report_chosen",
            alt=f"Image {index}, a {result.class_names[true]}",
            caption=f"{report_view.SPLIT_NAMES[result.split].lower()} image {index}",
        )
        with show.row("xsmall"):
            navigation.link(
                "feature_maps",
                "Its maps",
                {"run": run.id, "split": result.split, "index": str(index)},
                icon=None,
                help="What every layer sees in this image",
            )
            why.button(run, result.split, index, true, pixels[0], key="report_why")
    with right:
        probabilities = result.probabilities[place]
        guess = int(probabilities.argmax())
        show.figure(
            probability_figure(probabilities, result.class_names, true),
            key="report_probabilities",
            alt=f"Image {index}: {result.class_names[guess]} {words.percent(float(probabilities[guess]))}, "
            f"true class {result.class_names[true]} {words.percent(float(probabilities[true]))}.",
        )


def render_past(run: RunSummary, result: EpochEvaluation, kept: Kept) -> None:
    """Matrix on the left; on the right how the chosen cell came about."""
    suggest(run, result)
    left, right = st.columns([1.2, 1], gap="medium")
    with right, st.container(gap="xsmall"):
        cell = boxes(result)
        headline(result, cell)
        _history(run, result, kept, *cell)
        st.caption(
            f"These are {result.images} images. Of each epoch only their counts were kept: single images, "
            "with their probabilities, are there at the end."
        )
        with st.container(horizontal=True):
            report_epochs.to_end("report_to_end", "To the end, with images")
            query = {"run": run.id, "look": "time"}
            navigation.link("feature_maps", "Play the time-lapse", query, icon=":material/movie:")
    with left:
        last = kept.matrices[max(kept.matrices)]
        matrix(run, result, cell, f"epoch{result.epoch}", last)


def _history(run: RunSummary, result: EpochEvaluation, kept: Kept, true: int, predicted: int) -> None:
    recognised = cell_by_epoch(kept.matrices, true, true)
    taken = cell_by_epoch(kept.matrices, true, predicted) if true != predicted else None
    names = result.class_names[true], result.class_names[predicted]
    key = f"report_history_{run.id}_{true}_{predicted}_{result.epoch}"

    def clicked() -> None:
        points = st.session_state[key]["selection"]["points"]
        stop = str(int(points[0]["x"])) if points else ""
        if stop == str(kept.last):
            report_epochs.choose(report_epochs.END)
        elif stop in kept.stops:
            report_epochs.choose(stop)

    ends = [words.percent(cells[-1].share) for cells in (recognised, taken or recognised)]
    show.figure(
        cell_history_figure(recognised, taken, names, result.epoch),
        key=key,
        on_select=clicked,
        alt=f"Share of {names[0]} recognised by epoch, at last {ends[0]}"
        + (f"; taken for {names[1]}, at last {ends[1]}." if taken else "."),
    )
