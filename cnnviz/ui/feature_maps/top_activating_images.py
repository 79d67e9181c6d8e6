"""Feature maps page: the top-activating training images of the chosen map."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import words
from cnnviz.architectures.fields import Fields
from cnnviz.datasets import Split
from cnnviz.errors import CnnvizError
from cnnviz.figures.maps import marked_png
from cnnviz.inspection import top_activations
from cnnviz.inspection.questions import LookThrough
from cnnviz.inspection.top_activations import LayerScan, TopActivations
from cnnviz.ui import cache, show
from cnnviz.ui.asking import ask
from cnnviz.ui.components.tiles import Thumbnail, Tile, strip
from cnnviz.ui.feature_maps.image_choice import choose_training_image
from cnnviz.ui.feature_maps.layer_choice import Shown, chosen_map, looking
from cnnviz.ui.feature_maps.subjects import IMAGE
from cnnviz.ui.linked import segments

#: Up to so many multiply-adds nobody needs to be asked first: some seconds on two cores.
_UNASKED = 5e10
_RANKINGS = {"largest": "largest value", "mean": "mean of the map"}
_TILE, _EVERY_SECONDS = 96, 0.2


def render_all(shown: Sequence[Shown], class_names: Sequence[str]) -> None:
    """The strongest training images of each panel's chosen map, side by side."""
    layers = [one for one in shown if one.layer.name != IMAGE]
    if not layers:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        word = "map" if layers[0].layer.spatial else "unit"
        st.markdown(
            f"**Top-activating training images of this {word}**",
            width="content",
            help="Of all training images looked through, those with the largest value in the map (framed: "
            "what it looks at), or with the largest mean. A click looks at the image. Test images are "
            "never used here.",
        )
        spatial = any(one.layer.spatial for one in layers)
        ranking = segments("Ranked by", _RANKINGS, key="ranking") if spatial else "largest"
    for place, one in zip(st.columns(len(shown), gap="large"), layers, strict=False):
        with place, show.guard():
            _render(one, class_names, ranking)


def _render(shown: Shown, class_names: Sequence[str], ranking: str) -> None:
    experiment = shown.run.experiment
    if experiment is None:
        return
    images = cache.dataset(experiment.dataset)
    total = len(images.train)
    wanted = f"maps_scan_{shown.run.id}_{shown.untrained}"
    first = min(top_activations.FIRST, total)
    count = total if st.session_state.get(wanted) == "all" else first
    found, seen = _kept(shown, count), count
    if found is None and count > first:  # what is known stays in sight while all are looked through
        found, seen = _kept(shown, first), first
    if found:
        ranked = found.largest if ranking == "largest" else found.mean
        stamp = (shown.looked.weights.stamp, seen)
        _strip(shown, ranked, images.full_train, class_names, ranking, stamp)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            which = f"all {total:,}" if seen == total else f"the first {seen:,} of {total:,}"
            st.caption(f"Among {which} training images.", width="content")
            if count < total:
                _ask(shown, wanted, "all", f"Look through all {total:,}")
    if found is None or seen < count:
        _find(shown, count, wanted)


def _ask(shown: Shown, wanted: str, answer: str | None, label: str) -> None:
    """A button that asks for images to be looked through, or for an end of it (None)."""
    st.button(
        label,
        key=f"maps_scan_{answer}_{shown.side}",
        type="tertiary" if answer != "first" else "secondary",
        icon=":material/search:" if answer == "first" else None,
        on_click=lambda: st.session_state.update({wanted: answer}),
    )


def _kept(shown: Shown, count: int) -> LayerScan | None:
    """The lists of the shown layer, where somebody has looked through so many images."""
    file = _file(shown, count)
    return _read(str(file), file.stat().st_mtime_ns, shown.layer.name) if file.exists() else None


def _file(shown: Shown, count: int) -> Path:
    return top_activations.path(shown.looked.weights, count)


def _find(shown: Shown, count: int, wanted: str) -> None:
    """Look through the images: unasked where that takes a moment, else after a click."""
    file = _file(shown, count)
    failed = f"maps_scan_failed_{file.name}"
    if failed in st.session_state:
        show.problem(st.session_state.pop(failed))
    elif st.session_state.get(wanted) or _work(shown) * count <= _UNASKED:
        _look_through(shown, count, file, failed)
        if st.session_state.get(wanted):
            _ask(shown, wanted, None, "Stop")
    else:
        _ask(shown, wanted, "first", f"Look through {count:,} training images")


@st.cache_resource(max_entries=32, show_spinner=False)
def _read(file: str, stamp: int, layer: str) -> LayerScan | None:
    return top_activations.read(Path(file), layer)


def _work(shown: Shown) -> int:
    """Multiply-adds of one image."""
    experiment = shown.run.experiment
    if experiment is None:
        return 0
    facts = cache.facts(experiment.dataset)
    return cache.summary(experiment.architecture, facts.input_shape, len(facts.class_names)).macs


@st.fragment(run_every=_EVERY_SECONDS)
def _look_through(shown: Shown, count: int, file: Path, failed: str) -> None:
    """One turn of looking through the images; clicks elsewhere get their answers between two turns."""
    started = f"maps_scan_started_{file.name}"
    start, first = st.session_state.setdefault(started, (time.monotonic(), 0))
    place = st.empty()
    if not first:
        place.progress(0.0, f"Looking through {count:,} training images")
    try:
        done, total = ask(LookThrough(shown.looked.weights, count, file))
    except CnnvizError as error:
        st.session_state[failed] = error
        st.rerun()
    if not first:  # the first turn also builds the network, which says nothing about the pace
        st.session_state[started] = (time.monotonic(), done)
    rate = (done - first) / (time.monotonic() - start) if first else 0
    left = f" · {words.duration((total - done) / rate)} left" if rate else ""
    place.progress(done / total, f"{done:,} of {total:,} training images{left}")
    if done == total:
        del st.session_state[started]
        st.rerun()


def _strip(
    shown: Shown,
    found: TopActivations,
    images: Split,
    class_names: Sequence[str],
    ranking: str,
    stamp: object,
) -> None:
    fields = looking(shown) if shown.layer.spatial and ranking == "largest" else None
    key = (shown.run.id, shown.untrained, stamp, shown.layer.name, chosen_map(shown.layer), ranking)
    tiles = _tiles(key, shown, found, images, class_names, fields)
    if not tiles:
        st.caption("Dead on all of them: no training image that was looked at activates it.")
        return
    strip(
        [thumbnail for thumbnail, _ in tiles],
        key=f"maps_top_activating_{shown.side}",
        boxes=[_TILE],
        label="Top-activating training images, the highest first; a click looks at one",
        on_pick=lambda place: choose_training_image(tiles[place][1]),
    )


@st.cache_resource(max_entries=128, show_spinner=False)
def _tiles(
    key: tuple[object, ...],
    _shown: Shown,
    _found: TopActivations,
    _images: Split,
    _class_names: Sequence[str],
    _fields: Fields | None,
) -> list[tuple[Thumbnail, int]]:
    depth, width = chosen_map(_shown.layer), _shown.layer.values.shape[-2] if _shown.layer.spatial else 1
    said = (_found.values[depth] != 0) | _shown.layer.signed
    numbers, values, places = (each[depth][said] for each in _found)
    pixels, labels = _images.images_at(numbers), _images.labels[numbers]
    return [
        _tile(
            pixels[i],
            _class_names[int(labels[i])],
            int(numbers[i]),
            float(values[i]),
            _fields,
            divmod(int(places[i]), width),
        )
        for i in range(len(numbers))
    ]


def _tile(
    pixels: NDArray[np.uint8],
    name: str,
    number: int,
    value: float,
    fields: Fields | None,
    at: tuple[int, int],
) -> tuple[Thumbnail, int]:
    box = None
    if fields:
        rows, columns = fields.rows.seen[at[0]], fields.columns.seen[at[1]]
        box = (rows.start, rows.stop, columns.start, columns.stop)
    factor = max(1, _TILE // max(pixels.shape[:2]))
    png = marked_png(pixels, box, factor)
    said = words.significant(value)
    title = f"{name}, training image {number}: {said}"
    if fields:
        title += f" at row {at[0] + 1}, column {at[1] + 1}"
    size = (pixels.shape[1] * factor, pixels.shape[0] * factor)
    return Thumbnail(Tile(name, said, title, name=str(number)), png, [size]), number
