"""Report page: which cell of the confusion matrix is looked at, by click, by name, or mistake by mistake."""

from __future__ import annotations

import streamlit as st

from cnnviz import words
from cnnviz.evaluation import EpochEvaluation, Evaluation, most_confused
from cnnviz.figures.confusion_figures import clicked_cell, confusion_figure
from cnnviz.runs import RunSummary
from cnnviz.ui import linked, show

TRUE_KEY, PREDICTED_KEY = "true", "predicted"
_SUGGESTED_KEY = "report_suggested"
_MATRIX_HEIGHT = 530
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
    now = tuple(st.query_params.get(key) or st.session_state.get(key) for key in (TRUE_KEY, PREDICTED_KEY))
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
        true = linked.select("True class", names, key=TRUE_KEY, label_visibility="collapsed")
    middle.markdown("taken for", text_alignment="center")
    with right:
        predicted = linked.select("Predicted class", names, key=PREDICTED_KEY, label_visibility="collapsed")
    st.html(_ARROWS)
    cell = names.index(true), names.index(predicted)
    pairs = [(one.true, one.predicted) for one in most_confused(result.matrix, names, k=_MOST_STEPS)]
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
    st.markdown(f"**{title}: {images:,}** of {support:,}{share}")
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


def matrix(run: RunSummary, result: Result, cell: Cell, what: str) -> None:
    """The confusion matrix; a click opens a cell.

    Args:
        what: names the images, for the chart's key: "test", "train", or the epoch.
    """
    key = f"confusion_{run.id}_{what}"

    def clicked() -> None:
        found = clicked_cell(st.session_state[key]["selection"]["points"], result.matrix)
        if found:
            choose_cell(result.class_names, *found)

    worst = most_confused(result.matrix, result.class_names, k=3)
    pairs = ", ".join(f"{p.true_name} taken for {p.predicted_name} {p.images} times" for p in worst)
    show.figure(
        confusion_figure(
            result.matrix,
            result.class_names,
            chosen=cell,
            title="Confusion matrix: click a cell",
            height=_MATRIX_HEIGHT,
            dark=show.dark(),
        ),
        key=key,
        on_select=clicked,
        alt=f"Confusion matrix of {int(result.matrix.sum()):,} images in {len(result.class_names)} classes. "
        f"Most frequent mistakes: {pairs or 'none'}.",
    )
