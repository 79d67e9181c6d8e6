"""Feature maps page: the top-activating training images of the chosen map."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from pathlib import Path

import streamlit as st

from cnnviz import words
from cnnviz.architectures.fields import Fields
from cnnviz.datasets import Split
from cnnviz.errors import CnnvizError
from cnnviz.figures.maps import marked_png
from cnnviz.inspection import top_activations
from cnnviz.inspection.questions import LookThrough
from cnnviz.inspection.top_activations import LayerScan, TopActivations
from cnnviz.ui import cache, linked, show
from cnnviz.ui.asking import ask
from cnnviz.ui.components.tiles import Thumbnail, Tile, strip
from cnnviz.ui.feature_maps.image_choice import choose_training_image
from cnnviz.ui.feature_maps.layer_choice import Shown, chosen_map, looking
from cnnviz.ui.feature_maps.subjects import IMAGE

#: Up to so many multiply-adds nobody needs to be asked first: some seconds on two cores.
_UNASKED = 5e10
_RANKINGS = {"largest": "largest value", "mean": "mean of the map"}
_TILE, _EVERY_SECONDS = 96, 0.2


def render_all(shown: Sequence[Shown], class_names: Sequence[str]) -> None:
    """The strongest training images of each panel's chosen map, side by side."""
    layers = [panel for panel in shown if panel.layer.name != IMAGE]
    if not layers:
        return
    with show.row():
        word = "map" if layers[0].layer.spatial else "unit"
        st.markdown(
            f"**Top-activating training images of this {word}**",
            width="content",
            help="Of all training images looked through, those with the largest value in the map (framed: "
            "what it looks at), or with the largest mean. A click looks at the image. Test images are "
            "never used here.",
        )
        spatial = any(panel.layer.spatial for panel in layers)
        ranking = linked.segments("Ranked by", _RANKINGS, key="ranking") if spatial else "largest"
    for place, panel in zip(st.columns(len(shown), gap="large"), layers, strict=False):
        with place, show.guard():
            _render(panel, class_names, ranking)


def _render(shown: Shown, class_names: Sequence[str], ranking: str) -> None:
    experiment = shown.run.experiment
    if experiment is None:
        return
    images = cache.images_of(shown.run)
    total = len(images.train)
    wanted = f"maps_scan_{shown.run.id}_{shown.untrained}"
    first = min(top_activations.FIRST, total)
    count = total if st.session_state.get(wanted) == "all" else first
    scan, seen = _kept(shown, count), count
    if scan is None and count > first:  # what is known stays in sight while all are looked through
        scan, seen = _kept(shown, first), first
    if scan:
        fields = looking(shown) if shown.layer.spatial and ranking == "largest" else None
        # Not of the image that is looked at: other images have the same tiles.
        about = (shown.run.id, shown.untrained, shown.looked.weights.stamp, shown.layer.name)
        key = (*about, seen, chosen_map(shown.layer), ranking)
        top = scan.largest if ranking == "largest" else scan.mean
        tiles = _tiles(key, shown, top, images.full_train, class_names, fields)
        if tiles:
            strip(
                [thumbnail for thumbnail, _ in tiles],
                key=f"maps_top_activating_{shown.side}",
                boxes=[_TILE],
                label="Top-activating training images, the highest first; a click looks at one",
                on_pick=lambda place: choose_training_image(tiles[place][1]),
            )
        else:
            st.caption("Dead on all of them: no training image that was looked at activates it.")
        with show.row():
            which = f"all {total:,}" if seen == total else f"the first {seen:,} of {total:,}"
            st.caption(f"Among {which} training images.", width="content")
            if count < total:
                _ask(shown, wanted, "all", f"Look through all {total:,}")
    if scan and seen == count:
        return
    # Look through the images: unasked where that takes a moment, else after a click.
    file = top_activations.path(shown.looked.weights, count)
    failed = f"maps_scan_failed_{file.name}"
    if failed in st.session_state:
        show.problem(st.session_state.pop(failed))
        return
    work = count * cache.summary_on(experiment.architecture, experiment.dataset).macs
    if st.session_state.get(wanted) or work <= _UNASKED:
        _look_through(shown, count, file, failed)
        if st.session_state.get(wanted):
            _ask(shown, wanted, None, "Stop")
    else:
        _ask(shown, wanted, "first", f"Look through {count:,} training images")


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
    file = top_activations.path(shown.looked.weights, count)
    return _read(str(file), file.stat().st_mtime_ns, shown.layer.name) if file.exists() else None


@st.cache_resource(max_entries=32, show_spinner=False)
def _read(file: str, stamp: int, layer: str) -> LayerScan | None:
    return top_activations.read(Path(file), layer)


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


@st.cache_resource(max_entries=128, show_spinner=False)
def _tiles(
    key: Hashable,
    _shown: Shown,
    _top: TopActivations,
    _images: Split,
    _class_names: Sequence[str],
    _fields: Fields | None,
) -> list[tuple[Thumbnail, int]]:
    """The images, framed where their strongest position looks, each with its number."""
    depth, width = chosen_map(_shown.layer), _shown.layer.values.shape[-2] if _shown.layer.spatial else 1
    active = (_top.values[depth] != 0) | _shown.layer.signed
    numbers, values, places = (each[depth][active] for each in _top)
    tiles = []
    for pixels, number, value, place in zip(_images.images_at(numbers), numbers, values, places, strict=True):
        name, value_text = _class_names[int(_images.labels[number])], words.significant(float(value))
        title, box = f"{name}, training image {number}: {value_text}", None
        if _fields:
            row, column = divmod(int(place), width)
            rows, columns = _fields.rows.seen[row], _fields.columns.seen[column]
            box = (rows.start, rows.stop, columns.start, columns.stop)
            title += f" at row {row + 1}, column {column + 1}"
        factor = max(1, _TILE // max(pixels.shape[:2]))
        size = (pixels.shape[1] * factor, pixels.shape[0] * factor)
        tile = Tile(name, value_text, title, name=str(number))
        tiles.append((Thumbnail(tile, marked_png(pixels, box, factor), [size]), int(number)))
    return tiles
