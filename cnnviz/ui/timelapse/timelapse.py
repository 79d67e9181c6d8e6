"""Feature maps page, the look Time-lapse: kernels, maps, answers and confusion, epoch by epoch.

All frames travel to the browser once, as sprites of one chosen layer, and play there: no step asks the
server. While a run trains, new epochs are added.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import streamlit as st

from cnnviz.evaluation import row_shares
from cnnviz.figures import lapse_figures, theme
from cnnviz.figures.lapse_figures import Kind, Reel, Span
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.layers import signed_outputs
from cnnviz.runs import RunSummary, load_summary
from cnnviz.specs import Conv2D
from cnnviz.ui import cache, linked, show
from cnnviz.ui.component import component, data_url
from cnnviz.ui.run_labels import colours_of, run_title, titles
from cnnviz.ui.timelapse.film import Film, read_films, tell

LAYER_KEY, SPAN_KEY = "lapse_layer", "lapse_colours"
_SPANS = {"all": "one scale", "each": "per epoch"}
_SECONDS = 2.0
_FIGURES = ("accuracy", "val_accuracy", "loss", "val_loss")


_lapse = component("time_lapse", __file__, "timelapse.css", "timelapse.js")


def render(runs: Sequence[RunSummary]) -> None:
    """The time-lapse of one run, or of two with one slider; it grows while they train."""
    was_active = any(run.active for run in runs)

    def live() -> None:
        now = [load_summary(run.path) for run in runs]
        if was_active and not any(run.active for run in now):
            st.rerun()  # the whole page: the timer ends
        with show.guard():
            if films := read_films(now):
                _films(films)
            else:
                show.empty(
                    "No snapshots yet.",
                    "Training keeps one before the first epoch and after each: they appear here by "
                    "themselves.",
                )

    st.fragment(live, run_every=_SECONDS if was_active else None)()


def _films(films: Sequence[Film]) -> None:
    layers, layer = films[0].layers, ""
    with show.row():
        if layers:
            layer = linked.select(
                "Maps of",
                layers,
                key=LAYER_KEY,
                default=layers[0],
                names=lambda name: f"maps of {name}",
                help="Of which convolution maps are shown. Each epoch keeps at most 16 of them, and only for "
                "the first probe image.",
                hidden=True,
                width=200,
            )
        st.markdown(
            "Colours",
            width="content",
            help="One scale: over all epochs, so that growth is seen. Per epoch: each epoch's own largest "
            "value is the end of its colours, so that faint patterns show.",
        )
        span = cast(Span, linked.segments("Colours", _SPANS, key=SPAN_KEY))
        save_as_file(films, layer, span)
    labels, colours = titles([each.run for each in films]), colours_of([each.run.id for each in films])
    dark = show.dark()
    data = [
        _payload(each.run.path, each.stamp, len(cache.epochs(each.run)), layer, span, dark, each)
        | {"title": labels[each.run.id], "colour": theme.run_colour(colours[each.run.id])}
        for each in films
    ]
    sequential = theme.SEQUENTIAL_DARK if dark else theme.SEQUENTIAL
    _lapse(
        key="lapse",
        data={
            "runs": data,
            "scale": [colour for _, colour in sequential],
            "dark": dark,
            "right": theme.CORRECT,
            "wrong": theme.WRONG,
        },
    )
    tell(films)


@st.cache_resource(max_entries=24, show_spinner="Preparing the pictures of all epochs …")
def _payload(
    path: Path, stamp: object, epochs: int, layer: str, span: Span, dark: bool, _film: Film
) -> dict[str, Any]:
    """What the browser needs of one run; never change it."""
    frames, experiment = _film.frames, _film.run.experiment
    assert experiment is not None  # runs without one can't be chosen here
    training, shown_kernels, shown_maps = experiment.training, None, None
    begins = f"first weights from run {training.init_from}" if training.init_from else "random weights"
    if training.first_kernels:
        begins = "first layer made by hand, else random weights"
    if reel := kernels(_film, span, dark=dark):
        size = reel.pixels.shape[2]
        shown_kernels = _reel(reel, f"First convolution: {reel.tiles} kernels of {size}×{size}")
    if reel := maps(_film, layer, span, dark=dark):
        convolutions = [each for each in experiment.architecture.layers if isinstance(each, Conv2D)]
        depth = next((each.filters for each in convolutions if each.name == layer), 0)
        count = f"{reel.tiles} of {depth:,} maps" if depth > reel.tiles else f"{reel.tiles} maps"
        shown_maps = _reel(reel, f"{layer}: {count}, kept for the first image")
    images = _film.probes.images  # (P, H, W, C)
    step = -(-max(images.shape[1:3]) // lapse_figures.MOST_SIDE)
    images = images[:, ::step, ::step]
    matrices = [frame.confusion for frame in frames]
    known, shares = [matrix for matrix in matrices if matrix is not None], None
    if known:  # shares of the true class, (E, C, C)
        whole = [np.zeros_like(known[0]) if matrix is None else matrix for matrix in matrices]
        shares = _numbers(np.stack([row_shares(matrix) for matrix in whole]))
    lines = {record.epoch: record for record in cache.epochs(_film.run)}
    return {
        "epochs": [frame.epoch for frame in frames],
        "total": training.epochs,
        "begins": begins,
        "kernels": shown_kernels,
        "maps": shown_maps,
        "names": _film.class_names,
        "probes": {
            "src": data_url(grid_png(images, columns=len(images), scale=1, gap=0)),
            "count": len(images),
            "width": images.shape[2],
            "height": images.shape[1],
            "labels": _film.probes.labels.tolist(),
        },
        "probabilities": _numbers(np.stack([frame.probabilities for frame in frames])),  # (E, P, C)
        "confusion": shares,
        "seen": [0 if matrix is None else int(matrix.sum()) for matrix in matrices] if known else [],
        "images": _film.images,
        # Without numbers before training.
        "curve": [
            {name: getattr(lines.get(frame.epoch), name, None) for name in _FIGURES} for frame in frames
        ],
    }


def _reel(reel: Reel, label: str) -> dict[str, Any]:
    height, width = reel.pixels.shape[2:4]
    return {
        "src": data_url(reel.png()),
        "count": reel.tiles,
        "width": width,
        "height": height,
        "label": label,
    }


def _numbers(shares: np.ndarray) -> str:
    """Shares of any shape as whole numbers up to 65 535, one after the other."""
    whole = np.rint(np.clip(shares, 0, 1) * 65535).astype("<u2")
    return base64.b64encode(whole.tobytes()).decode()


KERNELS, MAPS, CONFUSION = "kernels", "maps", "confusion matrix"
_WIDTH, _MILLISECONDS = 480, 400
_KINDS: dict[Kind, str] = {"gif": "GIF", "png": "Animated PNG"}


def kernels(film: Film, span: Span, *, dark: bool) -> Reel | None:
    """The first layer's kernels; None where it has none that can be shown as pictures."""
    known = [frame.kernels for frame in film.frames if frame.kernels is not None]
    return lapse_figures.kernel_reel(known, span=span, dark=dark) if len(known) == len(film.frames) else None


def maps(film: Film, layer: str, span: Span, *, dark: bool) -> Reel | None:
    """A layer's maps; None where this run has no such layer."""
    if layer not in film.layers:
        return None
    experiment = film.run.experiment
    signed = bool(experiment and signed_outputs(experiment.architecture).get(layer))
    return lapse_figures.map_reel(
        [frame.maps[layer] for frame in film.frames], signed=signed, span=span, dark=dark
    )


def save_as_file(films: Sequence[Film], layer: str, span: Span) -> None:
    """A popover with the choice of what to save and two buttons; files are made when they are asked for."""
    with st.popover("Save as a moving picture", icon=":material/movie:"):
        labels = titles([each.run for each in films])
        film = films[0]
        if len(films) > 1:
            chosen = st.selectbox("Of", list(labels), format_func=labels.__getitem__, key="lapse_of")
            film = next((each for each in films if each.run.id == chosen), film)
        options = available(film, layer)
        if not options:
            st.caption("This run has nothing that could be drawn.")
            return
        what = st.segmented_control("What", options, key="lapse_what", default=options[0], required=True)
        what = what if what in options else options[0]
        with st.container(horizontal=True):
            for kind, label in _KINDS.items():
                make = partial(moving, film, what, layer, span, kind)
                name = f"{film.run.id}-{what.replace(' ', '-')}.{kind}"
                show.download(label, make, name, lapse_figures.MIME[kind], key=f"lapse_{kind}")
        st.caption("GIF: for slides and chats, 256 colours. Animated PNG: exact, for browsers.")


def available(film: Film, layer: str) -> list[str]:
    """What of a film can be saved."""
    options = [KERNELS] if kernels(film, "each", dark=False) else []
    options += [MAPS] if layer in film.layers else []
    return options + ([CONFUSION] if any(frame.confusion is not None for frame in film.frames) else [])


def moving(film: Film, what: str, layer: str, span: Span, kind: Kind) -> bytes:
    """One file, always on white, with the epoch written in each frame."""
    frames = [frame for frame in film.frames if what != CONFUSION or frame.confusion is not None]
    if what == CONFUSION:
        pictures = [
            lapse_figures.matrix_picture(row_shares(frame.confusion), film.class_names)
            for frame in frames
            if frame.confusion is not None
        ]
    else:
        reel = kernels(film, span, dark=False) if what == KERNELS else maps(film, layer, span, dark=False)
        assert reel is not None  # only what is available is offered
        pictures = [lapse_figures.tiled(reel.colours(place), width=_WIDTH) for place in range(len(frames))]
    title = f"{run_title(film.run)}: {layer if what == MAPS else what}"
    captions = [f"{title}, {f'epoch {frame.epoch}' if frame.epoch else 'untrained'}" for frame in frames]
    return lapse_figures.animation(pictures, captions, kind, milliseconds=_MILLISECONDS)
