"""The time-lapse as a file: kernels, maps or confusion matrix as GIF or animated PNG."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from cnnviz.figures import animation, lapse
from cnnviz.figures.animation import Kind
from cnnviz.figures.lapse import Reel, Span
from cnnviz.inspection.signs import signed_outputs
from cnnviz.ui.feature_maps.film import Film
from cnnviz.ui.run_labels import titles
from cnnviz.ui.titles import run_title

KERNELS, MAPS, CONFUSION = "kernels", "maps", "confusion matrix"
_WIDTH, _MILLISECONDS = 480, 400
_KINDS: dict[Kind, str] = {"gif": "GIF", "png": "Animated PNG"}


def kernels(film: Film, span: Span, *, dark: bool) -> Reel | None:
    """The first layer's kernels; None where it has none that can be shown as pictures."""
    found = [frame.kernels for frame in film.frames if frame.kernels is not None]
    return lapse.kernel_reel(found, span=span, dark=dark) if len(found) == len(film.frames) else None


def maps(film: Film, layer: str, span: Span, *, dark: bool) -> Reel | None:
    """A layer's maps; None where this run has no such layer."""
    if layer not in film.layers:
        return None
    experiment = film.run.experiment
    signed = bool(experiment and signed_outputs(experiment.architecture).get(layer))
    return lapse.map_reel([frame.maps[layer] for frame in film.frames], signed=signed, span=span, dark=dark)


def render(films: Sequence[Film], layer: str, span: Span) -> None:
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
                    mime=animation.MIME[kind],
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
            animation.matrix_picture(lapse.shares(frame.confusion), film.class_names)
            for frame in of
            if frame.confusion is not None
        ]
    else:
        reel = kernels(film, span, dark=False) if what == KERNELS else maps(film, layer, span, dark=False)
        assert reel is not None  # only what is available is offered
        pictures = [animation.tiled(reel.colours(place), width=_WIDTH) for place in range(len(of))]
    of_what = f"{layer}, " if what == MAPS else f"{what}, "
    captions = [f"{run_title(film.run)}: {of_what}{_epoch(frame.epoch)}" for frame in of]
    return animation.animation(pictures, captions, kind, milliseconds=_MILLISECONDS)


def _epoch(epoch: int) -> str:
    return f"epoch {epoch}" if epoch else "untrained"
