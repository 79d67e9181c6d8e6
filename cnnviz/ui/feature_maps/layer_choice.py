"""Feature maps page, fourth part: which layer, which map, which scale of colours."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, cast

import numpy as np
import streamlit as st

from cnnviz.architectures.fields import Fields, along, fields
from cnnviz.figures import maps
from cnnviz.inspection.layers import LayerMaps
from cnnviz.runs import RunSummary
from cnnviz.specs import ExperimentSpec
from cnnviz.ui import linked, show
from cnnviz.ui.feature_maps.subjects import IMAGE, Looked, maps_of

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
    def key(self) -> tuple[Hashable, ...]:
        """Names the panel: the same key, the same numbers."""
        return (*self.looked.key, self.layer.name)

    @property
    def untrained(self) -> bool:
        """Whether these are the weights that the training began with."""
        return self.looked.subject.untrained


def choose(looked: Sequence[Looked]) -> list[Shown]:
    """The settings below the overview; returns what to show beside each other.

    The second network shows the layer of the same name, or any other one. All of it stands in the link.
    """
    first = looked[0]
    with show.row():
        name = linked.select(
            "Layer", first.names, key=LAYER_KEY, default=first_layer(first), hidden=True, width=175
        )
        shown = [Shown(first.subject.run, maps_of(first, name), "a", first)]
        for second in looked[1:2]:
            chosen = linked.select(
                "Layer beside it",
                [_SAME, *second.names],
                key=OTHER_LAYER_KEY,
                default=_SAME,
                names=lambda layer: "beside: same layer" if layer == _SAME else f"beside: {layer}",
                hidden=True,
                width=200,
            )
            beside = name if chosen == _SAME else chosen
            if beside in second.names:
                shown.append(Shown(second.subject.run, maps_of(second, beside), "b", second))
            else:
                st.caption(f"The second network has no layer '{beside}': choose one of its own.")
        st.markdown("Map" if shown[0].layer.spatial else "Unit", width="content")
        depth = max(panel.layer.depth for panel in shown)
        linked.number("Map", 1, depth, key=MAP_KEY, hidden=True, width=100)
        st.markdown(
            "Colours",
            width="content",
            help="Per map: each map's own largest value is the end of its colours, so that faint ones show. "
            "Per layer: one scale for all, also for what stands beside, so that maps can be compared.",
        )
        linked.segments("Colour scale", _SCALES, key=SCALE_KEY)
    return shown


def names(shown: Sequence[Shown]) -> list[str]:
    """What tells the panels apart: the networks, else the images, else the layers."""
    subjects = [panel.looked.subject for panel in shown]
    if len({subject.run.id for subject in subjects}) > 1:
        titles = [subject.title for subject in subjects]
        return titles if len(set(titles)) > 1 else ["first run", "second run"]
    if len({subject.untrained for subject in subjects}) > 1:
        return ["untrained" if subject.untrained else "trained" for subject in subjects]
    if len({panel.looked.digest for panel in shown}) > 1:
        return [panel.looked.title for panel in shown]
    return [panel.layer.name for panel in shown]


def first_layer(looked: Looked) -> str:
    """The layer that is looked at before one is chosen: the first convolution."""
    convolutions = (layer.name for layer in looked.overview.layers if layer.type == "Conv2D")
    return next(convolutions, looked.names[0])


def chosen_layer(looked: Looked) -> str:
    """The layer that is looked at."""
    return linked.current(LAYER_KEY, looked.names, first_layer(looked))


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
    fields = [looking(panel) if panel.layer.spatial else None for panel in shown]
    point = _point()
    for panel, each in zip(shown, fields, strict=True):
        if point is None and each:
            values = np.abs(panel.layer.values[..., chosen_map(panel.layer)])
            row, column = np.unravel_index(int(values.argmax()), values.shape)
            point = each.rows.middle(int(row)), each.columns.middle(int(column))
    if point is None:
        return [None for _ in shown]
    return [
        (each.rows.nearest(point[0]), each.columns.nearest(point[1])) if each else None for each in fields
    ]


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


def chooser(fields: Fields) -> Callable[[Sequence[int]], None]:
    """What a click on a map calls: it moves the position in all panels."""

    def choose(at: Sequence[int]) -> None:
        row, column = fields.rows.middle(int(at[0])), fields.columns.middle(int(at[1]))
        linked.put(AT_KEY, f"{row:g},{column:g}")

    return choose
