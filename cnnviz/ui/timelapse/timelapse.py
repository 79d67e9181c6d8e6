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

from cnnviz.figures import lapse_figures, theme
from cnnviz.figures.lapse_figures import Kind, Reel, Span
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.layers import signed_outputs
from cnnviz.runs import RunSummary, load_summary
from cnnviz.specs import Conv2D, TrainingSpec
from cnnviz.ui import cache, linked, show
from cnnviz.ui.component import component, data_url
from cnnviz.ui.linked import segments
from cnnviz.ui.run_labels import colours_of, run_title, titles
from cnnviz.ui.timelapse.film import Film, film, tell

LAYER_KEY, SPAN_KEY = "lapse_layer", "lapse_colours"
_SPANS = {"all": "one scale", "each": "per epoch"}
_SECONDS = 2.0
_FIGURES = ("accuracy", "val_accuracy", "loss", "val_loss")


_lapse = component("time_lapse", __file__, "timelapse.css", "timelapse.js")


def render(runs: Sequence[RunSummary]) -> None:
    """The time-lapse of one run, or of two with one slider; it grows while they train."""
    active = any(run.status and run.status.active for run in runs)
    st.fragment(_live, run_every=_SECONDS if active else None)(runs, active)


def _live(runs: Sequence[RunSummary], was_active: bool) -> None:
    runs = [load_summary(run.path) for run in runs]
    if was_active and not any(run.status and run.status.active for run in runs):
        st.rerun()  # the whole page: the timer ends
    with show.guard():
        films = [found for run in runs if (found := film(run))]
        if not films:
            show.empty(
                "No snapshots yet.",
                "Training keeps one before the first epoch and after each: they appear here by themselves.",
            )
            return
        _films(films)


def _films(films: Sequence[Film]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        layer, span = _controls(films[0])
        save_as_file(films, layer, span)
    labels, colours = titles([one.run for one in films]), colours_of([one.run.id for one in films])
    dark = show.dark()
    data = [
        _payload(one.run.path, one.stamp, _curve_stamp(one.run), layer, span, dark, one)
        | {"title": labels[one.run.id], "colour": theme.run_colour(colours[one.run.id])}
        for one in films
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


def _controls(first: Film) -> tuple[str, Span]:
    layer = ""
    if first.layers:
        with st.container(width=200):
            layer = linked.select(
                "Maps of",
                first.layers,
                key=LAYER_KEY,
                default=first.layers[0],
                label_visibility="collapsed",
                names=lambda name: f"maps of {name}",
                help="Of which convolution maps are shown. Each epoch keeps at most 16 of them, and only for "
                "the first probe image.",
            )
    st.markdown(
        "Colours",
        width="content",
        help="One scale: over all epochs, so that growth is seen. Per epoch: each epoch's own largest value "
        "is the end of its colours, so that faint patterns show.",
    )
    return layer, cast(Span, segments("Colours", _SPANS, key=SPAN_KEY))


def _curve_stamp(run: RunSummary) -> int:
    return len(cache.epochs(run))


@st.cache_resource(max_entries=24, show_spinner="Preparing the pictures of all epochs …")
def _payload(
    path: Path, stamp: object, curve: int, layer: str, span: Span, dark: bool, _film: Film
) -> dict[str, Any]:
    """What the browser needs of one run; never change it."""
    experiment = _film.run.experiment
    assert experiment is not None  # runs without one can't be chosen here
    return {
        "epochs": [frame.epoch for frame in _film.frames],
        "total": experiment.training.epochs,
        "begins": _begins(experiment.training),
        "kernels": _kernels(_film, span, dark),
        "maps": _maps(_film, layer, span, dark),
        **_answers(_film),
        **_confusion(_film),
        "curve": _curve(_film),
    }


def _begins(training: TrainingSpec) -> str:
    """What the weights were before the first epoch."""
    if training.first_kernels:
        return "first layer made by hand, else random weights"
    return f"first weights from run {training.init_from}" if training.init_from else "random weights"


def _reel(reel: lapse_figures.Reel, label: str) -> dict[str, Any]:
    height, width = reel.pixels.shape[2:4]
    return {
        "src": data_url(reel.png()),
        "count": reel.tiles,
        "width": width,
        "height": height,
        "label": label,
    }


def _kernels(one: Film, span: Span, dark: bool) -> dict[str, Any] | None:
    reel = kernels(one, span, dark=dark)
    if reel is None:
        return None
    size = reel.pixels.shape[2]
    return _reel(reel, f"First convolution: {reel.tiles} kernels of {size}×{size}")


def _maps(one: Film, layer: str, span: Span, dark: bool) -> dict[str, Any] | None:
    reel = maps(one, layer, span, dark=dark)
    if reel is None:
        return None
    layers = one.run.experiment.architecture.layers if one.run.experiment else ()
    depth = next((each.filters for each in layers if isinstance(each, Conv2D) and each.name == layer), 0)
    count = f"{reel.tiles} of {depth:,} maps" if depth > reel.tiles else f"{reel.tiles} maps"
    return _reel(reel, f"{layer}: {count}, kept for the first image")


def _answers(one: Film) -> dict[str, Any]:
    """Probe images, their classes, and the probabilities as whole numbers up to 65 535, (E, P, C)."""
    images = one.probes.images
    step = -(-max(images.shape[1:3]) // lapse_figures.MOST_SIDE)
    images = images[:, ::step, ::step]
    probabilities = np.stack([frame.probabilities for frame in one.frames])
    return {
        "names": one.class_names,
        "probes": {
            "src": data_url(grid_png(images, columns=len(images), scale=1, gap=0)),
            "count": len(images),
            "width": images.shape[2],
            "height": images.shape[1],
            "labels": one.probes.labels.tolist(),
        },
        "probabilities": _numbers(probabilities),
    }


def _confusion(one: Film) -> dict[str, Any]:
    """Shares of the true class as whole numbers up to 65 535, (E, C, C), with the number of images."""
    matrices = [frame.confusion for frame in one.frames]
    known = [matrix for matrix in matrices if matrix is not None]
    if not known:
        return {"confusion": None, "seen": [], "images": one.images}
    empty = np.zeros_like(known[0])
    whole = [lapse_figures.shares(empty if matrix is None else matrix) for matrix in matrices]
    seen = [0 if matrix is None else int(matrix.sum()) for matrix in matrices]
    return {"confusion": _numbers(np.stack(whole)), "seen": seen, "images": one.images}


def _curve(one: Film) -> list[dict[str, float | None]]:
    """Accuracy and loss of each epoch; without numbers before training."""
    lines = {record.epoch: record for record in cache.epochs(one.run)}
    return [{name: getattr(lines.get(frame.epoch), name, None) for name in _FIGURES} for frame in one.frames]


def _numbers(shares: np.ndarray) -> str:
    whole = np.rint(np.clip(shares, 0, 1) * 65535).astype("<u2")
    return base64.b64encode(whole.tobytes()).decode()


KERNELS, MAPS, CONFUSION = "kernels", "maps", "confusion matrix"
_WIDTH, _MILLISECONDS = 480, 400
_KINDS: dict[Kind, str] = {"gif": "GIF", "png": "Animated PNG"}


def kernels(film: Film, span: Span, *, dark: bool) -> Reel | None:
    """The first layer's kernels; None where it has none that can be shown as pictures."""
    found = [frame.kernels for frame in film.frames if frame.kernels is not None]
    return lapse_figures.kernel_reel(found, span=span, dark=dark) if len(found) == len(film.frames) else None


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
        labels = titles([one.run for one in films])
        film = films[0]
        if len(films) > 1:
            chosen = st.selectbox("Of", list(labels), format_func=labels.__getitem__, key="lapse_of")
            film = next((one for one in films if one.run.id == chosen), film)
        options = available(film, layer)
        if not options:
            st.caption("This run has nothing that could be drawn.")
            return
        what = st.segmented_control("What", options, key="lapse_what", default=options[0], required=True)
        what = what if what in options else options[0]
        with st.container(horizontal=True):
            for kind, label in _KINDS.items():
                st.download_button(
                    label,
                    data=partial(moving, film, what, layer, span, kind),
                    file_name=f"{film.run.id}-{what.replace(' ', '-')}.{kind}",
                    mime=lapse_figures.MIME[kind],
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"lapse_{kind}",
                )
        st.caption("GIF: for slides and chats, 256 colours. Animated PNG: exact, for browsers.")


def available(film: Film, layer: str) -> list[str]:
    """What of a film can be saved."""
    options = [KERNELS] if kernels(film, "each", dark=False) else []
    options += [MAPS] if layer in film.layers else []
    return options + ([CONFUSION] if any(frame.confusion is not None for frame in film.frames) else [])


def moving(film: Film, what: str, layer: str, span: Span, kind: Kind) -> bytes:
    """One file, always on white, with the epoch written in each frame."""
    of = [frame for frame in film.frames if what != CONFUSION or frame.confusion is not None]
    if what == CONFUSION:
        pictures = [
            lapse_figures.matrix_picture(lapse_figures.shares(frame.confusion), film.class_names)
            for frame in of
            if frame.confusion is not None
        ]
    else:
        reel = kernels(film, span, dark=False) if what == KERNELS else maps(film, layer, span, dark=False)
        assert reel is not None  # only what is available is offered
        pictures = [lapse_figures.tiled(reel.colours(place), width=_WIDTH) for place in range(len(of))]
    of_what = f"{layer}, " if what == MAPS else f"{what}, "
    captions = [f"{run_title(film.run)}: {of_what}{_epoch(frame.epoch)}" for frame in of]
    return lapse_figures.animation(pictures, captions, kind, milliseconds=_MILLISECONDS)


def _epoch(epoch: int) -> str:
    return f"epoch {epoch}" if epoch else "untrained"
