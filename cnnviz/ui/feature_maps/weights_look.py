"""Feature maps page: how the weights and biases of every layer are distributed, of one run or two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnnviz import words
from cnnviz.figures.weight_figures import (
    Distribution,
    Ends,
    Epoch,
    RunWeights,
    ends_of,
    epochs_figure,
    overlay_figure,
    weights_figure,
)
from cnnviz.inspection.questions import GetWeightHistograms
from cnnviz.runs import RunSummary
from cnnviz.ui import linked, show
from cnnviz.ui.asking import ask
from cnnviz.ui.feature_maps.subjects import Subject
from cnnviz.ui.run_labels import colours_of, run_title
from cnnviz.ui.timelapse.film import Film, read_films, tell

_NOW, _EPOCHS, _DEAD = "layers", "epochs", "silent"  # the last as links have called it
_VIEWS = {_NOW: "By layer", _EPOCHS: "Over the epochs", _DEAD: "Dead units"}


def render(subjects: Sequence[Subject]) -> None:
    """Histograms as they are now, two networks on the same axes; over the epochs; and dead units."""
    view = linked.segments("Weights", _VIEWS, key="weights")
    runs = list({subject.run.id: subject.run for subject in subjects}.values())
    if view == _EPOCHS:
        _over_epochs(runs)
    elif view == _DEAD:
        _dead_units(runs)
    else:
        _by_layer(subjects)


def _by_layer(subjects: Sequence[Subject]) -> None:
    given = colours_of([subject.run.id for subject in subjects])
    shown, alts = [], []
    for place, subject in enumerate(subjects):
        histograms = ask(GetWeightHistograms(subject.weights))
        distributions = [Distribution(*histogram) for histogram in histograms]
        # A run beside itself untrained has one colour for both: the second takes the next one.
        colour = given[subject.run.id] + (place if len(given) < len(subjects) else 0)
        shown.append(RunWeights(subject.title, distributions, colour))
        widest = max(distributions, key=lambda distribution: distribution.deviation)
        alts.append(
            f"Histograms of the weights and biases of each layer of {subject.title}; the widest: "
            f"{widest.layer}, standard deviation {words.significant(widest.deviation)}."
        )
    figure = (
        overlay_figure(shown, root=True)
        if len(shown) > 1
        else weights_figure(shown[0].distributions, colour=shown[0].colour)
    )
    show.figure(figure, key="maps_histograms", alt=" ".join(alts))
    if len(shown) > 1:
        st.caption("Heights: the root of the share of values there, so that flat curves show beside peaks.")


def _over_epochs(runs: Sequence[RunSummary]) -> None:
    """A strip of histograms for every layer, of each run, on the same axes."""
    films = _films(runs)
    epochs_of = {
        film.run.id: [
            Epoch(frame.epoch, [Distribution(*histogram) for histogram in frame.histograms])
            for frame in film.frames
            if frame.histograms
        ]
        for film in films
    }
    ends: Ends = {}
    for epochs in epochs_of.values():
        for row, end in ends_of(epochs).items():
            ends[row] = max(end, ends.get(row, 0.0))
    for place, film in zip(st.columns(max(1, len(films)), gap="large"), films, strict=False):
        if epochs := epochs_of[film.run.id]:
            with place:
                title = run_title(film.run)
                show.figure(
                    epochs_figure(epochs, ends=ends, title=title),
                    key=f"maps_weights_epochs_{film.run.id}",
                    alt=f"Histograms of the weights and biases of each layer of {title}, from epoch "
                    f"{epochs[0].epoch} to {epochs[-1].epoch}.",
                )
    if any(epochs_of.values()):
        st.caption("Stronger colour: more values. Dotted: the mean plus and minus one standard deviation.")
    tell(films)


def _films(runs: Sequence[RunSummary]) -> list[Film]:
    films = read_films(runs)
    if not films:
        show.empty(
            "No snapshots yet.", "Training keeps one after each epoch: they appear here by themselves."
        )
    return films


def _dead_units(runs: Sequence[RunSummary]) -> None:
    """Layer by layer how many maps or units have been 0 for all images seen, in words and over the epochs."""
    films = _films(runs)
    for place, film in zip(st.columns(max(1, len(films)), gap="large"), films, strict=False):
        with place:
            st.markdown(
                f"**{run_title(film.run)}**",
                help="A unit with ReLU that answers 0 to every image learns nothing more: no gradient passes "
                "it. Often the learning rate was too high.",
            )
            _dead_units_of(film)
    tell(films)


def _dead_units_of(film: Film) -> None:
    frames = [frame for frame in film.frames if frame.dead]
    if not frames:
        st.caption("No layer of this run is known to have dead units: only layers with ReLU can.")
        return
    last = frames[-1].dead
    st.markdown(_dead_sentence(film, last))
    rows = []
    for name, flags in last.items():
        shares = [float(frame.dead[name].mean()) if name in frame.dead else 0.0 for frame in frames]
        rows.append((name, len(flags), int(flags.sum()), shares))
    table = pd.DataFrame(rows, columns=["layer", "units", "dead", "over the epochs"])
    top = max(0.1, *(max(shares) for shares in table["over the epochs"]))
    st.dataframe(
        table,
        hide_index=True,
        key=f"maps_dead_{film.run.id}",
        column_config={
            "units": st.column_config.NumberColumn("maps or units"),
            "over the epochs": st.column_config.LineChartColumn(
                "share over the epochs",
                y_min=0,
                y_max=top,
                help=f"Share of dead ones from epoch {frames[0].epoch} (0: untrained) to "
                f"{frames[-1].epoch}; one scale for all layers, up to {words.percent(top, 0)}.",
            ),
        },
    )


def _dead_sentence(film: Film, dead: dict[str, NDArray[np.bool_]]) -> str:
    """`12 of 64 maps of block2_conv2 are dead on all 500 validation images`, for each layer with any."""
    matrix = film.frames[-1].confusion
    images = f"all {f'{int(matrix.sum()):,} ' if matrix is not None else ''}{film.images} images"
    parts = []
    for name, flags in dead.items():
        if count := int(flags.sum()):
            noun = "maps" if name in film.layers else "units"
            parts.append(f"**{count:,} of {len(flags):,}** {noun} of {name}")
    if not parts:
        total = words.count(sum(len(flags) for flags in dead.values()))
        return f"None of {total} maps and units with ReLU is dead on {images}."
    if len(parts) == 1:
        return f"{parts[0]} are dead on {images}."
    return f"Dead on {images}:  \n" + "  \n".join(parts)
