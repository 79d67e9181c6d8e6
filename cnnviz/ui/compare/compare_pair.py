"""Compare page, third part: two runs on the same images. What B fixed, what it broke, and is it chance?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from cnnviz import words
from cnnviz.datasets import Split
from cnnviz.errors import RunError
from cnnviz.evaluation import (
    Changes,
    Paired,
    changes,
    class_names,
    confusion_matrix,
    matrix_difference,
    mcnemar,
    pair,
)
from cnnviz.figures.confusion_figures import clicked_cell, difference_figure
from cnnviz.figures.report_figures import probability_figure
from cnnviz.figures.sprites import grid_png
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, navigation, show
from cnnviz.ui.components.image_pages import PAGE_SIZE, Pages
from cnnviz.ui.run_labels import titles

_SHOWN_KEY, _CELL_KEY = "pair_shown", "pair_cell"
_FIXED, _BROKEN, _CELL = "Fixed by B", "Broken by B", "Chosen cell"


class Duel(NamedTuple):
    """Two runs and what became of their common test images."""

    a: RunSummary
    b: RunSummary
    paired: Paired
    changed: Changes
    names: tuple[str, ...]

    @property
    def images(self) -> Split:
        """All test images of their data set."""
        return cache.images_of(self.a).full_test

    @property
    def guesses(self) -> tuple[np.ndarray, np.ndarray]:
        """Predicted classes of A and of B, each (n,)."""
        return self.paired.a.argmax(axis=1), self.paired.b.argmax(axis=1)


def render(runs: list[RunSummary]) -> None:
    """Choose A and B, then the verdict, the difference of the matrices, the changed images."""
    if len(runs) < 2:
        st.caption("Choose a second run above to see which images it gets right and this one doesn't.")
        return
    names, by_id = titles(runs), {run.id: run for run in runs}
    left, right = st.columns(2)
    with left:
        a = _run_box("A", "pair_a", list(by_id), names)
    with right:
        b = _run_box("B", "pair_b", [run_id for run_id in by_id if run_id != a], names)
    duel = _duel(by_id[a], by_id[b])
    _verdict(duel)
    left, right = st.columns([1.2, 1], gap="medium")
    with left:
        _matrix(duel)
    with right:
        place = _changed_images(duel)
    if place is not None:
        _image(duel, place)


def _run_box(label: str, key: str, options: list[str], names: dict[str, str]) -> str:
    # Set, not only dropped: the browser would go on showing a value that is no option any more.
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    return st.selectbox(label, options, key=key, format_func=names.__getitem__)


def _duel(a: RunSummary, b: RunSummary) -> Duel:
    specs = [run.directory.spec().experiment.dataset for run in (a, b)]
    alike = {(spec.name, spec.labels, spec.size) for spec in specs}
    saved = [cache.predictions(run) for run in (a, b)]
    if len(alike) > 1 or saved[0] is None or saved[1] is None:
        raise RunError(
            "Only runs on one data set, with saved predictions, can be compared image by image. Choose "
            "another A or B."
        )
    seen = [run.directory.data() for run in (a, b)]
    if seen[0] and seen[1] and seen[0].digest != seen[1].digest:
        raise RunError(
            f"The images have changed between the two trainings ({seen[0].images:,} for A, "
            f"{seen[1].images:,} for B), so that they can't be compared image by image. Train one again."
        )
    try:
        paired = pair(saved[0], saved[1])
    except ValueError as error:
        raise RunError(f"{error} Choose runs that were tested on the same images.") from error
    return Duel(a, b, paired, changes(paired), class_names(a.directory))


def _verdict(duel: Duel) -> None:
    fixed, broken, n = len(duel.changed.fixed), len(duel.changed.broken), len(duel.paired.labels)
    p_value = mcnemar(fixed, broken).p_value
    p = words.p_value(p_value).replace(" ", "\u00a0")
    points = words.points((fixed - broken) / n) if fixed != broken else "±0"
    st.markdown(
        f"B fixes **{fixed:,}** images and breaks **{broken:,}** of {n:,}: **{points} points**. "
        f"{len(duel.changed.both_right):,} are right and {len(duel.changed.both_wrong):,} wrong in both. "
        f"McNemar's exact test: {p}. "
        f"{_meaning(fixed, broken, p_value)}",
        help="If A and B were equally good, an image would be fixed as often as broken. p is how often "
        "chance alone gives a difference at least as large. It knows these two runs, not other seeds: the "
        "page Sweep compares several seeds of each, and may find that the two settings don't differ.",
    )


def _meaning(fixed: int, broken: int, p_value: float) -> str:
    if not fixed + broken:
        return "No image tells them apart."
    if p_value < 0.05:
        better = "B" if fixed > broken else "A"
        return (
            f"For these two networks it is more than chance that {better} is right more often; another seed "
            "may still change that."
        )
    return "A difference like this is to be expected by chance alone: neither is shown to be better."


def _matrix(duel: Duel) -> None:
    classes, (guess_a, guess_b) = len(duel.names), duel.guesses
    difference = matrix_difference(
        confusion_matrix(duel.paired.labels, guess_a, classes),
        confusion_matrix(duel.paired.labels, guess_b, classes),
    )
    key = f"difference_{duel.a.id}_{duel.b.id}"

    def clicked() -> None:
        if cell := clicked_cell(st.session_state[key]["selection"]["points"], difference):
            st.session_state.update({_CELL_KEY: cell, _SHOWN_KEY: _CELL})

    chosen = st.session_state.get(_CELL_KEY) if st.session_state.get(_SHOWN_KEY) == _CELL else None
    show.figure(
        difference_figure(
            difference, duel.names, chosen=chosen, title="B − A: click a cell", dark=show.dark()
        ),
        key=key,
        on_select=clicked,
        alt="Confusion matrix of B minus that of A: blue where B puts more images, orange where less; "
        f"the diagonal changes by {int(np.trace(difference)):+d}.",
    )


def _listed(duel: Duel, shown: str) -> np.ndarray:
    """Positions of the images to show."""
    if shown == _FIXED:
        return duel.changed.fixed
    if shown == _BROKEN:
        return duel.changed.broken
    true, predicted = st.session_state.get(_CELL_KEY, (0, 0))
    guess_a, guess_b = duel.guesses
    own = duel.paired.labels == true
    entered = np.flatnonzero(own & (guess_b == predicted) & (guess_a != predicted))
    left = np.flatnonzero(own & (guess_a == predicted) & (guess_b != predicted))
    return np.concatenate([entered, left])


def _changed_images(duel: Duel) -> int | None:
    """The tiles; returns the chosen image's position, None where there is no image."""
    options = [_FIXED, _BROKEN, *([_CELL] if _CELL_KEY in st.session_state else [])]
    control = st.segmented_control(
        "Images", options, key=_SHOWN_KEY, default=_FIXED, required=True, label_visibility="collapsed"
    )
    shown = control or _FIXED

    places = _listed(duel, shown)
    if shown == _CELL:
        true, predicted = (duel.names[i] for i in st.session_state[_CELL_KEY])
        st.markdown(f"**{len(places):,}** {true} images that only one of the runs takes for {predicted}")
    else:
        st.markdown(f"**{len(places):,}** images, B's most confident first")
    if not len(places):
        return None
    view = Pages.of("pair", len(places), (duel.a.id, duel.b.id, shown, st.session_state.get(_CELL_KEY)))
    on_page = places[view.first : view.first + PAGE_SIZE]
    texts = [_label(duel, int(place)) for place in on_page]
    view.tiles(
        duel.images.images_at(duel.paired.indices[on_page]),
        texts,
        alt=f"{shown}: images {view.first + 1} to {view.first + len(on_page)}",
    )
    view.pagination()
    return int(places[view.chosen])


def _label(duel: Duel, place: int) -> str:
    parts = []
    for name, probabilities in (("A", duel.paired.a[place]), ("B", duel.paired.b[place])):
        guess = int(probabilities.argmax())
        parts.append(f"{name}: {duel.names[guess]} {words.percent(float(probabilities[guess]), 0)}")
    truth = duel.names[duel.paired.labels[place]]
    return f"image {duel.paired.indices[place]}, {truth}; {', '.join(parts)}"


def _image(duel: Duel, place: int) -> None:
    """One image, large, beside what A and what B say about it."""
    index, true = int(duel.paired.indices[place]), int(duel.paired.labels[place])
    pixels = duel.images.images_at([index])
    runs = (("A", duel.a, duel.paired.a[place]), ("B", duel.b, duel.paired.b[place]))
    left, *bars = st.columns([1, 1.7, 1.7], gap="medium")
    with left:
        show.sprite(
            grid_png(pixels, columns=1, scale=max(1, 128 // max(pixels.shape[1:3])), gap=0),
            key="pair_chosen",
            alt=f"Image {index}, {duel.names[true]}",
            caption=show.plain(f"{duel.names[true]}, test image {index}"),
        )
    for column, (name, run, probabilities) in zip(bars, runs, strict=True):
        with column:
            figure = probability_figure(probabilities, duel.names, true)
            figure.update_layout(title=f"{name} says")
            guess = duel.names[int(probabilities.argmax())]
            show.figure(figure, key=f"pair_bars_{name}", alt=f"Run {name} says {guess}.")
            navigation.link(
                "feature_maps",
                f"Its feature maps in {name}",
                {"run": run.id, "split": "test", "index": str(index)},
                icon=":material/grid_view:",
            )
