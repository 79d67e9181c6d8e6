"""Feature maps page, fourth part: which layer, which map, which scale of colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

import numpy as np
import streamlit as st

from cnnviz.architectures.fields import Fields, along, fields
from cnnviz.figures import maps
from cnnviz.inspection.layers import LayerMaps
from cnnviz.runs import RunSummary
from cnnviz.specs import ExperimentSpec
from cnnviz.ui import linked
from cnnviz.ui.feature_maps.subjects import IMAGE, Looked, maps_of
from cnnviz.ui.linked import segments

LAYER_KEY, OTHER_LAYER_KEY, MAP_KEY, SCALE_KEY = "layer", "layer_b", "map", "scale"
_SCALES = {"map": "per map", "layer": "per layer"}
_SAME = "same"


class Shown(NamedTuple):
    """One panel: a network's layer."""

    run: RunSummary
    layer: LayerMaps
    side: str  # "a" or "b"
    looked: Looked

    @property
    def untrained(self) -> bool:
        """Whether these are the weights that the training began with."""
        return self.looked.subject.untrained


def choose(looked: Sequence[Looked]) -> list[Shown]:
    """The settings below the overview; returns what to show beside each other.

    The second network shows the layer of the same name, or any other one. All of it stands in the link.
    """
    first = looked[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width=175):
            name = linked.select(
                "Layer", first.names, key=LAYER_KEY, default=first_layer(first), label_visibility="collapsed"
            )
        wanted = [(first, name), *((one, _other_layer(one, name)) for one in looked[1:])]
        shown = [
            Shown(one.subject.run, maps_of(one, layer), side, one)
            for side, (one, layer) in zip("ab", wanted, strict=False)
            if layer
        ]
        _map_and_scale(max(one.layer.depth for one in shown), "Map" if shown[0].layer.spatial else "Unit")
    return shown


def names(shown: Sequence[Shown]) -> list[str]:
    """What tells the panels apart: the networks, else the images, else the layers."""
    subjects = [one.looked.subject for one in shown]
    if len({subject.run.id for subject in subjects}) > 1:
        titles = [subject.title for subject in subjects]
        return titles if len(set(titles)) > 1 else ["first run", "second run"]
    if len({subject.untrained for subject in subjects}) > 1:
        return ["untrained" if subject.untrained else "trained" for subject in subjects]
    if len({one.looked.digest for one in shown}) > 1:
        return [one.looked.title for one in shown]
    return [one.layer.name for one in shown]


def first_layer(looked: Looked) -> str:
    """The layer that is looked at before one is chosen: the first convolution."""
    found = (layer.name for layer in looked.overview.layers if layer.type == "Conv2D")
    return next(found, looked.names[0])


def chosen_layer(looked: Looked) -> str:
    """The layer that is looked at."""
    return linked.current(LAYER_KEY, looked.names, first_layer(looked))


def _other_layer(looked: Looked, same: str) -> str | None:
    """Name of the layer beside; None where the second network has none of that name."""
    with st.container(width=200):
        chosen = linked.select(
            "Layer beside it",
            [_SAME, *looked.names],
            key=OTHER_LAYER_KEY,
            default=_SAME,
            label_visibility="collapsed",
            names=lambda name: "beside: same layer" if name == _SAME else f"beside: {name}",
        )
    wanted = same if chosen == _SAME else chosen
    if wanted not in looked.names:
        st.caption(f"The second network has no layer '{wanted}': choose one of its own.")
        return None
    return wanted


def _map_and_scale(depth: int, word: str) -> None:
    if not 1 <= int(st.session_state.get(MAP_KEY) or 1) <= depth:
        st.session_state[MAP_KEY] = 1
    st.markdown(word, width="content")
    st.number_input(
        "Map", 1, depth, step=1, key=MAP_KEY, **linked.IN_LINK, width=100, label_visibility="collapsed"
    )
    st.markdown(
        "Colours",
        width="content",
        help="Per map: each map's own largest value is the end of its colours, so that faint ones show. "
        "Per layer: one scale for all, also for what stands beside, so that maps can be compared.",
    )
    segments("Colour scale", _SCALES, key=SCALE_KEY)


def scale() -> maps.Scale:
    """The chosen scale of colours."""
    return cast(maps.Scale, st.session_state.get(SCALE_KEY) or "map")


def chosen_map(layer: LayerMaps) -> int:
    """Position of the chosen map, counted from 0; the last one where the layer has fewer."""
    return min(int(st.session_state.get(MAP_KEY) or 1), layer.depth) - 1


def choose_map(position: int) -> None:
    """Make a map the chosen one; for callbacks."""
    st.session_state[MAP_KEY] = int(position) + 1


AT_KEY = "at"


def looking(shown: Shown) -> Fields | None:
    """Where each position of the shown layer looks; None where all of it see the whole image."""
    height, width = shown.looked.image.shape[:2]
    if shown.layer.name == IMAGE:
        return Fields(along((), height), along((), width))
    experiment = shown.run.experiment
    return _fields(shown.run.id, (height, width), shown.layer.name, experiment) if experiment else None


@st.cache_resource(max_entries=128, show_spinner=False)
def _fields(run_id: str, size: tuple[int, int], layer: str, _experiment: ExperimentSpec) -> Fields | None:
    return fields(_experiment.architecture, size, layer)


def positions(shown: Sequence[Shown]) -> list[tuple[int, int] | None]:
    """Row and column in each panel's map; None for layers of single numbers.

    Before one is chosen it is the largest value (with either sign) of the first panel's map.
    """
    point = _point() or _strongest(shown)
    if point is None:
        return [None for _ in shown]
    return [_nearest(looking(one), point) if one.layer.spatial else None for one in shown]


def _nearest(found: Fields | None, point: tuple[float, float]) -> tuple[int, int] | None:
    return (found.rows.nearest(point[0]), found.columns.nearest(point[1])) if found else None


def _strongest(shown: Sequence[Shown]) -> tuple[float, float] | None:
    for one in shown:
        found = looking(one) if one.layer.spatial else None
        if found:
            values = np.abs(one.layer.values[..., chosen_map(one.layer)])
            row, column = np.unravel_index(int(values.argmax()), values.shape)
            return found.rows.middle(int(row)), found.columns.middle(int(column))
    return None


def chooser(found: Fields) -> Callable[[Sequence[int]], None]:
    """What a click on a map calls: it moves the position in all panels."""

    def choose(at: Sequence[int]) -> None:
        row, column = found.rows.middle(int(at[0])), found.columns.middle(int(at[1]))
        linked.put(AT_KEY, f"{row:g},{column:g}")

    return choose


def _point() -> tuple[float, float] | None:
    """The chosen point of the image, from the link, else of this visit; nonsense counts as none."""
    wanted = linked.value(AT_KEY)
    try:
        row, column = (float(part) for part in wanted.split(","))
    except ValueError:
        return None
    if not np.isfinite([row, column]).all():
        return None
    linked.put(AT_KEY, wanted)
    return row, column
