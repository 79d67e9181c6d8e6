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
from cnnviz.ui import show
from cnnviz.ui.asking import ask
from cnnviz.ui.feature_maps.subjects import Subject
from cnnviz.ui.linked import segments
from cnnviz.ui.run_labels import colours_of, run_title
from cnnviz.ui.timelapse.film import Film, film, tell

_NOW, _EPOCHS, _DEAD = "layers", "epochs", "silent"  # the last as links have called it
_VIEWS = {_NOW: "By layer", _EPOCHS: "Over the epochs", _DEAD: "Dead units"}


def render(subjects: Sequence[Subject]) -> None:
    """Histograms as they are now, two networks on the same axes; over the epochs; and dead units."""
    view = segments("Weights", _VIEWS, key="weights")
    runs = list({subject.run.id: subject.run for subject in subjects}.values())
    if view == _EPOCHS:
        over_epochs(runs)
    elif view == _DEAD:
        dead_units(runs)
    else:
        _by_layer(subjects)


def _by_layer(subjects: Sequence[Subject]) -> None:
    given = colours_of([subject.run.id for subject in subjects])
    found = []
    for place, subject in enumerate(subjects):
        histograms = ask(GetWeightHistograms(subject.weights))
        # A run beside itself untrained has one colour for both: the second takes the next one.
        colour = given[subject.run.id] + (place if len(given) < len(subjects) else 0)
        found.append(RunWeights(subject.title, [Distribution(*one) for one in histograms], colour))
    first = found[0]
    figure = (
        overlay_figure(found, root=True)
        if len(found) > 1
        else weights_figure(first.distributions, colour=first.colour)
    )
    show.figure(figure, key="maps_histograms", alt=" ".join(_told(one) for one in found))
    if len(found) > 1:
        st.caption("Heights: the root of the share of values there, so that flat curves show beside peaks.")


def _told(run: RunWeights) -> str:
    widest = max(run.distributions, key=lambda distribution: distribution.deviation)
    return (
        f"Histograms of the weights and biases of each layer of {run.label}; the widest: {widest.layer}, "
        f"standard deviation {words.significant(widest.deviation)}."
    )


def over_epochs(runs: Sequence[RunSummary]) -> None:
    """A strip of histograms for every layer, of each run, on the same axes."""
    films = _films(runs)
    found = {one.run.id: _epochs(one) for one in films}
    ends: Ends = {}
    for epochs in found.values():
        for row, end in ends_of(epochs).items():
            ends[row] = max(end, ends.get(row, 0.0))
    for place, one in zip(st.columns(max(1, len(films)), gap="large"), films, strict=False):
        if epochs := found[one.run.id]:
            with place:
                _strips(one, epochs, ends)
    if any(found.values()):
        st.caption("Stronger colour: more values. Dotted: the mean plus and minus one standard deviation.")
    tell(films)


def _strips(one: Film, epochs: Sequence[Epoch], ends: Ends) -> None:
    show.figure(
        epochs_figure(epochs, ends=ends, title=run_title(one.run)),
        key=f"maps_weights_epochs_{one.run.id}",
        alt=f"Histograms of the weights and biases of each layer of {run_title(one.run)}, from epoch "
        f"{epochs[0].epoch} to {epochs[-1].epoch}.",
    )


def _epochs(one: Film) -> list[Epoch]:
    return [
        Epoch(frame.epoch, [Distribution(*histogram) for histogram in frame.histograms])
        for frame in one.frames
        if frame.histograms
    ]


def _films(runs: Sequence[RunSummary]) -> list[Film]:
    films = [found for run in runs if (found := film(run))]
    if not films:
        show.empty(
            "No snapshots yet.", "Training keeps one after each epoch: they appear here by themselves."
        )
    return films


def dead_units(runs: Sequence[RunSummary]) -> None:
    """Layer by layer how many maps or units have been 0 for all images seen, in words and over the epochs."""
    films = _films(runs)
    for place, one in zip(st.columns(max(1, len(films)), gap="large"), films, strict=False):
        with place:
            st.markdown(
                f"**{run_title(one.run)}**",
                help="A unit with ReLU that answers 0 to every image learns nothing more: no gradient passes "
                "it. Often the learning rate was too high.",
            )
            _dead_units(one)
    tell(films)


def _dead_units(one: Film) -> None:
    frames = [frame for frame in one.frames if frame.dead]
    if not frames:
        st.caption("No layer of this run is known to have dead units: only layers with ReLU can.")
        return
    last, images = frames[-1], _images(one)
    counts = {name: int(flags.sum()) for name, flags in last.dead.items()}
    st.markdown(told(one, last.dead, images))
    table = pd.DataFrame(
        {
            "layer": list(counts),
            "units": [len(flags) for flags in last.dead.values()],
            "dead": list(counts.values()),
            "over the epochs": [
                [float(frame.dead[name].mean()) if name in frame.dead else 0.0 for frame in frames]
                for name in counts
            ],
        }
    )
    top = max(max(shares) for shares in table["over the epochs"])
    st.dataframe(
        table,
        hide_index=True,
        key=f"maps_dead_{one.run.id}",
        column_config={
            "units": st.column_config.NumberColumn("maps or units"),
            "over the epochs": st.column_config.LineChartColumn(
                "share over the epochs",
                y_min=0,
                y_max=max(0.1, top),
                help=f"Share of dead ones from epoch {frames[0].epoch} (0: untrained) to "
                f"{frames[-1].epoch}; one scale for all layers, up to {words.percent(max(0.1, top), 0)}.",
            ),
        },
    )


def _images(one: Film) -> str:
    """`all 500 validation images`, as far as it is known."""
    matrix = one.frames[-1].confusion
    return f"all {f'{int(matrix.sum()):,} ' if matrix is not None else ''}{one.images} images"


def told(one: Film, dead: dict[str, NDArray[np.bool_]], images: str) -> str:
    """`12 of 64 maps of block2_conv2 are dead on all 500 validation images`, for each layer with any."""
    parts = []
    for name, flags in dead.items():
        if count := int(flags.sum()):
            noun = "maps" if name in one.layers else "units"
            parts.append(f"**{count:,} of {len(flags):,}** {noun} of {name}")
    if not parts:
        total = words.count(sum(len(flags) for flags in dead.values()))
        return f"None of {total} maps and units with ReLU is dead on {images}."
    if len(parts) == 1:
        return f"{parts[0]} are dead on {images}."
    return f"Dead on {images}:  \n" + "  \n".join(parts)
