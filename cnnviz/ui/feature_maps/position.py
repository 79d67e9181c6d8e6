"""Feature maps page: the chosen position, as a point of the image, so that it is one place in every map.

In the link as `at=12.5,7`: row and column of the middle of what the position looks at, in pixels from the
image's upper left corner. Each map takes the position that looks nearest to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from cnnviz.architectures.fields import Fields, along, fields
from cnnviz.specs import ExperimentSpec
from cnnviz.ui import linked
from cnnviz.ui.feature_maps.layer import Shown, chosen_map
from cnnviz.ui.feature_maps.view import IMAGE

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


def chosen(shown: Sequence[Shown]) -> list[tuple[int, int] | None]:
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
    wanted = str(st.query_params.get(AT_KEY) or st.session_state.get(AT_KEY) or "")
    try:
        row, column = (float(part) for part in wanted.split(","))
    except ValueError:
        return None
    if not np.isfinite([row, column]).all():
        return None
    linked.put(AT_KEY, wanted)
    return row, column
