"""Report page, second part: the confusion matrix, the images of one cell, the probabilities of one image."""

from __future__ import annotations

import streamlit as st

from cnnviz.datasets import Split
from cnnviz.evaluation import Evaluation, images_in_cell, most_confused
from cnnviz.figures.confusion import clicked_cell, confusion_figure
from cnnviz.figures.report import probability_figure
from cnnviz.figures.sprites import grid_png
from cnnviz.runs import RunSummary, snapshots
from cnnviz.ui import cache, navigation, show, words
from cnnviz.ui.report.tiles import PAGE_SIZE, Pages, tiles

TRUE_KEY, PREDICTED_KEY = "true", "predicted"
_SUGGESTED_KEY = "report_suggested"
_MATRIX_HEIGHT = 530


def render(run: RunSummary, result: Evaluation) -> None:
    """Matrix on the left, the chosen cell on the right."""
    _suggest(result)
    left, right = st.columns([1.2, 1], gap="medium")
    with right:
        cell = _choose(result)
    with left:
        _matrix(run, result, cell)
        if snapshots.files(run.directory.snapshots_dir):
            st.page_link(
                navigation.page("feature_maps"), label="The matrix of validation images, epoch by epoch",
                icon=":material/movie:", query_params={"run": run.id, "look": "time"},
            )  # fmt: skip
    with right:
        _cell(run, result, *cell)


def choose_cell(result: Evaluation, true: int, predicted: int) -> None:
    """Open a cell; for callbacks, before the page's widgets are drawn."""
    st.session_state[TRUE_KEY] = result.class_names[true]
    st.session_state[PREDICTED_KEY] = result.class_names[predicted]


def _suggest(result: Evaluation) -> None:
    """Start with the most frequent mistake, and follow it from run to run until a cell is chosen."""
    names = result.class_names
    chosen = st.session_state.get(TRUE_KEY), st.session_state.get(PREDICTED_KEY)
    linked = st.query_params.get(TRUE_KEY) in names and st.query_params.get(PREDICTED_KEY) in names
    known = chosen[0] in names and chosen[1] in names
    if (linked or known) and chosen != st.session_state.get(_SUGGESTED_KEY):
        return
    worst = most_confused(result.matrix, names, k=1)
    true, predicted = (worst[0].true, worst[0].predicted) if worst else (0, 0)
    suggestion = names[true], names[predicted]
    if suggestion != chosen:
        choose_cell(result, true, predicted)
        st.session_state[_SUGGESTED_KEY] = suggestion


def _choose(result: Evaluation) -> tuple[int, int]:
    """Two select boxes: the keyboard's way to a cell; they stand in the link."""
    names = list(result.class_names)
    left, middle, right = st.columns([1, 0.5, 1], vertical_alignment="center", gap="xxsmall")
    with left:
        true = _class_box("True class", names, TRUE_KEY)
    middle.markdown("taken for", text_alignment="center")
    with right:
        predicted = _class_box("Predicted class", names, PREDICTED_KEY)
    return names.index(true), names.index(predicted)


def _class_box(label: str, names: list[str], key: str) -> str:
    # Without a default (index None) the link names every choice; `_suggest` sees to it that there is one.
    chosen = st.selectbox(
        label, names, index=None, key=key, bind="query-params", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    return chosen or names[0]


def _matrix(run: RunSummary, result: Evaluation, cell: tuple[int, int]) -> None:
    key = f"confusion_{run.id}_{result.split}"

    def clicked() -> None:
        found = clicked_cell(st.session_state[key]["selection"]["points"], result.matrix)
        if found:
            choose_cell(result, *found)

    worst = most_confused(result.matrix, result.class_names, k=3)
    pairs = ", ".join(f"{p.true_name} taken for {p.predicted_name} {p.images} times" for p in worst)
    show.figure(
        confusion_figure(
            result.matrix, result.class_names, chosen=cell, title="Confusion matrix: click a cell",
            height=_MATRIX_HEIGHT,
        ),
        key=key, on_select=clicked,
        alt=f"Confusion matrix of {len(result.labels):,} images in {len(result.class_names)} classes. "
        f"Most frequent mistakes: {pairs or 'none'}.",
    )  # fmt: skip


def _cell(run: RunSummary, result: Evaluation, true: int, predicted: int) -> None:
    places = images_in_cell(result.labels, result.probabilities, true, predicted)
    support = int(result.matrix[true].sum())
    names = result.class_names
    title = (
        f"{names[true]}, recognised" if true == predicted else f"{names[true]} taken for {names[predicted]}"
    )
    share = f" ({words.percent(len(places) / support)})" if support else ""
    st.markdown(f"**{title}: {len(places):,}** of {support:,}{share}", help="The most confident first.")
    if not len(places):
        st.caption("No image lies in this cell. Click a coloured one.")
        return
    view = Pages.of("report", len(places), (run.id, result.split, true, predicted))
    shown = places[view.first : view.first + PAGE_SIZE]
    with show.guard():
        images = _images(run, result.split)
        tiles(
            images.images_at(result.indices[shown]),
            [_label(result, int(place), predicted) for place in shown],
            view,
            alt=f"{title}: images {view.first + 1} to {view.first + len(shown)}",
        )
        place = int(places[view.chosen])
        left, right = st.columns([1, 1.1], vertical_alignment="center", gap="xxsmall")
        with left:
            view.pagination(visible=3)
        with right:
            st.page_link(
                navigation.page("feature_maps"), label="Open its feature maps", icon=":material/grid_view:",
                query_params={"run": run.id, "split": result.split, "index": str(result.indices[place])},
            )  # fmt: skip
        _image(result, images, place)


def _images(run: RunSummary, split: str) -> Split:
    dataset = cache.dataset(run.directory.spec().experiment.dataset)
    return dataset.full_test if split == "test" else dataset.full_train


def _label(result: Evaluation, place: int, predicted: int) -> str:
    return (
        f"image {result.indices[place]}: {words.percent(float(result.probabilities[place, predicted]))} sure"
    )


def _image(result: Evaluation, images: Split, place: int) -> None:
    """One image, large, beside the bars of all its probabilities."""
    index, true = int(result.indices[place]), int(result.labels[place])
    pixels = images.images_at([index])
    left, right = st.columns([1, 2.1])
    with left:
        factor = max(1, 128 // max(pixels.shape[1:3]))
        show.sprite(
            grid_png(pixels, columns=1, scale=factor, gap=0), key="report_chosen",
            alt=f"Image {index}, a {result.class_names[true]}", caption=f"{result.split} image {index}",
        )  # fmt: skip
    with right:
        probabilities = result.probabilities[place]
        said = int(probabilities.argmax())
        show.figure(
            probability_figure(probabilities, result.class_names, true), key="report_probabilities",
            alt=f"Image {index}: {result.class_names[said]} {words.percent(float(probabilities[said]))}, "
            f"true class {result.class_names[true]} {words.percent(float(probabilities[true]))}.",
        )  # fmt: skip
